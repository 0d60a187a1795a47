"""The user's trial: its status, and its start."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from backend import user_management
from backend.http import ApiError, current_identity
from backend.services import services
from backend.times import optional_text
from backend.user_management import TrialStatus

blueprint = Blueprint("trial", __name__, url_prefix="/api/me/trial")


@blueprint.get("")
def status() -> Response:
    """The trial's status: one GetItem."""
    user, now = current_identity(), services().clock()
    return jsonify(_as_json(user_management.trial_status(services().store, user.user_id, now)))


@blueprint.post("")
def start() -> tuple[Response, int]:
    """Start the trial: one UpdateItem. 201 with the status, or 409 if it was used before."""
    user, now = current_identity(), services().clock()
    try:
        started = user_management.start_trial(services().store, user.user_id, user.email, now)
    except user_management.TrialUsed as used:
        message = "Your free trial was already used. Each user has one free trial."
        raise ApiError(409, "trial_used", message, trial=_as_json(used.status)) from used
    return jsonify(_as_json(started)), 201


def _as_json(status: TrialStatus) -> dict[str, Any]:
    return asdict(status) | {
        "trial_started_at": optional_text(status.trial_started_at),
        "trial_expires_at": optional_text(status.trial_expires_at),
    }
