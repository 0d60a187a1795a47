"""A file's end: a second upload, its deletion, its expiry, and the quota of its owner."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.aws.live.data import read_lifecycle
from verification.engine.smoke.http_session import Answer, Session, fetch
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    links_of,
    listed,
    refused,
    settled,
    table,
    upload,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.concurrency import together
from verification.model.smoke.files import FilesSeen, SharedFile
from verification.model.stack import LifecycleRule

_CONTENT, _OTHER = b"the first content", b"another one here!"
_DAYS = (1 / 24, 5.0, 100.0, None)
# The largest file that the API accepts, and more of them than any quota admits.
_LARGE, _MANY, _RIVALS = 100 * 1024 * 1024, 200, 20
_S3_AWAY = Fault("s3", "DeleteObject", code="InternalError", status=500)


@scenario
def file_ends(stages: Stages, environment: str) -> FilesSeen:
    """A user sends a file twice, deletes it, and fills the quota; others wait for their expiry."""
    with stages.embedded(environment, "file_ends") as stage:
        owner, other = stage.deployment.user("sharer"), stage.deployment.user("other")
        shared = tuple(_share_for(stage, owner, days) for days in _DAYS)
        file = _share(owner, len(_CONTENT))
        statuses = _sent_twice(file)
        code = str(file.read(201, "link", "short_code"))
        received = _download(stage, code).body
        statuses |= _deleted(stage, owner, other, code)
        linked, objects = _linked(owner), _objects(stage)
        hoarder = stage.deployment.user("hoarder")
        accepted, more = _filled(stage, hoarder)
        race = _race(hoarder)
        query = parse_qs(urlsplit(str(file.read(201, "upload", "url"))).query)
        return FilesSeen(
            statuses=statuses | more,
            signed=tuple(query.get("X-Amz-SignedHeaders", [""])[0].split(";")),
            sent=_CONTENT,
            received=received,
            linked=linked,
            objects=objects,
            shared=shared,
            accepted=accepted,
            refused_size=_LARGE,
            race=race,
            refused=refused(stage),
        )


def _share(user: Session, size: int, **fields: str) -> Answer:
    return user.post("/api/uploads", {"filename": "file.bin", "size": size, **fields})


def _share_for(stage: EmbeddedStage, owner: Session, days: float | None) -> SharedFile:
    """Share a file for some days, and upload it."""
    expiry = datetime.now(UTC) + timedelta(days=days or 0)
    fields = {} if days is None else {"expires_at": expiry.isoformat()}
    answer = _share(owner, len(_CONTENT), **fields)
    upload(answer, _CONTENT).demand(200)
    link = answer.read(201, "link")
    ends = link.get("expires_at")
    return SharedFile(
        days, datetime.fromisoformat(ends) if ends else None, _end(stage, str(link["file_key"]))
    )


def _end(stage: EmbeddedStage, key: str) -> datetime | None:
    """When the bucket's lifecycle expires an object."""
    s3, bucket = stage.client("s3"), stage.outputs["uploads_bucket_name"]
    modified = s3.head_object(Bucket=bucket, Key=key)["LastModified"]
    return expiry(modified, key, read_lifecycle(s3, bucket))


def expiry(modified: datetime, key: str, rules: Sequence[LifecycleRule]) -> datetime | None:
    """When lifecycle rules expire an object, None if none does.

    S3 adds the days to the object's time, and rounds up to the next midnight UTC. (Amazon S3 User
    Guide, "Lifecycle rules: Based on an object's age",
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html)
    """
    days = [
        float(rule.days)
        for rule in rules
        if rule.enabled and not rule.narrowed and key.startswith(str(rule.prefix or ""))
        if isinstance(rule.days, int | float)
    ]
    if not days:
        return None
    end = modified.astimezone(UTC) + timedelta(days=min(days) + 1)
    return end.replace(hour=0, minute=0, second=0, microsecond=0)


