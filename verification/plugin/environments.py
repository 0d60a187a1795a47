"""The environments of a run, and those that it leaves out."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from verification.model.contract import Contract
from verification.model.criteria import EACH_ENVIRONMENT
from verification.model.data_file import ContractError


@dataclass(frozen=True)
class Environments:
    """The selected environments, and the contract's others, in the contract's order."""

    selected: tuple[str, ...]
    others: tuple[str, ...]

    def note(self, rungs: Iterable[str]) -> str:
        """A note on what these rungs leave out; "" for nothing."""
        affected = [rung for rung in rungs if rung in EACH_ENVIRONMENT]
        if not self.others or not affected:
            return ""
        return (
            f"--environment selects {', '.join(self.selected)}; left out on "
            f"{' and '.join(affected)}: {', '.join(self.others)}."
        )


def select_environments(option: Namespace, contract: Contract) -> Environments:
    """The environments that `--environment` selects; all by default.

    Raises:
        ContractError: the contract does not have a selected environment, or an environment in the
            Terraform tree.
    """
    known = contract.environments
    named = option.environment or list(known)
    if unknown := set(named) - set(known):
        raise ContractError(
            f"--environment {', '.join(sorted(unknown))}: unknown environment; "
            f"{option.contract} has {', '.join(known)}"
        )
    folder = option.terraform_root / "environments"
    if unnamed := sorted(_with_terraform(folder) - set(known)):
        raise ContractError(
            f"{folder / unnamed[0]}: the contract does not have this environment, so it is not "
            f"examined; add [environments.{unnamed[0]}] to {option.contract}, or remove the "
            "folder"
        )
    return Environments(
        tuple(name for name in known if name in named),
        tuple(name for name in known if name not in named),
    )


def _with_terraform(folder: Path) -> set[str]:
    """The subfolders with Terraform files, ignoring what init created."""
    files = (
        file.relative_to(folder)
        for pattern in ("*/**/*.tf", "*/**/*.tf.json")
        for file in folder.glob(pattern)
    )
    return {file.parts[0] for file in files if ".terraform" not in file.parts}
