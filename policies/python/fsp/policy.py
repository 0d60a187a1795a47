"""The class of all policies in this folder, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from fsp.resources import Resource
from fsp.values import UNKNOWN, Block

# The first of these in any answer is the verdict on the resource.
_WORST_FIRST = (CheckResult.FAILED, CheckResult.UNKNOWN, CheckResult.PASSED)


@dataclass(frozen=True)
class Answer:
    """One thing that a policy examined, and the result."""

    verdict: CheckResult
    says: str


def expect(value: Any, is_right: Callable[[Any], bool], what: str) -> Answer:
    """Whether a value is right, as an answer; unknown if the value is.

    Args:
        value: None, UNKNOWN or the value.
        is_right: decides for a known value, which may be None.
        what: the value's name, as in "point-in-time recovery".
    """
    if value is UNKNOWN:
        return Answer(CheckResult.UNKNOWN, f"{what} is not known yet")
    verdict = CheckResult.PASSED if is_right(value) else CheckResult.FAILED
    return Answer(verdict, f"{what} is {'not set' if value is None else repr(value)}")


def setting(resource: Block, block: str, name: str) -> Any:
    """The argument of the only block of a name: None if it is absent, UNKNOWN if not known."""
    found = resource.blocks(block)
    if found is UNKNOWN:
        return UNKNOWN
    return found[0].value(name) if found else None


def is_on(value: Any) -> bool:
    """Whether a flag is on."""
    return value is True


def fail(says: str) -> Answer:
    """An answer that fails the resource."""
    return Answer(CheckResult.FAILED, says)


def unknown(says: str) -> Answer:
    """An answer that something is not known yet."""
    return Answer(CheckResult.UNKNOWN, says)


def hold(says: str) -> Answer:
    """An answer that passes."""
    return Answer(CheckResult.PASSED, says)


class Policy(BaseResourceCheck):
    """A policy for resources.

    Args:
        id, name, guideline: the policy's literals of those names.
        types: the resource types to which it applies.
        judge: returns its answers; none if it does not apply to a resource.
    """

    def __init__(
        self,
        id: str,
        name: str,
        guideline: str,
        types: Sequence[str],
        judge: Callable[[Resource], Sequence[Answer]],
    ) -> None:
        categories = [CheckCategories.CONVENTION]
        super().__init__(name, id, categories, list(types), guideline=guideline)
        self._judge = judge

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult | None:
        """Judge one resource; None, which reports omit, if the policy does not apply.

        checkov's method would return unknown for resources with `count = 0`.
        """
        self.entity_type = entity_type
        return None if conf.get("count") == [0] else self.scan_resource_conf(conf)

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult | None:
        """The worst of the policy's answers, with their texts as details."""
        answers = self._judge(Resource(conf, self.graph, self.entity_type))
        found = [v for v in _WORST_FIRST if any(a.verdict is v for a in answers)]
        if not found:
            return None
        self.details += [a.says for a in answers if a.verdict is found[0]]
        return found[0]
