"""Only what is whole is a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from verification.model.data_file import ContractError
from verification.model.limits import load_limits

ENTRY = '[[limits]]\nid = "mail"\nwhat = "mail"\nwhy = "none is sent"\nshown_by = "a sign-up"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY.replace("why", "reason"), r"limits\[0\].reason: unknown field"),
        (ENTRY.replace('shown_by = "a sign-up"\n', ""), r"limits\[0\].shown_by: is missing"),
        (ENTRY * 2, "limit mail occurs twice"),
        ("", "limits: is missing"),
    ],
)
def test_a_malformed_file_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    """A limit without a reason, or without what would show it, is none."""
    path = tmp_path / "limits.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=says):
        load_limits(path)
