"""CMYK pictures: how they look, and a change of lightness spread over their inks.

Samples are those of the file, where Adobe's convention holds whether the file says so or not:
255 is bare paper and 0 all the ink there is. With the light that colours and black let through,
a channel shows ``colour * black / 255``, so lightness can be moved by either. Black takes no part
where there is none, nor colours where black stands alone: bare paper, pure colours and black text
stay printable as they were.

References
----------
ITU-T T.872, 6.5.3 and 6.1 (CMYK and YCCK; the sense of the samples).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel.image._files.picture import Pixels

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_PEAK = 255
# Where a picture is darker than this, more change in ink would hardly be seen or read.
_LEAST_EFFECT = 0.1
# Rows worked on at once: a few float planes of these instead of the whole picture.
_ROWS = 256


def shown_colours(planes: Sequence[Pixels], *, ycck: bool) -> Pixels:
    """Show inks without a colour profile.

    Parameters
    ----------
    planes : sequence of four (H, W) arrays of uint8
        As coded: cyan, magenta, yellow and black, or luma, two chroma and black.
    ycck : bool
        Whether the first three are luma and chroma.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        Red, green, blue.
    """
    height, width = planes[0].shape
    out = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        parts = [plane[rows].astype(np.float32) for plane in planes]
        light = _light(parts[:3], ycck=ycck)
        out[rows] = np.rint(light * (parts[3] / _PEAK)[..., None])
    return out


def moved_inks(planes: Sequence[Pixels], old: Pixels, new: Pixels, *, ycck: bool) -> list[Pixels]:
    """Spread a change of what is shown over the inks.

    Parameters
    ----------
    planes : sequence of four (H, W) arrays of uint8
        As coded.
    old, new : ndarray, shape (H, W, 3), uint8
        As `shown_colours` gives, and changed.
    ycck : bool
        As in `shown_colours`.

    Returns
    -------
    list of four (H, W) arrays of uint8
        As coded.
    """
    out = [plane.copy() for plane in planes]
    for top in range(0, old.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        parts = [plane[rows].astype(np.float32) for plane in planes]
        step = (new[rows].astype(np.float32) - old[rows]) @ _LUMA
        colour, black = _spread(step, _light(parts[:3], ycck=ycck), parts[3])
        moves = [-colour, None, None, black] if ycck else [colour, colour, colour, black]
        for plane, part, move in zip(out, parts, moves, strict=True):
            if move is not None:
                plane[rows] = np.clip(np.rint(part + move), 0, _PEAK)
    return out


def _light(parts: Sequence[NDArray[np.float32]], *, ycck: bool) -> NDArray[np.float32]:
    """Give the light that the three colours let through."""
    if not ycck:
        return np.stack(parts, axis=2)
    # YCCK codes the inks as if they were red, green and blue.
    luma, blue, red = parts[0], parts[1] - 128, parts[2] - 128
    inks = (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue)
    return np.asarray(np.clip(_PEAK - np.stack(inks, axis=2), 0, _PEAK), np.float32)


def _spread(
    step: NDArray[np.float32], light: NDArray[np.float32], black: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find the smallest change of colours and black that changes lightness by a step."""
    has_black = black < _PEAK
    has_colour = (light.min(axis=2) < _PEAK) | ~has_black
    by_colour = black / _PEAK * has_colour
    by_black = (light @ _LUMA) / _PEAK * has_black
    effect = np.maximum(by_colour**2 + by_black**2, _LEAST_EFFECT)
    return step * by_colour / effect, step * by_black / effect