def _sent_twice(file: Answer) -> dict[str, int]:
    """The status of a first upload, of a second one, and of one without the condition."""
    url = str(file.read(201, "upload", "url"))
    bare = {"Content-Type": "application/octet-stream"}
    return {
        "upload": upload(file, _CONTENT).status,
        "upload again": upload(file, _OTHER).status,
        "upload again without a signed header": fetch("PUT", url, _OTHER, bare).status,
    }


def _download(stage: EmbeddedStage, code: str) -> Answer:
    click = stage.deployment.visitor().get(f"/{code}").demand(302)
    return fetch("GET", click.headers.get("location", ""))


def _deleted(stage: EmbeddedStage, owner: Session, other: Session, code: str) -> dict[str, int]:
    """The status of each step of a deletion, which fails at first."""
    path, visitor = f"{LINKS}/{code}", stage.deployment.visitor()
    statuses = {"another's delete": other.delete(path).status}
    statuses["download after another's delete"] = _download(stage, code).status
    stage.world.inject(_S3_AWAY)
    statuses["delete while S3 is away"] = owner.delete(path).status
    stage.world.clear_faults()
    statuses["redirect after that"] = visitor.get(f"/{code}").status
    statuses["own delete"] = owner.delete(path).status
    statuses["redirect after own delete"] = visitor.get(f"/{code}").status
    return statuses


def _linked(owner: Session) -> tuple[str, ...]:
    """The files of the user's links."""
    links = settled(lambda: links_of(owner.get(f"{LINKS}?limit=100")))
    return tuple(sorted(str(link["file_key"]) for link in links if link.get("file_key")))


def _objects(stage: EmbeddedStage) -> tuple[str, ...]:
    """The current objects of the bucket."""
    pages = stage.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=stage.outputs["uploads_bucket_name"])
    return tuple(sorted(one["Key"] for page in found for one in page.get("Contents", ())))


def _filled(stage: EmbeddedStage, hoarder: Session) -> tuple[tuple[int, ...], dict[str, int]]:
    """The sizes of the files that the quota lets in, and the statuses of those after them."""
    accepted: list[dict[str, Any]] = []
    answer = _share(hoarder, _LARGE)
    while answer.status == 201 and len(accepted) < _MANY:
        accepted.append(answer.read(201, "link"))
        answer = _share(hoarder, _LARGE)
    if len(accepted) < 2:
        raise answer.unexpected(f"{len(accepted)} files of {_LARGE} bytes were accepted")
    statuses = {"above the quota": answer.status}
    hoarder.delete(f"{LINKS}/{accepted[0]['short_code']}").demand(204)
    statuses["after a delete"] = _share(hoarder, _LARGE).status
    _expire(stage, hoarder, accepted[1])
    statuses["after an expiry"] = _share(hoarder, _LARGE).status
    return (_LARGE,) * len(accepted), statuses


def _expire(stage: EmbeddedStage, user: Session, link: dict[str, Any]) -> None:
    """Set the expiry of a user's file to a second ago, in the link and in the user's item."""
    client, past = stage.client("dynamodb"), {":past": {"N": str(int(time.time()) - 1)}}
    client.update_item(
        TableName=table(stage, "urls"),
        Key={"short_code": {"S": str(link["short_code"])}},
        UpdateExpression="SET expires_at_ttl = :past",
        ExpressionAttributeValues=past,
    )
    client.update_item(
        TableName=table(stage, "users"),
        Key={"user_id": {"S": user.user_id}},
        UpdateExpression="SET file_claims.#file.expires_at = :past",
        ExpressionAttributeNames={"#file": str(link["file_key"]).rpartition("/")[2]},
        ExpressionAttributeValues=past,
    )


def _race(hoarder: Session) -> tuple[int, ...]:
    """The statuses of concurrent requests for the one place that a deletion makes free."""
    link = next(one for one in listed(hoarder) if not one.get("expired"))
    hoarder.delete(f"{LINKS}/{link['short_code']}").demand(204)
    return tuple(answer.status for answer in together(_RIVALS, lambda: _share(hoarder, _LARGE)))
