"""The command line: selected rungs, and options that the suite rejects."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from verification.model.criteria import REHEARSE, RUNGS

HERE = Path(__file__).resolve().parents[1]
REPORTS = HERE.parent / "reports"
# Options with which pytest only prints information, by their dest.
_TELLING = {
    "help": "--help",
    "version": "--version",
    "markers": "--markers",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "cacheshow": "--cache-show",
}
_IDLE = _TELLING | {"collectonly": "--collect-only"}
# Options of pytest-xdist and pytest-forked, with their defaults.
_ELSEWHERE: dict[str, object] = {"numprocesses": None, "dist": "no", "tx": [], "forked": False}


class Idle:
    """Rejects a run if PYTEST_ADDOPTS has an option with which pytest runs no test."""

    def __init__(self, option: str) -> None:
        self._option = option

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        """Reject it; pytest's exit code would be 0."""
        # With --help pytest reads no paths.
        if rungs_asked(config) or not config.args:
            raise pytest.UsageError(
                f"PYTEST_ADDOPTS has {self._option}, with which no test runs: remove it there, and "
                "use it on the command line if needed."
            )


class CollectOnly:
    """Prints at the end that a run which only collects proves nothing."""

    def pytest_unconfigure(self) -> None:
        """Print after pytest's last line."""
        print("Only collected: no test ran, so nothing is proven.")


def rungs_asked(config: pytest.Config) -> list[str]:
    """The rungs whose folders contain, or are contained in, the command line's paths."""
    covered = _covered(_paths(config.args))
    return [rung for rung in covered if rung != REHEARSE or config.option.base]


def names_rehearsal(config: pytest.Config) -> bool:
    """Whether the command line names the rehearse rung."""
    return any(path.is_relative_to(HERE / REHEARSE) for path in _paths(config.args))


def is_run(config: pytest.Config) -> bool:
    """Whether tests are collected; --help, for example, collects none."""
    return not any(getattr(config.option, name, False) for name in _TELLING)


def idle_option(parser: pytest.Parser, variable: str) -> str:
    """An option in the value of PYTEST_ADDOPTS with which no test runs; "" for none.

    On the command line such options are allowed; pytest does not tell the two sources apart.
    """
    try:
        given, _ = parser.parse_known_and_unknown_args(shlex.split(variable))
    except (ValueError, pytest.UsageError):
        return ""  # pytest rejects it with its own message.
    return next((name for key, name in _IDLE.items() if getattr(given, key, False)), "")


def demand_sense(config: pytest.Config) -> None:
    """Reject options with which results would be lost, or that contradict each other.

    Raises:
        UsageError: there is such an option.
    """
    given = {name: getattr(config.option, name, usual) for name, usual in _ELSEWHERE.items()}
    if any(given[name] and given[name] != usual for name, usual in _ELSEWHERE.items()):
        raise pytest.UsageError(
            "-n, --dist, --tx and --forked run tests in processes whose results are lost: remove "
            "them (in PYTEST_ADDOPTS, too); the suite runs its jobs in parallel by itself."
        )
    if config.option.partial and config.getini("strict"):
        raise pytest.UsageError("--strict and --partial contradict each other; use one of them.")


def is_refused(parser: pytest.Parser, arguments: Sequence[str]) -> bool:
    """Whether pytest will reject the arguments; the parser knows every option."""
    try:
        _, unknown = parser.parse_known_and_unknown_args(arguments)
        return bool(unknown)
    except pytest.UsageError:
        return True


def reports_folder(arguments: Sequence[str]) -> Path | None:
    """The reports folder of a run with these arguments; None if it selects no rung."""
    paths = [one for one in arguments if not one.startswith("-") and Path(one).exists()]
    if not _covered(_paths(paths or [str(HERE)])):
        return None
    given = zip(arguments, [*arguments[1:], ""], strict=True)
    named = [after for option, after in given if option == "--reports"]
    named += [one.partition("=")[2] for one in arguments if one.startswith("--reports=")]
    return Path(named[-1]) if named else REPORTS


def _covered(paths: Iterable[Path]) -> list[str]:
    found = list(paths)
    return [
        rung
        for rung in RUNGS
        for folder in [HERE / rung]
        if any(folder.is_relative_to(path) or path.is_relative_to(folder) for path in found)
    ]


def _paths(arguments: Iterable[str]) -> list[Path]:
    return [Path(argument.split("::")[0]).resolve() for argument in arguments]
