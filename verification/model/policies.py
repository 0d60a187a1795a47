"""Policies: rules over Terraform, what they said of the stack, and the waivers of what stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from verification.model.findings import Finding
from verification.model.values import Verdict

SEVERITIES = ("critical", "high", "medium", "low")
"""From worst to least."""
UNRATED = "unrated"
"""The severity of checkov's own rules: it rates them on its platform only."""
_PUNCTUATION = ".,;:!?()[]{}<>\"'`“”"


@dataclass(frozen=True)
class Policy:
    """A rule: checkov's own, or one of `policies/` (`ours`).

    `guideline` says what to do where it fails; `criterion` is the promise that it serves; `file`
    holds it, "" for checkov's own.
    """

    id: str
    name: str
    severity: str
    guideline: str
    criterion: str
    ours: bool = False
    file: str = ""


@dataclass(frozen=True)
class Waiver:
    """A finding that somebody answers for, until a day.

    `address` is that of a resource's block, without index. `environments` are those in which the
    rule may fail; all if empty.
    """

    rule: str
    address: str
    reason: str
    owner: str
    reviewed: date
    expires: date
    environments: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What it waives, in one word."""
        return f"{self.rule} at {self.address}"

    @property
    def sentence(self) -> str:
        """Until when, by whom and why, as the end of a message."""
        return f"waived until {self.expires} ({self.owner}): {self.reason.removesuffix('.')}"

    def names(self, name: str) -> bool:
        """Whether the reason has an action or an ARN as a word of its own, not as part of one."""
        words = self.reason.split()
        return name in words or name in (word.strip(_PUNCTUATION) for word in words)


@dataclass(frozen=True)
class PolicyResult:
    """What a policy says of a resource's block, source and every plan taken together.

    `environments` are those whose plans hold the resource, `failing` those in which it fails; both
    are empty where only source was examined. `file` and `line` are "" and 0 where unknown.
    """

    policy: Policy
    address: str
    verdict: Verdict
    message: str
    environments: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    waiver: Waiver | None = None

    @property
    def remedy(self) -> str:
        """What to do where it fails."""
        return self.policy.guideline or "Do what it asks, or waive it in policies/waivers.yaml."

    @property
    def finding(self) -> Finding:
        """The result as evidence of a criterion."""
        source = f"{self.file}:{self.line}" if self.file else ""
        remedy = self.remedy if self.verdict is Verdict.FAIL else ""
        return Finding(self.verdict, self.address, self.message, source, remedy)


@dataclass(frozen=True)
class PolicyReport:
    """What came of a run of all policies.

    `register` holds one finding for each waiver, and one for the register itself; `used` the
    waivers that waived something; `notes` what its owners should know soon.
    """

    policies: tuple[Policy, ...]
    results: tuple[PolicyResult, ...]
    waivers: tuple[Waiver, ...]
    used: frozenset[Waiver]
    register: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that were examined."""
        return frozenset(result.address for result in self.results)

    def of(self, policy: str) -> list[Finding]:
        """What one policy said."""
        return [result.finding for result in self.results if result.policy.id == policy]
