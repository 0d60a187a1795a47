"""Three-valued comparison: true and false are for ever, and only the known is either."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.model.ternary import Unknown, all_of, contains, is_true, same

KNOWN_LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
ANONYMOUS = st.just(Unknown())
NAMED = st.sampled_from([Unknown("aws_a.x.arn"), Unknown("aws_b.x.arn")])
ANSWERS = st.sampled_from([True, False, None])


def nested(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists, tuples and mappings of some leaves."""
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        ),
        max_leaves=6,
    )


KNOWN = nested(KNOWN_LEAVES)
ANY = nested(KNOWN_LEAVES | ANONYMOUS | NAMED)


def decided(value: object, choice: object) -> object:
    """The value with each unknown replaced by what it turns out to be."""
    if isinstance(value, Unknown):
        return choice
    if isinstance(value, Mapping):
        return {key: decided(part, choice) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [decided(part, choice) for part in value]
    return value


@given(nested(KNOWN_LEAVES | NAMED))
def test_same_is_reflexive(value: object) -> None:
    """What is known, or known to be the same attribute, equals itself."""
    assert same(value, value) is True


@given(ANY, ANY)
def test_same_is_symmetric(left: object, right: object) -> None:
    """It makes no difference which side is asked first."""
    assert same(left, right) is same(right, left)


@given(ANY, ANY, KNOWN_LEAVES)
def test_same_never_takes_an_answer_back(left: object, right: object, choice: object) -> None:
    """Whatever the unknown turns out to be, true stays true and false stays false."""
    answer = same(left, right)
    if answer is not None:
        assert same(decided(left, choice), decided(right, choice)) is answer


@given(KNOWN, KNOWN)
def test_the_known_is_never_undecided(left: object, right: object) -> None:
    """Two known values are equal or they are not."""
    assert same(left, right) in (True, False)


@given(ANY)
def test_nothing_is_known_of_an_anonymous_unknown(value: object) -> None:
    """An unknown without a reference equals nothing for certain, not even another one."""
    assert same(Unknown(), value) is None
    assert same([Unknown(), 1], [value, 1]) is None


@given(ANY)
def test_a_known_difference_decides(value: object) -> None:
    """One part that differs decides, whatever else is unknown."""
    assert same([value, 1], [Unknown(), 2]) is False
    assert same({"a": value, "b": 1}, {"a": Unknown(), "b": 2}) is False
    assert same([value], [Unknown(), 1]) is False
    assert same({"a": value}, {"b": Unknown()}) is False


@given(NAMED, NAMED)
def test_only_the_same_reference_is_the_same(left: object, right: object) -> None:
    """Two attributes are the same only if they are one."""
    assert (same(left, right) is True) is (left == right)


@pytest.mark.parametrize(
    ("attribute", "other", "answer"),
    [("arn", "arn", False), ("id", "id", False), ("name", "name", None), ("arn", "id", None)],
)
def test_resources_have_identities_of_their_own(
    attribute: str, other: str, answer: bool | None
) -> None:
    """ARNs of two resources differ; of other attributes the plan cannot tell."""
    assert same(Unknown(f"aws_a.x.{attribute}"), Unknown(f"aws_a.y.{other}")) is answer


@given(st.lists(ANY, max_size=4), ANY)
def test_contains_says_what_its_members_say(members: list[object], wanted: object) -> None:
    """A list holds what one member is; it may hold what one member may be."""
    answers = [same(member, wanted) for member in members]
    expected = True if True in answers else None if None in answers else False
    assert contains(members, wanted) is expected
    assert contains(tuple(members), wanted) is expected


@given(st.lists(KNOWN_LEAVES, max_size=4), KNOWN_LEAVES)
def test_contains_is_in_where_all_is_known(members: list[object], wanted: object) -> None:
    """Of known values, it is Python's own `in`."""
    assert contains(members, wanted) is (wanted in members)


@given(ANY)
def test_an_unknown_list_may_hold_anything(wanted: object) -> None:
    """An unknown list is undecided; what is no list holds nothing."""
    assert contains(Unknown(), wanted) is None
    assert contains("abc", "a") is False
    assert contains(None, wanted) is False


@given(st.lists(ANSWERS))
def test_all_of_is_the_least_sure_of_its_answers(answers: list[bool | None]) -> None:
    """One no is no; else one doubt is doubt; else yes."""
    expected = False if False in answers else None if None in answers else True
    assert all_of(answers) is expected
    assert all_of(iter(answers)) is expected


@given(st.lists(ANSWERS, max_size=5), st.randoms(use_true_random=False))
def test_all_of_does_not_mind_the_order(answers: list[bool | None], random: Random) -> None:
    """The same answers in another order say the same."""
    shuffled = random.sample(answers, len(answers))
    assert all_of(shuffled) is all_of(answers)


@given(KNOWN)
def test_a_switch_is_on_only_if_it_is_true(value: object) -> None:
    """Nothing else than true is on: neither 1 nor "true", nor what is not set."""
    assert is_true(value) is (value is True)
    assert is_true(Unknown("aws_a.x.enabled")) is None
