"""What a command line asks of the suite, and what it must not ask for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from verification.model.criteria import REHEARSE, RUNGS

HERE = Path(__file__).resolve().parents[1]
REPORTS = HERE.parent / "reports"
# Options of pytest with which it only tells something, by the name of their value.
_TELLING = {
    "help": "--help",
    "version": "--version",
    "markers": "--markers",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "cacheshow": "--cache-show",
}
_IDLE = _TELLING | {"collectonly": "--collect-only"}
# Options of pytest-xdist and pytest-forked, with what they are where nobody gave them.
_ELSEWHERE: dict[str, object] = {"numprocesses": None, "dist": "no", "tx": [], "forked": False}


class Idle:
    """Refuses a run of rungs in which an option that nobody typed leaves pytest no test to run."""

    def __init__(self, option: str) -> None:
        self._option = option

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        """Refuse it: the code of pytest itself would be 0."""
        # With --help pytest reads no paths.
        if rungs_asked(config) or not config.args:
            raise pytest.UsageError(
                f"PYTEST_ADDOPTS has {self._option}, with which no test runs: remove it there, and "
                "give it on the command line where you want it."
            )


class CollectOnly:
    """Says at the end that a run which only collected proves nothing."""

    def pytest_unconfigure(self) -> None:
        """Print it after pytest's own last line."""
        print("Only collected: no test ran, so nothing is proven.")


def rungs_asked(config: pytest.Config) -> list[str]:
    """The rungs whose folders the command line's paths cover, or lie in."""
    covered = _covered(_paths(config.args))
    return [rung for rung in covered if rung != REHEARSE or config.option.base]


def names_rehearsal(config: pytest.Config) -> bool:
    """Whether the command line names the rehearsal itself."""
    return any(path.is_relative_to(HERE / REHEARSE) for path in _paths(config.args))


def is_run(config: pytest.Config) -> bool:
    """Whether tests are collected at all: pytest may be asked for its help only."""
    return not any(getattr(config.option, name, False) for name in _TELLING)


def idle_option(parser: pytest.Parser, variable: str) -> str:
    """The option of PYTEST_ADDOPTS, whose value is given, with which no test runs; "" for none.

    pytest itself has it on the command line, where nothing tells who wrote it.
    """
    try:
        given, _ = parser.parse_known_and_unknown_args(shlex.split(variable))
    except (ValueError, pytest.UsageError):
        return ""  # pytest refuses it, too, and says why.
    return next((name for key, name in _IDLE.items() if getattr(given, key, False)), "")


def demand_sense(config: pytest.Config) -> None:
    """Refuse options with which the suite could not see every test, or that contradict.

    Raises:
        UsageError: one is there.
    """
    given = {name: getattr(config.option, name, usual) for name, usual in _ELSEWHERE.items()}
    if any(given[name] and given[name] != usual for name, usual in _ELSEWHERE.items()):
        raise pytest.UsageError(
            "-n, --dist, --tx and --forked run tests in processes whose evidence is lost: leave "
            "them out (in PYTEST_ADDOPTS too); the suite does its jobs side by side by itself."
        )
    if config.option.partial and config.getini("strict"):
        raise pytest.UsageError("--strict and --partial contradict each other: give one of them.")


def is_refused(parser: pytest.Parser, arguments: Sequence[str]) -> bool:
    """Whether pytest will refuse a command line's arguments; the parser knows every option."""
    try:
        _, unknown = parser.parse_known_and_unknown_args(arguments)
        return bool(unknown)
    except pytest.UsageError:
        return True


def reports_folder(arguments: Sequence[str]) -> Path | None:
    """The folder of reports of a run with these arguments; None if it is of no rung."""
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
