"""The condition operators: how each compares a value of a request with one of a policy.

IAM User Guide, "IAM JSON policy elements: Condition operators",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import base64
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from verification.engine.aws.iam.evaluator import arn_matching
from verification.engine.aws.iam.evaluator import wildcards as text
from verification.engine.aws.iam.evaluator.wildcards import Context
from verification.engine.errors import ToolError
from verification.model.ternary import Answer, Unknown

Test = Callable[[str | Unknown, Context], Answer]
Compare = Callable[[Any, Any], bool]

_LAST_SECOND = 253402300799  # In the year 9999, the maximum of Python's dates.


@dataclass(frozen=True)
class Operator:
    """One operator; `prepare` parses a policy's value (and whether variables are allowed) into a
    test.

    A negated operator is the opposite of its test over all values of the policy.
    """

    prepare: Callable[[str, bool], Test]
    negated: bool = False


def _string(compiler: text.Compile, wildcards: bool, value: str, variables: bool) -> Test:
    pattern = text.read(value, wildcards=wildcards, variables=variables)
    return partial(_fits, pattern, compiler)


def _fits(
    pattern: text.Text, compiler: text.Compile, given: str | Unknown, context: Context
) -> Answer:
    return pattern.matches(given, context, compiler)


def _arn(value: str, variables: bool) -> Test:
    return partial(arn_matching.like_arn, arn_matching.arn_parts(value, variables))


def _typed(kind: str, convert: Callable[[str], Any], compare: Compare, value: str, _: bool) -> Test:
    """Make the test of an operator whose values have a type and no variables."""
    try:
        expected = convert(value)
    except ValueError as reason:
        raise ToolError(f"'{value}' is not {kind}") from reason

    def test(given: str | Unknown, _: Context) -> Answer:
        if isinstance(given, Unknown):
            return None
        try:
            return bool(compare(convert(given), expected))
        except ValueError:
            return None

    return test


def _number(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as reason:
        raise ValueError(value) from reason
    if not number.is_finite():
        raise ValueError(value)
    return number


def date(value: str) -> datetime:
    """Parse epoch seconds or a W3C date; UTC if it has no zone."""
    if value.isdigit():
        return datetime.fromtimestamp(min(int(value), _LAST_SECOND), UTC)
    whole = f"{value}-01" if value.count("-") == 1 and "T" not in value else value
    moment = datetime.fromisoformat(whole)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError(value)
    return value.lower() == "true"


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _address(value: str, _: bool) -> Test:
    try:
        network = ip_network(value, strict=False)
    except ValueError as reason:
        raise ToolError(f"'{value}' is not an IP address or range in CIDR notation") from reason

    def test(given: str | Unknown, _: Context) -> Answer:
        if isinstance(given, Unknown):
            return None
        try:
            return ip_address(given) in network
        except ValueError:
            return None

    return test


_numeric = partial(partial, _typed, "a number", _number)
_dated = partial(partial, _typed, "a date or a number of seconds since 1970", date)
_equal = partial(_string, text.exact, False)
_equal_in_any_case = partial(_string, text.caseless, False)
_like = partial(_string, text.exact, True)
_bool = partial(_typed, "'true' or 'false'", _truth, operator.eq)
_same_bytes = partial(_typed, "base64", _bytes, operator.eq)

_NAMED = {
    "StringEquals": Operator(_equal),
    "StringNotEquals": Operator(_equal, negated=True),
    "StringEqualsIgnoreCase": Operator(_equal_in_any_case),
    "StringNotEqualsIgnoreCase": Operator(_equal_in_any_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    "NumericEquals": Operator(_numeric(operator.eq)),
    "NumericNotEquals": Operator(_numeric(operator.eq), negated=True),
    "NumericLessThan": Operator(_numeric(operator.lt)),
    "NumericLessThanEquals": Operator(_numeric(operator.le)),
    "NumericGreaterThan": Operator(_numeric(operator.gt)),
    "NumericGreaterThanEquals": Operator(_numeric(operator.ge)),
    "DateEquals": Operator(_dated(operator.eq)),
    "DateNotEquals": Operator(_dated(operator.eq), negated=True),
    "DateLessThan": Operator(_dated(operator.lt)),
    "DateLessThanEquals": Operator(_dated(operator.le)),
    "DateGreaterThan": Operator(_dated(operator.gt)),
    "DateGreaterThanEquals": Operator(_dated(operator.ge)),
    "Bool": Operator(_bool),
    "BinaryEquals": Operator(_same_bytes),
    "IpAddress": Operator(_address),
    "NotIpAddress": Operator(_address, negated=True),
    "ArnEquals": Operator(_arn),
    "ArnLike": Operator(_arn),
    "ArnNotEquals": Operator(_arn, negated=True),
    "ArnNotLike": Operator(_arn, negated=True),
}
OPERATORS = {name.lower(): operator for name, operator in _NAMED.items()}
"""By lower-case name: AWS also accepts `stringLike`, although its guide does not document it."""
