"""criteria.toml lists the checks that exist, on the rungs where they run, and no others."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.kit import HANG, PYTEST, REPOSITORY
from verification.model.criteria import load_criteria
from verification.model.data_file import ContractError

pytestmark = pytest.mark.slow

CRITERIA = REPOSITORY / "verification" / "criteria.toml"
ONE = """[[criteria]]
id = "tables"
title = "t"
area = "a"
plan = "p"
rungs = ["plan"]

[criteria.checks]
"tables.exist" = {rungs}
"""


@pytest.fixture(scope="module", name="collected")
def _collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What pytest collects below verification/."""
    file = tmp_path_factory.mktemp("listing") / "listing.json"
    options = ("-q", "--collect-only", "--reports", file.parent, "-p", "tests.plugin.listing")
    done = subprocess.run(
        [*PYTEST, *options, "verification"],
        cwd=REPOSITORY,
        env=os.environ | {"FILE_OF_LISTING": str(file)},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, dict[str, list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_list_is_what_is_collected(collected: dict[str, dict[str, list[str]]]) -> None:
    """Whoever adds, renames or removes a check sees here the lines that its criterion needs."""
    listed = {
        criterion.id: {check: list(rungs) for check, rungs in criterion.checks.items()}
        for criterion in load_criteria(CRITERIA).values()
    }
    wrong = [name for name in listed.keys() | collected if listed.get(name) != collected.get(name)]
    lines = "\n".join(lines_of(name, collected.get(name, {})) for name in sorted(wrong))
    assert not wrong, f"{CRITERIA} must have under [criteria.checks]:\n{lines}"


def lines_of(criterion: str, checks: dict[str, list[str]]) -> str:
    """The lines of a criterion's checks, as they must stand in the file."""
    lines = (
        f"{json.dumps(check)} = {json.dumps(rungs)}" for check, rungs in sorted(checks.items())
    )
    return "\n".join([f"{criterion}:", *lines])


def test_list_is_sorted() -> None:
    """A line a check, in alphabetical order, as the message above prints them."""
    text = CRITERIA.read_text(encoding="utf-8")
    blocks = re.findall(r"^\[criteria\.checks\]\n((?:\".*\n)+)", text, re.MULTILINE)
    assert len(blocks) == len(load_criteria(CRITERIA))
    assert [block for block in blocks if block.splitlines() != sorted(block.splitlines())] == []


def test_every_required_rung_has_a_check() -> None:
    """No rung of a criterion is "not yet verified" here."""
    criteria = load_criteria(CRITERIA).values()
    assert [(c.id, rung) for c in criteria for rung in c.rungs if not c.on(rung)] == []


@pytest.mark.parametrize("rungs", ['["smoke"]', "[]", '"plan"', "7", '["plan", "sandbox"]'])
def test_check_on_a_rung_of_no_use_is_refused(tmp_path: Path, rungs: str) -> None:
    """The file, the criterion or the field is named."""
    file = tmp_path / "criteria.toml"
    file.write_text(ONE.format(rungs=rungs), encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(str(file))):
        load_criteria(file)
