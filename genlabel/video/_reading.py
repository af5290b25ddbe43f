"""What moments of a film say: chips at each pose, and the words that keys find in them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._decoding import Decoded, decode
from genlabel._plane.measure import Plane, read_layer, residual, resize
from genlabel._plane.rectify import rectify, scaling
from genlabel._plane.search import Pose, Search, search_poses
from genlabel.video._codeword import key_sums
from genlabel.video._film import Moment
from genlabel_kernels.plane.layout import CODE_BITS, frame_size
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import FRAME, layout

Matrix = NDArray[np.float64]
#: First row and column of a part of a picture, and those after the last.
Window = tuple[int, int, int, int]

#: Quarter turns and mirroring of a whole picture, the likeliest first.
ORIENTATIONS = (
    (0, False), (0, True), (1, False), (2, False), (3, False), (1, True), (2, True), (3, True),
)  # fmt: skip
_SEARCH = Search(layout(), 400, (0.25, 1.6), 47.0, rigid=True)
# Differences of pictures count more than in still ones, from which no codec took their grain.
_GAIN = 1.5
# Standard deviation, in grey levels, below which a picture was darkened, and by how much at most.
_SPREAD, _DARKEST = 50.0, 2.0
# Poses of a search that are read, and the coherence below which none is: weak marks begin at 6.5,
# which noise reaches in about every third search.
_POSES = 4
_LEAST_COHERENCE = 6.5
_NEAR_BEST = 0.6
_SEARCHED = 16
# Parts of a picture that are searched by themselves: side against the whole, and places. A film
# that is shown small within another picture lies in one of them, and less else does.
_PART = 0.7
_PLACES = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5))
# Poses that move no pixel by more frame pixels than this against each other count once.
_SAME_POSE = 4.0
# Code bits whose energy exceeds noise by less are not decoded, in standard deviations; above the
# other, unless chance reaches it, the decoder takes its time.
_ENERGY = 1.0
_ENERGETIC = 2.2
_DECODED = 2
_BELOW_CHANCE = 0.5


class Risk:
    """How the risk of a chance finding is shared out among measurements that come one by one.

    The union bound asks only that the shares sum to one: that of the k-th is 1 / (k (k + 1)).

    Parameters
    ----------
    keys : int
        How many each measurement is shown to.
    """

    def __init__(self, keys: int) -> None:
        self._keys = keys
        self._looked_at = 0

    def trials(self) -> int:
        """Count one more measurement; give the reciprocal of its share, keys included."""
        self._looked_at += 1
        return self._looked_at * (self._looked_at + 1) * self._keys


@dataclass(frozen=True, slots=True)
class Placed:
    """How the pictures of a film lie on the frame.

    Parameters
    ----------
    orientation : (int, bool) or None
        Of whole pictures: an entry of `ORIENTATIONS`.
    matrix : (3, 3) float64 array
        From picture pixels (x, y, 1) to frame pixels.
    window : Window or None
        The part of the picture that is read; None: all of it.
    """

    orientation: tuple[int, bool] | None
    matrix: Matrix
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was read.

    Parameters
    ----------
    decoded : Decoded
        What it says.
    secrets : ChipSecrets
        Of its key.
    placed : Placed
        Where it lay.
    matrix : (3, 3) float64 array
        From the film's pixels to frame pixels.
    """

    decoded: Decoded
    secrets: ChipSecrets
    placed: Placed
    matrix: Matrix


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
        moved = placed.matrix @ _shift(left, top)
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
                yield Placed(None, pose.matrix @ _shift(-left, -top), self._window)
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


def upright(white: Plane, orientation: tuple[int, bool]) -> Plane:
    """Undo a mirroring, then quarter turns."""
    quarter_turns, mirrored = orientation
    view = np.rot90(white[:, ::-1] if mirrored else white, quarter_turns)
    return np.ascontiguousarray(view)


def orientations(height: int, width: int) -> list[Placed]:
    """List how a whole picture of that size may lie."""
    placed = []
    for quarter_turns, mirrored in ORIENTATIONS:
        matrix = np.eye(3)
        if mirrored:
            matrix = np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        rows, columns = height, width
        for _ in range(quarter_turns):
            # np.rot90: the right column becomes the top row.
            turn = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, columns - 1.0], [0.0, 0.0, 1.0]])
            matrix = turn @ matrix
            rows, columns = columns, rows
        tall, wide = frame_size(rows, columns, FRAME)
        matrix = scaling(wide / columns, tall / rows) @ matrix
        placed.append(Placed((quarter_turns, mirrored), matrix))
    return placed


