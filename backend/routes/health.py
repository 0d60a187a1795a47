"""Liveness and readiness: two questions, two addresses, neither of them needs a token."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from backend.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Whether the process runs. Never looks at the store: restarting would not mend that."""
    return jsonify({"status": "ok"})


@blueprint.get("/ready")
def ready() -> Response:
    """Whether requests can be served: 503 as long as the store cannot be used."""
    problem = services().readiness.problem()
    if problem is not None:
        raise problem
    return jsonify({"status": "ready"})
