"""Reports of runs that ended in every way, to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.engine.checkov.kit import BUCKET, OURS, SECURITY, decision, waiver
from verification.engine.report.report import Report
from verification.model.criteria import RUNGS, Criterion, Rung
from verification.model.findings import Finding
from verification.model.policies import PolicyReport, PolicyResult
from verification.model.proofs import Proof
from verification.model.results import Evidence, ExitCode, Results, Step
from verification.model.run_facts import Machine, RunFacts, Where
from verification.model.verdict import Verdict, worst

MARKUP = (
    "</td></table></details><script>window.hacked = 1</script>"
    '<img src="http://192.0.2.1/x.png" onerror="window.hacked = 1">'
    " | a\\|b `c` *d* _e_ [f](javascript:window.hacked=1) &lt; {{ 7 * 7 }} \"'"
    "\nhttps://example.org/second-line\n- third"
)
# What a stranger may have written, by the name of the field.
STRANGERS = {
    *("address", "source", "message", "remedy", "error", "check", "environment", "file"),
    *("notes", "arguments", "reason", "owner", "rule", "name", "title", "plan", "area"),
}
USERS = "module.dynamodb.aws_dynamodb_table.users"
FILE = ("terraform/modules/dynamodb/main.tf", 25)
PLACE = "terraform/modules/dynamodb/main.tf:25"
GOOD = Finding(Verdict.PASS, USERS, "the hash key is 'user_id'", PLACE)
BAD = Finding(
    Verdict.FAIL, USERS, "the TTL attribute is 'x'; expected 'expires_at'", PLACE, "Set ttl."
)
OPEN = Finding(Verdict.UNKNOWN, USERS, "the key is known only after apply", PLACE)
WAIVED = Finding(Verdict.WAIVED, USERS, "CKV_AWS_119 is waived until 2027-01-01", PLACE)
ERROR = "terraform apply dev failed: Error: creating table: LimitExceededException."
FACTS = RunFacts(
    started=datetime(2026, 11, 22, 16, 45, 56, tzinfo=UTC),
    duration_seconds=117.45,
    arguments=("verification/", "-q"),
    where=Where("embedded", "123456789012", "us-east-1"),
    machine=Machine(2, 1.0, 1.0),
    source_root="",
    commit="ee8f0f35581ed60494d8cf8cc5435c83e2df610a",
    dirty=True,
    tools={"python": "3.11.7", "checkov": "3.3.30"},
)
STEPS = (
    Step("plan dev", 100.0, 6.5),
    Step("apply dev", 101.5, 64.2),
    Step("destroy dev", 165.7, 18.8, failed=True),
)
NOTES = ("A note.", 'A smaller policy is enough:\n{\n  "Action": ["dynamodb:GetItem"]\n}')


def criterion(name: str, *rungs: Rung, area: str = "data", unverified: str = "") -> Criterion:
    """A criterion of a name, which one check proves on every rung but one."""
    checks = {check_of(name): tuple(rung for rung in rungs if rung != unverified)}
    return Criterion(name, f"What {name} promises", area, "Success Criteria", rungs, checks=checks)


def check_of(name: str) -> str:
    """The check that proves a criterion."""
    return f"{name.replace('-', '_')}.hold"


CRITERIA = (
    criterion("tables-created", "plan", "sandbox"),
    criterion("encryption", "plan", "policy", "sandbox"),
    criterion("monitoring", "static", "plan", "smoke", area="operations", unverified="smoke"),
    criterion("security-rules", "policy", area="security"),
)


def evidence(
    name: str, rung: str, *findings: Finding, error: str = "", environment: str = "dev"
) -> Evidence:
    """What one test found; the worst finding decides."""
    verdict = Verdict.ERROR if error else worst(finding.verdict for finding in findings)
    assert verdict
    about = (name, rung, environment, check_of(name))
    return Evidence(*about, verdict, findings, 0.25, error, test=f"{name} {rung}")


def report(
    *tests: Evidence,
    asked: tuple[str, ...] = RUNGS,
    code: ExitCode = ExitCode.CRITERION_FAILED,
    steps: tuple[Step, ...] = STEPS,
    facts: RunFacts = FACTS,
    notes: tuple[str, ...] = NOTES,
    policies: PolicyReport | None = None,
) -> Report:
    """The report of a run in which these tests were all there are, and found this."""
    found = Results({one.id: one for one in CRITERIA}, asked)
    for one in tests:
        proof = Proof(one.test, one.criterion, one.rung, one.check, one.environment)
        found.proofs.expect(proof)
        found.add(one)
    return Report.of(found, code, steps, facts, notes, policies)


def red(*more: Evidence) -> Report:
    """The report of a run with every verdict there is, and policies; more tests may fail."""
    return report(*RED, *more, policies=POLICIES)


def failing(count: int, **changes: Any) -> Evidence:
    """So many more findings of a criterion that fail, each in words of its own."""
    found = (replace(BAD, **{"message": f"problem {n}"} | changes) for n in range(count))
    return evidence("encryption", "plan", GOOD, *found)


def spoil(value: Any, key: str = "") -> Any:
    """The same value with markup in the texts that a stranger may have written."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: getattr(value, one.name) for one in fields(value)}
        return replace(value, **{name: spoil(part, name) for name, part in parts.items()})
    if isinstance(value, Mapping):
        return {name: spoil(part, key) for name, part in value.items()}
    if isinstance(value, tuple | frozenset):
        return type(value)(spoil(part, key) for part in value)
    return f"{value}{MARKUP}" if key in STRANGERS and value else value


