"""The checks of the source pass this repository's own, and catch their known-bad twins."""

from __future__ import annotations

import pytest

from tests.checks.edits import rewrite
from tests.checks.kit import Check, Reread, SourceTwin, complaints, failing, verdict_of
from tests.checks.twins.sources import BACKEND, HARMLESS, IGNORED, TWINS
from verification.checks.registry import checks_in, name_of
from verification.checks.source import conventions
from verification.model.contract import Contract
from verification.model.source import Source
from verification.model.verdict import Verdict

CHECKS = checks_in((conventions,))


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_good_source_passes(check: Check, source: Source, contract: Contract) -> None:
    """This repository's own source passes, and something was looked at."""
    assert verdict_of(check(source, contract)) is Verdict.PASS


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_known_bad_twin_is_caught(twin: SourceTwin, reread: Reread, contract: Contract) -> None:
    """A tree that is wrong in one place fails the check that is about it, and no other."""
    source = reread(twin.change)
    assert failing(CHECKS, source, contract) == twin.failing
    assert twin.says in complaints(twin.check, source, contract, twin.at)


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_change_passes(name: str, reread: Reread, contract: Contract) -> None:
    """A change that breaks no promise fails nothing."""
    assert failing(CHECKS, reread(HARMLESS[name]), contract) == set()


def test_failure_names_file_and_line(reread: Reread, contract: Contract) -> None:
    """A finding leads to the line that is wrong, not only to its block."""
    source = reread(rewrite(BACKEND + "main.tf", IGNORED, "ignore_changes = [desired_count]"))
    (finding,) = conventions.leaves_deployed_revisions_alone(source, contract)
    file, line = finding.source.split(":")
    text = (source.base / file).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1].strip() == "lifecycle {"
