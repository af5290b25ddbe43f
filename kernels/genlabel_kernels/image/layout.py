"""The image mark on the wire: every number a detector and an embedder must share.

A mark is two layers of one kind. Each repeats a square tile over a picture scaled so that its long
side has a layer's number of pixels, and each tile is a sum of sinusoids of whole cycles:

- the *fine* layer is drawn on a frame of 1152, 768 or 512 px;
- the *coarse* layer, on a frame of 384 px, carries the same code word once more at a fraction of
  the frequency, for pictures that come back as thumbnails.

Some sinusoids of each carry no code: they are public tones, by which a detector finds out how the
picture was turned, stretched and cut. Both layers begin at the picture's upper left corner.
Nothing here depends on a key.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.chips import permutation

VERSION = 1
#: Side of a tile in pixels of its layer's frame.
TILE = 256
#: Long sides of the fine layer's frames, largest first.
FINE_FRAMES = (1152, 768, 512)
#: Long side of the coarse layer's frame.
COARSE_FRAME = 384
LAYERS = ("fine", "coarse")
#: Radii of the bins each layer uses, in cycles per tile.
_RADII = {"fine": (20.5, 61.5), "coarse": (14.5, 48.5)}
#: Public tones of each layer, and the part of its energy that they have.
TONES = {"fine": 48, "coarse": 24}
TONE_SHARE = {"fine": 0.4, "coarse": 0.15}
CODE_BITS = 1024
#: Bins of each layer that bind the mark to what the picture shows. In the coarse layer only: it
#: survives where the picture is still whole, and elsewhere there is nothing to compare.
BINDING = {"fine": 0, "coarse": 268}

# Tones keep this distance, in bins, so that a shifted or turned constellation never fits by parts.
_TONE_DISTANCE = 9.0
_SEED = b"image/layout/1"


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where a tile's chips and tones lie in its spectrum.

    Parameters
    ----------
    layer : {"fine", "coarse"}
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
    """

    layer: str
    bins: NDArray[np.int32]
    binding: NDArray[np.int32]
    bit_of_chip: NDArray[np.int32]
    tones: NDArray[np.int32]
    phases: NDArray[np.complex64]

    @property
    def chips(self) -> int:
        """Number of chips in a tile that carry code."""
        return 2 * len(self.bins)


@functools.cache
def layout(layer: str) -> Layout:
    """Give the layout of the ``"fine"`` or the ``"coarse"`` layer."""
    ring = _half_ring(*_RADII[layer])
    order = permutation(_SEED + b"/tones/" + layer.encode(), len(ring))
    tones = _spaced(ring[order], TONES[layer])
    free = ring[~(ring[:, None] == tones[None]).all(axis=2).any(axis=1)]
    by_radius = free[np.argsort((free.astype(np.int64) ** 2).sum(axis=1), kind="stable")]
    binds = np.zeros(len(free), bool)
    binds[np.arange(BINDING[layer]) * len(free) // max(1, BINDING[layer])] = True
    bins = by_radius[~binds]
    # Dealt out along the radius, so that every code bit gets the same share of each frequency.
    count = 2 * len(bins)
    dealt = np.empty(count, np.int32)
    for start in range(0, count, CODE_BITS):
        hand = permutation(_SEED + b"/bits/%d" % start, CODE_BITS)
        dealt[start : start + CODE_BITS] = hand[: count - start]
    bit_of_chip = np.concatenate([dealt[0::2], dealt[1::2]])
    turns = permutation(_SEED + b"/phases/" + layer.encode(), 1 << 12)[: len(tones)]
    phases = np.exp(2j * np.pi * turns / (1 << 12)).astype(np.complex64)
    return Layout(layer, bins, by_radius[binds], bit_of_chip, tones, phases)


def _half_ring(inner: float, outer: float) -> NDArray[np.int32]:
    """List one of each pair of opposite bins between two radii."""
    reach = int(outer)
    down, across = np.mgrid[-reach : reach + 1, 0 : reach + 1]
    radius = np.hypot(down, across)
    wanted = (radius >= inner) & (radius <= outer) & ((across > 0) | (down > 0))
    return np.stack([down[wanted], across[wanted]], axis=1).astype(np.int32)


def _spaced(candidates: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Take the first `count` candidates that keep their distance from all taken before."""
    taken: list[NDArray[np.int32]] = []
    for candidate in candidates:
        near = (np.hypot(*(candidate - other)) < _TONE_DISTANCE for other in taken)
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


def fine_frame(height: int, width: int) -> int:
    """Choose the fine frame's long side: the one nearest to the picture's, on a log scale."""
    side = max(height, width)
    return min(FINE_FRAMES, key=lambda frame: abs(np.log(frame / side)))
