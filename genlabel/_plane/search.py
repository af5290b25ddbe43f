"""The blind search: poses under which a picture may show the public tones."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.candidates import (
    Peak,
    distinct,
    strongest,
    tiled_hypotheses,
    translations,
)
from genlabel._plane.measure import Plane
from genlabel._plane.scales import Whitened
from genlabel_kernels.plane.layout import TILE, Layout
from genlabel_kernels.plane.search import climb, improve, normalise

# Width-to-height distortions tried for pictures that were not turned.
_ASPECT = 1.27

# One step moves an average tone by this many of the spectrum's own bins.
_STEP = 0.75
_MAX_RADIUS = 61.5
# A strong mark's tones are the most powerful of all; a weak one's are among so many.
_KEPT = 256
# How many are looked at first, and how many poses are refined a little and fully.
_FIRST = 8
_CLIMBED = 24
_REFINED = 8
# A coherent sum of this many standard deviations ends the search. Noise has not reached 7.5, but
# where a strong mark is nearly all that is left, wrong poses meet its other sinusoids.
_SURE = 12.0
_LOCAL_MEAN = 33
#: Rounds of refining a pose that is not stretched.
IMPROVED_ROUNDS = 16
# Ways to change it: cosine and sine of its turn, and the translation. By how much less coherent
# than a stretched one it may be.
_RIGID = np.array(
    [[1.0, 0, 0, 1, 0, 0], [0, 1, -1, 0, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]]
)
_STRETCHED = 2.5
# How much longer than the picture its transform is, and how long at most: the longer, the less does
# interpolation between its bins bend poses.
_PADDING = 2.6
_LONGEST = 2048
# So many neighbours in either direction make one group, of which the best counts.
_NEAR = 4
_ROUNDED = 64


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, and how.

    Parameters
    ----------
    plan : Layout
        Of the layer whose tones are sought.
    side : int
        Long side of the picture that is searched, at most.
    scales : (float, float)
        How many frame pixels one of its pixels may be.
    mean_radius : float
        Of the layer's tones, in cycles per tile.
    rigid : bool
        Whether pictures are seldom stretched: poses that are not, and are nearly as coherent, are
        then refined with fewer degrees of freedom, which noise leads astray less.
    """

    plan: Layout
    side: int
    scales: tuple[float, float]
    mean_radius: float
    rigid: bool = False


@dataclass(frozen=True, slots=True)
class Pose:
    """How a picture lies on a frame of the marked original.

    Parameters
    ----------
    matrix : (3, 3) float64 array
        From the picture's pixels (x, y, 1) to the layer's frame, up to whole tiles.
    coherence : float
        Of the tones, in standard deviations of noise.
    """

    matrix: NDArray[np.float64]
    coherence: float


@dataclass(frozen=True, slots=True)
class Searched:
    """A picture made ready: its even spectrum, and how searched pixels map to the picture's."""

    search: Search
    even: NDArray[np.complex64]
    table: NDArray[np.uint8]
    height: int
    width: int
    scale: tuple[float, float]

    def tones(self, *, mirrored: bool) -> NDArray[np.float32]:
        """Give the constellation, as a mirrored picture shows it or not."""
        tones = self.search.plan.tones.astype(np.float32)
        return tones * np.array([1.0, -1.0], np.float32) if mirrored else tones


def search_poses(picture: Whitened, search: Search) -> Iterator[Pose]:
    """Find poses from one layer's tones, the most coherent first.

    Parameters
    ----------
    picture : Whitened
        At all its sizes.
    search : Search
        For which tones, and at which scales.

    Yields
    ------
    Pose
        At most 16.
    """
    found: list[tuple[float, NDArray[np.float64], bool]] = []
    searched = prepare(picture, search)
    for mirrored in (False, True):
        for pose, value in _coherent_peaks(searched, mirrored=mirrored):
            found.append((value, pose, mirrored))
        if found and max(found, key=lambda item: item[0])[0] > _SURE:
            break
    found.sort(key=lambda item: -item[0])
    for value, pose, mirrored in found:
        yield Pose(matrix_of(searched, pose, mirrored=mirrored), value)


