"""The published examples and tables of IAM's evaluation logic (IAM User Guide, titles as given)."""

from typing import Any

import pytest

from verification.engine.aws.iam import Decision, Policies, Request, Ruling, decide

USERS = "arn:aws:dynamodb:us-east-1:123456789012:table/users"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
YES, NO = Ruling.ALLOWED, Ruling.DENIED


def document(*statements: Any) -> dict[str, Any]:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def held(condition: dict[str, Any], context: dict[str, Any]) -> Ruling:
    """Return the verdict when this condition alone decides."""
    policies = Policies((document(ALLOW_ALL | {"Condition": condition}),))
    return decide(policies, Request("ec2:DeleteTags", "*", context)).verdict


TEAM = {
    "StringEquals": {
        "aws:PrincipalTag/department": ["finance", "hr", "legal"],
        "aws:PrincipalTag/role": ["audit", "security"],
    }
}
PEOPLE = ["arn:aws:iam::222222222222:user/Ana", "arn:aws:iam::222222222222:user/Mary"]
LIKE = TEAM | {"ArnLike": {"aws:PrincipalArn": PEOPLE}}
NOT_LIKE = TEAM | {"ArnNotLike": {"aws:PrincipalArn": PEOPLE}}
MULTIPLE = [
    (LIKE, "legal", "audit", "Mary", YES),
    (LIKE, "hr", "audit", "Nikki", NO),
    (LIKE, "hr", "payroll", "Mary", NO),
    (LIKE, "hr", None, "Mary", NO),
    (LIKE, None, None, "Mary", NO),
    (NOT_LIKE, "legal", "audit", "Nikki", YES),
    (NOT_LIKE, "hr", "audit", "Mary", NO),
    (NOT_LIKE, "hr", "payroll", "Nikki", NO),
    (NOT_LIKE, "hr", None, "Nikki", NO),
    (NOT_LIKE, None, None, "Nikki", NO),
]


@pytest.mark.parametrize(("condition", "department", "role", "person", "expected"), MULTIPLE)
def test_conditions_with_multiple_keys_or_values(
    condition: Any, department: str | None, role: str | None, person: str, expected: Ruling
) -> None:
    """Both tables of "Conditions with multiple context keys or values" hold."""
    tags = {"aws:PrincipalTag/department": department, "aws:PrincipalTag/role": role}
    context = {key: value for key, value in tags.items() if value}
    context["aws:PrincipalArn"] = f"arn:aws:iam::222222222222:user/{person}"
    assert held(condition, context) is expected


TAGS = ["environment", "cost-center"]
ALL = {"ForAllValues:StringEquals": {"aws:TagKeys": TAGS}, "Null": {"aws:TagKeys": "false"}}
ANY = {"ForAnyValue:StringEquals": {"aws:TagKeys": TAGS}}
NOT_ONE = {"ForAllValues:StringNotLike": {"aws:TagKeys": "key1*"}}
NOT_TWO = {"ForAllValues:StringNotLike": {"aws:TagKeys": ["key1*", "key2*"]}}
WEB = {"ForAnyValue:StringEquals": {"aws:TagKeys": "webserver"}}
SETS = [
    (ALL, ["environment"], YES),
    (ALL, ["cost-center"], YES),
    (ALL, ["environment", "cost-center"], YES),
    (ALL, ["environment", "dept"], NO),
    (ALL, None, NO),
    (ANY, ["environment"], YES),
    (ANY, ["cost-center"], YES),
    (ANY, ["environment", "cost-center"], YES),
    (ANY, ["environment", "dept"], YES),
    (ANY, ["dept"], NO),
    (ANY, None, NO),
    (NOT_ONE, ["key1:legal"], NO),
    (NOT_ONE, ["key1:hr", "key1:personnel"], NO),
    (NOT_ONE, ["key2:audit"], YES),
    (NOT_ONE, None, YES),
    (NOT_TWO, ["key1:hr", "key2:audit"], NO),
    (NOT_TWO, ["key3:legal"], YES),
    (NOT_TWO, None, YES),
    (WEB, ["webserver"], YES),
    (WEB, ["environment", "webserver", "test"], YES),
    (WEB, ["environment", "test"], NO),
    (WEB, None, NO),
]


@pytest.mark.parametrize(("condition", "keys", "expected"), SETS)
def test_set_operators(condition: Any, keys: list[str] | None, expected: Ruling) -> None:
    """The tables of "Single-valued vs. multivalued context keys" and of its examples hold."""
    assert held(condition, {} if keys is None else {"aws:TagKeys": tuple(keys)}) is expected


