"""What moments of a film say: the words that keys find in them."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._decoding import Decoded, decode_any
from genlabel._plane.search import Search
from genlabel.video._codeword import key_sums
from genlabel.video._film import Moment
from genlabel.video._insets import insets
from genlabel.video._pictures import (
    COARSE,
    CROPPED,
    FINE,
    Measured,
    Picture,
    Pictures,
    chips_of,
    coherence_of,
    grouped,
    measured_beside,
    together,
)
from genlabel.video._placing import MOVES, Matrix, Placed, Window, moved, orientations, resized
from genlabel_kernels.video.layout import layout

#: Threads that share what takes long.
THREADS = min(os.cpu_count() or 1, 4)
# Pictures that are searched for poses together, at most.
_SEARCHED = 16
# Rectangles within pictures that are searched by themselves, at most.
_INSETS = 2
# Parts of a picture that are searched by themselves: side against the whole, and places. A film
# that is shown small within another picture lies in one of them, and less else does.
_PART = 0.7
_PLACES = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5))
# Coherence from which tones are heard, in standard deviations; a mark that can be read has 6 or
# more, if nobody took its tones off.
_HEARD = 3.0
# From which on upright poses are worth trying those next to them.
_PLAIN = 6.0


class Risk:
    """How the risk of a chance finding is shared out among measurements that come one by one.

    The union bound asks only that the shares sum to one, and that they do not depend on the chips'
    signs. Measurements in which the public tones are heard, which are few, share one half, all
    others the other half; the k-th of either gets 1 / (k (k + 1)) of it.

    Parameters
    ----------
    keys : int
        How many each measurement is shown to.
    """

    def __init__(self, keys: int) -> None:
        self._keys = keys
        self._looked_at = {True: 0, False: 0}

    def trials(self, *, heard: bool) -> int:
        """Count one more measurement; give the reciprocal of its share, keys included."""
        self._looked_at[heard] += 1
        count = self._looked_at[heard]
        return 2 * count * (count + 1) * self._keys


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was read.

    Parameters
    ----------
    decoded : Decoded
        What it says.
    secrets : ChipSecrets
        Of its key.
    placed : Placed
        Where it lay.
    matrix : (3, 3) float64 array
        From the film's pixels to frame pixels.
    """

    decoded: Decoded
    secrets: ChipSecrets
    placed: Placed
    matrix: Matrix


def read_chips(
    measured: Measured, secrets: Sequence[ChipSecrets], risk: Risk
) -> tuple[Decoded, ChipSecrets] | None:
    """Decode a measurement under all keys."""
    heard = coherence_of(measured) > _HEARD
    trials = risk.trials(heard=heard)
    return decode_any(key_sums(chips_of(measured), secrets), secrets, trials, likely=heard)


def find_word(
    pictures: Sequence[Picture],
    secrets: Sequence[ChipSecrets],
    risk: Risk,
    *,
    posed: bool,
    upright: bool = True,
) -> Word | None:
    """Read the first word that any stretch of a film shows: all of it, its halves, and so on.

    Parameters
    ----------
    pictures : sequence of Picture
        In order.
    secrets : sequence of ChipSecrets
        Of all keys.
    risk : Risk
        Of chance findings.
    posed : bool
        Whether to search for poses.
    upright : bool
        Whether to read pictures that are whole.
    """
    for _, group in itertools.groupby(pictures, lambda one: one.moment.shape):
        alike = list(group)
        with contextlib.closing(_measurements(alike, posed=posed, upright=upright)) as measurements:
            for place, measured in measurements:
                found = read_chips(measured, secrets, risk)
                if found is not None:
                    return Word(*found, place, place.matrix @ alike[0].scaling)
    return None


def _searches(pictures: Sequence[Picture]) -> list[tuple[Window | None, Search, bool]]:
    """List searches for poses, and whether for upright ones only: of whole pictures, then parts."""
    height, width = pictures[0].shape
    shown = insets([one.moment.plane for one in pictures], _INSETS)
    rows, columns = round(_PART * height), round(_PART * width)
    corners = [(round(y * (height - rows)), round(x * (width - columns))) for y, x in _PLACES]
    parts = [(top, left, top + rows, left + columns) for top, left in corners]
    return [
        *((None, CROPPED, True), (None, COARSE, False), (None, FINE, False)),
        *((window, COARSE, upright) for window in shown for upright in (True, False)),
        *((part, COARSE, False) for part in parts),
    ]


