"""What Terraform said of a module's own tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModuleRun:
    """One `run` block: how it ended (Terraform's pass, fail, error or skip), and what was wrong.

    `name` is "" for what is wrong with the tests themselves. `said` is a sentence for each thing;
    `source` is `file:line` of the first.
    """

    file: str
    name: str
    status: str
    said: tuple[str, ...] = ()
    source: str = ""

    @property
    def address(self) -> str:
        """The file of the tests, and the run in it."""
        return f"{self.file}: run {self.name}" if self.name else self.file