OPERATORS = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "A", "a", False),
    ("StringEquals", "a*", "ab", False),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringNotEquals", "a", None, True),
    ("StringEqualsIgnoreCase", "A", "a", True),
    ("StringNotEqualsIgnoreCase", "A", "a", False),
    ("StringLike", "a?c*", "abcd", True),
    ("StringLike", "A*", "ab", False),
    ("StringNotLike", "a*", "ab", False),
    ("StringLikeIfExists", ["t1.*", "t2.*"], None, True),
    ("StringLikeIfExists", ["t1.*", "t2.*"], "m3.large", False),
    ("StringLike", ["t1.*", "t2.*"], None, False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericLessThan", 10, "10.0", False),
    ("NumericNotEquals", "10", "10.00", False),
    ("NumericGreaterThan", "9.5", "10", True),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", True),
    ("DateLessThan", "2020-04-01", "2020-03-31T23:00:00-02:00", False),
    ("DateEquals", "1585699200", "2020-04-01T00:00:00Z", True),
    ("Bool", True, "true", True),
    ("Bool", "true", None, False),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "203.0.113.9", True),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("IpAddress", "203.0.113.9", "203.0.113.10", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("NotIpAddress", "203.0.113.0/24", None, True),
    ("ArnEquals", "arn:aws:sns:*:123456789012:t*", "arn:aws:sns:eu-west-1:123456789012:top", True),
    ("ArnLike", "arn:aws:sns:*:1:t?p", "arn:aws:sns:eu-west-1:1:top", True),
    ("ArnEquals", "arn:aws:sns:*:1:top", "arn:aws:sns:eu-west-1:12:top", False),
    ("ArnNotLike", "arn:aws:sns:*:*:top", "arn:aws:sns:eu-west-1:1:Top", True),
    ("Null", "true", None, True),
    ("Null", "true", "x", False),
    ("Null", False, "x", True),
]


@pytest.mark.parametrize(("operator", "values", "given", "expected"), OPERATORS)
def test_condition_operators(operator: str, values: Any, given: Any, expected: bool) -> None:
    """Each operator compares as "IAM JSON policy elements: Condition operators" says."""
    context = {} if given is None else {"K:One": given}
    assert held({operator: {"k:one": values}}, context) is (YES if expected else NO)


def test_variable_without_value() -> None:
    """A variable without value equals nothing, so that a negated operator matches."""
    team = {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}
    context = {"s3:ExistingObjectTag/Team": "a"}
    assert held({"StringNotEquals": team}, context) is YES
    assert held({"StringEquals": team}, context) is NO


def weighed(boundary: Any = None, session: Any = None, *identity: Any) -> Decision:
    """Return the decision on one request."""
    policies = Policies(identity, boundary, session)
    return decide(policies, Request("dynamodb:GetItem", USERS))


def test_explicit_deny_wins() -> None:
    """A Deny in any policy overrides every Allow, and is named by its Sid."""
    deny = {"Sid": "NoReading", "Effect": "Deny", "Action": "dynamodb:Get*", "Resource": "*"}
    decision = weighed(None, None, document(ALLOW_ALL), document(ALLOW_ALL, deny))
    assert decision.verdict is NO
    assert (
        decision.reason
        == "statement 'NoReading' of identity-based policy 2 denies dynamodb:GetItem"
    )
    assert decision.refusal == "with an explicit deny in an identity-based policy"
    inside = weighed(document(ALLOW_ALL, deny), None, document(ALLOW_ALL))
    assert inside.refusal == "with an explicit deny in a permissions boundary"


def test_everything_there_must_allow() -> None:
    """Identity policies, boundary and session policies are intersected; none means denied."""
    full, other = document(ALLOW_ALL), document(ALLOW_ALL | {"Action": "s3:*"})
    because = "because no {} allows the dynamodb:GetItem action"
    assert weighed().refusal == because.format("identity-based policy")
    assert weighed(full, (full,), full).verdict is YES
    assert weighed(other, None, full).refusal == because.format("permissions boundary")
    assert weighed(None, (other,), full).refusal == because.format("session policy")
    assert weighed(None, (other, full), full).verdict is YES
    assert weighed(None, (), full).verdict is NO
    assert weighed(full, (full,), other).verdict is NO
