"""How the pictures of a film may lie on the frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane
from genlabel._plane.rectify import scaling
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.video.layout import FRAME

Matrix = NDArray[np.float64]
#: First row and column of a part of a picture, and those after the last.
Window = tuple[int, int, int, int]

#: Quarter turns and mirroring of a whole picture, the likeliest first.
ORIENTATIONS = (
    (0, False), (0, True), (1, False), (2, False), (3, False), (1, True), (2, True), (3, True),
)  # fmt: skip

# How far a picture's edges move outwards and inwards, in frame pixels.
_GROWN = 1.0
#: Ways to move it by half a frame pixel at most, to the right and down.
MOVES = tuple((x, y) for y in (-0.5, 0.0, 0.5) for x in (-0.5, 0.0, 0.5))


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


def shift(x: float, y: float) -> Matrix:
    """Map pixels to those of a picture that lies so much farther to the right and down."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def resized(placed: Placed, height: int, width: int) -> Iterator[Placed]:
    """Yield a pose about whose middle the picture is a frame pixel smaller, as large, and larger.

    Parameters
    ----------
    placed : Placed
        How a picture lies, more or less.
    height, width : int
        The picture's.
    """
    top, left, bottom, right = placed.window or (0, 0, height, width)
    middle = placed.matrix @ np.array([(left + right - 1) / 2, (top + bottom - 1) / 2, 1.0])
    scale = np.sqrt(abs(np.linalg.det(placed.matrix[:2, :2])))
    half = scale * max(bottom - top, right - left) / 2
    for grown in (-1, 0, 1):
        ratio = 1.0 + grown * _GROWN / half
        about = np.diag([ratio, ratio, 1.0])
        about[:2, 2] = middle[:2] * (1.0 - ratio)
        yield replace(placed, matrix=about @ placed.matrix)


def moved(placed: Placed, x: float, y: float) -> Placed:
    """Give the pose of a picture that lies so many frame pixels farther to the right and down."""
    return replace(placed, matrix=shift(x, y) @ placed.matrix)
