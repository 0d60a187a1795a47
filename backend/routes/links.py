"""The user's own links: create, list, delete."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.http import ApiError, current_identity, json_object
from backend.links import (
    MAX_LIFETIME,
    InvalidLink,
    clean_alias,
    clean_expiry,
    clean_target,
    is_short_code,
    new_short_code,
)
from backend.services import services
from backend.store import CodeTaken, Link, LinkHasFile, LinkNotFound
from backend.times import optional_text, to_text

blueprint = Blueprint("links", __name__, url_prefix="/api/links")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_CODE_ATTEMPTS = 3


@blueprint.post("")
def create() -> tuple[Response, int]:
    """Shorten a URL: one PutItem. 201 with the link, 409 if the alias is taken."""
    user, now, body = current_identity(), services().clock(), json_object()
    try:
        target = clean_target(body.get("target"))
    except InvalidLink as error:
        raise invalid(error) from error
    alias, expires_at = alias_of(body), expiry_of(body, now, MAX_LIFETIME)
    link = keep_link(alias, Link("", user.user_id, now, now, target=target, expires_at=expires_at))
    return jsonify(link_as_json(link, now)), 201


@blueprint.get("")
def list_own() -> Response:
    """A page of the user's links: one Query. `next_cursor` is null on the last page."""
    user, now = current_identity(), services().clock()
    after = _code_from(request.args.get("cursor"))
    page = services().store.list_links(user.user_id, _limit(), after)
    return jsonify(
        {
            "links": [link_as_json(link, now) for link in page.links],
            "next_cursor": _cursor_for(page.next_code),
        }
    )


@blueprint.delete("/<short_code>")
def delete(short_code: str) -> tuple[str, int]:
    """Delete one of the user's links: one DeleteItem. 404 also for links of other users.

    A file's link goes last: the DeleteItem that finds the file, DeleteObject, an UpdateItem that
    ends its count, and another DeleteItem. So whatever fails in between leaves the link, which its
    user can delete again, and no file without one.
    """
    user, store = current_identity(), services().store
    try:
        if not is_short_code(short_code):
            raise LinkNotFound(short_code)
        try:
            store.delete_link(user.user_id, short_code)
        except LinkHasFile as found:
            services().uploads.delete(found.file_key)
            store.release_file(user.user_id, found.file_key)
            store.delete_link(user.user_id, short_code, found.file_key)
    except (LinkNotFound, LinkHasFile) as error:
        # With another file it is a link that the user has made since.
        raise ApiError(404, "not_found", "Link not found.") from error
    return "", 204


def expiry_of(body: dict[str, Any], now: datetime, longest: timedelta) -> datetime | None:
    """The expiry in `body`, None if there is none. Raises ApiError."""
    if body.get("expires_at") is None:
        return None
    try:
        return clean_expiry(body["expires_at"], now, longest)
    except InvalidLink as error:
        raise invalid(error) from error


def alias_of(body: dict[str, Any]) -> str | None:
    """The alias in `body`, None if there is none. Raises ApiError."""
    if body.get("alias") is None:
        return None
    try:
        return clean_alias(body["alias"])
    except InvalidLink as error:
        raise invalid(error) from error


def keep_link(alias: str | None, draft: Link) -> Link:
    """Store `draft` with the alias, or a new code. Raises ApiError."""
    for _ in range(_CODE_ATTEMPTS):
        code = alias or new_short_code()
        link = replace(draft, short_code=code)
        try:
            services().store.add_link(link)
        except CodeTaken as error:
            if alias:
                raise ApiError(409, "alias_taken", "This alias is already taken.") from error
        else:
            return link
    raise ApiError(503, "unavailable", "No free short code was found. Try again.")


def link_as_json(link: Link, now: datetime) -> dict[str, Any]:
    """The link as its owner sees it."""
    return {
        "short_code": link.short_code,
        "short_url": f"{services().config.public_url}/{link.short_code}",
        "target": link.target,
        "file_key": link.file_key,
        "filename": link.filename,
        "clicks": link.clicks,
        "created_at": to_text(link.created_at),
        "expires_at": optional_text(link.expires_at),
        "expired": link.is_over(now),
    }


def invalid(error: InvalidLink) -> ApiError:
    """The answer to a body with an invalid field."""
    return ApiError(400, f"invalid_{error.field}", str(error))


def _limit() -> int:
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    # Python rejects numbers of thousands of digits, so check the length first.
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT):
        raise ApiError(400, "bad_request", f"limit must be from 1 to {MAX_LIMIT}.")
    return int(text)


def _cursor_for(short_code: str | None) -> str | None:
    if short_code is None:
        return None
    return base64.urlsafe_b64encode(short_code.encode()).decode().rstrip("=")


def _code_from(cursor: str | None) -> str | None:
    """The code in a cursor. It has no user, so it never opens another user's list."""
    if not cursor:
        return None
    try:
        code = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "bad_request", "The cursor is invalid.") from error
    if not is_short_code(code):
        raise ApiError(400, "bad_request", "The cursor is invalid.")
    return code
