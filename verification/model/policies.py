"""Policies: rules over Terraform, what they said of the stack, and the register of what stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from verification.model.findings import Finding
from verification.model.verdict import Verdict

SEVERITIES = ("critical", "high", "medium", "low")
"""From worst to least."""
UNRATED = "unrated"
"""The severity of checkov's own rules: it rates them on its platform only."""
STANDINGS = ("fail", "unknown", "waived", "decided", "pass")
"""What a result can be to a reader: see `PolicyResult.standing`."""
_REMEDY = "Do what it asks, or say in policies/decisions.yaml or policies/waivers.yaml why not."
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
class Entry:
    """A finding that stays, and who answers for it: what the two kinds of the register share.

    `address` is that of a resource's block, without index. `environments` are those in which the
    rule may fail; all if empty.
    """

    rule: str
    address: str
    reason: str
    owner: str
    reviewed: date
    environments: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def subject(self) -> str:
        """What it lets through, in one word."""
        return f"{self.rule} at {self.address}"


@dataclass(frozen=True)
class Waiver(Entry):
    """A debt: a finding that shall be mended, and stays until a day. `expires` is the last one."""

    expires: date

    @property
    def sentence(self) -> str:
        """Until when, by whom and why, as the end of a message."""
        return f"waived until {self.expires} ({self.owner}): {self.reason.removesuffix('.')}"

    def names(self, name: str) -> bool:
        """Whether the reason has an action or an ARN as a word of its own, not as part of one."""
        words = self.reason.split()
        return name in words or name in (word.strip(_PUNCTUATION) for word in words)


@dataclass(frozen=True)
class Ground:
    """What a decision rests on.

    `kind` is "plan" or "contract"; `text` a section of the plan, as a criterion names it, or a
    field of the contract with its value, such as `environments.dev.https = false`.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        """As the register writes it."""
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Decision(Entry):
    """A finding that plan or contract want so: it has no end, and holds while its ground stands."""

    rests_on: Ground

    @property
    def review_due(self) -> date:
        """A year after the last review; later, its owner is told, and nothing fails."""
        return self.reviewed + timedelta(days=365)

    @property
    def sentence(self) -> str:
        """By whom, on which ground and why, as the end of a message."""
        return f"decided by {self.owner} ({self.rests_on}): {self.reason.removesuffix('.')}"


@dataclass(frozen=True)
class PolicyResult:
    """What a policy says of a resource's block, source and every plan taken together.

    `environments` are those whose plans hold the resource, `failing` those in which it fails; both
    are empty where only source was examined. `file` and `line` are those of its block; of the
    nearest module's call where the source does not hold the block. `entry` is what lets it through.
    """

    policy: Policy
    address: str
    verdict: Verdict
    message: str
    environments: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    file: str = ""
    line: int = 1
    entry: Waiver | Decision | None = None

    @property
    def remedy(self) -> str:
        """What to do where it fails."""
        return self.policy.guideline or _REMEDY

    @property
    def standing(self) -> str:
        """What it is to a reader: its verdict, or "decided" where a decision lets it through."""
        return "decided" if isinstance(self.entry, Decision) else self.verdict.value

    @property
    def finding(self) -> Finding:
        """The result as evidence of a criterion."""
        source = f"{self.file}:{self.line}" if self.file else ""
        remedy = self.remedy if self.verdict is Verdict.FAIL else ""
        return Finding(self.verdict, self.address, self.message, source, remedy, self.environments)


@dataclass(frozen=True)
class PolicyReport:
    """What came of a run of all policies.

    `register` holds one finding for each entry, and one for each of its files; `used` the entries
    that let something through; `notes` what their owners should know soon.
    """

    policies: tuple[Policy, ...]
    results: tuple[PolicyResult, ...]
    waivers: tuple[Waiver, ...]
    decisions: tuple[Decision, ...]
    used: frozenset[Entry]
    register: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that were examined."""
        return frozenset(result.address for result in self.results)

    @property
    def rules(self) -> int:
        """How many rules examined something."""
        return len({result.policy.id for result in self.results})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many results there are of each severity, the worst first, and of each standing."""
        found = Counter((result.policy.severity, result.standing) for result in self.results)
        return {
            severity: {standing: found[severity, standing] for standing in STANDINGS}
            for severity in (*SEVERITIES, UNRATED)
        }

    def of(self, policy: str) -> list[Finding]:
        """What one policy said."""
        return [result.finding for result in self.results if result.policy.id == policy]
