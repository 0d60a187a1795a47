"""Users of a run come, and go with all that is theirs and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.engine.smoke.scenarios.small import BUCKET, TABLES, Base, furnish
from verification.engine.aws.emulator import EmbeddedAws, Fault
from verification.engine.errors import ToolError
from verification.engine.smoke.account.temporary_users import PREFIX, Guests

pytestmark = pytest.mark.slow

USERS, URLS = TABLES
FOLDERS = ("uploads/", "uploads/7-days/")


@pytest.fixture(name="base", scope="module")
def _base(empty_aws: EmbeddedAws) -> Iterator[Base]:
    with empty_aws.fork() as world:
        yield world, furnish(world)


@pytest.fixture(name="world")
def _world(base: Base) -> Iterator[EmbeddedAws]:
    with base[0].fork() as copy:
        yield copy


@pytest.fixture(name="guests")
def _guests(base: Base, world: EmbeddedAws) -> Guests:
    return Guests(world.client, base[1], FOLDERS)


def give(world: EmbeddedAws, user: str) -> None:
    """Give a user a row, thirty links, and two files with two versions each."""
    dynamodb, s3 = world.client("dynamodb"), world.client("s3")
    dynamodb.put_item(TableName=USERS, Item={"user_id": {"S": user}})
    for number in range(30):
        link = {"short_code": {"S": f"{user}-{number}"}, "created_by_user": {"S": user}}
        dynamodb.put_item(TableName=URLS, Item=link)
    for folder in FOLDERS:
        for body in (b"old", b"new"):
            s3.put_object(Bucket=BUCKET, Key=f"{folder}{user}/file", Body=body)


def owners(world: EmbeddedAws) -> set[str]:
    """Whose rows, links and files there are."""
    dynamodb, s3 = world.client("dynamodb"), world.client("s3")
    found = {item["user_id"]["S"] for item in dynamodb.scan(TableName=USERS)["Items"]}
    found |= {item["created_by_user"]["S"] for item in dynamodb.scan(TableName=URLS)["Items"]}
    listed = s3.list_object_versions(Bucket=BUCKET)
    files = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
    return found | {one["Key"].split("/")[-2] for one in files}


def emails(world: EmbeddedAws) -> list[str]:
    """The addresses of all users of the pool."""
    cognito = world.client("cognito-idp")
    [pool] = cognito.list_user_pools(MaxResults=10)["UserPools"]
    users = cognito.list_users(UserPoolId=pool["Id"])["Users"]
    return [a["Value"] for user in users for a in user["Attributes"] if a["Name"] == "email"]


def test_all_of_theirs_goes_and_nothing_else(world: EmbeddedAws, guests: Guests) -> None:
    """Rows, links and every version of files go with their user; another user's stay."""
    ann = guests.invite("ann")
    assert emails(world) == [ann.email]
    assert ann.email.startswith(PREFIX)
    give(world, ann.id)
    give(world, "somebody")
    assert owners(world) == {ann.id, "somebody"}
    assert guests.dismiss() == []
    assert (owners(world), emails(world)) == ({"somebody"}, [])


def test_one_that_was_made_by_half_goes(world: EmbeddedAws, guests: Guests) -> None:
    """A user whose making was interrupted is known all the same."""
    world.inject(Fault("cognito-idp", "AdminSetUserPassword", code="InternalErrorException"))
    with pytest.raises(ClientError):
        guests.invite("bob")
    assert len(emails(world)) == 1
    assert guests.leave() == []
    assert emails(world) == []


def test_one_that_never_came_to_be_is_no_trouble(world: EmbeddedAws, guests: Guests) -> None:
    """Nothing is left behind of a user that Cognito refused to make."""
    world.inject(Fault("cognito-idp", "AdminCreateUser", code="TooManyRequestsException"))
    with pytest.raises(ClientError):
        guests.invite("cyd")
    assert guests.leave() == []


def test_what_stays_is_named_and_tried_again(world: EmbeddedAws, guests: Guests) -> None:
    """A table that refuses leaves its user in place, who tells whose items these are."""
    user = guests.invite("eve")
    give(world, user.id)
    world.inject(Fault("dynamodb", "DeleteItem", code="AccessDeniedException"))
    [left] = guests.dismiss()
    assert left.startswith(f"user {user.email} of pool ")
    assert "AccessDeniedException" in left
    assert emails(world) == [user.email]
    world.clear_faults()
    assert guests.leave() == []
    assert (owners(world), emails(world)) == (set(), [])


def test_nobody_comes_once_the_run_ends(guests: Guests) -> None:
    """A scenario that goes on in the background makes no more users."""
    guests.leave()
    with pytest.raises(ToolError, match="the run is ending"):
        guests.invite("late")
