"""Known-bad twins, by subject; each module holds some of the tables TWINS, OPEN and HARMLESS.

TWINS are wrong in one place, OPEN leave something unknown, HARMLESS break no promise.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any


def rows(table: str) -> list[Any]:
    """Every row of the tables of one name, in every module here."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [row for module in modules for row in getattr(module, table, ())]
