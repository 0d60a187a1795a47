"""The register: accepted findings and their owners, as decisions or waivers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from verification.engine.errors import ToolError
from verification.model.findings import Finding
from verification.model.policies import Decision, Entry, Ground, Waiver
from verification.model.verdict import Verdict

LONGEST = timedelta(days=90)
"""The maximum duration of a waiver after its review."""
GROUNDS = ("plan", "contract")
"""The kinds of a decision's basis."""
_TEXTS = ("rule", "reason", "owner")
_LISTS = ("addresses", "environments")


@dataclass(frozen=True)
class Register:
    """The valid entries, and the errors in the others.

    `folder` is its name in messages; `counts` is the number of entries in each file.
    """

    folder: str
    entries: tuple[Waiver | Decision, ...]
    faults: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers."""
        return tuple(entry for entry in self.entries if isinstance(entry, Waiver))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions."""
        return tuple(entry for entry in self.entries if isinstance(entry, Decision))

    def file(self, entry: Entry) -> str:
        """The file of an entry."""
        return f"{self.folder}/{'waivers' if isinstance(entry, Waiver) else 'decisions'}.yaml"


@dataclass(frozen=True)
class _Kind:
    """One of the files: the fields of its entries besides rule, addresses, reason and owner."""

    name: str
    dates: tuple[str, ...]
    others: tuple[str, ...]
    problems: Callable[[Mapping[str, Any]], Iterator[str]]
    of: type[Waiver] | type[Decision]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*_TEXTS, *_LISTS, *self.dates, *self.others)


def read_register(folder: Path) -> Register:
    """Read `decisions.yaml` and `waivers.yaml`; a missing file is empty.

    Raises:
        ToolError: a file cannot be read, is not YAML, or is not a list of entries.
    """
    entries: list[Waiver | Decision] = []
    faults: list[Finding] = []
    counts: dict[str, int] = {}
    for kind in _KINDS:
        name = f"{folder.name}/{kind.name}.yaml"
        written = _entries(folder / f"{kind.name}.yaml", name, kind.name)
        counts[name] = len(written)
        ends: dict[date, int] = {}
        for number, entry in enumerate(written, start=1):
            problems = [*_problems(entry, kind), *_crowded(entry, ends, number)]
            faults += [fault(f"{name}, entry {number}", problem) for problem in problems]
            entries += [] if problems else _made(entry, kind)
    return Register(folder.name, tuple(entries), tuple(faults), counts)


def fault(place: str, problem: str) -> Finding:
    """A failure of the register: the problem and the remedy are one text."""
    message, _, remedy = problem.partition(". ")
    return Finding(Verdict.FAIL, place, message, "", f"{remedy}." if remedy else "")


def wanted(text: str) -> tuple[str, Any] | None:
    """The field and the value of `field = value` in TOML; None if it is something else."""
    try:
        value: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(value, dict) and len(value) == 1:
        [(name, value)] = value.items()
        path.append(name)
    # A table alone, or two fields, are not one field with its value.
    return (".".join(path), value) if path and not isinstance(value, dict) else None


def _entries(path: Path, name: str, key: str) -> Sequence[Any]:
    if not path.exists():
        return ()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ToolError(f"{name}: cannot be read: {' '.join(str(error).split())}.") from error
    entries = content.get(key) if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise ToolError(f"{name}: expected `{key}:` with a list; an empty one is `{key}: []`.")
    return entries


def _problems(entry: Any, kind: _Kind) -> Iterator[str]:
    """The errors in an entry that do not depend on the stack."""
    if not isinstance(entry, Mapping):
        needed = [field for field in kind.fields if field != "environments"]
        yield f"is not a mapping. Add the fields {', '.join(needed)}"
        return
    for field in sorted(map(str, set(entry) - set(kind.fields))):
        yield f"has an unknown field {field!r}. Remove it, or correct its name"
    for field in _TEXTS:
        if not _is_text(entry.get(field)):
            yield f"has no {field}. Add one"
    for field in kind.dates:
        # A datetime is an instance of date, but the two cannot be compared.
        if type(entry.get(field)) is not date:
            yield f"has no date in {field!r}. Use YYYY-MM-DD"
    yield from _list_problems(entry)
    yield from kind.problems(entry)


def _list_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    for field in _LISTS:
        values = entry.get(field, [] if field == "addresses" else ["all"])
        if not _texts(values):
            yield f"has no list of strings in {field!r}. Add one"
    for value in [entry.get("rule"), *_texts(entry.get("addresses"))]:
        if isinstance(value, str) and set(value) & set("*?["):
            yield f"is not exact: {value!r}. Use rules and blocks without wildcard or index"


def _waiver_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    reviewed, expires = entry.get("reviewed"), entry.get("expires")
    if type(reviewed) is date and type(expires) is date and expires - reviewed > LONGEST:
        yield f"holds for more than {LONGEST.days} days after its review. Shorten it"


def _crowded(entry: Any, ends: dict[date, int], number: int) -> Iterator[str]:
    """Two waivers must not expire on the same day, so that not everything fails at once."""
    end = entry.get("expires") if isinstance(entry, Mapping) else None
    if type(end) is not date:
        return
    if ends.setdefault(end, number) != number:
        yield f"expires on {end}, as does entry {ends[end]}. Use another day"


def _decision_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    ground = entry.get("rests_on")
    if not isinstance(ground, Mapping) or len(ground) != 1 or not set(ground) <= set(GROUNDS):
        yield "has no basis. Add `plan:` or `contract:` under rests_on"
        return
    [(kind, text)] = ground.items()
    if not _is_text(text):
        yield f"has no string in rests_on, {kind}. Add one"
    elif kind == "contract" and wanted(_line(text)) is None:
        yield (
            f"has the basis {_line(text)!r}, which is not a field with its value. "
            "Write for example `environments.dev.https = false`"
        )


def _made(entry: Mapping[str, Any], kind: _Kind) -> list[Waiver | Decision]:
    values: dict[str, Any] = {field: _line(entry[field]) for field in _TEXTS}
    values |= {field: entry[field] for field in kind.dates}
    values["environments"] = tuple(entry.get("environments", ()))
    if kind.of is Decision:
        [(ground, text)] = entry["rests_on"].items()
        values["rests_on"] = Ground(ground, _line(text))
    return [kind.of(address=address, **values) for address in entry["addresses"]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _texts(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) and all(map(_is_text, value)) else []


def _line(text: str) -> str:
    return " ".join(text.split())


_KINDS = (
    _Kind("decisions", ("reviewed",), ("rests_on",), _decision_problems, Decision),
    _Kind("waivers", ("reviewed", "expires"), (), _waiver_problems, Waiver),
)
