"""Edits that leave every pixel in its place: light, colour, noise, filters."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.image import Pixels

#: ITU-R BT.601 luma weights, as torchvision and Pillow use for gray.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def gray(pixels: Pixels) -> Pixels:
    """Replace each pixel by its BT.601 luma, in all three channels."""
    return _bytes(np.repeat(_luma(pixels), 3, axis=2))


def invert(pixels: Pixels) -> Pixels:
    """Give the negative."""
    return 255 - pixels


def brightness(pixels: Pixels, factor: float) -> Pixels:
    """Multiply by `factor`, clipped."""
    return _bytes(pixels * np.float32(factor))


def contrast(pixels: Pixels, factor: float) -> Pixels:
    """Stretch by `factor` about the picture's mean luma, clipped (torchvision's rule)."""
    mean = _luma(pixels).mean()
    return _bytes(mean + (pixels - mean) * np.float32(factor))


def saturation(pixels: Pixels, factor: float) -> Pixels:
    """Stretch by `factor` about each pixel's own luma, clipped (torchvision's rule)."""
    luma = _luma(pixels)
    return _bytes(luma + (pixels - luma) * np.float32(factor))


def hue(pixels: Pixels, turn: float) -> Pixels:
    """Rotate the HSV hue by `turn` of a full circle."""
    hsv = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360 * turn) % 360
    return _bytes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255)


def gamma(pixels: Pixels, exponent: float) -> Pixels:
    """Raise values scaled to 0..1 to the power `exponent`."""
    table = _bytes(255 * (np.arange(256) / 255.0) ** exponent)
    return np.asarray(table[pixels], dtype=np.uint8)


def noise(pixels: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """Add white Gaussian noise of `sigma` levels, independent in each channel."""
    return _bytes(pixels + rng.normal(0.0, sigma, pixels.shape))


def blur(pixels: Pixels, sigma: float) -> Pixels:
    """Blur with a Gaussian of `sigma` pixels."""
    return _contiguous(cv2.GaussianBlur(pixels, (0, 0), sigma))


def blur_kernel(pixels: Pixels, size: float) -> Pixels:
    """Blur with a `size` x `size` Gaussian, sigma by torchvision's rule .3((k-1)/2-1)+.8."""
    width = int(size)
    return _contiguous(cv2.GaussianBlur(pixels, (width, width), 0.3 * ((width - 1) / 2 - 1) + 0.8))


def median(pixels: Pixels, size: float) -> Pixels:
    """Take the median over `size` x `size` pixels in each channel."""
    return _contiguous(cv2.medianBlur(pixels, int(size)))


def sharpen(pixels: Pixels, amount: float) -> Pixels:
    """Add `amount` times the difference to a sigma-2 blur (unsharp mask)."""
    values = pixels.astype(np.float32)
    return _bytes(values + amount * (values - cv2.GaussianBlur(values, (0, 0), 2)))


def _luma(pixels: Pixels) -> NDArray[np.float32]:
    return (pixels.astype(np.float32) @ _LUMA)[..., None]


def _bytes(values: ArrayLike) -> Pixels:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _contiguous(image: object) -> Pixels:
    return np.ascontiguousarray(image, dtype=np.uint8)