class Total:
    """All of a film together, as whole pictures, in memory that does not grow."""

    def __init__(self) -> None:
        self.times = (0.0, 0.0)
        self._shape: tuple[int, int] | None = None
        self._sums: NDArray[np.float32] | None = None
        self._placed: list[Placed] = []
        self._matrix = np.eye(3)

    def add(self, moments: Sequence[Moment]) -> None:
        """Add moments of the first one's shape."""
        pictures = [Picture(moment) for moment in moments]
        if self._shape is None:
            self._shape = pictures[0].moment.shape
            self._placed = orientations(*pictures[0].shape)
            self._matrix = pictures[0].scaling
            self.times = (moments[0].start, moments[0].end)
        alike = [picture for picture in pictures if picture.moment.shape == self._shape]
        for picture in alike:
            values = np.array([[picture.measured(place) for place in self._placed]])
            more = grouped(values, [picture])
            self._sums = more if self._sums is None else self._sums + more
            self.times = (self.times[0], picture.moment.end)

    def word(self, secrets: Sequence[ChipSecrets], risk: Risk) -> Word | None:
        """Read it."""
        if self._sums is None:
            return None
        for index, place in enumerate(self._placed):
            found = read_chips(together(self._sums[:, index]), secrets, risk)
            if found is not None:
                return Word(*found, place, place.matrix @ self._matrix)
        return None


def _measurements(
    alike: Sequence[Picture], *, posed: bool, upright: bool
) -> Generator[tuple[Placed, Measured], None, None]:
    """Yield what pictures of one shape may say together, the likeliest first."""
    placed = orientations(*alike[0].shape) if upright else []
    size = layout().chips + 2 * len(layout().tones)
    values = np.empty((len(alike), len(placed), size), np.float32)
    for one, row in zip(alike, values, strict=True):
        for place, out in zip(placed, row, strict=True):
            out[...] = one.measured(place)
    yield from _said(placed, values, alike)
    # So many are enough to find a pose, and what was not read upright is read from as many.
    if posed:
        with contextlib.closing(_posed(alike[:: -(-len(alike) // _SEARCHED)])) as measurements:
            yield from measurements
    for first, last in _parts(len(alike)) if upright else ():
        yield from _said(placed, values[first:last], alike[first:last])


def _said(
    placed: Sequence[Placed], values: NDArray[np.float32], pictures: Sequence[Picture]
) -> Iterator[tuple[Placed, Measured]]:
    """Yield what pictures say together under each pose."""
    groups = grouped(values, pictures)
    for index, place in enumerate(placed):
        yield place, together(groups[:, index])


def _posed(some: Sequence[Picture]) -> Generator[tuple[Placed, Measured], None, None]:
    """Search for poses, and yield what pictures say under each."""

    def measured(place: Placed) -> NDArray[np.float32]:
        """Add up what keyframes say under a pose, and what the others do."""
        return grouped(np.array([one.measured(place) for one in some]), some)

    plainest: tuple[float, Placed | None] = (_PLAIN, None)
    with contextlib.closing(_poses(some)) as poses:
        for place, upright in poses:
            values = together(measured(place))
            if upright and (plain := coherence_of(values)) > plainest[0]:
                plainest = plain, place
            yield place, values
    if plainest[1] is None:
        return
    # Faint tones tell a pose to a pixel; the code, at higher frequencies, asks for less than half.
    for place in resized(plainest[1], *some[0].shape):
        groups = measured(place)
        for step in MOVES:
            # But for the pose itself, which was read.
            if any(step) or (place.matrix != plainest[1].matrix).any():
                beside = np.array([measured_beside(group, *step) for group in groups])
                yield moved(place, *step), together(beside)


def _poses(some: Sequence[Picture]) -> Generator[tuple[Placed, bool], None, None]:
    """Yield poses search by search, and whether it was for upright ones only."""

    def searched(window: Window | None, search: Search, upright: bool) -> list[tuple[Placed, bool]]:
        """Give the poses of one search."""
        found = Pictures(some, window).poses(search, upright=upright)
        return [(place, upright) for place in found]

    first, *others = _searches(some)
    yield from searched(*first)
    # Most are found by then. While one search's poses are tried, the next ones go on.
    with ThreadPoolExecutor(THREADS) as pool:
        searches = [pool.submit(searched, *one) for one in others]
        try:
            for places in searches:
                yield from places.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """List the halves, their halves, and so on: (first, last), the last excluded."""
    parts = 2
    while parts <= count:
        edges = np.linspace(0, count, parts + 1).round().astype(int).tolist()
        yield from itertools.pairwise(edges)
        parts *= 2
