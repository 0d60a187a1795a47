"""The driver finds what the command finds, and what the command keeps quiet about."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.checkov.kit import DECIDES, SOURCE, YAML, policies
from tests.kit import HANG
from verification.engine.checkov import PYTHON, Scan, Scanned, scan
from verification.engine.checkov import __name__ as package
from verification.engine.errors import EnvironmentUnavailable

pytestmark = pytest.mark.slow

PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_s3_bucket.files",
                    "mode": "managed",
                    "type": "aws_s3_bucket",
                    "name": "files",
                    "values": {"force_destroy": False},
                }
            ]
        }
    },
    "resource_changes": [
        {
            "address": "aws_s3_bucket.files",
            "mode": "managed",
            "type": "aws_s3_bucket",
            "name": "files",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"force_destroy": False},
                "after_unknown": {"bucket": True},
            },
        }
    ],
    "configuration": {"root_module": {}},
}
MARKED = (
    "marked = 'true_after_unknown' in str(conf.get('bucket'))\n"
    "        return CheckResult.UNKNOWN if marked else CheckResult.FAILED"
)


@dataclass(frozen=True)
class World:
    """Where the scans were made, what each gave, and the policies that are in order."""

    folder: Path
    found: Mapping[str, Scanned]
    good: Path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Scans of one folder and one plan with good and bad policies, by one process."""
    folder = tmp_path_factory.mktemp("checkov")
    (folder / "source").mkdir()
    (folder / "source" / "store.tf").write_text(SOURCE, encoding="utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "store.tf").write_text('resource "a" {', encoding="utf-8")
    (folder / "broken" / "store.tftest.hcl").write_text('run "a" {', encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    (folder / "work").mkdir()
    (folder / "silenced").mkdir()
    (folder / "silenced" / "store.tf").write_text(SOURCE, encoding="utf-8")
    (folder / "silenced" / ".checkov.yaml").write_text("skip-check: CKV_AWS_18\n", "utf-8")
    kinds = {
        "good": policies(folder / "good", {"CKV_OWN_1": DECIDES}, YAML),
        "raises": policies(folder / "raises", {"CKV_OWN_1": "return 1 / 0"}),
        "syntax": policies(folder / "syntax", {"CKV_OWN_1": "return ("}),
        "no init": policies(folder / "no-init", {"CKV_OWN_1": DECIDES}, init=False),
        "marked": policies(folder / "marked", {"CKV_OWN_1": MARKED}),
    }
    source, plan = (str(folder / "source"),), (str(folder / "plan.json"),)
    scans = [Scan(k, "terraform", source, folders(p), rules=RULES) for k, p in kinds.items()]
    scans += [
        Scan("all", "terraform", source, folders(kinds["good"])),
        Scan("silenced", "terraform", (str(folder / "silenced"),)),
        Scan("broken", "terraform", (str(folder / "broken"),)),
        Scan("plan", "terraform_plan", plan, folders(kinds["marked"])),
        Scan("absent", "terraform_plan", plan, folders(kinds["marked"]), mark_unknown=False),
        Scan("mistaken", "terraform", plan),
    ]
    found = scan(scans, folder / "work", environ(folder))
    return World(folder, found, kinds["good"])


RULES = ("CKV_OWN_1", "CKV_OWN_9")


def folders(policy: Path) -> tuple[str, ...]:
    """The folders that checkov loads policies from."""
    return str(policy / "python"), str(policy / "yaml")


def environ(home: Path) -> dict[str, str]:
    """An environment with an empty home."""
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


def said(scanned: Scanned, rule: str = "CKV_OWN_1") -> dict[str, str]:
    """What a rule said, by address."""
    return {r.address: r.verdict for r in scanned.results if r.rule == rule}


def test_findings_are_those_of_the_command(world: World, tmp_path: Path) -> None:
    """The bare command gives the same results on the same input."""
    python, yaml = folders(world.good)
    checkov = PYTHON.with_name("checkov")
    done = subprocess.run(
        [
            *(checkov, "--framework", "terraform", "--skip-download", "--output", "json"),
            *("--external-checks-dir", python, "--external-checks-dir", yaml),
            *("--directory", world.folder / "source"),
        ],
        env=environ(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    report = json.loads(done.stdout)["results"]
    verdicts = {"passed_checks": "pass", "failed_checks": "fail", "skipped_checks": "skip"}
    bare = {(r["check_id"], r["resource"], v) for k, v in verdicts.items() for r in report[k]}
    found = world.found["all"].results
    ours = {(r.rule, r.address, r.verdict) for r in found if r.verdict != "unknown"}
    assert ours == bare
    assert {verdict for _, _, verdict in ours} == {"pass", "fail", "skip"}


def test_unknown_is_kept(world: World) -> None:
    """checkov drops a result that a policy could not decide."""
    assert said(world.found["good"]) == {
        "aws_s3_bucket.files": "unknown",
        "aws_s3_bucket.skipped": "pass",
    }


def test_rules_that_were_loaded_are_given(world: World) -> None:
    """Ours, in Python and in YAML, and checkov's own."""
    rules = {rule.id: rule for rule in world.found["good"].rules}
    assert {name for name, rule in rules.items() if rule.ours} == set(RULES)
    assert rules["CKV_OWN_1"].guideline == "Name them."
    assert not rules["CKV_AWS_21"].ours


def test_resources_that_were_read_are_given(world: World) -> None:
    """With file and address."""
    store = world.folder / "source" / "store.tf"
    names = ("files", "skipped")
    assert set(world.found["all"].resources) == {f"{store}:aws_s3_bucket.{n}" for n in names}


def test_inline_skip_is_given_with_its_comment(world: World) -> None:
    """A comment silences a rule for the command."""
    skips = [r for r in world.found["all"].results if r.verdict == "skip"]
    assert [(r.rule, r.address) for r in skips] == [("CKV_AWS_21", "aws_s3_bucket.skipped")]
    assert skips[0].comment.strip() == "old versions are of no use"


def test_policy_that_raises_is_a_crash(world: World) -> None:
    """checkov takes it for one that cannot tell."""
    crashes = world.found["raises"].crashes
    assert len(crashes) == 2
    assert "CKV_OWN_1 on aws_s3_bucket.files: ZeroDivisionError" in crashes[0]


@pytest.mark.parametrize("kind", ["syntax", "no init"])
def test_policy_that_does_not_load_is_not_among_the_rules(world: World, kind: str) -> None:
    """checkov ends well all the same."""
    assert not world.found[kind].error
    assert not any(rule.ours for rule in world.found[kind].rules)


def test_scans_do_not_meet(world: World) -> None:
    """What one scan registered is not there for the next: equal ids, different policies."""
    assert said(world.found["plan"]) == {"aws_s3_bucket.files": "unknown"}
    assert said(world.found["absent"]) == {"aws_s3_bucket.files": "fail"}


def test_configuration_file_beside_the_source_silences_nothing(world: World) -> None:
    """The command would follow it."""
    assert said(world.found["silenced"], "CKV_AWS_18") == {
        "aws_s3_bucket.files": "fail",
        "aws_s3_bucket.skipped": "fail",
    }


def test_file_that_cannot_be_parsed_is_named(world: World) -> None:
    """checkov lists it where nobody looks."""
    assert [Path(file).name for file in world.found["broken"].unparsed] == ["store.tf"]


def test_wrong_framework_is_an_error(world: World) -> None:
    """Plan JSON scanned as source: checkov reports zeros and exits 0."""
    assert world.found["mistaken"].error
    assert not world.found["mistaken"].results


def test_missing_checkov_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its environment, the remedy is named."""
    monkeypatch.setattr(f"{package}.PYTHON", tmp_path / "python")
    with pytest.raises(EnvironmentUnavailable, match="checkov is not installed: run `make"):
        scan([], tmp_path, {})
