"""Which checks must speak in a run, and which of them did not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from verification.model.criteria import Criterion

UNSELECTED = "was not selected"
UNRUN = "did not run"
UNCOLLECTED = "was not collected"
UNDEMANDED = "was not selected, and the others demand nothing"


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
        """Say that a test exists which the run's target leaves out."""
        self._excused.add((proof.criterion, proof.rung, proof.check))

    def select(self, tests: Iterable[str]) -> None:
        """Say which tests are to run."""
        self._selected = set(tests)

    def explain(self, test: str, why: str) -> None:
        """Say why a test does not speak."""
        self._why[test] = why

    def silent(
        self,
        criterion: Criterion,
        rung: str,
        spoken: Collection[str],
        environments: Iterable[str] = (),
    ) -> tuple[list[Silence], list[Silence]]:
        """The checks that said nothing: those that were selected, and those that were not.

        Args:
            criterion: what they prove.
            rung: where.
            spoken: the tests that left evidence.
            environments: those that were selected.
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
