"""The change guard on real plans: the tables alone are applied, and then changed.

The whole stack takes a minute to apply, the tables take five seconds; what a plan says of them
does not depend on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from tests.engine.rungs.rehearse.kit import (
    MOVED,
    NEW_INDEX,
    NEW_TAG,
    OTHER_KEY,
    RENAMED_TABLE,
    Edit,
    appended,
    both,
    change,
    contract,
    failures,
    renamed_block,
    replaced,
)
from tests.engine.rungs.sandbox.test_jobs import tables_only
from tests.kit import TERRAFORM, copy_terraform
from tests.sharing import install, lend, run_in
from verification.checks import CHANGE_CHECKS
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.run.run import Run
from verification.engine.rungs.change import base as exported
from verification.engine.rungs.change import changeset, new_waivers
from verification.engine.rungs.plan import planned_stack, world
from verification.engine.rungs.rehearse import populated
from verification.engine.system.git import find_base
from verification.model.changes import KEEPS_DATA, Changeset

pytestmark = pytest.mark.slow

MAIN = "environments/dev/main.tf"
USERS = "module.dynamodb.aws_dynamodb_table.users"
URLS = "module.dynamodb.aws_dynamodb_table.urls"
TTL = '  ttl {\n    attribute_name = "expires_at_ttl"\n    enabled        = true\n  }\n'
ENCRYPTION = (
    "  server_side_encryption {\n    enabled     = true\n    kms_key_arn = var.kms_key_arn\n  }\n"
)
RECOVERY = "  point_in_time_recovery {\n    enabled = var.enable_point_in_time_recovery\n  }\n"
INDEX = (
    '  global_secondary_index {\n    name            = "email-index"\n'
    '    hash_key        = "email"\n    projection_type = "ALL"\n\n    on_demand_throughput {\n'
    "      max_read_request_units  = var.on_demand_throughput.max_read_request_units\n"
    "      max_write_request_units = var.on_demand_throughput.max_write_request_units\n    }\n  }\n"
)


def emptied(root: Path) -> None:
    """Take the module block away, and with it whatever its lifecycle said."""
    # What says whose account it is stays, as the rest of a stack would.
    (root / MAIN).write_text('data "aws_caller_identity" "current" {}\n', encoding="utf-8")


REMOVED = both(
    emptied,
    appended(
        "removed {\n  from = module.dynamodb\n  lifecycle {\n    destroy = false\n  }\n}\n", MAIN
    ),
)
REFUSED = both(
    OTHER_KEY, replaced("  ttl {", "  lifecycle {\n    prevent_destroy = true\n  }\n  ttl {")
)
# Each with the words of the checks that fail, by check; nothing else fails.
BAD: dict[str, tuple[Edit, dict[str, list[str]]]] = {
    "renamed, and another key": (
        both(RENAMED_TABLE, OTHER_KEY),
        {
            "keeps_data": [
                f"{USERS}: is replaced: name changes from 'file-sharing-app-dev-users' "
                "to 'file-sharing-app-dev-people'",
                f"{URLS}: is replaced: hash_key changes from 'short_code' to 'code'",
                "terraform/modules/dynamodb/main.tf:",
            ],
            "keeps_keys": [f"{URLS}: hash_key changes from 'short_code' to 'code'"],
        },
    ),
    "module gone": (
        emptied,
        {
            "keeps_data": [
                f"{USERS}: is deleted: its resource or module block",
                f"{URLS}: is deleted",
            ]
        },
    ),
    "removed block": (
        REMOVED,
        {
            "keeps_data": [
                f"{USERS}: is removed from the state",
                f"{URLS}: is removed from the state",
            ]
        },
    ),
    "renamed block without moved": (
        renamed_block,
        {"keeps_data": [f"{USERS}: is deleted: its resource"]},
    ),
    "protection and index gone": (
        both(
            *(replaced(block, "") for block in (TTL, ENCRYPTION, RECOVERY, INDEX)),
            replaced(
                '    name = "user_id"\n    type = "S"', '    name = "user_id"\n    type = "N"'
            ),
            replaced('  attribute {\n    name = "email"\n    type = "S"\n  }\n', ""),
        ),
        {
            "keeps_protection": [
                f"{USERS}: point_in_time_recovery is removed",
                f"{USERS}: server_side_encryption is removed",
                f"{URLS}: ttl is removed",
            ],
            "keeps_keys": [
                f"{USERS}: index email-index is removed",
                f"{USERS}: the type of key user_id changes from 'S' to 'N'",
            ],
        },
    ),
    "refused by prevent_destroy": (
        REFUSED,
        {
            "keeps_data": ["Instance cannot be destroyed", URLS],
            "keeps_keys": [f"{URLS}: hash_key changes"],
        },
    ),
}


TODAY = date.today()
DATED = (("old", TODAY + timedelta(days=1)), ("new", TODAY), ("expired", date(2020, 1, 1)))


def waiver(address: str, until: date) -> dict[str, object]:
    """A waiver as the register holds it."""
    texts = {"rule": KEEPS_DATA, "reason": "copied", "owner": "platform"}
    return {**texts, "addresses": [address], "reviewed": until, "expires": until}


def write_register(folder: Path, *waivers: dict[str, object]) -> None:
    """Write a folder's register of waivers."""
    folder.mkdir()
    text = yaml.safe_dump({"waivers": list(waivers)})
    (folder / "waivers.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def base(
    empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory, whole: Run
) -> Iterator[Run]:
    """A run over the tables as they are; what other files need takes its minute meanwhile."""
    whole.start(populated, "dev")
    folder = tmp_path_factory.mktemp("base")
    run = run_in(empty_aws, tables_only(folder), contract(), folder / "reports")
    install(whole, run, "dev")
    yield run
    run.close()


