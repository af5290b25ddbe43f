"""Moments of a film as pictures: whitened at any size, measured at any pose, searched for poses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, read_layer, residual, resize
from genlabel._plane.rectify import rectify, scaling
from genlabel._plane.search import Pose, Search, search_poses
from genlabel.video._film import Moment
from genlabel.video._placing import Matrix, Placed, Window, shift, upright
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import FRAME, layout

_SEARCH = Search(layout(), 400, (0.25, 1.6), 47.0, rigid=True)
# Differences of pictures count more than in still ones, from which no codec took their grain.
_GAIN = 1.5
# Standard deviation, in grey levels, below which a picture was darkened, and by how much at most.
_SPREAD, _DARKEST = 50.0, 2.0
# Poses of a search that are given, and the coherence below which none is: weak marks begin at 6.5,
# which noise reaches in about every third search.
_POSES = 4
_LEAST_COHERENCE = 6.5
_NEAR_BEST = 0.6
# Poses that move no pixel by more frame pixels than this against each other count once.
_SAME_POSE = 4.0


@dataclass(slots=True)
class Picture:
    """A moment, whitened once for all that ask for the same size.

    Parameters
    ----------
    moment : Moment
        The mean picture.
    """

    moment: Moment
    _white: dict[tuple[int, int, Window | None], Plane] = field(default_factory=dict)
    _plane: Plane = field(init=False)

    def __post_init__(self) -> None:
        spread = max(float(self.moment.plane.std()), 1.0)
        gain = _GAIN * min(max(_SPREAD / spread, 1.0), _DARKEST)
        self._plane = self.moment.plane * np.float32(gain)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self._plane.shape
        return height, width

    @property
    def scaling(self) -> Matrix:
        """From the film's pixels to this picture's."""
        height, width = self.moment.shape
        rows, columns = self.shape
        return scaling(columns / width, rows / height)

    def white(self, rows: int, columns: int, window: Window | None = None) -> Plane:
        """Give the picture, or a part of it, whitened at that size."""
        if (rows, columns, window) not in self._white:
            top, left, bottom, right = window or (0, 0, *self.shape)
            part = np.ascontiguousarray(self._plane[top:bottom, left:right])
            self._white[rows, columns, window] = residual(resize(part, rows, columns))
        return self._white[rows, columns, window]

    def chips(self, placed: Placed) -> NDArray[np.float32]:
        """Measure the chips under a pose; zeros where it shows none."""
        if placed.orientation is not None:
            white = self.white(*frame_size(*self.shape, FRAME))
            return chips_of(upright(white, placed.orientation))
        top, left, bottom, right = placed.window or (0, 0, *self.shape)
        moved = placed.matrix @ shift(left, top)
        laid = rectify(np.ascontiguousarray(self._plane[top:bottom, left:right]), moved)
        if laid is None:
            return np.zeros(layout().chips, np.float32)
        return as_chips(laid.bins(layout()))


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

    def poses(self) -> Iterator[Placed]:
        """Search for poses under which the pictures show the public tones."""
        chosen: list[Pose] = []
        for pose in search_poses(self, _SEARCH):
            best = chosen[0].coherence if chosen else pose.coherence
            if pose.coherence < max(_LEAST_COHERENCE, _NEAR_BEST * best):
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


def chips_of(white: Plane) -> NDArray[np.float32]:
    """Measure the chips of a whitened picture that is whole and upright."""
    return as_chips(read_layer(white, layout()).bins)


def _differ(one: Matrix, other: Matrix, side: int) -> bool:
    """Whether two poses turn and stretch a picture of that side by more than a few pixels."""
    return bool(np.abs(one[:2, :2] - other[:2, :2]).max() * side > _SAME_POSE)