_CMK = replace(SECURITY, guideline="https://docs.example.org/ckv-aws-1")
_HOLDS = PolicyResult(_CMK, USERS, Verdict.PASS, "the rule holds", ("dev", "prod"), (), *FILE)
_WAIVED = replace(_HOLDS, verdict=Verdict.WAIVED)
WAIVERS = (
    waiver(),
    waiver(rule="CKV_AWS_28"),
    waiver(rule="CKV_AWS_158", expires=date(2026, 11, 21)),
)
DECISIONS = (
    decision(),
    decision(address=f"{BUCKET}_2"),
    decision(rule="CKV_AWS_28", environments=("dev",)),
    decision(rule="CKV_AWS_158", reviewed=date(2025, 11, 21)),
)
POLICIES = PolicyReport(
    policies=(_CMK, OURS),
    results=(
        _HOLDS,
        replace(_WAIVED, entry=WAIVERS[0]),
        replace(_WAIVED, entry=DECISIONS[1], address=f"{USERS}_2"),
        replace(_HOLDS, policy=OURS, verdict=Verdict.FAIL, environments=()),
        replace(_HOLDS, policy=replace(_CMK, severity="low"), verdict=Verdict.UNKNOWN, address="x"),
    ),
    waivers=WAIVERS,
    decisions=DECISIONS,
    used=frozenset({*WAIVERS, *DECISIONS} - {WAIVERS[1], DECISIONS[2]}),
    register=(),
)
"""One result of each standing, and three entries of each kind: one unused, one overdue."""
RED = (
    evidence("tables-created", "plan", GOOD, OPEN),
    evidence("tables-created", "sandbox", GOOD),
    evidence("encryption", "plan", GOOD, BAD),
    evidence("encryption", "sandbox", error=ERROR),
    evidence("monitoring", "static", GOOD),
    evidence("monitoring", "plan", OPEN),
    evidence("security-rules", "policy", GOOD, WAIVED),
)
GREEN = [
    evidence(one.id, rung, GOOD, GOOD)
    for one in CRITERIA[:3]
    for rung in one.rungs
    if rung in ("plan", "sandbox")
]
PASSED = report(*GREEN, asked=("plan", "sandbox"), code=ExitCode.PROVEN, steps=STEPS[:2], notes=())
FAILED = red()
EARLY = replace(FACTS, commit="")
INTERRUPTED = report(asked=("static",), code=ExitCode.INTERRUPTED, steps=(), facts=EARLY, notes=())
HOSTILE = spoil(FAILED)
REPORTS = {"passed": PASSED, "failed": FAILED, "interrupted": INTERRUPTED, "hostile": HOSTILE}


def picture(folder: Path, name: str) -> Path:
    """A screenshot in the folder of a report: one black pixel."""
    data = (
        "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a"
        "49444154789c636000000002000148afa4710000000049454e44ae426082"
    )
    path = folder / "screenshots" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes.fromhex(data))
    return path
