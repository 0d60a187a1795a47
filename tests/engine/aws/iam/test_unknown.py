"""The evaluator where something is wrong or not known yet."""

from typing import Any

import pytest

from verification.engine.aws.iam import Policies, Request, Ruling, decide
from verification.engine.errors import ToolError
from verification.model.ternary import Unknown

USERS = "arn:aws:dynamodb:us-east-1:123456789012:table/users"
ALLOW = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": USERS}
DENY = ALLOW | {"Effect": "Deny"}
LATER = Unknown("aws_dynamodb_table.users.arn")
YES, NO, OPEN = Ruling.ALLOWED, Ruling.DENIED, Ruling.UNKNOWN

WRONG = [
    ("allow", "identity-based policy is not a policy document: 'allow'"),
    ({}, "identity-based policy has no Statement"),
    ({"Statement": [], "Versoin": "2012-10-17"}, "'Versoin' is not allowed there"),
    ({"Statement": [], "Version": "2013-01-01"}, "unknown Version '2013-01-01'"),
    ({"Statement": [], "Version": ["2012-10-17"]}, "unknown Version"),
    ({"Statement": ["x"]}, "statement 1 of identity-based policy is not an object"),
    ({"Statement": ALLOW | {"Principal": "*"}}, "'Principal' is not allowed there"),
    ({"Statement": ALLOW | {"Effect": "allow"}}, "Effect must be 'Allow' or 'Deny', not 'allow'"),
    ({"Statement": ALLOW | {"NotAction": "s3:*"}}, "either Action or NotAction"),
    ({"Statement": {"Effect": "Allow", "Action": "s3:*"}}, "either Resource or NotResource"),
    ({"Statement": ALLOW | {"Action": []}}, "Action is empty"),
    ({"Statement": ALLOW | {"Action": 1}}, "Action has 1"),
    ({"Statement": ALLOW | {"Action": "GetItem"}}, "action 'GetItem' is not service:name"),
    ({"Statement": ALLOW | {"Resource": "users"}}, "neither an ARN nor"),
    ({"Statement": ALLOW | {"Condition": {"StringIs": {"a:b": "c"}}}}, "operator 'StringIs'"),
    ({"Statement": ALLOW | {"Condition": {"NullIfExists": {"a:b": "true"}}}}, "'NullIfExists'"),
    ({"Statement": ALLOW | {"Condition": {"ForSome:Bool": {"a:b": "true"}}}}, "'ForSome:Bool'"),
    ({"Statement": ALLOW | {"Condition": {"Bool": {"a:b": "yes"}}}}, "Bool on a:b: 'yes' is not"),
    ({"Statement": ALLOW | {"Condition": {"Null": {"a:b": "yes"}}}}, "Null on a:b: 'yes' is not"),
    ({"Statement": ALLOW | {"Condition": {"IpAddress": {"a:b": "x"}}}}, "'x' is not an IP address"),
    ({"Statement": ALLOW | {"Condition": {"ArnLike": {"a:b": "*"}}}}, "'*' is not an ARN"),
    ({"Statement": ALLOW | {"Condition": {"Bool": "true"}}}, "Bool must be an object"),
    (
        {"Statement": ALLOW | {"Condition": {"Bool": {"a:b": None}}}},
        "None is not a string, number or boolean",
    ),
    ({"Statement": ALLOW, "Version": LATER}, "its Version is unknown"),
]


