"""Common parts of all routes: identity, JSON bodies, JSON errors, security headers, request ids."""

from __future__ import annotations

import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from backend.bodies import BodyTooSlow, BrokenBody, TooManyBodies
from backend.config import Config
from backend.identity import Identity, IdentityUnavailable, InvalidToken
from backend.services import services
from backend.store import StoreUnavailable
from backend.uploads import UploadsUnavailable

RETRY_AFTER_SECONDS = 5
_LOG = logging.getLogger("backend")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Over plain HTTP a browser ignores both, and complains about the first in its console.
_HTTPS_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
_CODES = {
    400: ("bad_request", "The request could not be understood."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "This method is not allowed here."),
    408: ("too_slow", "The request body was not complete in time."),
    413: ("too_large", "The request body is too large."),
    415: ("unsupported_media_type", "The body must be JSON, sent as application/json."),
    500: ("internal_error", "Something went wrong. It has been logged."),
}


class ApiError(Exception):
    """An error answer: status, stable code, and a message for the user."""

    def __init__(self, status: int, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.extra = extra


def current_identity() -> Identity:
    """The verified user of this request. Raises ApiError 401 without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(401, "unauthenticated", "Sign in first.")
    try:
        return services().verifier.verify(token.strip())
    except InvalidToken as error:
        _LOG.info("token refused", extra={"fields": {"reason": str(error), **_request_fields()}})
        raise ApiError(401, "invalid_token", "Your session has expired. Sign in again.") from error


def json_object() -> dict[str, Any]:
    """The request's body. Raises ApiError 400 or 415 unless it is a JSON object."""
    try:
        body = request.get_json()
    except RecursionError as error:
        raise ApiError(400, "bad_request", "The body is nested too deeply.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "bad_request", "The body must be a JSON object.")
    return body


def init_http(app: Flask, config: Config) -> None:
    """Register the handlers on `app`."""
    headers = security_headers(config)
    app.before_request(_name_request)
    app.before_request(_refuse_redirects)
    app.after_request(lambda response: _add_headers(response, headers))
    app.register_error_handler(ApiError, _on_api_error)
    app.register_error_handler(StoreUnavailable, _on_unavailable)
    app.register_error_handler(IdentityUnavailable, _on_unavailable)
    app.register_error_handler(UploadsUnavailable, _on_unavailable)
    app.register_error_handler(TooManyBodies, _on_too_many)
    app.register_error_handler(BodyTooSlow, lambda _: error_response(408, *_CODES[408]))
    app.register_error_handler(BrokenBody, lambda _: error_response(400, *_CODES[400]))
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_bug)


def security_headers(config: Config) -> dict[str, str]:
    """What every answer tells a browser, by how users reach the page: PUBLIC_URL's scheme.

    HSTS is for this host alone: what else its domain serves is nothing that we could promise.
    """
    https = config.public_url.startswith("https://")
    policy = {"Content-Security-Policy": content_security_policy(config)}
    return policy | _HEADERS | (_HTTPS_HEADERS if https else {})


def content_security_policy(config: Config) -> str:
    """Only our own files run; the page may talk to us, the user pool and the bucket of files."""
    endpoints = [urlsplit(url) for url in (config.cognito.endpoint, config.uploads_origin) if url]
    others = dict.fromkeys(f"{endpoint.scheme}://{endpoint.netloc}" for endpoint in endpoints)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {' '.join(others)}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def error_response(status: int, code: str, message: str, **extra: Any) -> Response:
    """An error in the common JSON format; browsers get an HTML page instead."""
    if not request.path.startswith("/api/") and _prefers_html():
        response = Response(render_template("message.html", message=message), mimetype="text/html")
    else:
        response = jsonify({"error": {"code": code, "message": message}, **extra})
    response.status_code = status
    return response


def _prefers_html() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html"


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _refuse_redirects() -> None:
    """Answer 404 instead of a routing redirect, as from `//a`, which would use the Host header."""
    if isinstance(request.routing_exception, RequestRedirect):
        raise NotFound


def _request_fields() -> dict[str, Any]:
    return {"method": request.method, "path": request.path, "request_id": g.get("request_id")}


def _add_headers(response: Response, headers: dict[str, str]) -> Response:
    response.headers.update(headers)
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _on_api_error(error: ApiError) -> Response:
    response = error_response(error.status, error.code, str(error), **error.extra)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _on_unavailable(error: Exception) -> Response:
    """Log the cause; the client gets Retry-After."""
    fields = {"error": type(error).__name__, "reason": str(error), **_request_fields()}
    _LOG.error("a service is unavailable", extra={"fields": fields})
    return _come_again()


def _on_too_many(error: Exception) -> Response:
    """Slow clients cause this, so it is not logged as an error."""
    _LOG.warning(str(error), extra={"fields": _request_fields()})
    return _come_again()


def _come_again() -> Response:
    message = "The service is temporarily unavailable. Try again shortly."
    response = error_response(503, "unavailable", message)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _on_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    code, message = _CODES.get(status, ("error", error.name))
    response = error_response(status, code, message)
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response


def _on_bug(error: Exception) -> Response:
    _LOG.error("unhandled error", exc_info=error, extra={"fields": _request_fields()})
    return error_response(500, *_CODES[500])