def prepare(picture: Whitened, search: Search) -> Searched:
    """Whiten a picture at the size at which it is searched, and transform it."""
    height, width = picture.shape
    shrink = min(1.0, search.side / max(height, width))
    rows, columns = max(1, round(height * shrink)), max(1, round(width * shrink))
    white = picture.white(rows, columns)
    even, table = centred_spectrum(white, min(_PADDING, _LONGEST / max(rows, columns)))
    scale = (height / rows, width / columns)
    return Searched(search, even, table, rows, columns, scale)


def centred_spectrum(
    white: Plane, padding: float
) -> tuple[NDArray[np.complex64], NDArray[np.uint8]]:
    """Transform a whitened picture about its centre and divide by the local mean power.

    Parameters
    ----------
    white : (H, W) float32 array
        From `residual`.
    padding : float
        How much longer than the picture its transform is, at least.

    Returns
    -------
    even : (P, Q/2 + 1) complex64 array
        Of unit mean power everywhere.
    table : (P, Q/2 + 1) uint8 array
        As `normalise` fills it.
    """
    rows, columns = white.shape
    height, width = (_quick(padding * max(side, 128)) for side in white.shape)
    padded = np.zeros((height, width), np.float32)
    top, left = rows // 2, columns // 2
    # The centre lies at the origin, so that the spectrum turns slowly and can be interpolated.
    padded[: rows - top, : columns - left] = white[top:, left:]
    padded[height - top :, : columns - left] = white[:top, left:]
    padded[: rows - top, width - left :] = white[top:, :left]
    padded[height - top :, width - left :] = white[:top, :left]
    spectrum = _half_spectrum(padded)
    power = spectrum.real**2 + spectrum.imag**2
    local = np.asarray(cv2.blur(power, (_LOCAL_MEAN, _LOCAL_MEAN)), np.float32)
    table = np.empty(power.shape, np.uint8)
    normalise(spectrum, local, table)
    return spectrum, table


def _quick(length: float) -> int:
    """Choose an even length that transforms quickly."""
    return 2 * int(cv2.getOptimalDFTSize(int(np.ceil(length / 2))))


