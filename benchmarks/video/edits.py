"""Edits of films: of every picture alike, and of time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.video import Film

_BLACK = 16
_PAIR = 2


def _each(film: Film, edit: Callable[[NDArray[np.uint8]], Any]) -> Film:
    return film.with_planes(np.stack([edit(luma) for luma in film.planes]))


def rotate(film: Film, degrees: float) -> Film:
    """Turn about the middle; the size stays, corners are lost, edges are black."""
    height, width = film.planes.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)

    def edit(luma: NDArray[np.uint8]) -> Any:
        return cv2.warpAffine(
            luma, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=_BLACK
        )

    return _each(film, edit)


def turn(film: Film, degrees: float) -> Film:
    """Turn by quarter turns."""
    return film.with_planes(np.rot90(film.planes, round(degrees / 90), axes=(1, 2)))


def mirror(film: Film) -> Film:
    """Exchange left and right."""
    return film.with_planes(film.planes[:, :, ::-1])


def resize(film: Film, ratio: float) -> Film:
    """Scale both sides."""
    height, width = (_even(side * ratio) for side in film.planes.shape[1:])
    return _sized(film, height, width)


def long_side(film: Film, side: float) -> Film:
    """Scale to a long side."""
    return resize(film, side / max(film.planes.shape[1:]))


def crop(film: Film, ratio: float) -> Film:
    """Keep this part of both sides, in the middle but for a few pixels."""
    height, width = film.planes.shape[1:]
    rows, columns = _even(height * ratio), _even(width * ratio)
    top, left = (height - rows) // 2 + 3, (width - columns) // 2 + 5
    return film.with_planes(film.planes[:, top : top + rows, left : left + columns])


def letterbox(film: Film) -> Film:
    """Put a film into a square with black bars, half as large again at most as its short side."""
    height, width = film.planes.shape[1:]
    side = _even(max(height, width))
    planes = np.full((len(film.planes), side, side), _BLACK, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    planes[:, top : top + height, left : left + width] = film.planes
    return film.with_planes(planes)


def picture_in_picture(film: Film, ratio: float) -> Film:
    """Show a film scaled down before another picture: its own first one, upside down, blurred.

    So much that nothing of its mark is left.
    """
    height, width = film.planes.shape[1:]
    ground = cv2.GaussianBlur(film.planes[0][::-1, ::-1], (0, 0), width / 40)
    small = resize(film, ratio).planes
    planes = np.repeat(np.asarray(ground, np.uint8)[None], len(small), axis=0)
    top, left = round(height * 0.06), round(width * 0.9) - small.shape[2]
    planes[:, top : top + small.shape[1], left : left + small.shape[2]] = small
    return film.with_planes(planes)


def brightness(film: Film, factor: float) -> Film:
    """Multiply luma above black."""
    table = np.clip(np.rint((np.arange(256) - _BLACK) * factor + _BLACK), 0, 255).astype(np.uint8)
    return film.with_planes(table[film.planes])


def drop(film: Film, share: float) -> Film:
    """Drop this share of the frames, evenly; the others are played more slowly."""
    count = len(film.planes)
    kept = np.unique((np.arange(round(count * (1 - share))) / (1 - share)).astype(int))
    return film.with_planes(film.planes[kept[kept < count]], film.fps * Fraction(1 - share))


def frames_per_second(film: Film, fps: float) -> Film:
    """Take for each new time the frame that is shown then."""
    rate = Fraction(fps)
    times = np.arange(int(film.seconds * fps)) * float(film.fps / rate)
    return film.with_planes(film.planes[times.astype(int)], rate)


def blended(film: Film, fps: float) -> Film:
    """Mix for each new time the two frames that are nearest."""
    rate = Fraction(fps)
    times = np.arange(int(film.seconds * fps)) * float(film.fps / rate)
    first = np.minimum(times.astype(int), len(film.planes) - _PAIR)
    part = (times - first)[:, None, None]
    mixed = film.planes[first] * (1 - part) + film.planes[first + 1] * part
    return film.with_planes(np.rint(mixed), rate)


def speed(film: Film, factor: float) -> Film:
    """Play faster or slower at the same frames per second."""
    times = np.arange(int(len(film.planes) / factor)) * factor
    return film.with_planes(film.planes[times.astype(int)])


def reverse(film: Film) -> Film:
    """Play backwards."""
    return film.with_planes(film.planes[::-1])


def cut(film: Film, seconds: float) -> Film:
    """Keep so many seconds from the middle."""
    count = max(1, round(seconds * film.fps))
    first = max(0, (len(film.planes) - count) // 2)
    return film.with_planes(film.planes[first : first + count])


def reorder(film: Film) -> Film:
    """Exchange stretches of about a second."""
    parts = np.array_split(film.planes, max(2, round(film.seconds)))
    return film.with_planes(np.concatenate(parts[1::2] + parts[::2]))


def screen(film: Film) -> Film:
    """Record from a screen: enlarged by an odd ratio, 60 fps, darker, a frame around it."""
    planes = brightness(_sized(film, *(_even(side * 1.13) for side in film.planes.shape[1:])), 0.85)
    rows, columns = planes.planes.shape[1:]
    shown = np.full((len(film.planes), _even(rows * 1.12), _even(columns * 1.06)), 40, np.uint8)
    top, left = round(rows * 0.07), round(columns * 0.03)
    shown[:, top : top + rows, left : left + columns] = planes.planes
    return frames_per_second(film.with_planes(shown), 60)


def _sized(film: Film, height: int, width: int) -> Film:
    method = cv2.INTER_AREA if height < film.planes.shape[1] else cv2.INTER_CUBIC
    return _each(film, lambda luma: cv2.resize(luma, (width, height), interpolation=method))


def _even(side: float) -> int:
    return max(16, round(side / 2) * 2)
