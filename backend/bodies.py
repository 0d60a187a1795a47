"""What may be wrong with the way a request's body comes; the server that reads it says so."""

from __future__ import annotations


class BodyTooSlow(Exception):
    """The body was not there in time."""


class TooManyBodies(Exception):
    """So many bodies are waited for that another one would leave no thread for what is ready."""


class BrokenBody(Exception):
    """The body is not framed as HTTP wants it, such as a chunk without its length."""
