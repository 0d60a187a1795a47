"""Which required checks of a run reported no result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from verification.model.criteria import Criterion

UNSELECTED = "was not selected"
UNRUN = "did not run"
UNCOLLECTED = "was not collected"
UNDEMANDED = "was not selected, and the others require nothing"


@dataclass(frozen=True)
class Proof:
    """The check, criterion and rung of one test; `test` is pytest's id."""

    test: str
    criterion: str
    rung: str
    check: str
    environment: str = ""


@dataclass(frozen=True)
class Silence:
    """A required check without a result in an environment ("": in all), and the reason."""

    check: str
    environment: str
    why: str


class Proofs:
    """The tests that were collected, those that were selected, and why some have no result."""

    def __init__(self) -> None:
        self._tests: dict[str, Proof] = {}
        self._excused: set[tuple[str, str, str]] = set()
        self._selected: set[str] | None = None
        self._why: dict[str, str] = {}

    def expect(self, proof: Proof) -> None:
        """Add a collected test whose result is required."""
        self._tests[proof.test] = proof

    def excuse(self, proof: Proof) -> None:
        """Add a collected test that the run's target leaves out."""
        self._excused.add((proof.criterion, proof.rung, proof.check))

    def select(self, tests: Iterable[str]) -> None:
        """Set the selected tests."""
        self._selected = set(tests)

    def explain(self, test: str, why: str) -> None:
        """Set the reason why a test has no result."""
        self._why[test] = why

    def silent(
        self,
        criterion: Criterion,
        rung: str,
        spoken: Collection[str],
        environments: Iterable[str] = (),
    ) -> tuple[list[Silence], list[Silence]]:
        """The checks without a result: those that were selected, and those that were not.

        Args:
            criterion: the criterion that they prove.
            rung: the rung.
            spoken: the tests with evidence.
            environments: the selected environments.
        """
        place = (criterion.id, rung)
        proofs = [p for p in self._tests.values() if (p.criterion, p.rung) == place]
        selected: list[Silence] = []
        others: list[Silence] = []
        for proof in proofs:
            if proof.test not in spoken:
                chosen = self._selected is None or proof.test in self._selected
                why = self._why.get(proof.test, UNRUN if chosen else UNSELECTED)
                told = selected if chosen else others
                told.append(Silence(proof.check, proof.environment, why))
        known: dict[str, set[str]] = {}
        for proof in proofs:
            known.setdefault(proof.check, set()).add(proof.environment)
        return selected, [*others, *self._lost(criterion, rung, known, tuple(environments))]

    def _lost(
        self,
        criterion: Criterion,
        rung: str,
        known: Mapping[str, Collection[str]],
        environments: Iterable[str],
    ) -> Iterator[Silence]:
        """The checks without a test, and those without one in an environment."""
        for check in criterion.on(rung):
            if (criterion.id, rung, check) in self._excused:
                continue
            if check not in known:
                yield Silence(check, "", UNCOLLECTED)
            elif criterion.for_each(check, rung):
                for environment in environments:
                    if environment not in known[check]:
                        yield Silence(check, environment, UNCOLLECTED)
