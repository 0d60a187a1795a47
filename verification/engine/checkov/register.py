"""The register: which findings stay, by decision or as a debt, and who answers for each."""

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
"""How long a waiver may hold after its review."""
GROUNDS = ("plan", "contract")
"""What a decision may rest on."""
_TEXTS = ("rule", "reason", "owner")
_LISTS = ("addresses", "environments")


@dataclass(frozen=True)
class Register:
    """The entries that are in order, and what is wrong with the others.

    `folder` is its name in messages; `counts` says how many entries each of its files has.
    """

    folder: str
    entries: tuple[Waiver | Decision, ...]
    faults: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The debts."""
        return tuple(entry for entry in self.entries if isinstance(entry, Waiver))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What plan or contract want so."""
        return tuple(entry for entry in self.entries if isinstance(entry, Decision))

    def file(self, entry: Entry) -> str:
        """Where an entry stands."""
        return f"{self.folder}/{'waivers' if isinstance(entry, Waiver) else 'decisions'}.yaml"


@dataclass(frozen=True)
class _Kind:
    """One of the files: what its entries must say beside rule, addresses, reason and owner."""

    name: str
    dates: tuple[str, ...]
    others: tuple[str, ...]
    problems: Callable[[Mapping[str, Any]], Iterator[str]]
    of: type[Waiver] | type[Decision]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*_TEXTS, *_LISTS, *self.dates, *self.others)


def read_register(folder: Path) -> Register:
    """Read `decisions.yaml` and `waivers.yaml`; without a file, there are none of its kind.

    Raises:
        ToolError: a file cannot be read, is not YAML, or is no list of entries.
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
    """A failure of the register: a problem is a sentence, and one that says what to do."""
    message, _, remedy = problem.partition(". ")
    return Finding(Verdict.FAIL, place, message, "", f"{remedy}." if remedy else "")


def wanted(text: str) -> tuple[str, Any] | None:
    """The field and the value of `field = value`, as TOML has it; None if it is not that."""
    try:
        value: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(value, dict) and len(value) == 1:
        [(name, value)] = value.items()
        path.append(name)
    # A table alone, or two fields, is no field with its value.
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
        raise ToolError(f"{name}: must hold `{key}:` and a list below it; `{key}: []` is none.")
    return entries


def _problems(entry: Any, kind: _Kind) -> Iterator[str]:
    """What is wrong with an entry, whatever the stack is."""
    if not isinstance(entry, Mapping):
        needed = [field for field in kind.fields if field != "environments"]
        yield f"is not a mapping. Give it {', '.join(needed)}"
        return
    for field in sorted(map(str, set(entry) - set(kind.fields))):
        yield f"has a field {field!r}. Remove it, or correct its name"
    for field in _TEXTS:
        if not _is_text(entry.get(field)):
            yield f"has no {field}. Write one"
    for field in kind.dates:
        # A datetime is a date to isinstance, but the two do not compare.
        if type(entry.get(field)) is not date:
            yield f"has no date in {field!r}. Write it as YYYY-MM-DD"
    yield from _list_problems(entry)
    yield from kind.problems(entry)


def _list_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    for field in _LISTS:
        values = entry.get(field, [] if field == "addresses" else ["all"])
        if not _texts(values):
            yield f"has no list of texts in {field!r}. Write one"
    for value in [entry.get("rule"), *_texts(entry.get("addresses"))]:
        if isinstance(value, str) and set(value) & set("*?["):
            yield f"is not exact: {value!r}. Name rules and blocks, without wildcard or index"


def _waiver_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    reviewed, expires = entry.get("reviewed"), entry.get("expires")
    if type(reviewed) is date and type(expires) is date and expires - reviewed > LONGEST:
        yield f"holds for more than {LONGEST.days} days after its review. Shorten it"


def _crowded(entry: Any, ends: dict[date, int], number: int) -> Iterator[str]:
    """Two debts that end on one day would turn everything red on it."""
    end = entry.get("expires") if isinstance(entry, Mapping) else None
    if type(end) is not date:
        return
    if ends.setdefault(end, number) != number:
        yield f"ends on {end}, as entry {ends[end]} does. Let each waiver end on a day of its own"


def _decision_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    ground = entry.get("rests_on")
    if not isinstance(ground, Mapping) or len(ground) != 1 or not set(ground) <= set(GROUNDS):
        yield "rests on nothing. Write below rests_on either `plan:` or `contract:`"
        return
    [(kind, text)] = ground.items()
    if not _is_text(text):
        yield f"has no text in rests_on, {kind}. Write one"
    elif kind == "contract" and wanted(_line(text)) is None:
        yield (
            f"rests on {_line(text)!r}, which is no field with its value. "
            "Write it as `environments.dev.https = false`"
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
