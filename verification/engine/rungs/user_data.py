"""Users' data for the rehearsal: created and read through the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.http_session import Session, fetch
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    TRIAL,
    settled,
    shift_trial,
    shorten,
    upload,
)
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.smoke.users import User, create_user
from verification.model.changes import Change, Items, Possessions

_PEOPLE = ("running", "over", "new")
_TARGET = "https://example.com/kept?a=1"
_CONTENT = b"a file that a user shared\n" * 64
_GONE = ("ResourceNotFoundException", "NoSuchBucket")


@dataclass(frozen=True)
class People:
    """The users, and the short codes of their links."""

    users: tuple[User, ...]
    codes: tuple[str, ...]


def make_people(stage: EmbeddedStage) -> People:
    """Users with a running, an expired and an unused trial, and links of every kind."""
    cognito, pool = stage.client("cognito-idp"), stage.outputs["user_pool_id"]
    # Not created by the deployment, because it removes its users at its end.
    users = [create_user(cognito, pool, f"{name}@example.com") for name in _PEOPLE]
    running, over, new = (stage.deployment.session(user) for user in users)
    for user in (running, over):
        user.post(TRIAL).demand(201)
    shift_trial(stage, over, -40)
    expiry = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0).isoformat()
    codes = [
        shorten(running, _TARGET),
        shorten(running, _TARGET, alias="my-own-alias"),
        shorten(over, _TARGET, expires_at=expiry),
        _share(new),
    ]
    return People(tuple(users), tuple(codes))


def click(stage: EmbeddedStage, people: People) -> dict[str, Any]:
    """The target of each link. It counts clicks, so read the links before it, or only after it."""
    visitor = stage.deployment.visitor()
    return {f"/{code}": _click(visitor, code) for code in people.codes}


def look(stage: EmbeddedStage, people: People, tables: Mapping[str, str]) -> Possessions:
    """Every item of some tables (names by address), and the API's answers to each user."""
    items = {address: read_items(stage.world, name) for address, name in tables.items()}
    answers: dict[str, Any] = {}
    sessions: dict[str, Session] = {}
    for user in people.users:
        try:
            sessions[user.email] = stage.deployment.session(user)
        except ClientError as error:
            answers[f"sign-in of {user.email}"] = error.response["Error"]["Code"]
            continue
        answers[f"sign-in of {user.email}"] = "signed in"
        answers[f"trial of {user.email}"] = _told(sessions[user.email], TRIAL)
    return Possessions(items, answers | settled(lambda: _links(sessions)))


def _links(sessions: Mapping[str, Session]) -> dict[str, Any]:
    return {
        f"links of {email}": _told(session, f"{LINKS}?limit=100")
        for email, session in sessions.items()
    }


def count(world: EmbeddedAws, change: Change) -> int | None:
    """The number of things in a resource; None if they cannot be counted."""
    try:
        if change.type == "aws_dynamodb_table":
            return len(read_items(world, str(change.before["name"])))
        if change.type == "aws_s3_bucket":
            pages = world.client("s3").get_paginator("list_object_versions")
            found = pages.paginate(Bucket=change.before["bucket"])
            return sum(len(page.get("Versions", ())) for page in found)
        if change.type == "aws_cognito_user_pool":
            pages = world.client("cognito-idp").get_paginator("list_users")
            return sum(len(p["Users"]) for p in pages.paginate(UserPoolId=change.before["id"]))
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
    return None


def read_items(world: EmbeddedAws, table: str) -> Items:
    """Every item of a table by its key; none if there is no such table."""
    client = world.client("dynamodb")
    try:
        schema = client.describe_table(TableName=table)["Table"]["KeySchema"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return {}
    names = [key["AttributeName"] for key in schema]
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return {" ".join(str(*item[name].values()) for name in names): item for item in items}


def _share(user: Session) -> str:
    """Share a file; returns its link's code."""
    made = user.post("/api/uploads", {"filename": "kept.txt", "size": len(_CONTENT)})
    upload(made, _CONTENT)
    return str(made.read(201, "link", "short_code"))


def _told(session: Session, path: str) -> Any:
    answer = session.get(path)
    if answer.status != 200:
        return {"status": answer.status}
    told = answer.read(200)
    # The public URL may change, and is not users' data.
    for link in told.get("links", ()):
        link["short_url"] = urlsplit(link.get("short_url", "")).path
    return told


def _click(visitor: Session, code: str) -> Any:
    """The target of a link, and the content if it is a file; signatures always differ."""
    answer = visitor.get(f"/{code}")
    place = answer.headers.get("location", "")
    if place == _TARGET or not place:
        return {"status": answer.status, "location": place}
    return {"status": answer.status, "file": fetch("GET", place).body.decode(errors="replace")}
