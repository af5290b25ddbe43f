"""Moments of a film as pictures: whitened at any size, measured at any pose, searched for poses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, read_layer, resize
from genlabel._plane.rectify import rectify, scaling
from genlabel._plane.search import Pose, Search, search_poses
from genlabel._plane.upright import upright_poses
from genlabel.video._film import Moment
from genlabel.video._placing import Matrix, Placed, Window, shift, upright
from genlabel.video._residual import residual, usual
from genlabel_kernels.plane.layout import TILE, frame_size
from genlabel_kernels.plane.tile import TileValues, as_chips, as_values, tone_coherence
from genlabel_kernels.video.layout import FRAME, layout

#: What a picture says under a pose: the chips' values, then real and imaginary parts of the tones'.
Measured = NDArray[np.float32]

# Frame pixels to one of a searched picture's, and the mean radius of the tones.
_SCALES = (0.25, 1.6)
_RADIUS = float(np.hypot(*layout().tones.T.astype(np.float64)).mean())
#: Searches for poses: of cropped pictures scaled down to about what they were on the frame, where
#: the mark is whitened best; of whole ones; and of larger ones, of which a small part may be the
#: film.
CROPPED = Search(layout(), 176, _SCALES, _RADIUS)
COARSE = Search(layout(), FRAME, _SCALES, _RADIUS, rigid=True)
FINE = Search(layout(), 400, _SCALES, _RADIUS, rigid=True)
# Poses of a search that are given, and the coherence below which none is: weak marks begin at 6.5,
# which noise reaches in about every third search; among upright poses noise reaches 5.6.
_POSES = 4
_LEAST_COHERENCE = 6.5
_LEAST_UPRIGHT = 5.0
_NEAR_BEST = 0.6
# Poses that move no pixel by more frame pixels than this against each other count once.
_SAME_POSE = 4.0
_NOTHING = 1e-12
# What a group of pictures counts in which no tone is heard, in standard deviations of tones.
_UNHEARD = 1.5


@dataclass(slots=True)
class Picture:
    """A moment, whitened once for all that ask for all of it on the frame.

    Parameters
    ----------
    moment : Moment
        The mean picture.
    """

    moment: Moment
    _white: Plane | None = None

    @property
    def _plane(self) -> Plane:
        # Not kept: of many pictures only few are searched for poses, and each takes a megabyte.
        return usual(self.moment.plane)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.moment.plane.shape
        return height, width

    @property
    def scaling(self) -> Matrix:
        """From the film's pixels to this picture's."""
        height, width = self.moment.shape
        rows, columns = self.shape
        return scaling(columns / width, rows / height)

    def white(self, rows: int, columns: int, window: Window | None = None) -> Plane:
        """Give the picture, or a part of it, whitened at that size."""
        whole = window is None and (rows, columns) == frame_size(*self.shape, FRAME)
        if whole and self._white is not None:
            return self._white
        top, left, bottom, right = window or (0, 0, *self.shape)
        part = np.ascontiguousarray(self._plane[top:bottom, left:right])
        white = residual(resize(part, rows, columns))
        if whole:
            # Nothing else is asked for twice.
            self._white = white
        return white

    def measured(self, placed: Placed) -> Measured:
        """Measure chips and tones under a pose; zeros where it shows none."""
        if placed.orientation is not None:
            white = self.white(*frame_size(*self.shape, FRAME))
            return _values(read_layer(upright(white, placed.orientation), layout()))
        top, left, bottom, right = placed.window or (0, 0, *self.shape)
        moved = placed.matrix @ shift(left, top)
        laid = rectify(np.ascontiguousarray(self._plane[top:bottom, left:right]), moved)
        if laid is None:
            return np.zeros(layout().chips + 2 * len(layout().tones), np.float32)
        white = residual(laid.plane) * laid.inside
        return _values(read_layer(white, layout(), top=laid.top, left=laid.left))


class Pictures:
    """Pictures that lie alike, as a search takes them.

    Parameters
    ----------
    pictures : sequence of Picture
        All of one shape.
    window : Window or None
        The part of them that is searched; None: all.
    """

    def __init__(self, pictures: Sequence[Picture], window: Window | None = None) -> None:
        self._pictures = pictures
        self._window = window

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of each, or of the part."""
        if self._window is None:
            return self._pictures[0].shape
        top, left, bottom, right = self._window
        return bottom - top, right - left

    def white(self, rows: int, columns: int) -> Plane:
        """Add up all whitened pictures at that size."""
        total = np.zeros((rows, columns), np.float32)
        for picture, weight in zip(self._pictures, weights(self._pictures), strict=True):
            total += weight * picture.white(rows, columns, self._window)
        return total

    def poses(self, search: Search, *, upright: bool = False) -> Iterator[Placed]:
        """Search for poses, or upright ones only, under which they show the public tones."""
        chosen: list[Pose] = []
        find, least = (
            (upright_poses, _LEAST_UPRIGHT) if upright else (search_poses, _LEAST_COHERENCE)
        )
        for pose in find(self, search):
            best = chosen[0].coherence if chosen else pose.coherence
            if pose.coherence < max(least, _NEAR_BEST * best):
                return
            if all(_differ(pose.matrix, other.matrix, max(self.shape)) for other in chosen):
                chosen.append(pose)
                top, left = (0, 0) if self._window is None else self._window[:2]
                yield Placed(None, pose.matrix @ shift(-left, -top), self._window)
            if len(chosen) == _POSES:
                return


