"""The signs and the sentence that say how a run ended, in a terminal and in every report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from textwrap import shorten

from verification.model.results import ExitCode

SIGNS = {"pass": "✓", "waived": "~", "fail": "✗", "error": "!", "unknown": "?"}
"""A verdict's sign: no report tells verdicts apart by colour alone."""

STYLES = {
    "pass": "green",
    "waived": "cyan",
    "fail": "bold red",
    "error": "bold red",
    "unknown": "yellow",
    "not run": "dim",
    "not yet verified": "yellow",
}
"""How a terminal shows each verdict."""

_ENDS = {
    ExitCode.PROVEN: "Everything that was asked for is proven",
    ExitCode.TOOL_ERROR: "A tool failed, or a file could not be read: its message says more",
    ExitCode.ENVIRONMENT_UNAVAILABLE: (
        "Something that the run needs is not there: the message says what"
    ),
    ExitCode.INCONCLUSIVE: "Inconclusive: something is still open",
    ExitCode.USAGE: "The command line or one of the suite's data files is wrong",
    ExitCode.NOTHING_SELECTED: "No test said anything, so nothing is proven",
    ExitCode.INTERRUPTED: "Interrupted",
}
_IN_PART = "Proven of what was selected; left out: "
_MOST = 5  # names in a sentence: the matrix has them all.
_LONGEST = 240  # characters of an error: its message is told in full elsewhere.
_ERRORS = (ExitCode.TOOL_ERROR, ExitCode.ENVIRONMENT_UNAVAILABLE)
_JUDGED_NOTHING = (ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED)


def label(status: str) -> str:
    """A verdict as sign and word, of which a pass needs but the sign; else the words themselves."""
    sign = SIGNS.get(status, "")
    return sign if status == "pass" else f"{sign} {status}".strip()


def sentence(
    code: ExitCode,
    failed: Sequence[str],
    unverified: Sequence[str],
    unproven: Sequence[str] = (),
    left_out: Sequence[str] = (),
    *,
    errors: Sequence[str] = (),
) -> str:
    """One sentence: how the run ended, what broke, and which criteria are not proven.

    Args:
        code: the run's exit code.
        failed: the criteria that failed.
        unverified: the criteria with a rung that was asked for and on which no check proves them.
        unproven: the criteria with a check that was to speak and did not.
        left_out: the criteria of which a partial run does not ask for everything.
        errors: the message of each test that could not judge; that of most tests is told.
    """
    end = _ENDS.get(code) or f"Failed: {_named(failed)}"
    if code is ExitCode.PROVEN and left_out:
        end = _IN_PART + _named(left_out)
    if code in _ERRORS and errors:
        end = _first(errors)
    rest = f" Error: {_first(errors)}." if code is ExitCode.CRITERION_FAILED and errors else ""
    if code not in _JUDGED_NOTHING:
        others = [name for name in unproven if name not in failed]
        rest += f" Not run: {_named(others)}." if others else ""
        rest += f" Not yet verified: {', '.join(unverified)}." if unverified else ""
    return f"{end}.{rest} (exit code {int(code)})"


def _named(criteria: Sequence[str]) -> str:
    more = len(criteria) - _MOST
    return ", ".join(criteria[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _first(errors: Sequence[str]) -> str:
    """The first sentence of the error that most tests had, and how many others there are."""
    (error, _), *others = Counter(errors).most_common()
    first = shorten(re.split(r"(?<=[.!?])\s", error.strip())[0], _LONGEST, placeholder=" …")
    more = f" (and {len(others)} more)" if others else ""
    return first.rstrip(".") + more
