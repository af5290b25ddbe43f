"""The image mark's layout, bin by bin, and the sizes of frames."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tests.reference.chips import permutation

Array = NDArray[np.generic]

SEED = b"image/layout/1"
TONES = {"fine": 48, "coarse": 24}
BINDING = {"fine": 0, "coarse": 268}


def half_ring(inner: float, outer: float) -> list[tuple[int, int]]:
    """Bins between two radii, one of each opposite pair, row by row."""
    reach = math.ceil(outer)
    return [
        (v, h)
        for v in range(-reach, reach + 1)
        for h in range(reach + 1)
        if inner**2 <= v * v + h * h <= outer**2 and (h > 0 or v > 0)
    ]


def tones(ring: list[tuple[int, int]], layer: str) -> list[tuple[int, int]]:
    """Greedy choice in drawn order: 48 or 24 bins, no two nearer than 9."""
    taken: list[tuple[int, int]] = []
    for place in permutation(SEED + b"/tones/" + layer.encode(), len(ring)):
        candidate = ring[place]
        if all(math.dist(candidate, other) >= 9 for other in taken):
            taken.append(candidate)
    return taken[: TONES[layer]]


def bins(
    ring: list[tuple[int, int]], tones: list[tuple[int, int]], layer: str
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What the tones leave, from the innermost outwards: for code, and evenly among it to bind."""
    free = sorted(set(ring) - set(tones), key=lambda bin: (bin[0] ** 2 + bin[1] ** 2, bin))
    count = BINDING[layer]
    binding = [free[math.floor(place * len(free) / count)] for place in range(count)]
    return [bin for bin in free if bin not in set(binding)], binding


def bit_of_chip(count: int) -> Array:
    """Hands of 1024 shuffled bits, dealt to one bin after another: cosine, sine."""
    dealt: list[int] = []
    while len(dealt) < 2 * count:
        dealt += list(permutation(SEED + b"/bits/%d" % len(dealt), 1024))
    cosines = [dealt[2 * place] for place in range(count)]
    sines = [dealt[2 * place + 1] for place in range(count)]
    return np.array(cosines + sines)


def phases(layer: str) -> Array:
    turns = permutation(SEED + b"/phases/" + layer.encode(), 4096)[: TONES[layer]]
    return np.array([complex(math.cos(a), math.sin(a)) for a in 2 * math.pi * turns / 4096])


def frame_size(height: int, width: int, long_side: int) -> tuple[int, int]:
    longer = max(height, width)
    return tuple(max(1, round(side * (long_side / longer))) for side in (height, width))


def fine_frame(height: int, width: int) -> int:
    ratios = {frame: frame / max(height, width) for frame in (1152, 768, 512)}
    return min(ratios, key=lambda frame: max(ratios[frame], 1 / ratios[frame]))
