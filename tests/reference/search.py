"""The blind search's sums, tone by tone and translation by translation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

TILE = 256
GRID = 128
UNIT, TOP = 24.0, 255.0


def centred_spectrum(plane: Array, shape: tuple[int, int]) -> Array:
    """Zero-padded spectrum of a picture whose centre lies at the origin."""
    padded = np.zeros(shape)
    padded[: plane.shape[0], : plane.shape[1]] = plane
    return np.fft.rfft2(np.roll(padded, (-(plane.shape[0] // 2), -(plane.shape[1] // 2)), (0, 1)))


def normalise(spectrum: Array, power: Array) -> tuple[Array, Array]:
    even = np.zeros(spectrum.shape, complex)
    table = np.zeros(spectrum.shape)
    middle = len(table) // 2
    for row, column in np.ndindex(spectrum.shape):
        if power[row, column] > 0:
            even[row, column] = spectrum[row, column] / math.sqrt(power[row, column])
            size = min(TOP, math.floor(UNIT * abs(even[row, column]) ** 2))
            table[(row + middle) % len(table), column] = size
    table[0, 0] = UNIT
    return even, table


def places(hypothesis: Array, tones: Array, shape: tuple[int, ...]) -> Array:
    """Where each tone lies, in bins of the half plane h >= 0; and whether it was turned there."""
    down, across = shape[0], 2 * (shape[1] - 1)
    yy, yx, xy, xx = (float(entry) for entry in hypothesis)
    at = [((yy * v + yx * h) * down, (xy * v + xx * h) * across) for v, h in tones]
    return np.array([(-v, -h, 1.0) if h < 0 else (v, h, 0.0) for v, h in at])


def tone_score(table: Array, hypothesis: Array, tones: Array) -> float:
    """Sum of the table's entries at the tones; noise's mean for those beyond."""
    half, width = table.shape[0] // 2, table.shape[1] - 1
    total = 0.0
    for v, h, _ in places(hypothesis, tones, table.shape):
        inside = h < width - 1 and abs(v) < half - 1
        row, column = math.floor(v + 0.5) + half, math.floor(h + 0.5)
        total += float(table[row, column]) if inside else UNIT
    return total


def value(even: Array, v: float, h: float) -> complex:
    """Spectrum between its bins, bilinear; nothing beyond the picture's own pixels."""
    side, width = even.shape[0], even.shape[1] - 1
    if h < 0:
        return value(even, -v, -h).conjugate()
    if h >= width - 1 or abs(v) >= side // 2 - 1:
        return 0j
    row, column = math.floor(v), math.floor(h)
    total = 0j
    for down in (0, 1):
        for across in (0, 1):
            weight = (1 - abs(v - row - down)) * (1 - abs(h - column - across))
            total += weight * complex(even[(row + down) % side, column + across])
    return total


def tone_values(even: Array, hypothesis: Array, tones: Array) -> Array:
    down, across = even.shape[0], 2 * (even.shape[1] - 1)
    yy, yx, xy, xx = (float(entry) for entry in hypothesis)
    at = [((yy * v + yx * h) * down, (xy * v + xx * h) * across) for v, h in tones]
    return np.array([value(even, *place) for place in at])


def translations(even: Array, hypothesis: Array, tones: Array, phases: Array) -> Array:
    """Coherent sum at each of the 128 x 128 translations, in standard deviations."""
    y, x = np.mgrid[0:GRID, 0:GRID]
    total = np.zeros((GRID, GRID))
    for (v, h), phase, seen in zip(
        tones, phases, tone_values(even, hypothesis, tones), strict=True
    ):
        shift = np.exp(-2j * np.pi * ((int(v) * y + int(h) * x) % GRID) / GRID)
        total += (seen * np.conj(phase) * shift).real
    return total / math.sqrt(len(tones) / 2)


def best_translations(
    even: Array, hypotheses: Array, tones: Array, phases: Array, values: Array, places: Array
) -> None:
    for index, hypothesis in enumerate(hypotheses):
        for side, turned in enumerate((hypothesis, -hypothesis)):
            grid = translations(even, turned, tones, phases)
            values[index, side], places[index, side] = grid.max(), grid.argmax()


def coherence(even: Array, pose: Array, tones: Array, phases: Array) -> float:
    total = 0.0
    for (v, h), phase, seen in zip(tones, phases, tone_values(even, pose[:4], tones), strict=True):
        angle = -2 * math.pi * (v * pose[4] + h * pose[5]) / TILE
        total += (seen * np.conj(phase) * complex(math.cos(angle), math.sin(angle))).real
    return total / math.sqrt(len(tones) / 2)


def climb(
    even: Array, pose: Array, steps: Array, tones: Array, phases: Array, halvings: int
) -> float:
    best = coherence(even, pose, tones, phases)
    for halving in range(halvings):
        for _ in range(12):
            before = best
            for axis in range(6):
                for direction in (-1, 1):
                    moved = pose.copy()
                    moved[axis] += direction * steps[axis] / 2**halving
                    here = coherence(even, moved, tones, phases)
                    if here > best:
                        best, pose[axis] = here, moved[axis]
                        break
            if best == before:
                break
    return best


def improve(
    even: Array,
    pose: Array,
    ways: Array,
    steps: Array,
    tones: Array,
    phases: Array,
    rounds: int,
) -> float:
    best, steps = coherence(even, pose, tones, phases), np.array(steps)
    for _ in range(rounds):
        before = best
        for way, step in zip(ways, steps, strict=True):
            for moved in (pose - step * way, pose + step * way):
                here = coherence(even, moved, tones, phases)
                if here > best:
                    best, pose[:] = here, moved
                    break
        if best == before:
            steps /= 2
    return best
