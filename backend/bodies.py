"""Errors of reading a request's body; raised by the server."""

from __future__ import annotations


class BodyTooSlow(Exception):
    """The body was not complete in time."""


class TooManyBodies(Exception):
    """Too many threads wait for bodies already."""


class BrokenBody(Exception):
    """The body is not valid HTTP, such as a chunk without its length."""
