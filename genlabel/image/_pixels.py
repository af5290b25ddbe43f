"""Pixels in any of the accepted shapes: their luma, and a pattern added to it."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._errors import UnsupportedError
from genlabel._plane.measure import Plane, resize, shrunk_rows
from genlabel_kernels.image.laying import add_steps, lay_rows
from genlabel_kernels.plane.shrinking import LUMA, shrink_luma

_WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
_DEPTH = {"uint8": cv2.CV_8U, "uint16": cv2.CV_16U, "float32": cv2.CV_32F}
_PEAK = 255.0
# Rows that are worked on at once: however large the picture, few are floating-point together.
_STRIP = 128
# What a resampler may leave beyond 0..1 without the scale being another one.
_OVERSHOOT = 0.05

Pixels = NDArray[Any]


def check_pixels(pixels: object) -> Pixels:
    """Refuse anything but the accepted arrays.

    Parameters
    ----------
    pixels : object
        (H, W), (H, W, 3) or (H, W, 4) array of uint8, uint16, or float32 in 0..1.

    Raises
    ------
    UnsupportedError
        Not such an array, or float values outside 0..1.
    """
    if not isinstance(pixels, np.ndarray):
        raise UnsupportedError(f"pixels are a numpy array, not {type(pixels).__name__}")
    if pixels.dtype.name not in _WHITE or not pixels.dtype.isnative:
        raise UnsupportedError(f"pixels are uint8, uint16 or float32, not {pixels.dtype}")
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        raise UnsupportedError(f"pixels are (H, W) or (H, W, 3 or 4), not {pixels.shape}")
    if pixels.dtype == np.float32 and pixels.size:
        low, high = float(pixels.min()), float(pixels.max())
        if not (low >= -_OVERSHOOT and high <= 1.0 + _OVERSHOOT):
            raise UnsupportedError(f"float pixels lie in 0..1, not in {low:g}..{high:g}")
    return pixels


def luma(pixels: Pixels) -> Plane:
    """Compute the luma plane.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts.

    Returns
    -------
    (H, W) float32 array
        0..255. Where a pixel is fully transparent, the mean of the others: what lies under
        transparency is nobody's picture.
    """
    hidden = transparent(pixels)
    if hidden is None:
        return _shrunk_luma(pixels, 0, len(pixels), 1.0)
    plane = _grey(pixels.astype(np.float32)) * np.float32(_PEAK / _WHITE[pixels.dtype.name])
    shown = plane[~hidden]
    plane[hidden] = shown.mean() if shown.size else np.float32(_PEAK / 2)
    return plane


def luma_at(
    pixels: Pixels, height: int, width: int, *, top: int = 0, bottom: int | None = None
) -> Plane:
    """Compute the luma plane of a picture resampled to another size.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts.
    height, width : int
        Of the plane.
    top, bottom : int or None
        Rows of it that are wanted, the last one excluded; None for all that follow.

    Returns
    -------
    (bottom - top, width) float32 array
        0..255. A large picture is averaged down before it becomes floating-point.
    """
    rows, columns = pixels.shape[:2]
    bottom = height if bottom is None else bottom
    if height > rows and width >= columns:
        return _enlarged(luma(pixels), height, width, top, bottom)
    if height > rows or width > columns or transparent(pixels) is not None:
        return resize(luma(pixels), height, width)[top:bottom]
    plane = np.empty((bottom - top, width), np.float32)
    for first in range(top, bottom, _STRIP):
        count = min(_STRIP, bottom - first)
        strip = _shrunk_luma(pixels, first, count, rows / height)
        plane[first - top : first - top + count] = resize(strip, count, width)
    return plane


def _enlarged(plane: Plane, height: int, width: int, top: int, bottom: int) -> Plane:
    """Interpolate some rows of an enlarged plane, and then their columns."""
    columns = plane.shape[1]
    tall = np.zeros((bottom - top, columns), np.float32)
    lay_rows(plane.reshape(-1), columns, height, np.arange(top, bottom), 1.0, tall.reshape(-1))
    size = (width, bottom - top)
    return np.asarray(cv2.resize(tall, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _shrunk_luma(pixels: Pixels, first: int, count: int, step: float) -> Plane:
    """Average luma rows down by a factor of `step`: rows `first` .. `first + count - 1`."""
    width = pixels.shape[1]
    if pixels.dtype == np.uint8 and pixels.ndim == 3:
        top, bottom = int(first * step), math.ceil((first + count) * step)
        rows = np.ascontiguousarray(pixels[top:bottom, :, :3]).reshape(-1).view()
        # Written to by nobody, and one type for the compiler.
        rows.flags.writeable = False
        out, row = np.empty((count, width), np.float32), np.empty(width, np.float32)
        shrink_luma(rows, width, first * step - top, step, row, out.reshape(-1))
        return out
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    strip = shrunk_rows(flat, first, count, step).reshape(count, *pixels.shape[1:])
    return _grey(strip) * np.float32(_PEAK / _WHITE[pixels.dtype.name])


def _grey(values: NDArray[np.float32]) -> Plane:
    if values.ndim == 2:
        return values
    weights = np.append(LUMA, np.zeros(values.shape[2] - 3)).astype(np.float32)
    return np.asarray(cv2.transform(values, weights[None]))


def transparent(pixels: Pixels) -> NDArray[np.bool_] | None:
    """Tell which pixels are fully transparent; None where the picture has no such pixel."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    hidden: NDArray[np.bool_] = pixels[..., 3] == 0
    return hidden if hidden.any() else None


