"""Source and plans together give one verdict for each policy and block."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.checkov.kit import BUCKET, OURS, SECURITY, planned, result, scanned, tree
from verification.engine.checkov import PlanScans, Result
from verification.engine.checkov.verdicts import join
from verification.model.policies import PolicyResult
from verification.model.source import Block, block_address

POLICIES = {policy.id: policy for policy in (SECURITY, OURS)}


def joined(source: list[Result], **plans: PlanScans) -> PolicyResult:
    """The only result of a join."""
    [found] = join(scanned(source), plans, tree(), POLICIES)
    return found


def verdict(source: list[Result], **plans: PlanScans) -> str | None:
    """The verdict of the only result; None if there is none."""
    found = join(scanned(source), plans, tree(), POLICIES)
    assert len(found) <= 1
    return found[0].verdict.value if found else None


@pytest.mark.parametrize(
    ("source", "marked", "absent", "expected"),
    [
        ("fail", "pass", "pass", "pass"),  # the plan knows the value
        ("pass", "fail", "fail", "fail"),
        ("pass", "fail", "pass", "pass"),  # a plan that cannot tell leaves it to source
        ("fail", "pass", "fail", "fail"),
        ("unknown", "pass", "fail", "unknown"),  # nobody can tell
        ("unknown", "pass", "pass", "pass"),
        ("fail", "unknown", "unknown", "fail"),  # it does not apply to the plan
        ("pass", "pass", "nothing", "pass"),
        ("unknown", "unknown", "unknown", None),  # it does not apply at all
    ],
)
def test_rule_of_checkov_is_decided(
    source: str, marked: str, absent: str, expected: str | None
) -> None:
    """A plan decides where it says the same with unknown values marked and absent."""
    assert verdict([result(SECURITY.id, source)], dev=planned(marked, absent)) == expected


@pytest.mark.parametrize(
    ("source", "plan", "expected"),
    [
        ("unknown", "pass", "pass"),
        ("unknown", "fail", "fail"),
        ("pass", "unknown", "pass"),
        ("fail", "unknown", "fail"),
        ("unknown", "unknown", "unknown"),
        ("fail", "pass", "pass"),
    ],
)
def test_policy_of_ours_is_decided(source: str, plan: str, expected: str | None) -> None:
    """Our policies say themselves what they cannot tell; the other input may decide it."""
    scans = planned(plan, rule=OURS.id)
    assert verdict([result(OURS.id, source)], dev=scans) == expected


def test_policy_that_is_not_about_a_planned_block_leaves_nothing_open() -> None:
    """What source cannot tell is settled where the plan has the block and the policy is silent."""
    other = planned("pass")
    found = join(scanned([result(OURS.id, "unknown")]), {"dev": other}, tree(), POLICIES)
    assert [one.policy.id for one in found] == [SECURITY.id]


def test_unknown_without_a_plan_stays_unknown() -> None:
    """Nothing turns an unknown of source into a pass."""
    assert verdict([result(OURS.id, "unknown")]) == "unknown"


def test_one_finding_for_both_environments_and_every_instance() -> None:
    """Instances of a block and environments are one finding, which says where it fails."""
    scans = {"dev": planned("fail", key='["a]b"]'), "prod": planned("pass", key="[0]")}
    found = joined([], **scans)
    assert (found.address, found.environments, found.failing) == (BUCKET, ("dev", "prod"), ("dev",))
    assert found.message == "CKV_AWS_1: Buckets are closed (in dev)"


def test_result_of_a_plan_is_placed_in_source() -> None:
    """A finding from a plan names the block's file and line."""
    found = joined([], dev=planned("fail"))
    assert found.finding.source == "terraform/modules/store/main.tf:1"


def test_result_of_the_root_module_is_placed_in_its_environment() -> None:
    """dev and prod have a root module each, and only one has the block."""
    paths = [f"terraform/environments/{name}/main.tf" for name in ("dev", "prod")]
    found = Block("resource", ("aws_s3_bucket", "logs"), {}, paths[0], 9)
    source = replace(tree(), blocks=(found,))
    read = tuple(f"/tree/{path}:aws_sns_topic.alarms" for path in paths)
    scan = scanned([result(SECURITY.id, "fail", "aws_s3_bucket.logs")], resources=read)
    assert join(scan, {}, source, POLICIES)[0].finding.source == f"{paths[0]}:9"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("module.network.aws_vpc.this", "terraform/environments/dev/main.tf:5"),
        ("module.network.module.zones.aws_subnet.a", "terraform/modules/network/main.tf:3"),
        ("module.network.module.other.aws_subnet.a", "terraform/environments/dev/main.tf:5"),
        ("module.gone.aws_vpc.this", "terraform/environments/dev/main.tf:1"),
        ("aws_vpc.this", "terraform/environments/dev/main.tf:1"),
    ],
)
def test_result_of_a_module_from_elsewhere_is_placed_at_its_call(address: str, place: str) -> None:
    """Its source is not in the repository; where no call is found, an environment stands for it."""
    files = [
        "terraform/a.tf",
        "terraform/environments/dev/main.tf",
        "terraform/modules/network/main.tf",
    ]
    calls = (
        Block("module", ("network",), {}, files[1], 5),
        Block("module", ("zones",), {}, files[2], 3),
    )
    source = replace(tree(), blocks=calls, files=tuple(files))
    read = (f"/tree/{files[1]}:aws_sns_topic.a", f"/tree/{files[2]}:module.network.aws_sns_topic.a")
    change = {"address": address, "mode": "managed", "change": {"after": {}}}
    found = scanned([result(SECURITY.id, "fail", address)], resources=(f"/tmp/plan:{address}",))
    scans = {"dev": PlanScans({"resource_changes": [change]}, found, replace(found, rules=()))}
    [joined] = join(scanned(resources=read), scans, source, POLICIES)
    assert joined.finding.source == place


def test_inline_skip_is_a_finding() -> None:
    """A comment in source does not silence a policy, whatever the plan says."""
    skip = result(SECURITY.id, "skip", comment=" not now")
    found = joined([skip], dev=planned("pass"))
    assert found.verdict.value == "fail"
    assert found.message == "CKV_AWS_1 is skipped by an inline comment, “not now”"


def test_address_of_a_block_has_no_index() -> None:
    """Indexes go, whatever they hold."""
    address = 'module.a["x.y[0]"].aws_s3_bucket.b[2]'
    assert block_address(address) == "module.a.aws_s3_bucket.b"
