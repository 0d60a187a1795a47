"""Documents of runs that ended in every way, to be rendered."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from verification.engine.report.document import document
from verification.model.criteria import RUNGS, Criterion
from verification.model.findings import Finding
from verification.model.proofs import Proof
from verification.model.results import Evidence, ExitCode, Results, Step
from verification.model.verdict import Verdict

HOSTILE = (
    "</td></table></details><script>window.hacked = 1</script>"
    '<img src="http://192.0.2.1/x.png" onerror="window.hacked = 1">'
    " | a\\|b `c` *d* _e_ [f](javascript:window.hacked=1) &lt; {{ 7 * 7 }} \"'"
    "\nhttps://example.org/second-line\n- third"
)
USERS = "module.dynamodb.aws_dynamodb_table.users"
PLACE = "terraform/modules/dynamodb/main.tf:25"
GOOD = Finding(Verdict.PASS, USERS, "the hash key is 'user_id'", PLACE)
BAD = Finding(
    Verdict.FAIL, USERS, "the TTL attribute is 'x', must be 'expires_at'", PLACE, "Set ttl."
)
OPEN = Finding(Verdict.UNKNOWN, USERS, "the key is known only after apply", PLACE)
WAIVED = Finding(Verdict.WAIVED, USERS, "CKV_AWS_119 is waived until 2027-01-01", PLACE)
ERROR = "terraform apply dev failed: Error: creating table: LimitExceededException."
FACTS = {
    "started": "2026-11-22T16:45:56+00:00",
    "duration_seconds": 117.45,
    "arguments": ["verification/", "-q"],
    "target": "embedded",
    "account": "123456789012",
    "region": "us-east-1",
    "source_root": "",
    "commit": "ee8f0f35581ed60494d8cf8cc5435c83e2df610a",
    "dirty": True,
    "tools": {"python": "3.11.7", "checkov": "3.3.30"},
}
STEPS = [
    Step("plan dev", 100.0, 6.5),
    Step("apply dev", 101.5, 64.2),
    Step("destroy dev", 165.7, 18.8, failed=True),
]
NOTES = ["A note.", 'A smaller policy is enough:\n{\n  "Action": ["dynamodb:GetItem"]\n}']


def criterion(
    name: str, *rungs: str, area: str = "infrastructure", unverified: str = ""
) -> Criterion:
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


def results(asked: tuple[str, ...] = RUNGS) -> Results:
    """Nothing found yet."""
    return Results({one.id: one for one in CRITERIA}, asked)


def evidence(name: str, rung: str, *findings: Finding, error: str = "") -> Evidence:
    """What one test found; the worst finding decides."""
    order = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS)
    verdicts = {finding.verdict for finding in findings}
    verdict = Verdict.ERROR if error else next(v for v in order if v in verdicts)
    about = (name, rung, "dev", check_of(name))
    return Evidence(*about, verdict, findings, 0.25, error, test=f"{name} {rung}")


def add(found: Results, name: str, rung: str, *findings: Finding, error: str = "") -> None:
    """Let the test of a criterion on a rung exist, and speak."""
    found.proofs.expect(Proof(f"{name} {rung}", name, rung, check_of(name), "dev"))
    found.add(evidence(name, rung, *findings, error=error))


def passed() -> dict[str, Any]:
    """A run in which everything that was asked for is proven."""
    found = results(("plan", "sandbox"))
    for name, rung in (
        ("tables-created", "plan"),
        ("tables-created", "sandbox"),
        ("encryption", "plan"),
        ("encryption", "sandbox"),
        ("monitoring", "plan"),
    ):
        add(found, name, rung, GOOD, GOOD)
    return document(found, ExitCode.PROVEN, STEPS[:2], FACTS, [])


def failed() -> dict[str, Any]:
    """A run with every verdict there is, and policies."""
    found = results()
    add(found, "tables-created", "plan", GOOD, OPEN)
    add(found, "tables-created", "sandbox", GOOD)
    add(found, "encryption", "plan", GOOD, BAD)
    add(found, "encryption", "sandbox", error=ERROR)
    add(found, "monitoring", "static", GOOD)
    add(found, "monitoring", "plan", OPEN)
    add(found, "security-rules", "policy", GOOD, WAIVED)
    content = document(found, ExitCode.CRITERION_FAILED, STEPS, FACTS, NOTES)
    return content | {"policies": policies()}


def interrupted() -> dict[str, Any]:
    """A run that ended before anything was found."""
    return document(results(("static",)), ExitCode.INTERRUPTED, [], FACTS | {"commit": ""}, [])


def hostile() -> dict[str, Any]:
    """The failed run, with markup in every text that comes from what is verified."""
    return spoil(failed())


def spoil(value: Any, key: str = "") -> Any:
    """The same value with markup in the texts that a stranger may have written."""
    if isinstance(value, dict):
        return {name: spoil(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [spoil(part, key) for part in value]
    strangers = ("address", "source", "message", "remedy", "error", "check", "environment", "file")
    others = ("notes", "arguments", "reason", "owner", "rule", "name", "title", "plan", "area")
    return f"{value}{HOSTILE}" if key in strangers + others and value else value


def policies() -> dict[str, Any]:
    """What the policy rung says: one result of each standing, and three entries of each kind."""
    who = {"reason": "Logs hold no personal data.", "owner": "platform", "reviewed": "2026-10-20"}
    waiver = who | {"expires": "2027-01-01"}
    ground = "contract: environments.dev.https = false"
    decision = who | {"rests_on": ground, "review_due": "2027-10-20"}
    result = {
        "rule": "CKV_AWS_119",
        "name": "Ensure DynamoDB Tables are encrypted using a KMS CMK",
        "severity": "unrated",
        "ours": False,
        "criterion": "security-rules",
        "verdict": "pass",
        "address": USERS,
        "environments": ["dev", "prod"],
        "file": "terraform/modules/dynamodb/main.tf",
        "line": 25,
        "message": "the rule holds",
        "remedy": "https://docs.example.org/ckv-aws-119",
    }
    ours = {"rule": "FSP_DDB_2", "name": "TTL on the links table", "severity": "high", "ours": True}
    wanted = {"remedy": "Set ttl { enabled = true }.", "environments": []}
    about = {"rule": "CKV_AWS_119", "address": USERS, "environments": [], "used": True}
    two = [about | one for one in (waiver, decision)]
    return {
        "rules": 2,
        "resources": 3,
        "decisions": [
            two[1],
            two[1] | {"address": f"{USERS}_2"},
            two[1] | {"rule": "CKV_AWS_28", "used": False, "environments": ["dev"]},
            two[1] | {"rule": "CKV_AWS_158", "review_due": "2026-11-21"},
        ],
        "waivers": [
            two[0],
            two[0] | {"rule": "CKV_AWS_28", "used": False},
            two[0] | {"rule": "CKV_AWS_158", "expires": "2026-11-21"},
        ],
        "results": [
            result,
            result | {"verdict": "waived", "waiver": waiver},
            result | {"verdict": "waived", "decision": decision},
            result | ours | {"verdict": "fail", "message": "no TTL"} | wanted,
            result | {"verdict": "unknown", "severity": "low", "message": "not resolved"},
        ],
    }


DOCUMENTS = {
    "passed": passed(),
    "failed": failed(),
    "interrupted": interrupted(),
    "hostile": hostile(),
}


def fresh(name: str) -> dict[str, Any]:
    """A copy of a document, to be changed."""
    return copy.deepcopy(DOCUMENTS[name])


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
