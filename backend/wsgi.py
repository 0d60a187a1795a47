"""The WSGI application for gunicorn, with the store that the environment selects."""

from __future__ import annotations

import logging
import sys

from flask import Flask

from backend import create_app
from backend.config import Config, ConfigError, load_config
from backend.logs import set_up_logs
from backend.sqlite_store import SqliteStore
from backend.store import Store, StoreUnavailable

# With this exit code of a worker, gunicorn exits instead of restarting it.
_EXIT_APP_LOAD_ERROR = 4
_LOG = logging.getLogger("backend")


def open_store(config: Config) -> Store:
    """DynamoDB if and only if USE_DYNAMODB is true; later failures do not change that choice."""
    if config.use_dynamodb:
        from backend.dynamodb_adapter import db_adapter

        return db_adapter
    _LOG.warning("the store is a SQLite file: data is lost with this task's disk")
    return SqliteStore(config.sqlite_path)


def make_app() -> Flask:
    """The application; exits with one logged sentence if it cannot start."""
    try:
        config = load_config()
        set_up_logs(config.log_level, config.environment)
        store = open_store(config)
    except (ConfigError, StoreUnavailable) as error:
        set_up_logs("INFO", "unknown")
        _LOG.error("the backend cannot start", extra={"fields": {"reason": str(error)}})
        sys.exit(_EXIT_APP_LOAD_ERROR)
    fields = {"store": type(store).__name__, "region": config.region}
    _LOG.info("the backend starts", extra={"fields": fields})
    return create_app(config, store)


app = make_app()
