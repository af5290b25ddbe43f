"""The blind search's sums, tone by tone and translation by translation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

TILE = 256
GRID = 128
UNIT, TOP = 24.0, 255.0


def centred_spectrum(plane: Array, side: int) -> Array:
    """Zero-padded spectrum of a picture whose centre lies at the origin."""
    padded = np.zeros((side, side))
    padded[: plane.shape[0], : plane.shape[1]] = plane
    return np.fft.rfft2(np.roll(padded, (-(plane.shape[0] // 2), -(plane.shape[1] // 2)), (0, 1)))


def normalised_spectrum(spectrum: Array, power: Array) -> tuple[Array, Array]:
    even = np.zeros(spectrum.shape, complex)
    table = np.zeros(spectrum.shape)
    for place in np.ndindex(spectrum.shape):
        if power[place] > 0:
            even[place] = spectrum[place] / math.sqrt(power[place])
            table[place] = min(TOP, math.floor(UNIT * abs(even[place]) ** 2))
    return even, table


def places(hypothesis: Array, tones: Array, side: int) -> Array:
    """Where each tone lies, in bins of the half plane h >= 0; and whether it was turned there."""
    yy, yx, xy, xx = (float(entry) * side for entry in hypothesis)
    at = [(yy * v + yx * h, xy * v + xx * h) for v, h in tones]
    return np.array([(-v, -h, 1.0) if h < 0 else (v, h, 0.0) for v, h in at])


def tone_scores(table: Array, hypotheses: Array, tones: Array, scores: Array) -> None:
    side, half = table.shape[0], table.shape[1] - 1
    for index, hypothesis in enumerate(hypotheses):
        found = []
        for v, h, _ in places(hypothesis, tones, side):
            row, column = math.floor(v + 0.5), math.floor(h + 0.5)
            if column < half and abs(row) < half:
                found.append(float(table[row % side, column]))
        if 2 * len(found) < len(tones):
            scores[index] = -9.0
        else:
            scores[index] = (np.mean(found) - UNIT) / UNIT * math.sqrt(len(found))


def value(even: Array, v: float, h: float) -> complex:
    """Spectrum between its bins, bilinear; nothing beyond the picture's own pixels."""
    side, half = even.shape[0], even.shape[1] - 1
    if h < 0:
        return value(even, -v, -h).conjugate()
    if h >= half - 1 or abs(v) >= half - 1:
        return 0j
    row, column = math.floor(v), math.floor(h)
    total = 0j
    for down in (0, 1):
        for across in (0, 1):
            weight = (1 - abs(v - row - down)) * (1 - abs(h - column - across))
            total += weight * complex(even[(row + down) % side, column + across])
    return total


def tone_values(even: Array, hypothesis: Array, tones: Array) -> Array:
    side = even.shape[0]
    yy, yx, xy, xx = (float(entry) * side for entry in hypothesis)
    return np.array([value(even, yy * v + yx * h, xy * v + xx * h) for v, h in tones])


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


def climb(even: Array, pose: Array, steps: Array, tones: Array, phases: Array) -> float:
    best = coherence(even, pose, tones, phases)
    for halving in range(6):
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