@pytest.mark.parametrize(("document", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_policy_is_refused(document: Any, message: str) -> None:
    """A policy that AWS would refuse is an error that names what is wrong, never a permission."""
    with pytest.raises(ToolError) as caught:
        decide(Policies((document,)), Request("dynamodb:GetItem", USERS))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "resource", ["arn:${aws:PrincipalTag/p}:s3:::b", "arn:aws:s3:::b/${a b}", "arn:aws:s3:::b/${"]
)
def test_wrong_variable_is_refused(resource: str) -> None:
    """A variable in the wrong place, or written wrongly, is an error."""
    document = {"Version": "2012-10-17", "Statement": ALLOW | {"Resource": resource}}
    with pytest.raises(ToolError, match="variable"):
        decide(Policies((document,)), Request("dynamodb:GetItem", USERS))


def test_incomplete_arn_in_session_policy() -> None:
    """AWS refuses an incomplete ARN in a session policy, and so do we."""
    short = {"Statement": ALLOW | {"Resource": "arn:aws:dynamodb"}}
    policies = Policies(({"Statement": ALLOW},), session=(short,))
    with pytest.raises(ToolError, match="incomplete ARN"):
        decide(policies, Request("dynamodb:GetItem", USERS))


OPEN_CASES: list[tuple[list[Any], Any, Ruling]] = [
    ([Unknown()], USERS, OPEN),
    ([ALLOW, Unknown()], USERS, OPEN),
    ([ALLOW | {"Effect": Unknown()}], USERS, OPEN),
    ([ALLOW | {"Action": Unknown()}], USERS, OPEN),
    ([ALLOW | {"Action": ["dynamodb:*", Unknown()]}], USERS, YES),
    ([ALLOW | {"Action": ["s3:*", Unknown()]}], USERS, OPEN),
    ([ALLOW | {"Action": "s3:*", "Resource": Unknown()}], USERS, NO),
    ([ALLOW | {"Resource": Unknown()}], USERS, OPEN),
    ([ALLOW | {"Resource": "*"}], LATER, YES),
    ([ALLOW], LATER, OPEN),
    ([ALLOW | {"Resource": LATER}], LATER, YES),
    ([ALLOW | {"Resource": Unknown("another.arn")}], LATER, OPEN),
    ([ALLOW, DENY | {"Resource": Unknown()}], USERS, OPEN),
    ([ALLOW, DENY | {"Resource": Unknown(), "Action": "s3:*"}], USERS, YES),
    ([ALLOW | {"Resource": Unknown()}, DENY], USERS, NO),
    ([ALLOW | {"Condition": Unknown()}], USERS, OPEN),
    ([ALLOW | {"Condition": {"Bool": Unknown()}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"StringEquals": {"k:known": ["x", Unknown()]}}}], USERS, YES),
    ([ALLOW | {"Condition": {"StringNotEquals": {"k:known": ["x", Unknown()]}}}], USERS, NO),
    ([ALLOW | {"Condition": {"StringEquals": {"k:known": Unknown()}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"StringEquals": {"k:later": "x"}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"StringLike": {"k:later": "*"}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"StringLikeIfExists": {"k:later": "*"}}}], USERS, YES),
    ([ALLOW | {"Condition": {"Null": {"k:later": "true"}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"Null": {"k:known": "false"}}}], USERS, YES),
    ([ALLOW | {"Condition": {"StringEquals": {"k:known": "${k:later}"}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"StringEquals": {"k:many": "x"}}}], USERS, OPEN),
    ([ALLOW | {"Condition": {"ForAnyValue:StringEqualsIfExists": {"k:no": "x"}}}], USERS, OPEN),
]


@pytest.mark.parametrize(("statements", "resource", "expected"), OPEN_CASES)
def test_unknown_is_never_a_yes(statements: list[Any], resource: Any, expected: Ruling) -> None:
    """Only what holds whatever the unknown turns out to be is decided."""
    document = {"Version": "2012-10-17", "Statement": statements}
    context: dict[str, Any] = {"k:known": "x", "k:later": Unknown(), "k:many": ("x",)}
    request = Request("dynamodb:GetItem", resource, context)
    assert decide(Policies((document,)), request).verdict is expected


def test_unknown_documents() -> None:
    """A whole document that is unknown may allow or deny, also as boundary or session policy."""
    full: Any = {"Statement": ALLOW}
    request = Request("dynamodb:GetItem", USERS)
    for policies in (
        Policies((Unknown(),)),
        Policies((full, Unknown())),
        Policies((full,), Unknown()),
        Policies((full,), None, (Unknown(),)),
    ):
        assert decide(policies, request).verdict is OPEN
    assert decide(Policies((), Unknown()), request).verdict is NO


def test_incomplete_context() -> None:
    """In a context that is not complete, a key that is not there is unknown, not absent."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    policies = Policies(({"Statement": ALLOW | {"Condition": condition}},))
    request = Request("dynamodb:GetItem", USERS)
    assert decide(policies, request).verdict is NO
    open_request = Request("dynamodb:GetItem", USERS, complete=False)
    assert decide(policies, open_request).verdict is OPEN
    absent = Request("dynamodb:GetItem", USERS, {"aws:MultiFactorAuthPresent": ()}, complete=False)
    assert decide(policies, absent).verdict is NO


def test_reason_names_the_statement() -> None:
    """The reason names the statement by Sid or place, or the policies in which none applies."""
    request = Request("dynamodb:GetItem", USERS)
    unnamed, named = {"Statement": [ALLOW]}, {"Statement": ALLOW | {"Sid": "Read"}}
    reason = decide(Policies((unnamed,)), request).reason
    assert reason == "statement 1 of identity-based policy allows dynamodb:GetItem"
    both = decide(Policies((named,), boundary=unnamed), request).reason
    assert both.startswith("statement 'Read' of identity-based policy allows dynamodb:GetItem; ")
    none = decide(Policies(()), request).reason
    assert none == f"no identity-based policy allows the dynamodb:GetItem action on {USERS}"
    waits = decide(Policies(({"Statement": [ALLOW | {"Resource": Unknown()}]},)), request).reason
    assert (
        waits
        == "statement 1 of identity-based policy may allow dynamodb:GetItem, and no other does"
    )
