"""Which checks must speak in a run, and which of them did not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from verification.model.criteria import Criterion

UNSELECTED = "was not selected"
UNRUN = "did not run"


@dataclass(frozen=True)
class Proof:
    """What one test is there to prove; `test` is pytest's id of it."""

    test: str
    criterion: str
    rung: str
    check: str
    environment: str = ""


@dataclass(frozen=True)
class Silence:
    """A check that was to speak and did not, in an environment ("": in all), and why."""

    check: str
    environment: str
    why: str


class Proofs:
    """What was collected, what of it was selected, and what became of it."""

    def __init__(self) -> None:
        self._tests: dict[str, Proof] = {}
        self._excused: set[tuple[str, str, str]] = set()
        self._selected: set[str] | None = None
        self._why: dict[str, str] = {}

    def expect(self, proof: Proof) -> None:
        """Say that a test exists which must speak."""
        self._tests[proof.test] = proof

    def excuse(self, proof: Proof) -> None:
        """Say that a test exists for which the suite's own options do not ask."""
        self._excused.add((proof.criterion, proof.rung, proof.check))

    def select(self, tests: Iterable[str]) -> None:
        """Say which tests are to run."""
        self._selected = set(tests)

    def explain(self, test: str, why: str) -> None:
        """Say why a test does not speak."""
        self._why[test] = why

    def silent(
        self, criterion: Criterion, rung: str, spoken: Collection[str]
    ) -> tuple[list[Silence], list[Silence]]:
        """The checks that said nothing: those that were selected, and those that were not.

        Args:
            criterion: what they prove.
            rung: where.
            spoken: the tests that left evidence.
        """
        place = (criterion.id, rung)
        proofs = [p for p in self._tests.values() if (p.criterion, p.rung) == place]
        known = {p.check for p in proofs} | {e[2] for e in self._excused if e[:2] == place}
        selected: list[Silence] = []
        others: list[Silence] = []
        for proof in proofs:
            if proof.test not in spoken:
                chosen = self._selected is None or proof.test in self._selected
                why = self._why.get(proof.test, UNRUN if chosen else UNSELECTED)
                told = selected if chosen else others
                told.append(Silence(proof.check, proof.environment, why))
        lost = [check for check in criterion.on(rung) if check not in known]
        return selected, others + [Silence(check, "", "was not collected") for check in lost]
