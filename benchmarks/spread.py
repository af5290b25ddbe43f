"""Times as median and spread: one slow run on a busy machine must not set a figure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one call took.

    Parameters
    ----------
    wall : float
        Elapsed.
    cpu : float
        Of this process, all threads together; steadier than `wall` where others use the machine.
    """

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of repeated measurements.

    Parameters
    ----------
    count : int
        Measurements.
    least, lower, median, upper : float
        Minimum, first quartile, median, third quartile.
    """

    count: int
    least: float
    lower: float
    median: float
    upper: float

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.lower)}-{_short(self.upper)})"


def clock(call: Callable[[], Result]) -> tuple[Result, Seconds]:
    """Run `call` once and time it."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def spread(values: Sequence[float]) -> Spread:
    """Summarise one or more measurements."""
    if len(values) == 1:
        return Spread(1, values[0], values[0], values[0], values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(len(values), min(values), lower, median, upper)


def _short(value: float) -> str:
    """Three digits, never an exponent for what a table holds."""
    return f"{float(f'{value:.3g}'):g}"
