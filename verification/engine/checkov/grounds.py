"""What decisions rest on: fields of the contract with their values, and sections of the plan."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from verification.engine.checkov.register import wanted
from verification.model.contract import Contract
from verification.model.policies import Ground

_ABSENT = object()


@dataclass(frozen=True)
class Grounds:
    """What stands: the contract's fields as JSON has them, and the sections that criteria name."""

    fields: Mapping[str, Any]
    sections: Collection[str]

    def fallen(self, ground: Ground) -> str:
        """Why a decision cannot rest on a ground any more; "" while it stands."""
        if ground.kind == "contract":
            return self._field(ground.text)
        if ground.text in self.sections:
            return ""
        return (
            f"it rests on the plan's section {ground.text!r}, which no criterion names. "
            "Write it as the field `plan` in criteria.toml has it, or mend the finding"
        )

    def _field(self, text: str) -> str:
        path, value = wanted(text) or ("", None)
        actual: Any = self.fields
        for name in path.split("."):
            actual = actual.get(name, _ABSENT) if isinstance(actual, Mapping) else _ABSENT
        if actual is _ABSENT:
            return (
                f"it rests on the contract's {path}, which is not there. "
                "Correct the field, or mend the finding"
            )
        if _equal(actual, value):
            return ""
        return (
            f"it rests on {text}, and the contract says {json.dumps(actual)}. "
            "Mend the finding, or decide again"
        )


def grounds(contract: Contract, sections: Collection[str]) -> Grounds:
    """What decisions may rest on.

    Args:
        contract: what the stack must be.
        sections: the sections of the plan that criteria name.
    """
    # Through JSON, so that tuples are lists as in TOML; only prices hold what it does not know.
    return Grounds(json.loads(json.dumps(asdict(contract), default=str)), sections)


def _equal(actual: object, value: object) -> bool:
    """Equal as TOML has it: true is not 1."""
    return actual == value and isinstance(actual, bool) == isinstance(value, bool)
