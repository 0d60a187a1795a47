"""The change guard on changes made by hand; Terraform plans those of tests/engine/rungs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from tests.checks.edits import with_parts
from tests.checks.kit import Check, verdict_of
from verification.checks import CHANGE_CHECKS
from verification.checks.registry import name_of, waive
from verification.model.changes import KEEPS_DATA, Change, Changeset
from verification.model.contract import Contract
from verification.model.findings import Finding
from verification.model.policies import Waiver
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

USERS = "module.dynamodb.aws_dynamodb_table.users"
URLS = "module.dynamodb.aws_dynamodb_table.urls"
POOL = "module.identity.aws_cognito_user_pool.this"
BUCKET = "module.backend.aws_s3_bucket.uploads"
VERSIONS = "module.backend.aws_s3_bucket_versioning.uploads"
KEY = "aws_kms_key.data"

Edit = Callable[[Changeset], Changeset]


def stays(address: str, kind: str, **before: Any) -> Change:
    """A resource that a plan leaves alone."""
    return Change(address, kind, ("no-op",), before=before, after=before)


def unchanged(stack: Stack) -> Changeset:
    """A change that changes nothing, on everything that holds data."""
    changes = (
        stays(USERS, "aws_dynamodb_table", name="users", hash_key="user_id"),
        stays(URLS, "aws_dynamodb_table", name="urls", hash_key="short_code"),
        stays(POOL, "aws_cognito_user_pool", username_attributes=["email"]),
        stays(BUCKET, "aws_s3_bucket", bucket="uploads", force_destroy=False),
        stays(VERSIONS, "aws_s3_bucket_versioning"),
        stays(KEY, "aws_kms_key"),
        Change("module.new.aws_s3_bucket.more", "aws_s3_bucket", ("create",)),
    )
    return Changeset(stack.environment, stack, stack, changes)


def planned_so(at: str, *actions: str, **fields: Any) -> Edit:
    """What the plan does to one resource, instead of nothing."""

    def edit(changeset: Changeset) -> Changeset:
        changes = tuple(
            replace(change, actions=actions, **fields) if change.address == at else change
            for change in changeset.changes
        )
        assert changes != changeset.changes
        return replace(changeset, changes=changes)

    return edit


def wants(kind: str, at: str, **fields: Any) -> Edit:
    """What the working tree wants of one resource, instead of what the base wants."""

    def edit(changeset: Changeset) -> Changeset:
        parts = tuple(
            replace(part, **fields) if part.address == at else part
            for part in getattr(changeset.after, kind)
        )
        assert parts != getattr(changeset.after, kind)
        return replace(changeset, after=with_parts(changeset.after, kind, parts))

    return edit


def reindexed(**fields: Any) -> Edit:
    """The users table's index changed in some fields; removed without any."""

    def edit(changeset: Changeset) -> Changeset:
        table = next(t for t in changeset.after.tables if t.address == USERS)
        indexes = tuple(replace(index, **fields) for index in table.indexes) if fields else ()
        return wants("tables", USERS, indexes=indexes)(changeset)

    return edit


@dataclass(frozen=True)
class Twin:
    """A bad change: what it is, the only check that fails, and the words at the address."""

    what: str
    check: str
    says: str
    edit: Edit

    def __str__(self) -> str:
        """Name it in a test's id."""
        return self.what


def lost(kind: str, address: str, attribute: str, **fields: Any) -> Twin:
    """A protection that the working tree does not want any more."""
    says = f"{address}: {attribute} is removed"
    return Twin(f"no {attribute}", "keeps_protection", says, wants(kind, address, **fields))


FORCED = {"forced_by": ("hash_key",), "after": {"hash_key": "id"}}


def ends(what: str, says: str, at: str, *actions: str, **fields: Any) -> Twin:
    """A holder of data that a plan ends."""
    return Twin(what, "keeps_data", f"{at}: {says}", planned_so(at, *actions, **fields))


