"""Work in other processes: many pieces in several, or one piece alone."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# Spawn, not fork: forking a process whose threads hold locks can hang the child, and a copy of this
# process would start with its memory.
_CONTEXT = multiprocessing.get_context("spawn")
# Of the items, so many for each process are in memory at a time.
_AHEAD = 4


def mapped(work: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[Result]:
    """Do some work on all items in so many processes, and give the results in order.

    With one job it is done in this process.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    waiting = iter(items)
    with ProcessPoolExecutor(jobs, mp_context=_CONTEXT) as pool:
        while batch := list(itertools.islice(waiting, _AHEAD * jobs)):
            yield from pool.map(work, batch)


def alone(work: Callable[..., Result], *arguments: object) -> Result:
    """Do some work in a process of its own: what it takes of time and memory is its alone."""
    with _CONTEXT.Pool(1) as pool:
        return pool.apply(work, arguments)
