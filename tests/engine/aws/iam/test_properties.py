"""What holds for all policies and requests, and not only for examples."""

import copy
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import cases
from verification.engine.aws.iam import Policies, Request, Ruling, decide
from verification.model.ternary import Unknown

RANK = {Ruling.DENIED: 0, Ruling.UNKNOWN: 1, Ruling.ALLOWED: 2}
EXAMPLES = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A seed costs a tenth of what `st.randoms` does; tests/oracle/shrink.py shows how to shrink cases.
seeds = st.integers(0, 2**32)
# Session policies refuse incomplete ARNs, which is tested elsewhere.
COMPLETE = [p for p in cases.RESOURCE_PATTERNS if p == "*" or p.count(":") >= 5]


def drawn(random: Random) -> cases.Json:
    """Return a case; half of them allow everything to begin with, so that more is decided yes."""
    case = cases.case(random)
    if case["session"] is not None:
        case["session"] = cases.policy(random, COMPLETE)
    if random.random() < 0.5:
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        case["identity"][0]["Statement"].append(everything)
    return case


def verdict(case: cases.Json, **context: Any) -> Ruling:
    """Return the verdict, with these values in the context instead of the case's."""
    given_context = {k: tuple(v) if isinstance(v, list) else v for k, v in case["context"].items()}
    session = None if case["session"] is None else (case["session"],)
    policies = Policies(tuple(case["identity"]), case["boundary"], session)
    request = Request(case["action"], case["resource"], given_context | context)
    return decide(policies, request).verdict


def with_statement(case: cases.Json, random: Random, effect: str, place: str) -> cases.Json:
    """Return the case with a further statement in its first policy of a kind."""
    more = copy.deepcopy(case)
    statement = cases.statement(random, COMPLETE) | {"Effect": effect}
    policy = more["identity"][0] if place == "identity" else more[place]
    policy["Statement"].insert(random.randint(0, 2), statement)
    return more


def places(case: cases.Json) -> list[str]:
    """Return the kinds of policies that a case has."""
    return ["identity", *(kind for kind in ("boundary", "session") if case[kind] is not None)]


@EXAMPLES
@given(seeds)
def test_allow_never_removes(seed: int) -> None:
    """Adding an Allow, wherever, never removes a permission."""
    random = Random(seed)
    case = drawn(random)
    more = with_statement(case, random, "Allow", random.choice(places(case)))
    assert RANK[verdict(more)] >= RANK[verdict(case)]


@EXAMPLES
@given(seeds)
def test_deny_never_adds(seed: int) -> None:
    """Adding a Deny, wherever, never adds a permission."""
    random = Random(seed)
    case = drawn(random)
    more = with_statement(case, random, "Deny", random.choice(places(case)))
    assert RANK[verdict(more)] <= RANK[verdict(case)]


@EXAMPLES
@given(seeds)
def test_limits_never_add(seed: int) -> None:
    """A boundary or a session policy never adds a permission."""
    random = Random(seed)
    case = drawn(random)
    limited = case | {"boundary": None, "session": None}
    assert RANK[verdict(case)] <= RANK[verdict(limited)]


def shuffled(value: Any, random: Random) -> Any:
    """Return the same with every list and object in another order."""
    if isinstance(value, dict):
        pairs = [(key, shuffled(inner, random)) for key, inner in value.items()]
        return dict(random.sample(pairs, len(pairs)))
    if isinstance(value, list):
        return random.sample([shuffled(inner, random) for inner in value], len(value))
    return value


@EXAMPLES
@given(seeds)
def test_order_never_matters(seed: int) -> None:
    """Neither policies nor statements nor values nor elements have an order."""
    random = Random(seed)
    case = drawn(random)
    assert verdict(shuffled(case, random)) is verdict(case)


def split(policy: cases.Json) -> cases.Json:
    """Return the policy with one statement for each pair of action and resource."""
    statements = []
    for statement in policy["Statement"]:
        actions = statement.get("Action", [None])
        resources = statement.get("Resource", [None])
        for action in actions if isinstance(actions, list) else [actions]:
            for resource in resources if isinstance(resources, list) else [resources]:
                one = {"Action": action, "Resource": resource}
                statements.append(statement | {k: v for k, v in one.items() if v is not None})
    return policy | {"Statement": statements}


@EXAMPLES
@given(seeds)
def test_splitting_changes_nothing(seed: int) -> None:
    """A statement on several actions and resources is the same as one statement for each pair."""
    random = Random(seed)
    case = drawn(random)
    parts: dict[str, Any] = {kind: split(case[kind]) for kind in places(case)[1:]}
    parts["identity"] = [split(policy) for policy in case["identity"]]
    assert verdict(case | parts) is verdict(case)


@EXAMPLES
@given(seeds)
def test_unknown_values_are_honest(seed: int) -> None:
    """What is decided while a value is unknown stays so, whatever the value turns out to be."""
    random = Random(seed)
    case = drawn(random)
    key = random.choice([key for keys in cases.KEYS.values() for key in keys])
    before = verdict(case, **{key: Unknown()})
    assert before in (Ruling.UNKNOWN, verdict(case))


def unknown_somewhere(policy: cases.Json, random: Random) -> cases.Json:
    """Return the policy with one of its parts unknown."""
    hidden = copy.deepcopy(policy)
    statement = random.choice(hidden["Statement"])
    part = random.choice([part for part in statement if part != "Sid"])
    statement[part] = Unknown()
    return hidden


@EXAMPLES
@given(seeds)
def test_unknown_policies_are_honest(seed: int) -> None:
    """What is decided while a part of a policy is unknown stays so."""
    random = Random(seed)
    case = drawn(random)
    hidden = [unknown_somewhere(case["identity"][0], random), *case["identity"][1:]]
    assert verdict(case | {"identity": hidden}) in (Ruling.UNKNOWN, verdict(case))
