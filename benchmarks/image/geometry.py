"""Edits that move pixels: resizing, turning, cropping, warping.

Linear and area ratios are kept apart by name, because papers mix them up.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image

from benchmarks.image import Pixels

_LANCZOS = Image.Resampling.LANCZOS
_BICUBIC = Image.Resampling.BICUBIC
_BILINEAR = Image.Resampling.BILINEAR
_NEAREST = Image.Resampling.NEAREST

#: Knots per side of the random field that `bend` interpolates.
_BEND_KNOTS = 5


def resize(pixels: Pixels, ratio: float) -> Pixels:
    """Scale both sides by the linear `ratio` (Pillow Lanczos)."""
    return _resample(pixels, ratio, ratio, _LANCZOS)


def resize_bilinear(pixels: Pixels, ratio: float) -> Pixels:
    """Scale both sides by the linear `ratio` (antialiased bilinear, torchvision's default)."""
    return _resample(pixels, ratio, ratio, _BILINEAR)


def long_side(pixels: Pixels, length: float) -> Pixels:
    """Shrink the long side to `length` pixels (Pillow Lanczos); never enlarge."""
    ratio = min(1.0, length / max(pixels.shape[:2]))
    return pixels.copy() if ratio == 1.0 else _resample(pixels, ratio, ratio, _LANCZOS)


def aspect(pixels: Pixels, ratio: float) -> Pixels:
    """Scale the width alone by `ratio` (Pillow Lanczos)."""
    return _resample(pixels, ratio, 1.0, _LANCZOS)


def mirror(pixels: Pixels) -> Pixels:
    """Swap left and right."""
    return np.ascontiguousarray(pixels[:, ::-1])


def turn(pixels: Pixels, degrees: float) -> Pixels:
    """Turn by a multiple of 90 degrees counter-clockwise, exactly; sides swap."""
    quarters, rest = divmod(degrees, 90)
    if rest:
        raise ValueError(f"a quarter turn is a multiple of 90 degrees, not {degrees:g}")
    return np.ascontiguousarray(np.rot90(pixels, int(quarters)))


def rotate(pixels: Pixels, degrees: float) -> Pixels:
    """Rotate counter-clockwise on the same canvas (bicubic, black corners)."""
    return np.array(Image.fromarray(pixels).rotate(degrees, _BICUBIC))


def rotate_inner(pixels: Pixels, degrees: float) -> Pixels:
    """Rotate (bicubic) and keep the largest upright rectangle free of black."""
    height, width = pixels.shape[:2]
    inner_width, inner_height = _inscribed(width, height, math.radians(degrees))
    turned = np.array(Image.fromarray(pixels).rotate(degrees, _BICUBIC, expand=True))
    top = (turned.shape[0] - inner_height) // 2
    left = (turned.shape[1] - inner_width) // 2
    return np.ascontiguousarray(turned[top : top + inner_height, left : left + inner_width])


def rotate_nearest(pixels: Pixels, degrees: float) -> Pixels:
    """Rotate as Video Seal does: quarter turns exact, the rest nearest on the same canvas."""
    quarters, rest = divmod(degrees, 90)
    turned = turn(pixels, 90 * quarters)
    return np.array(Image.fromarray(turned).rotate(rest, _NEAREST)) if rest else turned


def rotate_any(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Rotate by an angle drawn evenly from 0 to 360 degrees, canvas kept."""
    return rotate(pixels, rng.uniform(0, 360))


def rotate_inner_any(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Rotate by an angle drawn evenly from 0 to 360 degrees, inner rectangle kept."""
    return rotate_inner(pixels, rng.uniform(0, 360))


def crop_area(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Keep a rectangle of `share` of the *area*, same aspect, at a random place."""
    return crop_linear(pixels, math.sqrt(share), rng)


def crop_linear(pixels: Pixels, ratio: float, rng: np.random.Generator) -> Pixels:
    """Keep a rectangle of `ratio` of each *side*, at a random place."""
    height, width = (max(1, round(side * ratio)) for side in pixels.shape[:2])
    top = int(rng.integers(0, pixels.shape[0] - height + 1))
    left = int(rng.integers(0, pixels.shape[1] - width + 1))
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def perspective(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Move each corner by up to +-`share` of width and height (bicubic, black outside)."""
    return _move_corners(pixels, rng.uniform(-share, share, (4, 2)), cv2.INTER_CUBIC)


def perspective_inward(pixels: Pixels, scale: float, rng: np.random.Generator) -> Pixels:
    """Move each corner inward by up to `scale`/2 of the sides (torchvision's rule, bilinear)."""
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    return _move_corners(pixels, inward * rng.uniform(0, scale / 2, (4, 2)), cv2.INTER_LINEAR)


def bend(pixels: Pixels, amplitude: float, rng: np.random.Generator) -> Pixels:
    """Bend by a smooth random field whose longest displacement is `amplitude` pixels.

    Bicubic interpolation of 5 x 5 normal vectors, after the local bending of StirMark
    (Petitcolas, Anderson, Kuhn, "Attacks on copyright marking systems", 1998).
    """
    height, width = pixels.shape[:2]
    knots = rng.normal(size=(_BEND_KNOTS, _BEND_KNOTS, 2)).astype(np.float32)
    field = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    field *= amplitude / np.hypot(field[..., 0], field[..., 1]).max()
    columns = np.arange(width, dtype=np.float32)[None, :] + field[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + field[..., 1]
    bent = cv2.remap(pixels, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(bent, dtype=np.uint8)


def _resample(pixels: Pixels, across: float, down: float, kernel: Image.Resampling) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * across)), max(1, round(height * down))
    return np.array(Image.fromarray(pixels).resize(size, kernel))


def _inscribed(width: int, height: int, angle: float) -> tuple[int, int]:
    """Sides of the largest upright rectangle inside a rotated one."""
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-10:
        # Thin or near 45 degrees: two corners touch the long sides, the others are free.
        half = short / 2
        across, down = (
            (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
        )
    else:
        double = cosine * cosine - sine * sine
        across = (width * cosine - height * sine) / double
        down = (height * cosine - width * sine) / double
    # One pixel off each side: bicubic interpolation reaches past the edge it is cut at.
    exact = min(sine, cosine) < 1e-12
    margin = 0 if exact else 2
    return max(1, math.floor(across + 1e-6) - margin), max(1, math.floor(down + 1e-6) - margin)


def _move_corners(pixels: Pixels, shares: np.ndarray, kernel: int) -> Pixels:
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    moved = (corners + shares * (width, height)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    warped = cv2.warpPerspective(pixels, matrix, (width, height), flags=kernel)
    return np.ascontiguousarray(warped, dtype=np.uint8)
