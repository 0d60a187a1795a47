"""Policies: rules for Terraform, their results, and the register of decisions and waivers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from verification.model.findings import Finding
from verification.model.verdict import Verdict

SEVERITIES = ("critical", "high", "medium", "low")
"""From worst to least."""
UNRATED = "unrated"
"""The severity of checkov's own rules; checkov rates them on its platform only."""
STANDINGS = ("fail", "unknown", "waived", "decided", "pass")
"""The possible values of `PolicyResult.standing`."""
_REMEDY = "Fix it, or add an entry to policies/decisions.yaml or policies/waivers.yaml."
_PUNCTUATION = ".,;:!?()[]{}<>\"'`“”"


@dataclass(frozen=True)
class Policy:
    """A rule: checkov's own, or one of `policies/` (`ours`).

    `guideline` is the remedy; `criterion` is the criterion that it proves; `file` is its file, ""
    for checkov's own rules.
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
    """An entry of the register: an accepted finding and its owner.

    `address` is that of a resource block, without index. `environments` are those in which the rule
    may fail; all if empty.
    """

    rule: str
    address: str
    reason: str
    owner: str
    reviewed: date
    environments: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def subject(self) -> str:
        """The finding that it accepts, in one phrase."""
        return f"{self.rule} at {self.address}"


@dataclass(frozen=True)
class Waiver(Entry):
    """A finding to fix that is accepted until a date. `expires` is the last day."""

    expires: date

    @property
    def sentence(self) -> str:
        """The end of a message: expiry, owner and reason."""
        return f"waived until {self.expires} ({self.owner}): {self.reason.removesuffix('.')}"

    def names(self, name: str) -> bool:
        """Whether the reason contains an action or an ARN as a separate word."""
        words = self.reason.split()
        return name in words or name in (word.strip(_PUNCTUATION) for word in words)


@dataclass(frozen=True)
class Ground:
    """The basis of a decision.

    `kind` is "plan" or "contract"; `text` is a section of the plan, as in criteria.toml, or a field
    of the contract with its value, such as `environments.dev.https = false`.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        """The text in the register."""
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Decision(Entry):
    """A finding that the plan or the contract requires; it holds while that basis is valid."""

    rests_on: Ground

    @property
    def review_due(self) -> date:
        """A year after the last review; afterwards a note reminds the owner, and nothing fails."""
        return self.reviewed + timedelta(days=365)

    @property
    def sentence(self) -> str:
        """The end of a message: owner, basis and reason."""
        return f"decided by {self.owner} ({self.rests_on}): {self.reason.removesuffix('.')}"


@dataclass(frozen=True)
class PolicyResult:
    """The result of a policy for one resource block, from source and all plans together.

    `environments` are those whose plans have the resource, `failing` those in which it fails; both
    are empty if only source was examined. `file` and `line` are those of its block, or of the
    nearest module call if the source does not have the block. `entry` is the entry that accepts it.
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
        """The remedy of a failure."""
        return self.policy.guideline or _REMEDY

    @property
    def standing(self) -> str:
        """Its verdict, or "decided" if a decision accepts it."""
        return "decided" if isinstance(self.entry, Decision) else self.verdict.value

    @property
    def finding(self) -> Finding:
        """The result as a finding."""
        source = f"{self.file}:{self.line}" if self.file else ""
        remedy = self.remedy if self.verdict is Verdict.FAIL else ""
        return Finding(self.verdict, self.address, self.message, source, remedy, self.environments)


@dataclass(frozen=True)
class PolicyReport:
    """The results of all policies.

    `register` has one finding for each entry and each file; `used` are the entries that accept a
    finding; `notes` are reminders for owners.
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
        """The examined addresses."""
        return frozenset(result.address for result in self.results)

    @property
    def rules(self) -> int:
        """The number of rules that examined something."""
        return len({result.policy.id for result in self.results})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of results by severity, the worst first, and standing."""
        found = Counter((result.policy.severity, result.standing) for result in self.results)
        return {
            severity: {standing: found[severity, standing] for standing in STANDINGS}
            for severity in (*SEVERITIES, UNRATED)
        }

    def of(self, policy: str) -> list[Finding]:
        """The findings of one policy."""
        return [result.finding for result in self.results if result.policy.id == policy]
