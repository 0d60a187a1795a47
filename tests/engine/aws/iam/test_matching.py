"""How actions, resources and variables match (IAM User Guide, titles as given)."""

from typing import Any

import pytest

from verification.engine.aws.iam import Policies, Request, Ruling, decide

USERS = "arn:aws:dynamodb:us-east-1:123456789012:table/users"
YES, NO, OPEN = Ruling.ALLOWED, Ruling.DENIED, Ruling.UNKNOWN


def asked(statement: dict[str, Any], resource: str, version: str | None = "2012-10-17") -> Ruling:
    """Return the verdict on a request when this statement, with defaults, is the only one."""
    whole = {"Effect": "Allow"}
    if "NotAction" not in statement:
        whole["Action"] = "*"
    if "NotResource" not in statement:
        whole["Resource"] = "*"
    document = {"Statement": whole | statement} | ({"Version": version} if version else {})
    request = Request("dynamodb:GetItem", resource, CONTEXT)
    return decide(Policies((document,)), request).verdict


CONTEXT: dict[str, Any] = {
    "aws:username": "alice",
    "aws:PrincipalTag/team": "yellow",
    "aws:TagKeys": ("a", "b"),
}


BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
MATCHING = [
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1/test/object.jpg", YES),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1/2/test/3/object.jpg", YES),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1///test///object.jpg", YES),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}//test/object.jpg", YES),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1/test/", YES),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1-test/object.jpg", NO),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/test/object.jpg", NO),
    ({"Resource": f"{BUCKET}/*/test/*"}, f"{BUCKET}/1/2/test.jpg", NO),
    ({"Resource": "arn:aws:sqs"}, "arn:aws:sqs:us-east-2:123456789012:q", YES),
    ({"Resource": "arn:aws:sqs"}, USERS, NO),
    ({"Resource": "arn:aws:dynamodb:*:table/users"}, USERS, OPEN),
    ({"Resource": "arn:aws:dynamodb:us-*:table/x"}, USERS, NO),
    ({"Resource": f"{BUCKET}/a*b"}, f"{BUCKET}/a:b", OPEN),
    ({"Resource": f"{BUCKET}/a?:b"}, f"{BUCKET}/a::b", OPEN),
    ({"Resource": f"{BUCKET}/a*"}, f"{BUCKET}/a:b", YES),
    ({"Resource": USERS.upper().replace("ARN:AWS:", "arn:aws:")}, USERS, NO),
    ({"Resource": f"{USERS[:-1]}?"}, USERS, YES),
    ({"Resource": f"{USERS}/index/*"}, USERS, NO),
    ({"NotResource": USERS}, USERS, NO),
    ({"NotResource": USERS}, f"{USERS}/index/x", YES),
    ({"Resource": USERS}, "*", NO),
    ({"Action": "DYNAMODB:getitem"}, USERS, YES),
    ({"Action": "dynamodb:Get*"}, USERS, YES),
    ({"Action": "dynamodb:GetIte?"}, USERS, YES),
    ({"Action": "dynamodb:?GetItem"}, USERS, NO),
    ({"NotAction": "dynamodb:Get*"}, USERS, NO),
    ({"NotAction": "s3:*"}, USERS, YES),
]


@pytest.mark.parametrize(("statement", "resource", "expected"), MATCHING)
def test_elements(statement: dict[str, Any], resource: str, expected: Ruling) -> None:
    """Action, Resource and their opposites match as their pages say."""
    assert asked(statement, resource) is expected


VARIABLES = [
    ("/${aws:username}/*", "/alice/x", YES),
    ("/${AWS:UserName}/*", "/bob/x", NO),
    ("-${aws:PrincipalTag/team, 'company-wide'}/*", "-yellow/x", YES),
    ("-${aws:PrincipalTag/none, 'company-wide'}/*", "-company-wide/x", YES),
    ("/${aws:PrincipalTag/none}/*", "//x", NO),
    ("/${*}", "/*", YES),
    ("/${*}", "/x", NO),
    ("/${$}{x}${?}", "/${x}?", YES),
    ("/${aws:TagKeys}", "/a", OPEN),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), VARIABLES)
def test_variables(pattern: str, path: str, expected: Ruling) -> None:
    """Variables stand for values as "IAM policy elements: Variables and tags" says."""
    assert asked({"Resource": BUCKET + pattern}, BUCKET + path) is expected


def test_older_language_has_no_variables() -> None:
    """Without the Version that brought them, variables are literal text."""
    statement = {"Resource": f"{BUCKET}/${{aws:username}}"}
    assert asked(statement, f"{BUCKET}/alice", version=None) is NO
    assert asked(statement, f"{BUCKET}/${{aws:username}}", version=None) is YES


def test_variable_without_value_is_no_resource() -> None:
    """It matches no resource; what that means for NotResource is not said."""
    nothing = f"{BUCKET}/${{aws:none}}"
    assert asked({"Resource": nothing}, nothing) is NO
    assert asked({"NotResource": nothing}, nothing) is OPEN
