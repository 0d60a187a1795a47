"""A plugin that writes what pytest collects, as criteria.toml lists it: `-p` this module.

The file goes to the path in FILE_OF_LISTING, as JSON: by criterion, by check, its rungs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from verification.model.criteria import RUNGS
from verification.plugin.items import check_of, named_by, rung_of


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the list."""
    found: dict[str, dict[str, set[str]]] = {}
    for item in session.items:
        found.setdefault(named_by(item), {}).setdefault(check_of(item), set()).add(rung_of(item))
    listed = {
        criterion: {check: sorted(rungs, key=RUNGS.index) for check, rungs in checks.items()}
        for criterion, checks in found.items()
    }
    Path(os.environ["FILE_OF_LISTING"]).write_text(json.dumps(listed), encoding="utf-8")
