"""FileShare Plus: trials, short links and shared files behind one small Flask application.

`create_app` assembles the given parts. It reads no environment and opens no connection, so the same
application runs in production, in tests and in a development shell.
"""

from __future__ import annotations

from flask import Flask

from backend.config import Config
from backend.http import init_http
from backend.identity import TokenVerifier
from backend.routes import health, links, page, redirect, trial, uploads
from backend.services import Services
from backend.store import Store
from backend.times import Clock, utc_now
from backend.uploads import Uploads

MAX_BODY_BYTES = 16 * 1024


def create_app(
    config: Config,
    store: Store,
    *,
    verifier: TokenVerifier | None = None,
    clock: Clock = utc_now,
) -> Flask:
    """The application for `config` and `store`; tests may pass another verifier and clock."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    services = Services(
        config=config,
        store=store,
        verifier=verifier or TokenVerifier(config.cognito),
        uploads=Uploads(config.uploads_bucket, config.region, config.aws_endpoint_url),
        clock=clock,
    )
    services.attach(app)
    init_http(app, config)
    for module in (health, page, trial, links, uploads, redirect):
        app.register_blueprint(module.blueprint)
    return app
