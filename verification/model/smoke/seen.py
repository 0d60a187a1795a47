"""What all observations share."""

from __future__ import annotations


class Seen:
    """A subject of findings that was observed, not read from source."""

    @property
    def source(self) -> str:
        """No place in the source."""
        return ""