def _half_spectrum(plane: Plane) -> NDArray[np.complex64]:
    """Transform a real plane; (P, Q) to (P, Q/2 + 1)."""
    # Several times as fast as numpy's. The columns between the first and the last hold real and
    # imaginary parts by turns; those two are packed down the rows.
    packed = cv2.dft(plane)
    out = np.empty((plane.shape[0], plane.shape[1] // 2 + 1), np.complex64)
    out[:, 1:-1] = packed[:, 1:-1].view(np.complex64)
    middle = plane.shape[0] // 2
    for place in (0, -1):
        column = packed[:, place]
        out[0, place], out[middle, place] = column[0], column[-1]
        out[1:middle, place] = column[1:-1:2] + 1j * column[2:-1:2]
        out[middle + 1 :, place] = out[middle - 1 : 0 : -1, place].conj()
    return out


@functools.lru_cache(maxsize=6)
def _hypotheses(search: Search, width: int) -> NDArray[np.float32]:
    """List B matrices: every turn at every scale, and every stretch of the upright picture."""
    step = _STEP * TILE / (search.mean_radius * width)
    scales = np.arange(*search.scales, step)
    bands = np.resize(scales, (-(-len(scales) // _NEAR), _NEAR))
    blocks = []
    for band in bands:
        count = -(-int(np.ceil(np.pi * band.max() / step)) // _NEAR)
        angles = (np.arange(count * _NEAR) * (np.pi / (count * _NEAR))).reshape(count, 1, _NEAR)
        cosine, sine = band[:, None] * np.cos(angles), band[:, None] * np.sin(angles)
        blocks.append(np.stack([cosine, sine, -sine, cosine]).reshape(4, -1))
    stretches = np.exp(np.arange(-np.log(_ASPECT), np.log(_ASPECT), step))
    ratios = np.resize(stretches, (-(-len(stretches) // _NEAR), _NEAR))
    across = np.broadcast_to(bands[:, None, :, None], (*bands.shape[:1], len(ratios), _NEAR, _NEAR))
    down = (across * ratios[None, :, None, :]).ravel()
    across = across.ravel()
    zero = np.zeros(across.size)
    # A quarter turn exchanges the axes.
    blocks += [np.stack([down, zero, zero, across]), np.stack([zero, down, -across, zero])]
    listed = np.concatenate(blocks, axis=1)
    return tiled_hypotheses(listed)


def _coherent_peaks(
    searched: Searched, *, mirrored: bool
) -> list[tuple[NDArray[np.float64], float]]:
    """Rank by power, correlate the best over all translations, and refine the best of those."""
    plan = searched.search.plan
    tones = searched.tones(mirrored=mirrored)
    # Sizes that differ by little share their hypotheses.
    width = -(-max(searched.height, searched.width) // _ROUNDED) * _ROUNDED
    best = strongest(searched.table, _hypotheses(searched.search, width), tones, _KEPT)
    peaks: list[Peak] = []
    for chosen in (best[:_FIRST], best[_FIRST:]):
        peaks += translations(searched.even, chosen, tones, plan.phases)
        peaks = distinct(peaks, 0.7 / (searched.search.mean_radius * width), _CLIMBED)
        refined = _climbed(searched, peaks[:2], tones)
        if refined[0][1] > _SURE:
            return refined
    return _climbed(searched, peaks, tones)


def _climbed(
    searched: Searched, peaks: list[Peak], tones: NDArray[np.float32]
) -> list[tuple[NDArray[np.float64], float]]:
    """Refine poses, all a little, the best of them fully."""
    step = 0.4 / (_MAX_RADIUS * max(searched.height, searched.width))
    climbed = [(value, pose.copy()) for value, pose in peaks]
    for count, first, halvings in ((_CLIMBED, 1.0, 2), (_REFINED, 0.25, 4)):
        del climbed[count:]
        for index, (_, pose) in enumerate(climbed):
            steps = first * np.array([step, step, step, step, 0.7, 0.7])
            value = climb(searched.even, pose, steps, tones, searched.search.plan.phases, halvings)
            climbed[index] = value, pose
        climbed.sort(key=lambda item: -item[0])
    refined = [(pose, value) for value, pose in climbed]
    return (
        [_rigid(searched, *each, tones) for each in refined] if searched.search.rigid else refined
    )


def _rigid(
    searched: Searched,
    pose: NDArray[np.float64],
    value: float,
    tones: NDArray[np.float32],
) -> tuple[NDArray[np.float64], float]:
    """Refine the nearest pose without a stretch, if it is nearly as coherent."""
    step = 0.4 / (_MAX_RADIUS * max(searched.height, searched.width))
    cosine, sine = (pose[0] + pose[3]) / 2, (pose[1] - pose[2]) / 2
    unstretched = np.array([cosine, sine, -sine, cosine, pose[4], pose[5]])
    steps = np.array([step, step, 0.7, 0.7])
    plan = searched.search.plan
    best = improve(searched.even, unstretched, _RIGID, steps, tones, plan.phases, IMPROVED_ROUNDS)
    return (pose, value) if best < value - _STRETCHED else (unstretched, best)


def matrix_of(
    searched: Searched, pose: NDArray[np.float64], *, mirrored: bool
) -> NDArray[np.float64]:
    """Turn a pose into the matrix from picture pixels to frame pixels."""
    # B maps tile frequencies to picture frequencies; positions go by its transpose.
    forward = TILE * pose[:4].reshape(2, 2).T
    shift = pose[4:]
    centre = np.array([searched.height // 2, searched.width // 2], np.float64)
    to_frame = np.eye(3)
    # Rows and columns in (x, y) order from here on.
    to_frame[:2, :2] = forward[::-1, ::-1]
    to_frame[:2, 2] = (shift - forward @ centre)[::-1]
    if mirrored:
        # The mirrored constellation was matched with negated horizontal tones.
        to_frame = np.diag([-1.0, 1.0, 1.0]) @ to_frame
    scale_y, scale_x = searched.scale
    to_searched = np.array(
        [
            [1 / scale_x, 0.0, (1 / scale_x - 1) / 2],
            [0.0, 1 / scale_y, (1 / scale_y - 1) / 2],
            [0.0, 0.0, 1.0],
        ]
    )
    return np.asarray(to_frame @ to_searched)
