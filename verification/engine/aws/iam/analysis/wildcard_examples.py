"""Examples that match patterns, alone and in pairs."""

from __future__ import annotations

from collections import deque

FRESH = "~"
"""In examples, the part that a wildcard matches; no policy contains it."""

State = tuple[int, int]
_COLONS = 5


def example(pattern: str) -> str:
    """A text that the pattern matches, and as few other patterns as possible."""
    return pattern.replace("*", FRESH).replace("?", FRESH)


def shown(text: str) -> str:
    """The pattern of an example."""
    return text.replace(FRESH, "*")


def meet(one: str, other: str) -> str | None:
    """An example that both patterns match; None if there is none.

    ARNs are compared component by component.
    """
    parts = [text.split(":", _COLONS) for text in (one, other)]
    if not all(len(fields) > _COLONS for fields in parts):
        parts = [[one], [other]]
    met = [_path(*pair) for pair in zip(*parts, strict=True)]
    return None if None in met else ":".join("".join(path or ()) for path in met)


def _path(one: str, other: str) -> list[str] | None:
    """The shortest walk through both patterns, character by character."""
    start, end = (0, 0), (len(one), len(other))
    came: dict[State, tuple[State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if state == end:
            return _walked(came, state, one, other)
        for after, character in _steps(state, one, other):
            if after not in came:
                came[after] = (state, character)
                queue.append(after)
    return None


def _steps(state: State, one: str, other: str) -> list[tuple[State, str]]:
    i, j = state
    a, b = one[i : i + 1], other[j : j + 1]
    steps = [((i + 1, j), "")] if a == "*" else []
    steps += [((i, j + 1), "")] if b == "*" else []
    if a and b and (a == b or a in "*?" or b in "*?") and (a, b) != ("*", "*"):
        character = b if a in "*?" else a
        after = (i + (a != "*"), j + (b != "*"))
        steps.append((after, FRESH if character in "*?" else character))
    return steps


def _walked(
    came: dict[State, tuple[State, str] | None], state: State, one: str, other: str
) -> list[str]:
    """The path to a state; two wildcards together match text that no policy contains."""
    found: list[str] = []
    while True:
        if one[state[0] : state[0] + 1] == other[state[1] : state[1] + 1] == "*":
            found.append(FRESH)
        step = came[state]
        if step is None:
            return found[::-1]
        state, character = step
        found.append(character)
