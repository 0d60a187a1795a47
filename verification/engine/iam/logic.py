"""Three-valued logic: True, False, or None where nobody can tell yet (Kleene's strong logic)."""

from collections.abc import Iterable

Answer = bool | None


def all_of(answers: Iterable[Answer]) -> Answer:
    """Return False if one is False, else None if one is None, else True; stops at a False."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return True if one is True, else None if one is None, else False; stops at a True."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def negate(answer: Answer) -> Answer:
    """Return the opposite; what nobody can tell stays so."""
    return None if answer is None else not answer


def agree(one: Answer, other: Answer) -> Answer:
    """Return the answer that holds in both of two possible worlds, None if they differ."""
    return one if one is other else None
