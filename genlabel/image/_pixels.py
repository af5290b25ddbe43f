"""Pixels in any of the accepted shapes: their luma, and a pattern added to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel._errors import UnsupportedError

#: ITU-R BT.601 luma, the one JPEG and WebP code with.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
_PEAK = 255.0
# What a resampler may leave beyond 0..1 without the scale being another one.
_OVERSHOOT = 0.05

Plane = NDArray[np.float32]
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


def transparent(pixels: Pixels) -> NDArray[np.bool_] | None:
    """Tell which pixels are fully transparent; None where the picture has no such pixel."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    hidden: NDArray[np.bool_] = pixels[..., 3] == 0
    return hidden if hidden.any() else None


def add_luma(pixels: Pixels, pattern: Plane) -> Pixels:
    """Add a pattern to all colour channels alike, which moves luma and leaves chroma.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts; not changed.
    pattern : (H, W) float32 array
        In grey levels of 0..255.

    Returns
    -------
    array
        Same shape and dtype; alpha and fully transparent pixels as they were.
    """
    white = _WHITE[pixels.dtype.name]
    step = pattern * np.float32(white / _PEAK)
    hidden = transparent(pixels)
    if hidden is not None:
        step = np.where(hidden, np.float32(0.0), step)
    out = pixels.copy()
    colours = out if out.ndim == 2 else out[..., :3]
    # Channel by channel: one float plane at a time, however large the picture.
    for channel in [colours] if out.ndim == 2 else np.moveaxis(colours, 2, 0):
        moved = channel.astype(np.float32) + step
        if white > 1.0:
            np.rint(moved, out=moved)
        channel[...] = np.clip(moved, 0.0, white)
    return out
