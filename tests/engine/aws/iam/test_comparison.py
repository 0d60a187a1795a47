"""What policies allow beyond other policies: in examples, and for all policies and requests."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import cases
from verification.engine.aws.iam import Policies, Request, Ruling, action_catalogue, decide
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.analysis.wildcard_examples import meet
from verification.model.ternary import Unknown

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/app-"
ACTIONS = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"]
READS = {
    "Sid": "Reads",
    "Effect": "Allow",
    "Action": ACTIONS,
    "Resource": [f"{TABLE}users", f"{TABLE}urls", f"{TABLE}urls/index/*"],
}
DENIES = {"Effect": "Deny", "Action": "dynamodb:DeleteItem", "Resource": f"{TABLE}users"}
TLS = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
SEEDS = st.integers(0, 2**32)
COMPLETE = [p for p in cases.RESOURCE_PATTERNS if p == "*" or p.count(":") >= 5]


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policies(*statements: dict[str, Any], **more: Any) -> Policies:
    """One identity policy of some statements."""
    return Policies((document(*statements),), names=("access",), **more)


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def differences(one: Policies, other: Policies) -> list[str]:
    """What the one allows beyond the other, in words; what nobody can tell has a question mark."""
    return [
        f"{', '.join(access.actions)}{str(access).removeprefix(', '.join(access.actions))}"
        + ("" if access.certain else "?")
        for access in beyond(one, other)
    ]


SAME = {
    "other names and order": policies(
        READS | {"Sid": "x", "Action": ACTIONS[::-1], "Resource": READS["Resource"][::-1]}
    ),
    "one statement for each action": policies(*(READS | {"Action": a} for a in ACTIONS)),
    "two policies": Policies(
        tuple(document(READS | {"Resource": resource}) for resource in READS["Resource"])
    ),
    "said twice, once more narrowly": policies(READS, allow(ACTIONS[0], f"{TABLE}users")),
    "other letters": policies(READS | {"Action": [a.upper() for a in ACTIONS]}),
    "what AWS never asks": policies(READS, allow("dynamodb:GetItem", f"{TABLE}urls/index/*")),
    "allowed and denied": policies(
        READS,
        allow("dynamodb:Scan", f"{TABLE}urls"),
        {"Effect": "Deny", "Action": "dynamodb:Scan", "Resource": "*"},
    ),
    "allowed beyond its boundary": policies(
        READS, allow("iam:*", "*"), boundary=document(allow("dynamodb:*", "*"))
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_the_same_in_other_words_is_no_difference(what: str) -> None:
    """A rename, a split, an order, or what is denied again, changes nothing."""
    assert differences(SAME[what], policies(READS)) == []
    assert differences(policies(READS), SAME[what]) == []


USERS, URLS = f"{TABLE}users", f"{TABLE}urls"
MORE = [
    (policies(READS, allow("dynamodb:PutItem", USERS)), policies(READS), "PutItem on " + USERS),
    (
        policies(READS, allow("dynamodb:Get*", USERS)),
        policies(READS),
        "dynamodb:GetResourcePolicy on " + USERS,
    ),
    (policies(READS, allow("*", "*")), policies(READS), "iam:PassRole, "),
    (policies(READS, allow("ssm:PutParameter", "*")), policies(READS), "ssm:PutParameter on *"),
    (policies(allow(ACTIONS, f"{TABLE}*")), policies(READS), f"dynamodb:Query on {TABLE}*"),
    (policies(READS), policies(READS, DENIES), "dynamodb:DeleteItem on " + USERS),
    (policies(READS), policies(READS | TLS), "where aws:SecureTransport is absent"),
    (
        policies(READS | {"Condition": {"NumericLessThan": {"a:n": "9"}}}),
        policies(READS | {"Condition": {"NumericLessThan": {"a:n": "5"}}}),
        "where a:n is '8.5'",
    ),
    (
        policies(READS),
        policies(READS, boundary=document(allow("dynamodb:GetItem", "*"))),
        "dynamodb:DeleteItem, dynamodb:Query on " + URLS,
    ),
    (
        policies({"Effect": "Allow", "NotAction": "iam:*", "Resource": USERS}),
        policies(READS),
        "dynamodb:DeleteTable, ",
    ),
    (
        policies({"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": USERS}),
        policies(READS),
        "dynamodb:GetItem on *",
    ),
    (
        policies({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        policies({"Effect": "Allow", "NotAction": ["iam:*", "s3:GetObject"], "Resource": "*"}),
        "s3:GetObject on *",
    ),
    (
        policies(READS | {"Resource": USERS.replace("us-east-1:123456789012", "*:*")}),
        policies(READS),
        "dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:Query on arn:aws:dynamodb:*:*:table",
    ),
    (policies(allow("dynamodb:GetItems", USERS)), policies(READS), "dynamodb:GetItems on " + USERS),
]


@pytest.mark.parametrize(("one", "other", "says"), MORE, ids=[says for _, _, says in MORE])
def test_more_is_named(one: Policies, other: Policies, says: str) -> None:
    """What is allowed beyond is named with action, resource and condition; the rest is not."""
    assert says in "\n".join(differences(one, other))
    assert "?" not in "".join(differences(one, other))


def test_only_the_excess_is_named() -> None:
    """A wildcard beside what is allowed anyhow: its other actions are listed, and none of those."""
    [access] = beyond(policies(READS, allow("dynamodb:*", USERS)), policies(READS))
    assert not set(ACTIONS) & set(access.actions)
    assert {"dynamodb:DeleteTable", "dynamodb:UpdateItem"} <= set(access.actions)
    assert access.by == "statement 2 of access"


ARN = Unknown("aws_dynamodb_table.users.arn")
OPEN = [
    (Policies((Unknown("aws_iam_policy.x.policy"),)), "<aws_iam_policy.x.policy>"),
    (policies(allow("dynamodb:GetItem", ARN)), f"dynamodb:GetItem on {ARN}?"),
    (policies(READS, allow(Unknown(), USERS)), f"on {USERS}?"),
    (policies(READS, allow("s3:GetObject", "*") | {"Effect": Unknown()}), "s3:GetObject on *?"),
]


@pytest.mark.parametrize(("one", "says"), OPEN, ids=[says for _, says in OPEN])
def test_the_unknown_stays_open(one: Policies, says: str) -> None:
    """What is known only after apply is neither more nor not."""
    assert says in "\n".join(differences(one, policies(READS)))
    assert all(not access.certain for access in beyond(one, policies(READS)))


def test_one_unknown_arn_is_compared_as_such() -> None:
    """The ARN of one resource is the same on both sides, whatever it will be."""
    before = policies(allow(["dynamodb:GetItem", "dynamodb:PutItem"], ARN))
    assert differences(policies(allow("dynamodb:GetItem", ARN)), before) == []
    other = Unknown("aws_dynamodb_table.urls.arn")
    assert differences(policies(allow("dynamodb:GetItem", other)), before)


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("a*", "*b", "a~b"),
        ("table/*", "*", "table/~"),
        ("table/x*", "table/*/index/*", "table/x~/index/~"),
        ("a?c", "abc", "abc"),
        ("abc", "abd", None),
        ("a", "ab*", None),
        ("", "*", "~"),
    ],
)
def test_patterns_meet(one: str, other: str, common: str | None) -> None:
    """Two patterns give an example of what both match, or nothing."""
    assert meet(one, other) == common or (one, meet(one, other)) == ("", "")


def drawn(random: Random) -> Policies:
    """Random policies, with a boundary now and then."""
    identity = tuple(simple(random) for _ in range(random.choice([1, 2])))
    return Policies(identity, simple(random) if random.random() < 0.2 else None)


def simple(random: Random) -> dict[str, Any]:
    """A random policy with few conditions, and without what means every action, which is slow."""
    made = cases.policy(random, COMPLETE)
    for statement in made["Statement"]:
        entries = statement.pop("NotAction", statement.get("Action"))
        statement["Action"] = "dynamodb:*" if "*" in entries else entries
        if random.random() < 0.9:
            statement.pop("Condition", None)
    return made


def context(random: Random) -> dict[str, Any]:
    """A random context; several values of a key come as a tuple."""
    drawn = cases.context(random)
    return {key: tuple(v) if isinstance(v, list) else v for key, v in drawn.items()}


def requests(random: Random) -> list[Request]:
    """Requests that AWS could make of the cases' actions on the cases' resources."""
    return [
        Request(action, resource, context(random))
        for action in cases.ACTIONS
        for resource in cases.RESOURCES[action.partition(":")[0]]
        if action_catalogue.applies(action, resource)
        for _ in range(5)
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS)
def test_nothing_more_means_no_request_more(seed: int) -> None:
    """Where no difference is reported, no request is allowed by the one and denied by the other."""
    random = Random(seed)
    one, other = drawn(random), drawn(random)
    if random.random() < 0.7:
        # Alike but for one statement: only then is the answer often "nothing more".
        changed = copy.deepcopy(one.identity)
        assert isinstance(changed[0], dict)
        changed[0]["Statement"] += simple(random)["Statement"]
        other = Policies(changed, one.boundary)
    if beyond(one, other):
        return
    for request in requests(random):
        verdicts = (decide(one, request).verdict, decide(other, request).verdict)
        assert verdicts != (Ruling.ALLOWED, Ruling.DENIED), request


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS)
def test_a_certain_difference_is_one(seed: int) -> None:
    """What is reported as certain is shown by a request, which the evaluator decides so."""
    random = Random(seed)
    one, other = drawn(random), drawn(random)
    for access in beyond(one, other):
        assert access.actions
        if access.certain and not access.when and access.resource != "*":
            example = access.resource.replace("*", "~").replace("?", "~")
            request = Request(access.actions[0], example)
            assert decide(one, request).verdict is Ruling.ALLOWED
            assert decide(other, request).verdict is Ruling.DENIED
