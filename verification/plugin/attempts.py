"""Attempts of a test: another plugin may rerun it; the last attempt counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from verification.model.results import Evidence, Results
from verification.model.verdict import Verdict

_PHASES = ("setup", "call", "teardown")
_GOOD = (Verdict.PASS, Verdict.WAIVED)


@dataclass
class _Attempt:
    """The attempt that counts, by phase, and the evidence of replaced attempts."""

    number: int = 1
    entered: list[str] = field(default_factory=list)
    said: dict[str, Evidence] = field(default_factory=dict)
    replaced: list[Evidence] = field(default_factory=list)


class Attempts:
    """Passes evidence to the results, and removes that of replaced attempts."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._tests: dict[str, _Attempt] = {}

    def enter(self, test: str, phase: str) -> None:
        """Begin a phase of a test; a phase that begins twice is a rerun."""
        attempt = self._tests.setdefault(test, _Attempt())
        if phase in attempt.entered:
            attempt.number += 1
        later = _PHASES[_PHASES.index(phase) :]
        attempt.entered = [one for one in attempt.entered if one not in later] + [phase]
        for evidence in [attempt.said.pop(one) for one in later if one in attempt.said]:
            self._results.withdraw(evidence)
            attempt.replaced.append(evidence)

    def add(self, phase: str, evidence: Evidence) -> None:
        """Add the evidence of a phase."""
        self._tests[evidence.test].said[phase] = evidence
        self._results.add(evidence)

    def notes(self) -> list[str]:
        """One sentence for each test with a replaced attempt that did not pass."""
        return [
            f"{test} {_ended(attempt)} on attempt {attempt.number} after: {'; '.join(bad)}"
            for test, attempt in self._tests.items()
            if (bad := [_told(one) for one in attempt.replaced if one.verdict not in _GOOD])
        ]


def _ended(attempt: _Attempt) -> str:
    verdicts = {evidence.verdict for evidence in attempt.said.values()}
    if not verdicts:
        return "had no result"
    return "passed" if verdicts <= set(_GOOD) else "did not pass"


def _told(evidence: Evidence) -> str:
    """The result of an attempt in one line."""
    findings = [str(found) for found in evidence.findings if found.verdict not in _GOOD]
    lines = (evidence.error or "; ".join(findings)).strip().splitlines()
    return lines[0] if lines else evidence.verdict.value
