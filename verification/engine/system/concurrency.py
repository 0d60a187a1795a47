"""Calls of a function in several threads: all at once, or repeated during a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import TypeVar

Result = TypeVar("Result")


def together(number: int, act: Callable[[], Result]) -> list[Result]:
    """Call a function in that many threads concurrently; returns the results."""
    start = Barrier(number)

    def wait_and_act(_: int) -> Result:
        start.wait()
        return act()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(wait_and_act, range(number)))


@contextmanager
def meanwhile(act: Callable[[], object], threads: int = 1, pause: float = 0.0) -> Iterator[None]:
    """Repeat a function in so many threads during the block, with a pause in seconds before each.

    An exception ends the function's thread, and is raised after the block.
    """
    over = Event()

    def repeat() -> None:
        while not over.wait(pause):
            act()

    with ThreadPoolExecutor(threads) as pool:
        started = [pool.submit(repeat) for _ in range(threads)]
        try:
            yield
        finally:
            over.set()
    for one in started:
        one.result()