def weights(pictures: Sequence[Picture]) -> NDArray[np.float32]:
    """Weigh successive pictures: one coded on its own by the root of how many come after it.

    Codecs spend most on it, and what follows in motion keeps little of the mark.
    """
    keys = np.array([picture.moment.key for picture in pictures])
    if keys.all():
        return np.ones(len(pictures), np.float32)
    after = np.diff(np.append(np.flatnonzero(keys), len(pictures))) - 1
    out = np.ones(len(pictures), np.float32)
    out[keys] = np.sqrt(np.maximum(after, 1))
    return out


def grouped(values: NDArray[np.float32], pictures: Sequence[Picture]) -> NDArray[np.float32]:
    """Sum up what pictures say by their kind: the keyframes, then the others.

    Parameters
    ----------
    values : (n, ..., m) float32 array
        A measurement of each picture.
    pictures : sequence of Picture
        As many.

    Returns
    -------
    (2, ..., m) float32 array
    """
    keys = np.array([picture.moment.key for picture in pictures], bool)
    # A product of matrices copies none of the many values.
    return np.tensordot(np.stack([keys, ~keys]).astype(np.float32), values, 1)


def together(groups: NDArray[np.float32]) -> Measured:
    """Add up two groups of pictures, either as much as its public tones are heard.

    Codecs spend most on keyframes, and how much of the mark is left in the others depends on what
    moves, and on the quantiser.

    Parameters
    ----------
    groups : (2, m) float32 array
        From `grouped`, at one pose.

    Returns
    -------
    (m,) float32 array
    """
    total = np.zeros(groups.shape[1], np.float32)
    for group in groups:
        norm = max(float(np.linalg.norm(chips_of(group))), _NOTHING)
        total += group * np.float32((max(coherence_of(group), 0.0) + _UNHEARD) / norm)
    return total


def measured_beside(measured: Measured, x: float, y: float) -> Measured:
    """Tell what pictures say that lie so many frame pixels farther to the right and down.

    Moving a picture turns the phases of its tile's spectrum; to measure it anew takes a hundred
    times as long, and gives the same but for what interpolation does to it.
    """
    plan = layout()
    chips, tones = np.split(measured, [plan.chips])
    away = np.array([y, x]) * (-2.0 * np.pi / TILE)
    pairs = ((chips, plan.bins), (tones, plan.tones))
    turned = [as_values(part) * np.exp(1j * (cycles @ away)) for part, cycles in pairs]
    return np.concatenate([as_chips(values) for values in turned])


def chips_of(measured: Measured) -> NDArray[np.float32]:
    """Take the chips out of a measurement, or a sum of several."""
    return measured[: layout().chips]


def coherence_of(measured: Measured) -> float:
    """Give the coherence of a measurement's tones, in standard deviations of noise."""
    chips, tones = np.split(measured, [layout().chips])
    noise = max(float(np.sqrt(2.0 * np.mean(chips * chips))), _NOTHING)
    return tone_coherence(as_values(tones), layout()) / noise


def _values(values: TileValues) -> Measured:
    return np.concatenate([as_chips(values.bins), as_chips(values.tones)])


def _differ(one: Matrix, other: Matrix, side: int) -> bool:
    """Whether two poses turn and stretch a picture of that side by more than a few pixels."""
    return bool(np.abs(one[:2, :2] - other[:2, :2]).max() * side > _SAME_POSE)
