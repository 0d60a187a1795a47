"""The page, and its configuration for sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from backend.services import services

blueprint = Blueprint("page", __name__)


@blueprint.get("/")
def index() -> str:
    """The page; its script fetches everything that depends on the user."""
    return render_template("index.html")


@blueprint.get("/config.json")
def configuration() -> Response:
    """The user pool and client of the page: public values, no secrets."""
    cognito = services().config.cognito
    return jsonify(
        {
            "region": cognito.region,
            "user_pool_id": cognito.user_pool_id,
            "client_id": cognito.client_id,
            "cognito_endpoint": cognito.endpoint,
        }
    )
