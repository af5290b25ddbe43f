"""Poses of pictures that were cut and resized, but neither stretched nor turned by odd angles.

Most pictures are not. What is left are so few poses that all are correlated, whatever their power,
and the most coherent of few noises is weak: tones are heard that are lost among all poses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.candidates import distinct, translations
from genlabel._plane.scales import Whitened
from genlabel._plane.search import IMPROVED_ROUNDS, Pose, Search, Searched, matrix_of, prepare
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.plane.search import improve

# One step of scale moves an average tone by this many of the spectrum's own bins.
_STEP = 0.5
# How many poses are refined.
_REFINED = 16
# Cosine and sine of the turns; half a turn and three quarters come with them.
_TURNS = ((1.0, 0.0), (0.0, 1.0))


def upright_poses(picture: Whitened, search: Search, *, turned: bool = True) -> Iterator[Pose]:
    """Find unstretched poses, turned by quarter turns at most, the most coherent first.

    Parameters
    ----------
    picture : Whitened
        At all its sizes.
    search : Search
        For which tones, and at which scales.
    turned : bool
        Whether to try quarter turns and mirrored pictures, and not only half turns.

    Yields
    ------
    Pose
        At most 16.
    """
    searched = prepare(picture, search)
    hypotheses = _hypotheses(searched, _TURNS if turned else _TURNS[:1])
    apart = 0.7 / (search.mean_radius * max(searched.height, searched.width))
    found: list[tuple[float, NDArray[np.float64], bool]] = []
    for mirrored in (False, True) if turned else (False,):
        tones, phases = searched.tones(mirrored=mirrored), search.plan.phases
        peaks = translations(searched.even, hypotheses, tones, phases, len(hypotheses))
        found += [(value, pose, mirrored) for value, pose in distinct(peaks, apart, _REFINED)]
    found = sorted(found, key=lambda item: -item[0])[:_REFINED]
    refined = [_refined(searched, pose, mirrored=mirrored) for _, pose, mirrored in found]
    yield from sorted(refined, key=lambda pose: -pose.coherence)


def _hypotheses(searched: Searched, turns: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
    """List B matrices, (n, 4)."""
    search, width = searched.search, max(searched.height, searched.width)
    step = _STEP * TILE / (search.mean_radius * width)
    scales = np.arange(*search.scales, step) / TILE
    turned = [np.outer(scales, (cosine, sine, -sine, cosine)) for cosine, sine in turns]
    return np.concatenate(turned).astype(np.float32)


def _refined(searched: Searched, pose: NDArray[np.float64], *, mirrored: bool) -> Pose:
    """Refine scale and translation alone."""
    tones, phases = searched.tones(mirrored=mirrored), searched.search.plan.phases
    step = 0.2 / (searched.search.mean_radius * max(searched.height, searched.width))
    ways = np.eye(3, 6, 3)
    ways[0, :4] = pose[:4] / np.abs(pose[:4]).max()
    steps = np.array([step, 0.7, 0.7])
    best = improve(searched.even, pose, ways, steps, tones, phases, IMPROVED_ROUNDS)
    return Pose(matrix_of(searched, pose, mirrored=mirrored), best)
