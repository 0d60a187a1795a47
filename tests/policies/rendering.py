"""The fixtures of policies: Terraform as it is written, and cases that differ in a line.

A fixture has `main.tf`, `cases.toml` or both. Each `[[base]]` of the latter is a `text` with
`<words>` in it, which stand in the base or in the case; `<name>` is the case's. A resource that is
named pass_, fail_ or unknown_ is expected to be judged so, in source and in the plan; `open` names
the one of the two that cannot tell, `instances` the keys that `count` or `for_each` makes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
VERDICTS = ("pass", "fail", "unknown")
KINDS = ("source", "plan")
LATER = """
# What comes of it is known only after apply.
resource "terraform_data" "later" {
  input = timestamp()
}
"""
_WORD = re.compile(r"<([a-z]+)>")
_NAMED = re.compile(r'^resource "(\w+)" "((pass|fail|unknown)_\w+)"', re.MULTILINE)


def rendered(rule: str) -> str:
    """A fixture's whole Terraform."""
    file = FIXTURES / rule / "main.tf"
    written = [file.read_text(encoding="utf-8")] if file.exists() else []
    text = "\n".join([*written, *(_filled(case) for case in _cases(rule))])
    return text + LATER * ("terraform_data.later" in text)


def expected(rule: str) -> dict[str, dict[str, set[str]]]:
    """What a fixture expects: addresses by verdict, of source and of the plan."""
    cases = {case["name"]: case for case in _cases(rule)}
    found: dict[str, dict[str, set[str]]] = {kind: {v: set() for v in VERDICTS} for kind in KINDS}
    for type_, name, verdict in _NAMED.findall(rendered(rule)):
        case = cases.get(name, {})
        keys = [f"[{key}]" for key in case.get("instances", ())] or [""]
        for kind in KINDS:
            said = "unknown" if case.get("open") == kind else verdict
            found[kind][said] |= {f"{type_}.{name}{key}" for key in keys}
    return found


def _cases(rule: str) -> Iterator[Mapping[str, Any]]:
    """Every case with its words, those of its base included."""
    file = FIXTURES / rule / "cases.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for base in content.get("base", ()):
        for name, words in base["cases"].items():
            strange = words.keys() - {"open", "instances", *_WORD.findall(str(base))}
            assert not strange, f"{file}: {name} has {strange}, which its base does not ask for"
            assert words.get("open", "plan") in KINDS, f"{file}: {name} is open in source or plan"
            yield base | words | {"name": name}


def _filled(case: Mapping[str, Any]) -> str:
    """A base's text with the words of a case, which may have words in them."""
    text = str(case["text"])
    while _WORD.search(text):
        text = _WORD.sub(lambda word: str(case[word[1]]), text)
    return text
