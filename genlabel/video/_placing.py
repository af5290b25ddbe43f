"""How the pictures of a film may lie on the frame."""

from __future__ import annotations

from dataclasses import dataclass

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
