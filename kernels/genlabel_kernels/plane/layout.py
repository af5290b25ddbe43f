"""Tiles that marks of planes repeat: sums of sinusoids of whole cycles, most of them keyed chips.

A tile is drawn on a frame: the plane scaled so that its long side has a number of pixels that the
mark on the wire fixes. Some sinusoids carry no code: they are public tones, by which a detector
finds out how the plane was turned, stretched and cut. Nothing here depends on a key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.chips import permutation

#: Side of a tile in pixels of its layer's frame.
TILE = 256
CODE_BITS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where a tile's chips and tones lie in its spectrum.

    Parameters
    ----------
    layer : str
        Whose.
    bins : (n, 2) int32 array
        (vertical, horizontal) cycles per tile of the payload's bins; each holds two chips, the
        cosine's in the first half of the chip vector, the sine's in the second.
    binding : (b, 2) int32 array
        Cycles per tile of the bins that bind the mark to its picture's content; two chips each.
    bit_of_chip : (2 n,) int32 array
        The code bit of each chip; every bit has chips all over the band.
    tones : (m, 2) int32 array
        Cycles per tile of the public tones.
    phases : (m,) complex64 array
        Their phases, of modulus 1.
    tone_share : float
        The part of the tile's energy that they have.
    """

    layer: str
    bins: NDArray[np.int32]
    binding: NDArray[np.int32]
    bit_of_chip: NDArray[np.int32]
    tones: NDArray[np.int32]
    phases: NDArray[np.complex64]
    tone_share: float

    @property
    def chips(self) -> int:
        """Number of chips in a tile that carry code."""
        return 2 * len(self.bins)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a layout follows from.

    Parameters
    ----------
    layer : str
        Its name.
    seed : bytes
        Of the draws of the mark that it belongs to.
    radii : (float, float)
        Of the bins it uses, in cycles per tile.
    tones : int
        Public tones.
    tone_share : float
        The part of the tile's energy that they have.
    tone_distance : float
        In bins: so that a shifted or turned constellation never fits by parts.
    binding : int
        Bins that bind the mark to what the picture shows.
    """

    layer: str
    seed: bytes
    radii: tuple[float, float]
    tones: int
    tone_share: float
    tone_distance: float
    binding: int = 0


def lay_out(plan: Plan) -> Layout:
    """Draw a layout."""
    ring = _half_ring(*plan.radii)
    order = permutation(plan.seed + b"/tones/" + plan.layer.encode(), len(ring))
    tones = _spaced(ring[order], plan.tones, plan.tone_distance)
    free = ring[~(ring[:, None] == tones[None]).all(axis=2).any(axis=1)]
    by_radius = free[np.argsort((free.astype(np.int64) ** 2).sum(axis=1), kind="stable")]
    binds = np.zeros(len(free), bool)
    binds[np.arange(plan.binding) * len(free) // max(1, plan.binding)] = True
    bins = by_radius[~binds]
    # Dealt out along the radius, so that every code bit gets the same share of each frequency.
    count = 2 * len(bins)
    dealt = np.empty(count, np.int32)
    for start in range(0, count, CODE_BITS):
        hand = permutation(plan.seed + b"/bits/%d" % start, CODE_BITS)
        dealt[start : start + CODE_BITS] = hand[: count - start]
    bit_of_chip = np.concatenate([dealt[0::2], dealt[1::2]])
    turns = permutation(plan.seed + b"/phases/" + plan.layer.encode(), 1 << 12)[: len(tones)]
    phases = np.exp(2j * np.pi * turns / (1 << 12)).astype(np.complex64)
    return Layout(plan.layer, bins, by_radius[binds], bit_of_chip, tones, phases, plan.tone_share)


def _half_ring(inner: float, outer: float) -> NDArray[np.int32]:
    """List one of each pair of opposite bins between two radii."""
    reach = int(outer)
    down, across = np.mgrid[-reach : reach + 1, 0 : reach + 1]
    radius = np.hypot(down, across)
    wanted = (radius >= inner) & (radius <= outer) & ((across > 0) | (down > 0))
    return np.stack([down[wanted], across[wanted]], axis=1).astype(np.int32)


def _spaced(candidates: NDArray[np.int32], count: int, distance: float) -> NDArray[np.int32]:
    """Take the first `count` candidates that keep their distance from all taken before."""
    taken: list[NDArray[np.int32]] = []
    for candidate in candidates:
        near = (np.hypot(*(candidate - other)) < distance for other in taken)
        if not any(near):
            taken.append(candidate)
        if len(taken) == count:
            return np.array(taken, np.int32)
    raise AssertionError("the ring is too small for its tones")


def frame_size(height: int, width: int, long_side: int) -> tuple[int, int]:
    """Scale a picture's sides so that the longer one is `long_side`.

    Parameters
    ----------
    height, width : int
        In pixels.
    long_side : int
        In pixels.

    Returns
    -------
    tuple of int
        Height and width of the frame, at least 1 each.
    """
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))