class Laid:
    """Two patterns in pixels of frames, laid over a picture of another size.

    Parameters
    ----------
    fine, coarse : (h, w) float32 array
        Each in pixels of a frame of its own.
    height, width : int
        The picture's.
    """

    def __init__(self, fine: Plane, coarse: Plane, height: int, width: int) -> None:
        self._size = height, width
        # Rows are interpolated when they are needed; where one pattern need not be, neither is the
        # other one.
        down = height if fine.shape[0] == height else coarse.shape[0]
        sizes = (width, fine.shape[0]), (width, down)
        self._wide = [_sized(*pair) for pair in zip((fine, coarse), sizes, strict=True)]

    def rows(self, rows: NDArray[np.int64], strengths: tuple[float, float]) -> Plane:
        """Add up some rows of both, each at its strength: (n, width) float32."""
        height, width = self._size
        out = np.zeros((len(rows), width), np.float32)
        for pattern, strength in zip(self._wide, strengths, strict=True):
            if strength != 0.0:
                flat = pattern.reshape(-1), width, height
                lay_rows(*flat, rows, float(strength), out.reshape(-1))
        return out

    def planes(self, rows: slice | NDArray[np.int64]) -> tuple[Plane, Plane]:
        """Give some rows of each: (n, width) float32."""
        if all(len(pattern) == self._size[0] for pattern in self._wide):
            fine, coarse = (pattern[rows] for pattern in self._wide)
            return fine, coarse
        if isinstance(rows, slice):
            rows = np.arange(rows.start, rows.stop)
        return self.rows(rows, (1.0, 0.0)), self.rows(rows, (0.0, 1.0))


def _sized(pattern: Plane, size: tuple[int, int]) -> Plane:
    if pattern.shape[::-1] != size:
        pattern = np.asarray(cv2.resize(pattern, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.ascontiguousarray(pattern)


def add_luma(pixels: Pixels, pattern: Plane) -> Pixels:
    """Add a pattern to all colour channels alike, which moves luma and leaves chroma.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts; not changed.
    pattern : (h, w) float32 array
        In grey levels of 0..255, in pixels of a frame or of the picture.

    Returns
    -------
    array
        Same shape and dtype; alpha and fully transparent pixels as they were.
    """
    return add_laid(pixels, Laid(pattern, pattern[:1], *pixels.shape[:2]), (1.0, 0.0))


def add_laid(pixels: Pixels, laid: Laid, strengths: tuple[float, float]) -> Pixels:
    """Add patterns that are laid over a picture to it; as `add_luma`.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts; not changed.
    laid : Laid
        In grey levels of 0..255.
    strengths : (float, float)
        Of its patterns.

    Returns
    -------
    array
        As `add_luma` gives.
    """
    out = np.empty(pixels.shape, pixels.dtype)
    for top in range(0, len(pixels), _STRIP):
        strip = pixels[top : top + _STRIP]
        steps = laid.rows(np.arange(top, top + len(strip)), strengths)
        _add(strip, steps, out[top : top + _STRIP])
    return out


def _add(pixels: Pixels, steps: Plane, out: Pixels) -> None:
    if pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3:
        flat = np.ascontiguousarray(pixels).reshape(-1).view()
        flat.flags.writeable = False
        add_steps(flat, steps.reshape(-1), out.reshape(-1))
        return
    scale = np.float32(_WHITE[pixels.dtype.name] / _PEAK)
    steps *= scale
    hidden = transparent(pixels)
    if hidden is not None:
        steps[hidden] = 0.0
    channels = [steps] * (1 if pixels.ndim == 2 else 3)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        channels.append(np.zeros_like(steps))
    # Integers are rounded and saturate.
    moved = cv2.add(pixels, cv2.merge(channels), dtype=_DEPTH[pixels.dtype.name])
    out[:] = np.clip(moved, 0.0, 1.0) if scale < 1.0 else moved
