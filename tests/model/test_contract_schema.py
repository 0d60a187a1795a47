"""The schema that editors hold contract.toml to is that of the contract's types."""

from __future__ import annotations

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from tests.kit import REPOSITORY
from verification.model.contract_schema import PATH, contract_schema

CONTRACT = (REPOSITORY / "verification" / "contract.toml").read_text(encoding="utf-8")


def test_schema_is_that_of_the_types() -> None:
    """After a change of the types, `make fix` writes it anew."""
    assert PATH.read_text(encoding="utf-8") == contract_schema()


def test_contract_names_its_schema() -> None:
    """In the comment that editors look for, by the file's place beside the contract."""
    directive = CONTRACT.splitlines()[0]
    assert directive == f"#:schema ./{PATH.name}"
    assert PATH.parent == REPOSITORY / "verification"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("hash_key", "hash_key", set()),
        ("hash_key", "hash_kay", {"tables"}),
        ("users = 20", 'users = "20"', {"load"}),
        ('prices = "prices.toml"', "prices = 1", {"cost"}),
        ('"below"', '"under"', {"monitoring"}),
    ],
)
def test_editor_finds_what_is_wrong(old: str, new: str, wrong: set[str]) -> None:
    """The contract is valid; a misspelt field, or a value of another type, is not."""
    assert old in CONTRACT
    data = tomllib.loads(CONTRACT.replace(old, new))
    errors = Draft202012Validator(json.loads(contract_schema())).iter_errors(data)
    assert {error.absolute_path[0] for error in errors} == wrong
