"""What a label had better not hide: areas that look like faces, and like lettering.

Neither measure recognises anything. A face-like area is a compact patch of skin's colours, of a
face's proportions and with light and shade on it; a text-like one has strong edges on flat ground.
Faces in grey are not seen, and hands, wood and flowers may count as faces.

References
----------
Chai and Ngan, "Face segmentation using skin-color map in videophone applications", IEEE Trans.
CSVT 9(4), 1999: skin is within 77..127 of Cb, 133..173 of Cr.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
_Bytes = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]

# All sizes are in pixels of pictures whose shortest side is 256.
_SKIN = np.array((30, 137, 77)), np.array((255, 173, 127))
_SEPARATED = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
# Of a face-like patch: part of the picture, height by width, part of its box and of its hull that
# it fills, and standard deviation of its luma, of 255.
_PART, _SHAPE, _FILLED, _COMPACT, _SHADED = (0.002, 0.25), (0.7, 2.4), 0.45, 0.7, 12.0
# Gradients a pixel that are an edge of a letter, and flat ground; and the parts of a window, of
# about a line's height, that have them at least.
_EDGE, _GROUND, _EDGES, _GROUNDS, _WINDOW = 32.0, 5.0, 0.15, 0.3, (12, 6)
_SPECKLES = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))


def skin(picture: _Bytes) -> Mask:
    """Find what has skin's colours.

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
        RGB.

    Returns
    -------
    (H, W) bool array
        Where it has.
    """
    return np.asarray(cv2.inRange(cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb), *_SKIN) > 0)


def face_like(picture: _Bytes) -> Mask:
    """Find areas that look like faces.

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
        RGB, 256 pixels on its shortest side.

    Returns
    -------
    (H, W) bool array
        The boxes round patches of a face's colours and shape.
    """
    patches = cv2.morphologyEx(skin(picture).astype(np.uint8), cv2.MORPH_OPEN, _SEPARATED)
    luma: _Bytes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    count, numbers, facts, _ = cv2.connectedComponentsWithStats(patches, connectivity=4)
    out = np.zeros(luma.shape, np.bool_)
    for number in range(1, count):
        left, top, width, height, area = map(int, facts[number])
        box = np.s_[top : top + height, left : left + width]
        if _is_face_like(numbers[box] == number, luma[box], area / luma.size):
            out[box] = True
    return out


def _is_face_like(patch: Mask, luma: _Bytes, part: float) -> bool:
    (height, width), area = patch.shape, int(patch.sum())
    if not (_PART[0] < part < _PART[1] and _SHAPE[0] < height / width < _SHAPE[1]):
        return False
    if area < _FILLED * height * width or float(luma[patch].std()) < _SHADED:
        return False
    points: Any = np.argwhere(patch)[:, ::-1].astype(np.int32)
    return bool(area > _COMPACT * cv2.contourArea(cv2.convexHull(points)))


def text_like(gradient: _Floats) -> Mask:
    """Find areas that look like lettering.

    Parameters
    ----------
    gradient : (H, W) float32 array
        Of the luma, in 255ths a pixel, of a picture whose shortest side is 256 pixels.

    Returns
    -------
    (H, W) bool array
        Windows that have many edges and flat ground between them.
    """
    edges = cv2.boxFilter((gradient > _EDGE).astype(np.float32), -1, _WINDOW)
    ground = cv2.boxFilter((gradient < _GROUND).astype(np.float32), -1, _WINDOW)
    found = ((edges > _EDGES) & (ground > _GROUNDS)).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, _SPECKLES) > 0)
