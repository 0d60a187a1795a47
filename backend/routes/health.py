"""Started, alive, ready: three questions, three addresses, none of them needs a token."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from backend.services import services
from backend.store import StoreUnavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Whether the process runs. Does not check the store, because a restart would not help."""
    return jsonify({"status": "ok"})


@blueprint.get("/started")
def started() -> Response:
    """Whether the task ever reached its store: 503 until then, 200 from then on.

    Load balancers ask this. ECS replaces tasks that fail the load balancer's health check, so an
    answer that followed the store would end every task while the store is away; and one that never
    looked at it would let a revision take over that cannot reach its tables.
    """
    return _answer("started", services().readiness.start_problem())


@blueprint.get("/ready")
def ready() -> Response:
    """Whether requests can be served now: 503 as long as the store cannot be used."""
    return _answer("ready", services().readiness.problem())


def _answer(status: str, problem: StoreUnavailable | None) -> Response:
    if problem is not None:
        raise problem
    return jsonify({"status": status})
