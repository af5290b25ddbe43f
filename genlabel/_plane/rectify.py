"""Laying a picture out on a frame of the marked original."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, read_layer, residual, resize
from genlabel_kernels.plane.layout import Layout

Matrix = NDArray[np.float64]

#: Rectified planes begin and end on whole pixels of every coarse ratio (1/3, 1/2, 3/4).
GRAIN = 12
_LONGEST = 4608
_SHORTEST = 24
# Side of what is eroded: pixels next to the picture's edge are partly from beyond it.
_MARGIN = 3
# Below this scale a picture is averaged down before it is turned, so that nothing folds over.
_SHRINK_FIRST = 0.8


@dataclass(frozen=True, slots=True)
class Rectified:
    """A picture on a frame.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    inside : (H, W) bool array
        Which of its pixels the picture covers.
    top, left : int
        Frame coordinates of its first pixel, multiples of `GRAIN`.
    """

    plane: Plane
    inside: NDArray[np.bool_]
    top: int
    left: int

    def bins(self, plan: Layout) -> NDArray[np.complex64]:
        """Measure the layer whose frame this is."""
        white = residual(self.plane) * self.inside
        return read_layer(white, plan, top=self.top, left=self.left).bins

    def shrunk(self, ratio: float) -> Rectified | None:
        """Scale down to a coarser frame; None where hardly anything would be left."""
        rows, columns = (round(side * ratio) for side in self.plane.shape)
        if min(rows, columns) < _SHORTEST:
            return None
        shown = resize(self.inside.astype(np.float32), rows, columns) > 0.99
        plane = resize(self.plane, rows, columns)
        return Rectified(plane, shown, round(self.top * ratio), round(self.left * ratio))


def scaling(x: float, y: float) -> Matrix:
    """Map pixel centres of a picture to those of its copy scaled by `x` and `y`."""
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])


def frame_window(points: NDArray[np.float64]) -> tuple[int, int, int, int] | None:
    """Give the smallest window of whole grains around frame points.

    Parameters
    ----------
    points : (n, 2) float64 array
        (x, y).

    Returns
    -------
    tuple of int or None
        Top, left, rows, columns; None where the window is unreasonable.
    """
    low = np.floor(points.min(axis=0) / GRAIN).astype(int) * GRAIN
    high = np.ceil(points.max(axis=0) / GRAIN).astype(int) * GRAIN
    columns, rows = (int(side) for side in high - low)
    if min(rows, columns) < _SHORTEST or max(rows, columns) > _LONGEST:
        return None
    return int(low[1]), int(low[0]), rows, columns


def rectify(plane: Plane, matrix: Matrix) -> Rectified | None:
    """Lay a picture out by an affine map.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    matrix : (3, 3) float64 array
        From picture pixels (x, y, 1) to frame pixels.

    Returns
    -------
    Rectified or None
        None where the pose would need an unreasonable plane.
    """
    height, width = plane.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], float)
    window = frame_window((corners @ matrix.T)[:, :2])
    if window is None:
        return None
    top, left, rows, columns = window
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if scale < _SHRINK_FIRST:
        small = resize(plane, max(1, round(height * scale)), max(1, round(width * scale)))
        matrix = matrix @ scaling(width / small.shape[1], height / small.shape[0])
        plane = small
    shift = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
    affine, size = (shift @ matrix)[:2], (columns, rows)
    flat = cv2.warpAffine(
        plane, affine, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    covered = cv2.warpAffine(np.ones(plane.shape, np.uint8), affine, size)
    inside = cv2.erode(covered, np.ones((_MARGIN, _MARGIN), np.uint8)) > 0
    return Rectified(np.asarray(flat, np.float32), inside, top, left)


def rectify_by_map(plane: Plane, across: Plane, down: Plane, top: int, left: int) -> Rectified:
    """Lay a picture out by a map given pixel by pixel.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    across, down : (h, w) float32 array
        Where in the picture each frame pixel lies: x and y.
    top, left : int
        Frame coordinates of the first pixel.
    """
    height, width = plane.shape
    flat = cv2.remap(plane, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    edge = _MARGIN / 2
    inside = (across > edge) & (across < width - 1 - edge)
    inside &= (down > edge) & (down < height - 1 - edge)
    return Rectified(np.asarray(flat, np.float32), inside, top, left)