GONE = "delete_because_no_resource_config"
BY_KEY = "is replaced: hash_key changes from 'user_id' to 'id', which forces replacement"
LATER = "is replaced: name changes from not set to known only after apply"
DATA = [
    ends("key replaced", BY_KEY, USERS, "delete", "create", **FORCED),
    ends("replaced, created first", BY_KEY, USERS, "create", "delete", **FORCED),
    ends("unknown forces it", LATER, POOL, "delete", "create", forced_by=("name",)),
    ends("module gone", "is deleted: its resource or module block", URLS, "delete", reason=GONE),
    ends("removed block", "is removed from the state: its resource", URLS, "forget", reason=GONE),
    ends(
        "tainted",
        "is replaced: it is tainted",
        KEY,
        "delete",
        "create",
        reason="replace_because_tainted",
    ),
    ends("a new reason", "is deleted: of_the_moon", KEY, "delete", reason="of_the_moon"),
    Twin(
        "versioning gone",
        "keeps_guards",
        f"{VERSIONS}: is deleted: its resource",
        planned_so(VERSIONS, "delete", reason=GONE),
    ),
    Twin(
        "bucket may be emptied",
        "keeps_guards",
        f"{BUCKET}: force_destroy is on: terraform destroy",
        planned_so(BUCKET, "update", after={"force_destroy": True}),
    ),
]
PROTECTION = [
    lost("tables", USERS, "point_in_time_recovery", point_in_time_recovery=False),
    lost("tables", URLS, "ttl", ttl_attribute=None),
    lost("tables", USERS, "server_side_encryption", encrypted=False),
    lost("tables", URLS, "deletion_protection_enabled", deletion_protection=None),
    lost("user_pools", POOL, "deletion_protection", deletion_protection=False),
    lost("buckets", BUCKET, "server_side_encryption_configuration", encrypted=False),
    lost("buckets", BUCKET, "public_access_block", public_access_block=(True, False, True, True)),
]
KEYS = [
    Twin(
        "hash key",
        "keeps_keys",
        f"{USERS}: hash_key changes from 'user_id' to 'id'; existing items cannot be converted",
        wants("tables", USERS, hash_key="id"),
    ),
    Twin(
        "range key added",
        "keeps_keys",
        f"{USERS}: range_key changes from not set to 'email'",
        wants("tables", USERS, range_key="email"),
    ),
    Twin(
        "type of the key",
        "keeps_keys",
        f"{USERS}: the type of key user_id changes from 'S' to 'N'",
        wants("tables", USERS, attributes={"user_id": "N", "email": "S"}),
    ),
    Twin("index gone", "keeps_keys", f"{USERS}: index email-index is removed", reindexed()),
    Twin(
        "index narrower",
        "keeps_keys",
        f"{USERS}: index email-index changes its projection; DynamoDB recreates it",
        reindexed(projection="KEYS_ONLY"),
    ),
]
TWINS = [*DATA, *PROTECTION, *KEYS]


def failures(changeset: Changeset, contract: Contract) -> dict[str, str]:
    """What each check that fails says, by its short name."""
    said = {
        check.__name__: "\n".join(
            str(f) for f in check(changeset, contract) if f.verdict is Verdict.FAIL
        )
        for check in CHANGE_CHECKS
    }
    return {name: text for name, text in said.items() if text}


@pytest.fixture
def good(prod_stack: Stack) -> Changeset:
    """A change that changes nothing."""
    return unchanged(prod_stack)


def test_every_check_has_a_twin() -> None:
    """No check of changes is trusted that was never seen to fail."""
    assert {twin.check for twin in TWINS} == {check.__name__ for check in CHANGE_CHECKS}


@pytest.mark.parametrize("check", CHANGE_CHECKS, ids=name_of)
def test_no_change_passes(check: Check, good: Changeset, contract: Contract) -> None:
    """Where nothing changes, every check passes and has looked at something."""
    assert verdict_of(check(good, contract)) is Verdict.PASS


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_bad_change_is_caught(twin: Twin, good: Changeset, contract: Contract) -> None:
    """A change that takes one thing away fails the check that is about it, in its words."""
    said = failures(twin.edit(good), contract)
    assert set(said) == {twin.check}
    assert twin.says in said[twin.check]


