"""The suite's own files: whatever is wrong with one is named at once, with what it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import REPOSITORY
from verification.model.contract import load_contract
from verification.model.criteria import load_criteria
from verification.model.data_file import ContractError

READERS = {"contract": load_contract, "criteria": load_criteria}
NO_FIELD = "unknown field"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A copy of the suite's own files."""
    for path in (REPOSITORY / "verification").glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


# What is changed in which file, and the lines that must be said of it.
@pytest.mark.parametrize(
    ("file", "changes", "says"),
    [
        (
            "contract",
            {"[service]": "[sevice]"},
            [f"sevice: {NO_FIELD}; did you mean service?", "service:"],
        ),
        (
            "contract",
            {'= "/started"': '= "/ready"'},
            ["service: health_check_path and readiness_path are both /ready: ECS would replace"],
        ),
        ("contract", {"ttl_attribute": "ttl"}, [f"tables[1].ttl: {NO_FIELD}; remove it"]),
        ("contract", {"minimum = 7": "minimun = 7"}, ["service.log_retention.minimun:", "minimum"]),
        ("contract", {"users = 20": "users = true"}, ["load.users: is true; expected a valid"]),
        ("contract", {"users = 20": 'users = "20"'}, ['load.users: is "20"; expected a valid']),
        (
            "contract",
            {'= "below"': '= "under"'},
            ['[6].comparison: is "under"; expected \'abo'],
        ),
        (
            "contract",
            {"[cost.workload.urls]": "[cost.workload.url]"},
            ["cost.workload.urls is mis"],
        ),
        ("contract", {'prices = "prices.toml"': ""}, ["cost.prices: is missing"]),
        (
            "contract",
            {"pace = 4": "pace = []", "https = true": 'https = "yes"'},
            ["load.pace: is []", 'environments.prod.https: is "yes"; expected a valid boolean'],
        ),
        ("prices", {"key_month": "key_mouth"}, ["kms.key_mouth:", "kms.key_month: is missing"]),
        ("prices", {"2026-11-22": "2026"}, ["dated: is 2026; expected a valid date"]),
        (
            "criteria",
            {'area = "infrastructure"': "aria = 1"},
            [".aria: unknown field", ".area: is miss"],
        ),
        ("criteria", {'rungs = ["smoke"]': 'rungs = ["smok"]'}, ['rungs[0]: is "smok"; expected']),
        ("criteria", {'once = ["test_files': 'once = ["test_fils'}, ["is not among its checks"]),
        ("criteria", {'"monthly-cost"': '"tables-created"'}, ["tables-created occurs twice"]),
    ],
)
def test_what_is_wrong_is_named(
    folder: Path, file: str, changes: dict[str, str], says: list[str]
) -> None:
    """A line for each field: the file, the place as TOML has it, and what it should be."""
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    read = READERS.get(file, load_contract)
    with pytest.raises(ContractError) as raised:
        read(folder / ("contract.toml" if file == "prices" else path.name))
    lines = str(raised.value).splitlines()
    assert [line for line in lines if not line.startswith(f"{path}: ")] == []
    assert [said for said in says if said not in str(raised.value)] == []


def test_files_of_the_suite_are_in_order() -> None:
    """Numbers, switches, dates and lists are what the types say, not texts."""
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    assert contract.tables[0].indexes[0].projection == "ALL"
    assert contract.environments["prod"].https is True
    assert contract.cost.prices.dated.year >= 2026
    criterion = load_criteria(REPOSITORY / "verification" / "criteria.toml")["tables-created"]
    assert criterion.rungs == ("plan", "policy", "sandbox")
