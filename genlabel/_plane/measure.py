"""From a plane of luma in a layer's frame to the measured values of its bins."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.tile import tile_spectrum
from genlabel_kernels.plane.layout import Layout
from genlabel_kernels.plane.prediction import ALL, predict
from genlabel_kernels.plane.shrinking import shrink_rows
from genlabel_kernels.plane.tile import TileValues, fold, read_tile
from genlabel_kernels.plane.whitening import whiten

Plane = NDArray[np.float32]


def residual(plane: Plane, downs: Sequence[int] = ALL) -> Plane:
    """Take away what the picture's own surroundings predict, and whiten what is left.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    downs : sequence of int
        As `predict` takes them.

    Returns
    -------
    (H, W) float32 array
        As `whiten` gives.
    """
    return whiten(plane - predict(plane, downs))


def resize(plane: Plane, height: int, width: int) -> Plane:
    """Resample a plane: area averages downwards, cubic upwards."""
    rows, columns = plane.shape
    if height > rows or width > columns:
        size, shrinks = (width, height), height * width < plane.size
        method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(plane, size, interpolation=method), np.float32)
    if height < rows:
        plane = shrunk_rows(plane, 0, height, rows / height)
    if width < columns:
        turned = shrunk_rows(cv2.transpose(plane), 0, width, columns / width)
        plane = np.asarray(cv2.transpose(turned))
    return plane


def shrunk_rows(
    rows: NDArray[np.generic], first: int, count: int, step: float
) -> NDArray[np.float32]:
    """Average rows down by a factor of `step`: output rows `first` .. `first + count - 1`."""
    out = np.empty((count, rows.shape[1]), np.float32)
    top, bottom = int(first * step), math.ceil((first + count) * step)
    # Two kernels serve all arrays: of bytes and of floats, and either is never written.
    kind = np.uint8 if rows.dtype == np.uint8 else np.float32
    seen = np.ascontiguousarray(rows[top:bottom], kind).view()
    seen.flags.writeable = False
    shrink_rows(seen, first * step - top, step, out)
    return out


def read_layer(white: Plane, plan: Layout, *, top: int = 0, left: int = 0) -> TileValues:
    """Fold a whitened plane into one tile and read its bins.

    Parameters
    ----------
    white : (H, W) float32 array
        In pixels of the layer's frame.
    plan : Layout
        The layer's.
    top, left : int
        Frame coordinates of its first pixel.

    Returns
    -------
    TileValues
        As `read_tile` gives.
    """
    return read_tile(tile_spectrum(fold(white, top=top, left=left)), plan)
