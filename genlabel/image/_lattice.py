"""Poses worth asking a key about where no tone tells them.

The fine layer repeats often enough that a picture correlates with itself moved by a tile; the
coarse layer hardly repeats, but of upright pictures there are few scales.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, residual, resize
from genlabel._plane.search import centred_spectrum
from genlabel_kernels.image.lattice import climb_lattice, lattice_scores
from genlabel_kernels.image.layout import FINE_FRAMES
from genlabel_kernels.plane.layout import TILE

# Long side of the picture that is searched.
_SIDE = {"fine": 1152, "coarse": 420}
# Frame pixels per searched pixel, and the most that a picture may show: what lies on a frame whole
# is no longer than that, turned, or pasted into something half as large again.
_SCALES = (0.25, 2.5)
_COARSE_SCALES = (0.28, 1.2)
_EXTENT = 1.5 * FINE_FRAMES[0]
# Each correlation serves scales up to this many times the first: only its part of the spectrum,
# which is the fine layer's at those scales, is correlated.
_BAND = 1.2
_RING = (20.5 / TILE, 61.5 / TILE)
# Samples per cycle of the highest frequency in it, and what is enough at the lowest.
_SAMPLES = 4.0
_COARSEST = 0.5
_FINEST = 1.3
_NYQUIST = 0.49
_TOP = 10.0
# How much longer than the picture its transform is: no lag reaches another's copy.
_PADDING = 2.0

# One step of the hypotheses moves the picture's edges against its middle by about a third of the
# mean sinusoid's cycle.
_STEP = 0.62
_MEAN_RADIUS = {"fine": 46.0, "coarse": 35.0}
_MAX_RADIUS = 61.5
_ASPECT = 1.27
#: Poses that are given, at most: of all, and of the upright ones without a stretch. The latter are
#: so few that most of them can be tried where a tight crop hardly shows two repeats.
REPEATING = 12
UPRIGHT = 160
COARSE = 90
# Of each correlation, which ranks some neighbours of each as high; and by how many cycles of the
# highest sinusoid, over the picture's long side, poses differ at least and by the first step.
_CLIMBED = 12
_NEIGHBOURS = 4
_SAME = 0.6
_FIRST_STEP = 0.3
# Standard deviations to the median of absolute values.
_NORMAL = 1.4826

_Scored = tuple[float, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Poses:
    """A picture's spectrum, and how the picture may lie on a frame.

    Parameters
    ----------
    layer : {"fine", "coarse"}
        Whose frame.
    even : (P, Q/2 + 1) complex64 array
        Of the whitened picture shrunk to (rows, columns), its middle at the origin.
    rows, columns : int
        Sides of that.
    hypotheses : (n, 2, 2) float64 array
        B, cycles per shrunk pixel per cycle per tile; up to quarter turns, mirroring and
        translation. The likeliest first.
    """

    layer: str
    even: NDArray[np.complex64]
    rows: int
    columns: int
    hypotheses: NDArray[np.float64]


def repeating_poses(plane: Plane) -> Poses:
    """Find the poses of the fine layer under which a picture repeats itself most.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.

    Returns
    -------
    Poses
        At most `REPEATING` of all, and `UPRIGHT` upright ones without a stretch.
    """
    even, size = _spectrum(plane, _SIDE["fine"])
    # Strong peaks of the host count no more than others.
    power = np.minimum(even.real**2 + even.imag**2, np.float32(_TOP))
    found: list[_Scored] = []
    upright: list[_Scored] = []
    for least, most in _bands(max(size)):
        lags, sample = _correlation(power, _RING[0] * least, _RING[1] * most)
        scales = _scales("fine", least, most, max(size))
        found += _best(lags, sample, _all_poses(scales), size, _CLIMBED)
        upright += _best(lags, sample, _stretched(scales, np.ones(1)), size, len(scales))
    chosen = _distinct(found, REPEATING, max(size)) + _distinct(upright, UPRIGHT, max(size))
    chosen.sort(key=lambda scored: -scored[0])
    hypotheses = np.array([hypothesis for _, hypothesis in chosen]).reshape(-1, 2, 2)
    return Poses("fine", even, *size, hypotheses)


def upright_coarse_poses(plane: Plane) -> Poses:
    """List every scale of the coarse layer for an upright picture; at most `COARSE`."""
    even, size = _spectrum(plane, _SIDE["coarse"])
    scales = _scales("coarse", *_COARSE_SCALES, max(size))
    return Poses("coarse", even, *size, _stretched(scales, np.ones(1)).reshape(-1, 2, 2))


def _spectrum(plane: Plane, side: int) -> tuple[NDArray[np.complex64], tuple[int, int]]:
    height, width = plane.shape
    shrink = min(1.0, side / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    even, _ = centred_spectrum(residual(resize(plane, rows, columns)), _PADDING)
    return even, (rows, columns)


def _bands(side: int) -> Iterator[tuple[float, float]]:
    least, most = _SCALES[0], min(_SCALES[1], _EXTENT / side)
    while least < most:
        yield least, min(least * _BAND, most)
        least *= _BAND


def _correlation(
    power: Plane, inner: float, outer: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Correlate the whitened picture with itself in a ring of frequencies (cycles per pixel).

    Returns
    -------
    lags : (P, Q) float32 array
        As `lattice_scores` takes them.
    sample : (2,) float64 array
        Pixels per sample of it, down and across.
    """
    height, width = power.shape[0], 2 * (power.shape[1] - 1)
    finer = min(_FINEST, max(_COARSEST, _SAMPLES * outer))
    rows, columns = (
        2 * cv2.getOptimalDFTSize(math.ceil(finer * side / 2)) for side in (height, width)
    )
    # As far as the ring reaches, and not to the frequencies that the packed spectrum mixes.
    far = min(outer, _NYQUIST)
    down = np.arange(-math.floor(far * height), math.floor(far * height) + 1)
    across = np.arange(1, math.floor(far * width) + 1)
    radius = np.hypot(down[:, None] / height, across[None] / width)
    ring = (radius >= inner) & (radius <= outer)
    inside = power[down % height][:, across]
    packed = np.zeros((rows, columns), np.float32)
    # Real parts of all columns but the first and the last are the odd entries of a row.
    packed[(down % rows)[:, None], 2 * across - 1] = (inside - inside[ring].mean()) * ring
    lags = cv2.dft(packed, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT)
    return np.asarray(lags, np.float32), np.array([height / rows, width / columns])


