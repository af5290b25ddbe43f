"""Pixels in any of the accepted shapes: their luma, and a pattern added to it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._errors import UnsupportedError
from genlabel.image._measure import Plane, resize, shrunk_rows
from genlabel_kernels.image.laying import lay_rows

#: ITU-R BT.601 luma, the one JPEG and WebP code with.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
_DEPTH = {"uint8": cv2.CV_8U, "uint16": cv2.CV_16U, "float32": cv2.CV_32F}
_PEAK = 255.0
_STRIP = 256
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
    scale = np.float32(_PEAK / _WHITE[pixels.dtype.name])
    plane = _grey(pixels.astype(np.float32)) * scale
    hidden = transparent(pixels)
    if hidden is not None:
        shown = plane[~hidden]
        plane[hidden] = shown.mean() if shown.size else np.float32(_PEAK / 2)
    return plane


def luma_at(pixels: Pixels, height: int, width: int) -> Plane:
    """Compute the luma plane of a picture resampled to another size.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts.
    height, width : int
        Of the plane.

    Returns
    -------
    (height, width) float32 array
        0..255. A large picture is averaged down before it becomes floating-point.
    """
    rows, columns = pixels.shape[:2]
    if height >= rows or width > columns or transparent(pixels) is not None:
        return resize(luma(pixels), height, width)
    flat = np.ascontiguousarray(pixels).reshape(rows, -1)
    shrunk = np.empty((height, columns), np.float32)
    for top in range(0, height, _STRIP):
        count = min(_STRIP, height - top)
        strip = shrunk_rows(flat, top, count, rows / height)
        shrunk[top : top + count] = _grey(strip.reshape(count, *pixels.shape[1:]))
    shrunk *= np.float32(_PEAK / _WHITE[pixels.dtype.name])
    return resize(shrunk, height, width)


def _grey(values: NDArray[np.float32]) -> Plane:
    if values.ndim == 2:
        return values
    weights = np.append(_LUMA, np.zeros(values.shape[2] - 3, np.float32))
    return np.asarray(cv2.transform(values, weights[None]))


def transparent(pixels: Pixels) -> NDArray[np.bool_] | None:
    """Tell which pixels are fully transparent; None where the picture has no such pixel."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    hidden: NDArray[np.bool_] = pixels[..., 3] == 0
    return hidden if hidden.any() else None


class Laid:
    """A pattern in pixels of a frame, laid over a picture of another size.

    Parameters
    ----------
    pattern : (h, w) float32 array
        In pixels of the frame.
    height, width : int
        The picture's.
    """

    def __init__(self, pattern: Plane, height: int, width: int) -> None:
        self._step = pattern.shape[0] / height
        if pattern.shape[1] != width:
            size = (width, pattern.shape[0])
            pattern = np.asarray(cv2.resize(pattern, size, interpolation=cv2.INTER_CUBIC))
        self._wide = pattern

    def rows(self, top: int, count: int) -> Plane:
        """Give some rows: (count, width) float32."""
        if self._step == 1.0:
            return self._wide[top : top + count]
        out = np.empty((count, self._wide.shape[1]), np.float32)
        # Pixel centres of the picture's rows to those of the frame.
        lay_rows(self._wide, (self._step - 1.0) / 2.0 + self._step * top, self._step, out)
        return out


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
    scale = np.float32(_WHITE[pixels.dtype.name] / _PEAK)
    out = np.empty_like(pixels)
    height, width = pixels.shape[:2]
    laid = Laid(pattern, height, width)
    # A strip at a time: however large the picture, few of its pixels are floating-point at once.
    for top in range(0, height, _STRIP):
        strip = pixels[top : top + _STRIP]
        step = laid.rows(top, len(strip)) * scale
        hidden = transparent(strip)
        if hidden is not None:
            step[hidden] = 0.0
        channels = [step] * (1 if strip.ndim == 2 else 3)
        if strip.ndim == 3 and strip.shape[2] == 4:
            channels.append(np.zeros_like(step))
        # Integers are rounded and saturate.
        moved = cv2.add(strip, cv2.merge(channels), dtype=_DEPTH[pixels.dtype.name])
        out[top : top + _STRIP] = np.clip(moved, 0.0, 1.0) if scale < 1.0 else moved
    return out
