"""Links and files, used by owners and visitors through the API."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta

from verification.engine.smoke.http_session import Answer, Session, fetch
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    links_of,
    listed,
    refused,
    repeats,
    settled,
    shorten,
    table,
    upload,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import Stage
from verification.engine.system.concurrency import together
from verification.model.smoke.observations import FileSeen, LinksSeen

CLICKS = 40
_TARGET = "https://example.com/path?q=1#part"
# Unique aliases, because a real environment has other users.
_OWN = secrets.token_hex(4)
_ALIAS, _OTHERS, _OLD = f"my-own-alias-{_OWN}", f"somebody-elses-{_OWN}", f"soon-over-{_OWN}"
_PAGE = 2
_CONTENT = bytes(range(256)) * 4
# Headers in which a client may send another host.
_HOSTS = ("Host", "X-Forwarded-Host")


@scenario
def links(stages: Stages, environment: str) -> LinksSeen:
    """A user creates links, others click on them; they are listed, deleted, and expire."""
    with stages.stage(environment, "links") as stage:
        owner, other = stage.deployment.user("owner"), stage.deployment.user("other")
        visitor = stage.deployment.visitor()
        code = shorten(owner, _TARGET)
        answers = {"redirect": visitor.get(f"/{code}"), **_aliases(owner, other), **_bad(owner)}
        for click in together(CLICKS, lambda: visitor.get(f"/{code}")):
            click.demand(302)
        # Before the call log is read, so that the log has every call that is in the count.
        clicks, repeated = _clicks(owner, code), repeats(stage, "UpdateItem")
        expiry, ttl = _make_expiring(stage, owner)
        answers |= _expired(stage, visitor)
        pages = _pages(owner)
        answers |= _deleted(owner, other, visitor)
        answers["HEAD"] = visitor.request("HEAD", f"/{_OTHERS}")
        return LinksSeen(
            statuses={name: answer.status for name, answer in answers.items()},
            target=_TARGET,
            location=answers["redirect"].headers.get("location", ""),
            clicked=1 + CLICKS,
            clicks=clicks,
            repeated=repeated,
            made=tuple(sorted((code, _ALIAS, _OLD))),
            pages=pages,
            page_size=_PAGE,
            expiry=expiry,
            ttl=ttl,
            head_clicks=_clicks(other, _OTHERS),
            public_url=str(stage.outputs["base_url"]).rstrip("/"),
            handed_out=_handed_out(other),
            refused=refused(stage),
        )


@scenario
def file_link(stages: Stages, environment: str) -> FileSeen:
    """A user shares a file: upload and download by presigned URLs."""
    with stages.stage(environment, "file_link") as stage:
        owner, visitor = stage.deployment.user("sharer"), stage.deployment.visitor()
        asked = {"filename": "été 1.bin", "size": len(_CONTENT)}
        answer = owner.post("/api/uploads", asked)
        put = upload(answer, _CONTENT)
        click = visitor.get(f"/{answer.read(201, 'link', 'short_code')}").demand(302)
        location = click.headers.get("location", "")
        got = fetch("GET", location)
        unsigned = fetch("GET", location.partition("?")[0])
        statuses = {
            "asking": answer.status,
            "upload": put.status,
            "redirect": click.status,
            "download": got.status,
            "download without a signature": unsigned.status,
        }
        disposition = got.headers.get("content-disposition", "")
        return FileSeen(statuses, _CONTENT, got.body, disposition, refused(stage))


def _aliases(owner: Session, other: Session) -> dict[str, Answer]:
    asked = {"target": _TARGET, "alias": _ALIAS}
    return {
        "own alias": owner.post(LINKS, asked),
        "alias taken": other.post(LINKS, asked),
        "another's alias": other.post(LINKS, asked | {"alias": _OTHERS}),
        "reserved alias": owner.post(LINKS, asked | {"alias": "api"}),
        "unknown code": owner.get("/never-made"),
    }


def _bad(owner: Session) -> dict[str, Answer]:
    targets = {
        "javascript: target": "javascript:alert(1)",
        "data: target": "data:text/html,x",
        "target too long": "https://example.com/" + "a" * 2048,
        "no target": "",
    }
    return {name: owner.post(LINKS, {"target": target}) for name, target in targets.items()}


def _make_expiring(stage: Stage, owner: Session) -> tuple[int, int]:
    """Create a link that expires in a day; returns its expiry and that in the table."""
    expiry = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    shorten(owner, _TARGET, alias=_OLD, expires_at=expiry.isoformat())
    item = (
        stage.client("dynamodb")
        .get_item(
            TableName=table(stage, "urls"), Key={"short_code": {"S": _OLD}}, ConsistentRead=True
        )
        .get("Item", {})
    )
    return int(expiry.timestamp()), int(item.get("expires_at_ttl", {}).get("N", 0))


def _expired(stage: Stage, visitor: Session) -> dict[str, Answer]:
    """Click on the link before and after its expiry, which is set to a second ago."""
    before = visitor.get(f"/{_OLD}")
    stage.client("dynamodb").update_item(
        TableName=table(stage, "urls"),
        Key={"short_code": {"S": _OLD}},
        UpdateExpression="SET expires_at_ttl = :past",
        ExpressionAttributeValues={":past": {"N": str(int(time.time()) - 1)}},
    )
    return {"before expiry": before, "expired": visitor.get(f"/{_OLD}")}


def _pages(owner: Session) -> tuple[tuple[str, ...], ...]:
    """The codes on each page of the list, with a limit on the number of pages."""
    return settled(lambda: _read_pages(owner))


def _read_pages(owner: Session) -> tuple[tuple[str, ...], ...]:
    pages: list[tuple[str, ...]] = []
    cursor = ""
    while len(pages) < 10:
        answer = owner.get(f"{LINKS}?limit={_PAGE}&cursor={cursor}")
        pages.append(tuple(str(link["short_code"]) for link in links_of(answer)))
        cursor = answer.read(200, "next_cursor")
        if not cursor:
            break
    return tuple(pages)


def _clicks(owner: Session, code: str) -> int:
    found = listed(owner)
    return next((int(link["clicks"]) for link in found if link["short_code"] == code), -1)


def _handed_out(user: Session) -> dict[str, tuple[str, str]]:
    """The short URL and the code in each answer to a client that sends another host."""
    found = {}
    for header in _HOSTS:
        said = {header: "elsewhere.example"}
        made = user.request("POST", LINKS, {"target": _TARGET}, said)
        listed = user.request("GET", LINKS, headers=said)
        link = made.read(201) if made.status == 201 else {}
        links = links_of(listed) if listed.status == 200 else []
        for what, told in (("made", link), ("listed", links[0] if links else {})):
            pair = str(told.get("short_url", "")), str(told.get("short_code", ""))
            found[f"a link {what} with another {header}"] = pair
    return found


def _deleted(owner: Session, other: Session, visitor: Session) -> dict[str, Answer]:
    return {
        "another's delete": other.delete(f"{LINKS}/{_ALIAS}"),
        "redirect after another's delete": visitor.get(f"/{_ALIAS}"),
        "own delete": owner.delete(f"{LINKS}/{_ALIAS}"),
        "redirect after own delete": visitor.get(f"/{_ALIAS}"),
        "list without a token": visitor.get(LINKS),
    }
