"""The services of the application, attached to it for its routes."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask, current_app

from backend.config import Config
from backend.identity import TokenVerifier
from backend.readiness import Readiness
from backend.store import Store
from backend.times import Clock
from backend.uploads import Uploads

_KEY = "fileshare"


@dataclass
class Services:
    """The services of one application."""

    config: Config
    store: Store
    verifier: TokenVerifier
    uploads: Uploads
    clock: Clock
    readiness: Readiness = field(init=False)

    def __post_init__(self) -> None:
        self.readiness = Readiness(self.store.check)

    def attach(self, app: Flask) -> None:
        """Make these the services of `app`."""
        app.extensions[_KEY] = self


def services() -> Services:
    """The services of the application that handles this request."""
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    """The services of an application."""
    found = app.extensions[_KEY]
    assert isinstance(found, Services)
    return found