@pytest.mark.parametrize(
    "edit",
    [
        planned_so(USERS, "update", after={"tags": {"team": "platform"}}),
        planned_so(USERS, "no-op", previous_address="aws_dynamodb_table.people"),
        planned_so(VERSIONS, "delete", "create"),
        wants("tables", USERS, kms_key="arn:aws:kms:us-east-1:123456789012:key/k"),
    ],
    ids=["tag added", "moved", "guard replaced with its bucket", "key of our own"],
)
def test_harmless_change_passes(edit: Edit, good: Changeset, contract: Contract) -> None:
    """What takes nothing away fails nothing."""
    assert good.before is not None
    kept = tuple(table for table in good.before.tables if table.address != URLS)
    before = replace(good.before, tables=kept)
    assert failures(edit(replace(good, before=before)), contract) == {}


def test_unknown_stays_open(good: Changeset, contract: Contract) -> None:
    """A protection that is known only after apply is neither kept nor lost."""
    changeset = wants("tables", USERS, point_in_time_recovery=Unknown())(good)
    check = next(c for c in CHANGE_CHECKS if c.__name__ == "keeps_protection")
    assert verdict_of(check(changeset, contract)) is Verdict.UNKNOWN


def test_moved_table_is_followed(good: Changeset, contract: Contract) -> None:
    """Under its new address a table is judged by what it was under the old one."""
    new = f"{USERS}_moved"
    moved = planned_so(USERS, "no-op", address=new, previous_address=USERS)(good)
    renamed = wants("tables", USERS, address=new, encrypted=False)(moved)
    assert (
        f"{new}: server_side_encryption is removed"
        in failures(renamed, contract)["keeps_protection"]
    )


def test_refusal_to_plan_fails(good: Changeset, contract: Contract) -> None:
    """Where prevent_destroy stops Terraform, the guard fails with its words, and none passes."""
    refused = replace(good, changes=(), refused="terraform plan failed: Instance cannot be")
    assert "Instance cannot be" in failures(refused, contract)["keeps_data"]
    guards = next(c for c in CHANGE_CHECKS if c.__name__ == "keeps_guards")
    assert verdict_of(guards(refused, contract)) is Verdict.UNKNOWN


@pytest.mark.parametrize("check", CHANGE_CHECKS, ids=name_of)
def test_new_environment_has_nothing_to_lose(
    check: Check, good: Changeset, contract: Contract
) -> None:
    """An environment that the base does not have passes, and says why."""
    [finding] = check(Changeset("prod", None, good.after, ()), contract)
    assert finding.verdict is Verdict.PASS
    assert "the base does not have this environment" in finding.message


def waiver(**fields: Any) -> Waiver:
    """A waiver of the users table's end."""
    today = date(2026, 11, 22)
    base = Waiver(KEEPS_DATA, USERS, "copied to another table", "platform", today, today)
    return replace(base, **fields)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, Verdict.WAIVED),
        ({"environments": ("prod",)}, Verdict.WAIVED),
        ({"environments": ("dev",)}, Verdict.FAIL),
        ({"address": URLS}, Verdict.FAIL),
        ({"rule": "data_loss.keeps_keys"}, Verdict.FAIL),
    ],
    ids=["exact", "its environment", "another environment", "another table", "another rule"],
)
def test_waiver_lets_exactly_its_loss_through(
    fields: dict[str, Any], verdict: Verdict, good: Changeset
) -> None:
    """A waiver is for one rule at one address, and names who answers for it."""
    ending = planned_so(USERS, "delete")(good)
    changeset = replace(ending, waivers=(waiver(**fields),))
    fails = [Finding(Verdict.FAIL, f'{USERS}["a]b"]', "is deleted")]
    [finding] = waive(KEEPS_DATA, fails, changeset)
    assert finding.verdict is verdict
    assert ("platform" in finding.message) == (verdict is Verdict.WAIVED)
    losses = changeset.losses(("aws_dynamodb_table",))
    assert [change.address for change in losses] == ([] if verdict is Verdict.WAIVED else [USERS])
