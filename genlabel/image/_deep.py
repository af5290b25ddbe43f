"""The deep search: reading a mark whose public tones somebody took off.

What repeats tells the poses worth trying (`genlabel.image._lattice`); which of them, which of the
eight orientations and which translation, the energy of a key's code bits tells, whatever they say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane
from genlabel._plane.rectify import Rectified, rectify, scaling
from genlabel.image._codeword import MarkSecrets
from genlabel.image._evidence import Evidence, Reading, Risk, promising
from genlabel.image._lattice import (
    COARSE,
    REPEATING,
    UPRIGHT,
    Poses,
    repeating_poses,
    upright_coarse_poses,
)
from genlabel.image._translation import STEPS, Tile, best_tile, moved_tile, translation_energies
from genlabel_kernels.image.lattice import spectrum_values
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, LAYERS, layout
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.plane.tile import as_chips

# Quarter turns and mirrorings of a frame, (y, x).
_TURNS = tuple(np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), k) for k in range(4))
_ORIENTATIONS = (*_TURNS, *(turn @ np.diag([1, -1]) for turn in _TURNS))
_WEIGHTS = ((1.0, 1.0), (0.25, 1.0), (1.0, 0.4))
# Places of a fine tile in a coarse one that tell the frames' repeats apart: 3 x 3, 2 x 2, 4 x 4.
_SHIFTS = 9 + 4 + 16
#: Measurements looked at under a key, at most. Every pose in every orientation at every
#: translation: of the fine layer alone and with the coarse one, of the coarse layer alone and with
#: the fine one in three frames; both at three weightings.
DEEP_MEASUREMENTS = (
    len(_ORIENTATIONS)
    * (STEPS * TILE) ** 2
    * ((REPEATING + UPRIGHT) * (1 + 3 * _SHIFTS) + COARSE * (1 + 3 * len(FINE_FRAMES)))
)
#: Nothing is known of the picture's sign where no tone tells it.
DEEP_RISK = Risk(DEEP_MEASUREMENTS, (1, -1))

# Poses between two looks at what they found, and the energy that is confirmed at once: in standard
# deviations of noise, of which the greatest of 65,536 translations has reached 6.
_CHUNK = 2
_SURE = 7.0
# Of the others, those with most energy are confirmed in the end, the more the smaller the picture
# is; and what is read of both layers. Chance gives nearly all of 4.
_CONFIRMED = (8, 24)
_CONFIRMED_PIXELS = 8e6
_MIN_ENERGY = 4.0
_LIKELY = 5.0
_THOROUGH = 5.5


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pose in one orientation under one key, and its greatest energy over all translations."""

    energy: float
    poses: Poses
    hypothesis: NDArray[np.float64]
    secrets: MarkSecrets


def deep_readings(
    plane: Plane, secrets: Sequence[MarkSecrets]
) -> Iterator[tuple[Evidence, Reading]]:
    """Look for messages without any tone.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    secrets : sequence of MarkSecrets
        Of all keys.

    Yields
    ------
    Evidence, Reading
        To be decoded; among `DEEP_MEASUREMENTS` for each key.
    """
    waiting: list[_Candidate] = []
    confirmed = int(np.clip(_CONFIRMED_PIXELS / plane.size, *_CONFIRMED))
    for poses, hypotheses in _chunks(plane):
        for hypothesis in hypotheses:
            waiting += _screen(poses, hypothesis, secrets)
        waiting.sort(key=lambda candidate: -candidate.energy)
        while waiting and waiting[0].energy > _SURE:
            yield from _confirm(plane, waiting.pop(0))
        del waiting[confirmed:]
    for candidate in waiting:
        yield from _confirm(plane, candidate)


def _chunks(plane: Plane) -> Iterator[tuple[Poses, NDArray[np.float64]]]:
    """Order the poses: those of most repetition, then the coarse layer's, then the others."""
    fine = repeating_poses(plane)
    first, others = np.split(fine.hypotheses, [REPEATING])
    yield from _split(fine, first)
    coarse = upright_coarse_poses(plane)
    yield from _split(coarse, coarse.hypotheses)
    yield from _split(fine, others)


def _split(
    poses: Poses, hypotheses: NDArray[np.float64]
) -> Iterator[tuple[Poses, NDArray[np.float64]]]:
    for start in range(0, len(hypotheses), _CHUNK):
        yield poses, hypotheses[start : start + _CHUNK]


