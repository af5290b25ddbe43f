"""Tiles as sums of cosines, and bins as explicit Fourier sums."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

TILE = 256
TONE_SHARE = {"fine": 0.4, "coarse": 0.15}


def wave(v: int, h: int) -> Array:
    """exp(2 pi i (v y + h x) / 256) at every pixel of a tile."""
    y, x = np.mgrid[0:TILE, 0:TILE]
    return np.exp(2j * np.pi * ((v * y + h * x) % TILE) / TILE)


def draw_waves(bins: Array, values: Array) -> Array:
    """Sum a cosine and a sine per bin, to unit variance: each adds half its power."""
    tile = np.zeros((TILE, TILE))
    for (v, h), value in zip(bins, values, strict=True):
        circle = wave(int(v), int(h))
        tile += value.real * circle.real - value.imag * circle.imag
    return tile / math.sqrt(sum(abs(value) ** 2 for value in values) / 2)


def draw_tile(layer: str, bins: Array, values: Array, tones: Array, phases: Array) -> Array:
    """Bins are all that are no tones, whatever they carry: they share the rest of the energy."""
    share = TONE_SHARE[layer]
    code, public = draw_waves(bins, values), draw_waves(tones, phases)
    return math.sqrt(1 - share) * code + math.sqrt(share) * public


def fold_tiles(plane: Array, top: int, left: int, out: Array) -> None:
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            out[(top + y) % TILE, (left + x) % TILE] += plane[y, x]


def tile_values(tile: Array, bins: Array) -> Array:
    """One Fourier sum for each bin."""
    return np.array([(tile * wave(-int(v), -int(h))).sum() for v, h in bins])


def read_tile(tile: Array, bins: Array, places: Array) -> Array:
    """Divide values by the root mean power of all code bins at most one pixel-wide ring away."""
    powers = [
        (round(math.hypot(*bin)), abs(value) ** 2)
        for bin, value in zip(bins, tile_values(tile, bins), strict=True)
    ]

    def even(ring: int, value: complex) -> complex:
        near = [power for own, power in powers if abs(own - ring) <= 1]
        mean = sum(near) / len(near) if near else 0.0
        return value / math.sqrt(mean) if mean > 0 else 0.0

    values = tile_values(tile, places)
    return np.array([even(round(math.hypot(*k)), v) for k, v in zip(places, values, strict=True)])
