"""Sharing a file: a link to it, and a presigned URL for its upload."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from backend.http import ApiError, current_identity, json_object
from backend.links import InvalidLink, clean_filename
from backend.routes.links import invalid, keep_link, link_as_json
from backend.services import services
from backend.store import Link
from backend.uploads import (
    UPLOAD_SECONDS,
    InvalidUpload,
    clean_content_type,
    clean_size,
    new_file_key,
)

blueprint = Blueprint("uploads", __name__, url_prefix="/api/uploads")


@blueprint.post("")
def create() -> tuple[Response, int]:
    """A link to a file to upload: one PutItem, and one presigned URL for s3:PutObject."""
    user, now, body = current_identity(), services().clock(), json_object()
    try:
        filename = clean_filename(body.get("filename"))
        content_type = clean_content_type(body.get("content_type"))
        size = clean_size(body.get("size"))
    except InvalidLink as error:
        raise invalid(error) from error
    except InvalidUpload as error:
        raise ApiError(400, "invalid_upload", str(error)) from error
    key = new_file_key(user.user_id)
    url = services().uploads.upload_url(key, content_type, size)
    draft = Link("", user.user_id, now, now, file_key=key, filename=filename)
    link = keep_link(body, draft)
    upload = {
        "method": "PUT",
        "url": url,
        "headers": {"Content-Type": content_type},
        "expires_in": UPLOAD_SECONDS,
    }
    return jsonify({"link": link_as_json(link, now), "upload": upload}), 201
