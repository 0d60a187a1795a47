"""Sharing a file: a link to it, and a presigned URL for its upload."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from backend.http import ApiError, current_identity, json_object
from backend.links import InvalidLink, clean_filename
from backend.quota import FileClaim
from backend.routes.links import alias_of, expiry_of, invalid, keep_link, link_as_json
from backend.services import services
from backend.store import Link, QuotaExceeded, StoreError
from backend.uploads import (
    MAX_FILE_LIFETIME,
    InvalidUpload,
    clean_content_type,
    clean_size,
    new_file_key,
)

blueprint = Blueprint("uploads", __name__, url_prefix="/api/uploads")


@blueprint.post("")
def create() -> tuple[Response, int]:
    """A link to a file to upload, and one presigned URL for s3:PutObject. 409 above the quota.

    The file is counted by a GetItem and an UpdateItem before the link is stored by a PutItem. If
    that fails the file is counted no more; if the task dies in between, it counts until it expires.
    """
    user, now, body = current_identity(), services().clock(), json_object()
    try:
        filename = clean_filename(body.get("filename"))
        content_type = clean_content_type(body.get("content_type"))
        size = clean_size(body.get("size"))
    except InvalidLink as error:
        raise invalid(error) from error
    except InvalidUpload as error:
        raise ApiError(400, "invalid_upload", str(error)) from error
    alias, longest = alias_of(body), (now + MAX_FILE_LIFETIME).replace(microsecond=0)
    expires_at = expiry_of(body, now, MAX_FILE_LIFETIME) or longest
    key = new_file_key(user.user_id, expires_at - now)
    upload = services().uploads.upload(key, content_type, size)
    draft = Link("", user.user_id, now, now, file_key=key, filename=filename, expires_at=expires_at)
    link = _keep_counted(alias, draft, FileClaim(key, size, expires_at))
    return jsonify({"link": link_as_json(link, now), "upload": upload}), 201


def _keep_counted(alias: str | None, draft: Link, claim: FileClaim) -> Link:
    """Store the link of a file that counts. Raises ApiError, also above the quota."""
    store, user_id = services().store, draft.created_by_user
    try:
        store.claim_file(user_id, claim, services().config.quota, draft.created_at)
    except QuotaExceeded as error:
        raise ApiError(409, "quota_exceeded", str(error)) from error
    try:
        return keep_link(alias, draft)
    except (ApiError, StoreError):
        store.release_file(user_id, claim.key)
        raise