def _screen(
    poses: Poses, hypothesis: NDArray[np.float64], secrets: Sequence[MarkSecrets]
) -> Iterator[_Candidate]:
    """Ask all keys at all translations in all orientations, on the spectrum as it is."""
    bins = layout(poses.layer).bins
    values = np.empty(len(bins), np.complex64)
    for orientation in _ORIENTATIONS:
        # Turning the frame turns the frequencies.
        turned = np.ascontiguousarray(hypothesis @ orientation.T)
        spectrum_values(poses.even, turned.ravel(), bins, values)
        for secret in secrets:
            energy = float(translation_energies(values, poses.layer, secret).max())
            if energy > _MIN_ENERGY:
                yield _Candidate(energy, poses, turned, secret)


def _confirm(plane: Plane, candidate: _Candidate) -> Iterator[tuple[Evidence, Reading]]:
    """Lay the picture out at a candidate's pose; read its layer, then both."""
    layer, secrets = candidate.poses.layer, candidate.secrets
    matrix = _matrix(plane, candidate.poses, candidate.hypothesis)
    picture = rectify(plane, matrix)
    if picture is None:
        return
    tile = best_tile(picture.bins(layout(layer)), layer, secrets)
    if tile.energy < _MIN_ENERGY:
        return
    moved = np.eye(3)
    moved[:2, 2] = -tile.shift[::-1]
    alone = _alone(tile.chips, layer, moved @ matrix)
    yield alone, Reading(tile.sums, secrets, DEEP_RISK, tile.energy > _THOROUGH)
    if tile.energy > _LIKELY:
        both = _with_coarse(picture, tile, moved @ matrix)
        if layer == "coarse":
            both = _with_fine(plane, tile, moved @ matrix)
        for evidence in both:
            for reading in promising(evidence, [secrets]):
                yield evidence, reading


def _alone(chips: NDArray[np.float32], layer: str, matrix: NDArray[np.float64]) -> Evidence:
    fine, coarse = (np.zeros(layout(name).chips, np.float32) for name in LAYERS)
    if layer == "fine":
        return Evidence(chips, coarse[None], ((1.0, 0.0),), matrix, DEEP_RISK)
    return Evidence(fine, chips[None], ((0.0, 1.0),), matrix, DEEP_RISK)


def _with_coarse(picture: Rectified, tile: Tile, matrix: NDArray[np.float64]) -> Iterator[Evidence]:
    """Pair the fine layer with the coarse one, moved by whole fine tiles that it tells apart."""
    for frame in FINE_FRAMES:
        ratio = COARSE_FRAME / frame
        small = picture.shrunk(ratio)
        if small is None:
            continue
        coarse = small.bins(layout("coarse"))
        period = frame // math.gcd(frame, COARSE_FRAME)
        tiles = np.indices((period, period)).reshape(2, -1).T
        shifts = (tile.shift + TILE * tiles) * ratio
        rows = [as_chips(moved_tile(coarse, "coarse", shift)) for shift in shifts]
        yield Evidence(tile.chips, np.stack(rows), _WEIGHTS, matrix, DEEP_RISK)


def _with_fine(plane: Plane, tile: Tile, matrix: NDArray[np.float64]) -> Iterator[Evidence]:
    """Pair the coarse layer with the fine one: its tile tells where the fine layer's tiles lie."""
    for frame in FINE_FRAMES:
        enlarged = scaling(frame / COARSE_FRAME, frame / COARSE_FRAME) @ matrix
        fine = rectify(plane, enlarged)
        if fine is not None:
            chips = as_chips(fine.bins(layout("fine")))
            yield Evidence(chips, tile.chips[None], _WEIGHTS, enlarged, DEEP_RISK)


def _matrix(plane: Plane, poses: Poses, hypothesis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make the map from picture pixels to frame pixels, the middle of the picture at the origin."""
    # Frequencies map by B, so positions by its transpose.
    forward = TILE * hypothesis.T
    matrix = np.eye(3)
    matrix[:2, :2] = forward[::-1, ::-1]
    matrix[:2, 2] = -(forward @ (poses.rows // 2, poses.columns // 2))[::-1]
    height, width = plane.shape
    return np.asarray(matrix @ scaling(poses.columns / width, poses.rows / height))
