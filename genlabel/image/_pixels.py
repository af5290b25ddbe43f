"""Pixels in any of the accepted shapes: their luma, and a pattern added to it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._errors import UnsupportedError
from genlabel.image._measure import Plane, resize

#: ITU-R BT.601 luma, the one JPEG and WebP code with.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
_PEAK = 255.0
_STRIP = 256
# A picture with this many times the pixels wanted is averaged down before all else.
_SHRINK_EARLY = 1.5
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
    if pixels.ndim == 2:
        return pixels.astype(np.float32) * scale
    plane: Plane = (pixels[..., :3].astype(np.float32) @ _LUMA) * scale
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
    shrinks = height * width * _SHRINK_EARLY < pixels.shape[0] * pixels.shape[1]
    if shrinks and transparent(pixels) is None:
        return luma(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))
    return resize(luma(pixels), height, width)


def transparent(pixels: Pixels) -> NDArray[np.bool_] | None:
    """Tell which pixels are fully transparent; None where the picture has no such pixel."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    hidden: NDArray[np.bool_] = pixels[..., 3] == 0
    return hidden if hidden.any() else None


def enlarged(pattern: Plane, height: int, width: int, top: int, rows: int) -> Plane:
    """Resample a pattern to a picture's size, some rows only.

    Parameters
    ----------
    pattern : (h, w) float32 array
        In pixels of a frame.
    height, width : int
        The picture's.
    top, rows : int
        Which of its rows.

    Returns
    -------
    (rows, width) float32 array
    """
    if pattern.shape == (height, width):
        return pattern[top : top + rows]
    x, y = pattern.shape[1] / width, pattern.shape[0] / height
    # Pixel centres of the picture's rows to those of the frame.
    back = np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2 + y * top]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(pattern, back, (width, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.float32)


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
    white = _WHITE[pixels.dtype.name]
    out = pixels.copy()
    height, width = pixels.shape[:2]
    # A strip at a time: however large the picture, few of its pixels are floating-point at once.
    for top in range(0, height, _STRIP):
        strip = out[top : top + _STRIP]
        step = enlarged(pattern, height, width, top, len(strip)) * np.float32(white / _PEAK)
        hidden = transparent(strip)
        if hidden is not None:
            step[hidden] = 0.0
        for channel in [strip] if out.ndim == 2 else np.moveaxis(strip[..., :3], 2, 0):
            moved = channel.astype(np.float32) + step
            if white > 1.0:
                np.rint(moved, out=moved)
            channel[...] = np.clip(moved, 0.0, white)
    return out
