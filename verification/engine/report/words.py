"""The signs and the sentence that say how a run ended, in a terminal and in every report."""

from __future__ import annotations

from collections.abc import Sequence

from verification.engine.report.results import ExitCode

SIGNS = {"pass": "✓", "waived": "~", "fail": "✗", "error": "!", "unknown": "?"}
"""A verdict's sign: no report tells verdicts apart by colour alone."""

_ENDS = {
    ExitCode.PROVEN: "Everything that was asked for is proven",
    ExitCode.TOOL_ERROR: "A tool failed, or a file could not be read: its message says more",
    ExitCode.ENVIRONMENT_UNAVAILABLE: (
        "Something that the run needs is not there: the message says what"
    ),
    ExitCode.INCONCLUSIVE: "Inconclusive: something is still open",
    ExitCode.USAGE: "The command line or one of the suite's data files is wrong",
    ExitCode.NOTHING_SELECTED: "Nothing was selected, so nothing is proven",
    ExitCode.INTERRUPTED: "Interrupted",
}
_JUDGED_NOTHING = (ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED)


def label(status: str) -> str:
    """A verdict as sign and word, of which a pass needs but the sign; else the words themselves."""
    sign = SIGNS.get(status, "")
    return sign if status == "pass" else f"{sign} {status}".strip()


def sentence(code: ExitCode, failed: Sequence[str], unverified: Sequence[str]) -> str:
    """One sentence: how the run ended, and which criteria nobody has proven yet.

    Args:
        code: the run's exit code.
        failed: the criteria that failed.
        unverified: the criteria with a rung that was asked for and that no test proves.
    """
    end = _ENDS.get(code) or f"Failed: {', '.join(failed)}"
    named = ", ".join(unverified) if code not in _JUDGED_NOTHING else ""
    rest = f" Not yet verified: {named}." if named else ""
    return f"{end}.{rest} (exit code {int(code)})"
