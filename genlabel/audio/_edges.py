"""Where exactly a stretch that carries a known word begins and ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel.audio._track import Values
from genlabel_kernels.audio.layout import FRAMES
from genlabel_kernels.audio.residual import HOPS

# Rows on either side of a first guess in which an edge is looked for: a second and a fifth.
_AROUND = 412


def first_row(
    values: Values, signs: NDArray[np.float32], phase: int, near: int, amplitude: float
) -> int:
    """Find the row at which a stretch begins: the median of all that it could be.

    Every row says by its agreement with the word whether it is marked. Where there is nothing to
    mark, no row says anything, and the edge comes to lie in the middle of the pause; but where that
    pause is a sound's beginning, all of it is as likely as not to belong to the stretch.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic, of unit variance.
    signs : (108, 41) float32 array
        Of the word.
    phase : int
        Of the superframes at the edge.
    near : int
        About where it is.
    amplitude : float
        Of the mark, against the statistic's own.

    Returns
    -------
    int
    """
    rows, (closed, _) = _window(values, phase, near)
    index = _median_edge(_ratios(values, signs, phase, rows, amplitude), closed=closed)
    if index >= len(rows):
        return near
    return int(rows[index]) if rows[index] >= HOPS else 0


def last_row(
    values: Values, signs: NDArray[np.float32], phase: int, near: int, amplitude: float
) -> int:
    """Find the row before which a stretch ends; as `first_row`."""
    rows, (_, closed) = _window(values, phase, near)
    index = _median_edge(_ratios(values, signs, phase, rows, amplitude)[::-1], closed=closed)
    if index >= len(rows):
        return near
    stop = int(rows[len(rows) - 1 - index]) + HOPS
    return stop if stop <= len(values) - HOPS else len(values)


def _window(values: Values, phase: int, near: int) -> tuple[NDArray[np.int64], tuple[bool, bool]]:
    """List the rows on frames around an edge, and say at which side there is nothing beyond them.

    The sound may end there, or be silent, or belong to a stretch that was found before.
    """
    start, stop = max(near - _AROUND, 0), min(near + _AROUND, len(values))
    rows = np.arange(start + (phase - start) % HOPS, stop, HOPS)
    there = np.flatnonzero(values[rows].any(axis=1))
    if not there.size:
        return rows[:0], (False, False)
    first, last = int(there[0]), int(there[-1])
    closed = first > 0 or start == 0, last < len(rows) - 1 or stop == len(values)
    return rows[first : last + 1], closed


def _ratios(
    values: Values,
    signs: NDArray[np.float32],
    phase: int,
    rows: NDArray[np.int64],
    amplitude: float,
) -> NDArray[np.float64]:
    """Give every row's log likelihood ratio of being marked."""
    chosen = values[rows].astype(np.float64)
    products = (chosen * signs[(rows - phase) // HOPS % FRAMES]).sum(axis=1)
    squares = (chosen * chosen).sum(axis=1)
    return np.asarray(amplitude * products - 0.5 * amplitude**2 * squares)


def _median_edge(ratios: NDArray[np.float64], *, closed: bool) -> int:
    """Say from which index on all is marked; the median where any is possible."""
    sums = np.append(np.cumsum(ratios[::-1])[::-1], 0.0)
    weights = np.exp(sums - sums.max())
    if closed and len(ratios):
        weights[0] *= len(ratios)
    return int(np.searchsorted(np.cumsum(weights), 0.5 * weights.sum()))