def decode_any(
    chips: NDArray[np.float32], secrets: Sequence[ChipSecrets], risk: Risk
) -> tuple[Decoded, ChipSecrets] | None:
    """Decode measured chips under all keys."""
    trials = risk.trials()
    sums = key_sums(chips, secrets)
    energies = ((sums * sums).sum(axis=1) - 1.0) * math.sqrt(CODE_BITS / 2)
    # The greatest of many keys' energies is great by chance.
    chance = math.sqrt(2.0 * math.log(len(secrets)))
    for index in np.argsort(-energies)[: _DECODED if chance else 1]:
        if energies[index] < max(_ENERGY, chance - _BELOW_CHANCE):
            break
        thorough = bool(energies[index] > max(_ENERGETIC, chance))
        secret = secrets[index]
        decoded = decode(sums[index], secret.payload, trials, thorough=thorough)
        if decoded is not None:
            return decoded, secret
    return None


def find_word(
    pictures: Sequence[Picture], secrets: Sequence[ChipSecrets], risk: Risk, *, posed: bool
) -> Word | None:
    """Read the first word that any stretch of a film shows: all of it, its halves, and so on.

    Parameters
    ----------
    pictures : sequence of Picture
        In order.
    secrets : sequence of ChipSecrets
        Of all keys.
    risk : Risk
        Of chance findings.
    posed : bool
        Whether to search for poses, or only read pictures that are whole.
    """
    for _, group in itertools.groupby(pictures, lambda one: one.moment.shape):
        alike = list(group)
        for place, chips in _measurements(alike, posed=posed):
            found = decode_any(chips, secrets, risk)
            if found is not None:
                return Word(*found, place, place.matrix @ alike[0].scaling)
    return None


def _windows(height: int, width: int) -> list[Window]:
    """List the parts of a picture that are searched by themselves."""
    rows, columns = round(_PART * height), round(_PART * width)
    corners = [(round(y * (height - rows)), round(x * (width - columns))) for y, x in _PLACES]
    return [(top, left, top + rows, left + columns) for top, left in corners]


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _differ(one: Matrix, other: Matrix, side: int) -> bool:
    """Whether two poses turn and stretch a picture of that side by more than a few pixels."""
    return bool(np.abs(one[:2, :2] - other[:2, :2]).max() * side > _SAME_POSE)


class Total:
    """All of a film together, as whole pictures, in memory that does not grow."""

    def __init__(self) -> None:
        self.times = (0.0, 0.0)
        self._shape: tuple[int, int] | None = None
        self._chips: NDArray[np.float32] | None = None
        self._placed: list[Placed] = []
        self._matrix = np.eye(3)

    def add(self, moments: Sequence[Moment]) -> None:
        """Add moments of the first one's shape."""
        pictures = [Picture(moment) for moment in moments]
        if self._shape is None:
            self._shape = pictures[0].moment.shape
            self._placed = orientations(*pictures[0].shape)
            self._matrix = pictures[0].scaling
            self._chips = np.zeros((len(self._placed), layout().chips), np.float32)
            self.times = (moments[0].start, moments[0].end)
        alike = [picture for picture in pictures if picture.moment.shape == self._shape]
        for picture, weight in zip(alike, weights(alike), strict=True):
            self._chips += weight * np.array([picture.chips(place) for place in self._placed])
            self.times = (self.times[0], picture.moment.end)

    def word(self, secrets: Sequence[ChipSecrets], risk: Risk) -> Word | None:
        """Read it."""
        measured = [] if self._chips is None else list(self._chips)
        for place, chips in zip(self._placed, measured, strict=True):
            found = decode_any(chips, secrets, risk)
            if found is not None:
                return Word(*found, place, place.matrix @ self._matrix)
        return None


def _measurements(
    alike: Sequence[Picture], *, posed: bool
) -> Iterator[tuple[Placed, NDArray[np.float32]]]:
    """Yield what pictures of one shape may say together, the likeliest first."""
    weighed = weights(alike)
    placed = orientations(*alike[0].shape)
    chips = np.array([[one.chips(place) for place in placed] for one in alike])
    chips *= weighed[:, None, None]
    yield from zip(placed, chips.sum(axis=0), strict=True)
    # So many are enough to find a pose, and what was not read upright is read from as many.
    some = alike[:: -(-len(alike) // _SEARCHED)]
    for window in [None, *_windows(*alike[0].shape)] if posed else []:
        for place in Pictures(some, window).poses():
            yield place, weights(some) @ np.array([one.chips(place) for one in some])
    for first, last in _parts(len(alike)):
        yield from zip(placed, chips[first:last].sum(axis=0), strict=True)


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """List the halves, their halves, and so on: (first, last), the last excluded."""
    parts = 2
    while parts <= count:
        edges = np.linspace(0, count, parts + 1).round().astype(int).tolist()
        yield from itertools.pairwise(edges)
        parts *= 2
