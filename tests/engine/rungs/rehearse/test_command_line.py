"""`--base` as an engineer meets it: what is wrong with it is told in a sentence, with a code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit import copy_terraform, verify

pytestmark = pytest.mark.slow

STATIC = ("verification/static", "-k", "providers_are_pinned", "--partial")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verification/rehearse"], "needs a base: add --base REF"),
        (["verification/static", "--base", "no-such-branch"], "no such commit"),
        (["verification/static", "--base"], "expected one argument"),
    ],
    ids=["no base", "unknown ref", "no ref"],
)
def test_wrong_base_is_a_usage_error(arguments: list[str], says: str, tmp_path: Path) -> None:
    """A base that is missing or unknown ends the run with the usage code."""
    outcome = verify(tmp_path, *arguments)
    assert (outcome.code, says in outcome.output) == (4, True), outcome.output
    assert "Traceback" not in outcome.output


def test_folder_outside_a_clone_is_a_usage_error(tmp_path: Path) -> None:
    """Terraform that is in no repository has no base."""
    root = copy_terraform(tmp_path)
    outcome = verify(tmp_path / "reports", *STATIC, "--terraform-root", root, "--base", "main")
    assert (outcome.code, "is not in a readable git repository" in outcome.output) == (4, True), (
        outcome.output
    )


def test_machine_without_git_is_told_so(tmp_path: Path) -> None:
    """Without git the run ends with the code for what the machine lacks."""
    environ = os.environ | {"PATH": str(tmp_path)}
    outcome = verify(tmp_path, *STATIC, "--base", "main", environ=environ)
    assert (outcome.code, "--base requires git" in outcome.output) == (7, True), outcome.output
    assert "Traceback" not in outcome.output


def test_without_base_nothing_is_said_of_changes(tmp_path: Path) -> None:
    """Without a base, what is about changes is left out, and a note says so."""
    outcome = verify(tmp_path, *STATIC)
    assert outcome.code == 0, outcome.output
    assert "data-survives-change" not in {c["id"] for c in outcome.results["criteria"]}
    assert any("No --base was given" in n for n in outcome.results["notes"])


def test_base_is_named(tmp_path: Path) -> None:
    """With a base, the run says which commit it compares with."""
    outcome = verify(tmp_path, *STATIC, "--base", "HEAD")
    assert outcome.code == 0, outcome.output
    assert "data-survives-change" in {c["id"] for c in outcome.results["criteria"]}
    assert any(", the merge base of HEAD and HEAD" in n for n in outcome.results["notes"])
