"""The basis of decisions: fields of the contract with their values, and sections of the plan."""

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
    """The contract's fields as in JSON, and the plan's sections that criteria name."""

    fields: Mapping[str, Any]
    sections: Collection[str]

    def fallen(self, ground: Ground) -> str:
        """Why a decision's basis is no longer valid; "" if it is."""
        if ground.kind == "contract":
            return self._field(ground.text)
        if ground.text in self.sections:
            return ""
        return (
            f"its basis is the plan's section {ground.text!r}, which no criterion names. "
            "Write it as the field `plan` in criteria.toml, or fix the finding"
        )

    def _field(self, text: str) -> str:
        path, value = wanted(text) or ("", None)
        actual: Any = self.fields
        for name in path.split("."):
            actual = actual.get(name, _ABSENT) if isinstance(actual, Mapping) else _ABSENT
        if actual is _ABSENT:
            return (
                f"its basis is the contract's field {path}, which does not exist. "
                "Correct the field, or fix the finding"
            )
        if _equal(actual, value):
            return ""
        return (
            f"its basis is {text}, but the contract has {json.dumps(actual)}. "
            "Fix the finding, or renew the decision"
        )


def grounds(contract: Contract, sections: Collection[str]) -> Grounds:
    """The valid bases of decisions.

    Args:
        contract: the contract.
        sections: the sections of the plan that criteria name.
    """
    # Through JSON, so that tuples are lists as in TOML; only prices have non-JSON values.
    return Grounds(json.loads(json.dumps(asdict(contract), default=str)), sections)


def _equal(actual: object, value: object) -> bool:
    """Equality as in TOML: true is not 1."""
    return actual == value and isinstance(actual, bool) == isinstance(value, bool)
