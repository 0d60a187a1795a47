"""Renders the reports of a run again: `python -m verification.engine.report FILE`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from jinja2 import UndefinedError

from verification.engine.report.document import SCHEMA_VERSION
from verification.engine.report.writer import render_reports
from verification.model.results import ExitCode


def main(arguments: list[str]) -> ExitCode:
    """Write `report.html` and `summary.md` beside a run's `verification.json`.

    Exits with 0; with 4 if the file is no such document; with 7 if they cannot be written.
    """
    parser = argparse.ArgumentParser(
        prog="python -m verification.engine.report", description=main.__doc__
    )
    parser.add_argument("file", type=Path, help="a run's verification.json")
    path: Path = parser.parse_args(arguments).file
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"its version is {document['schema_version']}, not {SCHEMA_VERSION}")
        troubles = render_reports(path.parent, document)
    except OSError as error:
        return _say(ExitCode.USAGE, f"{path}: cannot be read: {error.strerror}")
    except (KeyError, TypeError, UndefinedError, ValueError) as error:
        return _say(ExitCode.USAGE, f"{path}: is no verification.json of a run: {error}")
    return _say(ExitCode.ENVIRONMENT_UNAVAILABLE, *troubles) if troubles else ExitCode.PROVEN


def _say(code: ExitCode, *sentences: str) -> ExitCode:
    print(*sentences, sep="\n", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