def planned(base: Run, edit: Edit, folder: Path, environment: str = "dev") -> Changeset:
    """What an edit of the tables' tree changes."""
    root = tables_only(folder)
    edit(root)
    with change(base, root, folder) as run:
        return run.get(changeset, environment)


def said(changeset: Changeset) -> dict[str, str]:
    """What each check that fails says."""
    found = {c.__name__: failures(c(changeset, contract())) for c in CHANGE_CHECKS}
    return {name: text for name, text in found.items() if text}


@pytest.mark.parametrize("name", BAD)
def test_bad_change_is_caught(name: str, base: Run, tmp_path: Path) -> None:
    """A change that takes data or protection away fails, and names what forces it."""
    edit, expected = BAD[name]
    found = said(planned(base, edit, tmp_path))
    assert set(found) == set(expected)
    for check, texts in expected.items():
        assert [text for text in texts if text not in found[check]] == []


def test_harmless_change_passes(base: Run, tmp_path: Path) -> None:
    """A tag, one more index and a renamed block with `moved` take nothing away."""
    changeset = planned(base, both(NEW_TAG, NEW_INDEX, MOVED), tmp_path)
    assert said(changeset) == {}
    moved = next(c for c in changeset.changes if c.previous_address == USERS)
    assert (moved.actions, moved.address.endswith(".people")) == (("update",), True)


def test_nothing_changed_passes(base: Run, tmp_path: Path) -> None:
    """The same tree changes none of what holds data."""
    with change(base, tables_only(tmp_path), tmp_path) as run:
        lend(base, run, planned_stack, "dev")
        same = run.get(changeset, "dev")
    assert said(same) == {}
    held = same.of_types(("aws_dynamodb_table",))
    assert {(c.address, c.actions) for c in held} == {(USERS, ("no-op",)), (URLS, ("no-op",))}


def test_only_waivers_that_come_with_the_change_count(
    empty_aws: EmbeddedAws, tmp_path: Path
) -> None:
    """A waiver that the base has was for an earlier change, and one that expired is for none."""
    old, new, expired = (waiver(f"module.{name}", until) for name, until in DATED)
    write_register(tmp_path / "base", old)
    write_register(tmp_path / "change", old, new, expired)
    base = run_in(empty_aws, tmp_path, contract(), tmp_path / "reports", tmp_path / "base")
    with (
        closing(base),
        change(base, tmp_path, tmp_path, tmp_path / "change") as run,
    ):
        assert [waiver.address for waiver in new_waivers(run)] == ["module.new"]


def test_new_environment_has_nothing_to_lose(empty_aws: EmbeddedAws, tmp_path: Path) -> None:
    """A base without the environment is no error: there the change cannot take anything."""
    (tmp_path / "base").mkdir()
    root = copy_terraform(tmp_path / "base")
    for path in sorted((root / "environments" / "dev").iterdir()):
        path.unlink()
    (root / "environments" / "dev").rmdir()
    with closing(run_in(empty_aws, root, contract(), tmp_path / "base")) as base:
        changeset = planned(base, lambda root: None, tmp_path)
    assert changeset.before is None
    assert said(changeset) == {}


def test_base_and_change_plan_on_one_empty_aws(empty_aws: EmbeddedAws, tmp_path: Path) -> None:
    """A run over the base starts none of its own: both apply in forks only."""
    run = run_in(empty_aws, TERRAFORM, contract(), tmp_path)
    run.base = find_base(TERRAFORM, "HEAD")
    with closing(run):
        other = run.get(exported)
        assert other.root != run.root
        assert other.get(world) is run.get(world)


def test_broken_base_is_called_the_base(empty_aws: EmbeddedAws, tmp_path: Path) -> None:
    """Where the base itself cannot be planned, the message does not blame the working tree."""
    (tmp_path / "base").mkdir()
    root = tables_only(tmp_path / "base")
    replaced("billing_mode ", "no_such_argument ")(root)
    with (
        closing(run_in(empty_aws, root, contract(), tmp_path / "base")) as base,
        pytest.raises(ToolError, match=r"The base .* fails: .*no_such_argument"),
    ):
        planned(base, lambda root: None, tmp_path)