def _scales(layer: str, least: float, most: float, side: int) -> NDArray[np.float64]:
    return np.arange(least, most, _STEP * TILE / (_MEAN_RADIUS[layer] * side))


def _all_poses(scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """List B matrices, (n, 4): every turn and every stretch at every scale.

    A lattice is the same after a quarter turn, so a quarter of all turns is enough.
    """
    step = scales[1] - scales[0] if len(scales) > 1 else 1.0
    blocks = []
    for scale in scales:
        angles = np.arange(0.0, np.pi / 2, step / scale)
        cosine, sine = scale * np.cos(angles), scale * np.sin(angles)
        blocks.append(np.stack([cosine, sine, -sine, cosine], axis=1) / TILE)
    reach = np.log(_ASPECT) / 2
    blocks.append(_stretched(scales, np.exp(np.arange(-reach, reach, step / 2))))
    return np.concatenate(blocks)


def _stretched(scales: NDArray[np.float64], stretches: NDArray[np.float64]) -> NDArray[np.float64]:
    """List upright B matrices, stretched one way and shrunk the other."""
    down, ratio = np.meshgrid(scales, stretches)
    zero = np.zeros(down.size)
    return np.stack([(down * ratio).ravel(), zero, zero, (down / ratio).ravel()], axis=1) / TILE


def _best(
    lags: NDArray[np.float32],
    sample: NDArray[np.float64],
    hypotheses: NDArray[np.float64],
    size: tuple[int, int],
    count: int,
) -> list[_Scored]:
    """Score hypotheses, refine the best few, and keep `count`."""
    rows, columns = np.array(size) / sample
    # B in cycles per sample.
    unit = np.repeat(sample, 2)
    scores = np.empty(len(hypotheses), np.float32)
    lattice_scores(lags, hypotheses * unit, rows, columns, scores)
    # Nothing is known of hypotheses without a lag in the picture; they score 0.
    known = np.abs(scores[scores != 0])
    spread = _NORMAL * float(np.median(known)) if known.size else 1.0
    order = np.argpartition(-scores, min(_NEIGHBOURS * count, len(scores)) - 1)
    ranked = [(float(scores[i]) / spread, hypotheses[i]) for i in order[: _NEIGHBOURS * count]]
    step = _FIRST_STEP * float(sample.max()) / (_MAX_RADIUS * max(size))
    poses = _distinct(ranked, count, max(size))
    for index, (excess, hypothesis) in enumerate(poses[:_CLIMBED]):
        if excess > 0:
            refined = hypothesis * unit
            best = climb_lattice(lags, refined, rows, columns, step)
            poses[index] = (best / spread, refined / unit)
    return poses


def _distinct(poses: list[_Scored], most: int, side: int) -> list[_Scored]:
    """Take the best poses, but of those that hardly differ only one."""
    ranked = sorted(poses, key=lambda scored: -scored[0])
    taken = np.full((most, 4), np.inf)
    chosen: list[_Scored] = []
    for excess, hypothesis in ranked:
        apart = np.abs(taken[: len(chosen)] - hypothesis).max(axis=1)
        if (apart * _MAX_RADIUS * side > _SAME).all():
            taken[len(chosen)] = hypothesis
            chosen.append((excess, hypothesis))
        if len(chosen) == most:
            break
    return chosen
