"""Where a label goes: a chosen edge or corner, or the calmest corner.

A corner's cost is the mean gradient of its luma, a sixth of the range more where it is of skin's
colour, and the whole range more where it looks like a face or like lettering.

References
----------
GB 45438-2025, 5.2: at an edge or corner.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from genlabel.visible._content import face_like, skin, text_like
from genlabel.visible._label import Position

#: Corners in the order in which they are preferred.
CORNERS: tuple[Position, ...] = ("bottom-right", "bottom-left", "top-right", "top-left")

_SKIN_COST, _CONTENT_COST = 255.0 / 6, 255.0
# A less usual corner is taken where its cost, and what every corner has, is lower by so much.
_BETTER, _NOISE = 0.7, 4.0
_SHORT_SIDE = 256

Box = tuple[int, int, int, int]
#: Samples of a picture or of one plane of it.
Pixels = npt.NDArray[Any]
_PEAK = {"uint16": 65535.0, "float32": 1.0}


def box_at(position: Position, size: tuple[int, int], margin: int, canvas: tuple[int, int]) -> Box:
    """Place a stamp.

    Parameters
    ----------
    position : str
        A corner or an edge, in whose middle it is then.
    size : (int, int)
        Height and width of the stamp.
    margin : int
        To the edges, in pixels.
    canvas : (int, int)
        Height and width of the picture.

    Returns
    -------
    (int, int, int, int)
        Left, top, width, height.
    """
    (height, width), (rows, columns) = size, canvas
    left, top = (columns - width) // 2, (rows - height) // 2
    if "left" in position:
        left = margin
    elif "right" in position:
        left = columns - margin - width
    if "top" in position:
        top = margin
    elif "bottom" in position:
        top = rows - margin - height
    return left, top, width, height


def calmest(picture: np.ndarray, size: tuple[int, int], margin: int) -> Position:
    """Choose a corner.

    Parameters
    ----------
    picture : (H, W) or (H, W, 3) uint8 array
        What is shown.
    size : (int, int)
        Height and width of the stamp.
    margin : int
        To the edges, in pixels.

    Returns
    -------
    str
        One of `CORNERS`: the first, unless another is clearly calmer.
    """
    rows, columns = picture.shape[:2]
    scale = min(1.0, _SHORT_SIDE / min(rows, columns))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cost = _cost(small)
    chosen, least = CORNERS[0], np.inf
    for corner in CORNERS:
        left, top, width, height = box_at(corner, size, margin, (rows, columns))
        part = cost[
            int(top * scale) : int((top + height) * scale) + 1,
            int(left * scale) : int((left + width) * scale) + 1,
        ]
        found = float(part.mean()) + _NOISE
        if found < _BETTER * least:
            chosen, least = corner, found
    return chosen


def upright(pixels: Pixels, turned: int) -> Pixels:
    """Turn samples as they are shown.

    Parameters
    ----------
    pixels : ndarray
        As stored.
    turned : int
        Exif's orientation, 1 to 8.

    Returns
    -------
    ndarray
        A view: what is drawn there is drawn in the samples.
    """
    if turned >= 5:
        pixels = pixels.swapaxes(0, 1)
    # After the exchange of rows and columns 5 is as 1, 6 as 2, 7 as 3, 8 as 4.
    if turned in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if turned in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def shown(pixels: Pixels) -> Pixels:
    """Give the picture in eight bits, without alpha: enough to judge how calm it is."""
    colours = pixels if pixels.ndim == 2 else pixels[..., :3]
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    scale = 255 / _PEAK[colours.dtype.name]
    return np.asarray(cv2.convertScaleAbs(np.ascontiguousarray(colours), alpha=scale))


def _cost(picture: np.ndarray) -> np.ndarray:
    colour = picture.ndim == 3
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if colour else picture
    gradient = cv2.magnitude(
        cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=1 / 4),
        cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=1 / 4),
    )
    avoided = text_like(np.asarray(gradient, np.float32))
    if colour:
        gradient = gradient + np.float32(_SKIN_COST) * skin(picture)
        avoided |= face_like(picture)
    return np.asarray(gradient + np.float32(_CONTENT_COST) * avoided)
