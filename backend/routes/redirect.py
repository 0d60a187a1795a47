"""Following a short link, without authentication."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from backend.http import ApiError
from backend.links import is_short_code
from backend.services import services
from backend.store import Link, LinkExpired, LinkNotFound

blueprint = Blueprint("redirect", __name__)


@blueprint.get("/<short_code>")
def follow(short_code: str) -> Response:
    """Count the click and redirect: one GetItem, one UpdateItem. 404 for an unknown code, 410 for
    an expired one, both without a write.

    A file's link redirects to a presigned URL for s3:GetObject, valid for five minutes. HEAD has
    the same answer and counts no click: one GetItem.
    """
    store = services().store
    find = store.get_link if request.method == "HEAD" else store.follow_link
    try:
        if not is_short_code(short_code):
            raise LinkNotFound(short_code)
        link = find(short_code, services().clock())
    except LinkNotFound as error:
        raise ApiError(404, "not_found", "Link not found.") from error
    except LinkExpired as error:
        raise ApiError(410, "expired", "This link has expired.") from error
    return redirect(_destination(link), 302)


def _destination(link: Link) -> str:
    if link.file_key is not None:
        return services().uploads.download_url(link.file_key, link.filename or "file")
    assert link.target is not None, "a link has a target or a file"
    return link.target
