"""The pattern of a mark: drawn over a picture's frame, and as strong as the eye allows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel.image._measure import Plane
from genlabel.image._pixels import Laid, Pixels, luma
from genlabel_kernels.image.layout import (
    BINDING,
    COARSE_FRAME,
    LAYERS,
    TILE,
    fine_frame,
    frame_size,
    layout,
)
from genlabel_kernels.image.tile import draw_tile
from genlabel_kernels.image.visibility import Visibility

#: PSNR-HVS-M of a marked picture at strength 1, in dB.
TARGET_LEVEL = 45.0
#: By how many dB the coarse layer alone stays above that, by fine frame: the smaller the picture,
#: the less it loses as a thumbnail, and the more its crops need the fine layer.
COARSE_MARGIN = {1152: 1.0, 768: 2.5, 512: 4.5}
# By how much a sample of the picture's blocks may flatter the whole, in dB.
_SAMPLING = 0.15

# The amplitude follows the local contrast to this power: strong in texture, weak in the sky, and
# never stronger beside an edge than the calmer side of it bears.
_MASK_POWER = {"fine": 0.5, "coarse": 0.3}
_MASK_RANGE = (2.0, 30.0)
# In pixels of half the frame's resolution.
_MASK_WINDOW = (3, 3)
_MASK_EROSION = (2, 2)
#: Root mean square amplitude in the flattest places, in grey levels, that is never exceeded.
_FLAT_LIMIT = 0.8
# Side of the visibility measure's blocks; how many it looks at, at least, and every how manyth of a
# large picture's; and in how many strips that least number lies.
_BAND = 8
_SAMPLED_BLOCKS = 2500
_SAMPLED_SHARE = 12
_BANDS = 96
_GOLDEN = 0.618


@dataclass(frozen=True, slots=True)
class Patterns:
    """Both layers' patterns in pixels of the fine frame, at strength 1.

    Parameters
    ----------
    fine, coarse : (H, W) float32 array
        In grey levels.
    """

    fine: Plane
    coarse: Plane

    def joint(self, fine: float, coarse: float) -> Plane:
        """Add the layers up, each at its strength."""
        return self.fine * np.float32(fine) + self.coarse * np.float32(coarse)


def draw(frame: Plane, chips: NDArray[np.float32], signature: NDArray[np.float32]) -> Patterns:
    """Draw the pattern of a code word for one picture.

    Parameters
    ----------
    frame : (H, W) float32 array
        The picture's luma in its fine frame: the pattern follows its local contrast.
    chips : (n,) float32 array
        From `word_chips`.
    signature : (b,) float32 array
        From `binding_chips`.

    Returns
    -------
    Patterns
    """
    contrast = _contrast(frame)
    height, width = frame.shape
    drawn = []
    parts = np.split(chips, [layout("fine").chips])
    for layer, part in zip(LAYERS, parts, strict=True):
        long_side = COARSE_FRAME if layer == "coarse" else max(frame.shape)
        size = frame_size(height, width, long_side)
        tile = draw_tile(layout(layer), part, signature[: 2 * BINDING[layer]])
        mask = _scale(contrast ** np.float32(_MASK_POWER[layer]), *size, cv2.INTER_LINEAR)
        pattern = _repeat(tile, *size) * mask
        drawn.append(_scale(pattern, height, width, cv2.INTER_CUBIC))
    return Patterns(*drawn)


def _repeat(tile: Plane, height: int, width: int) -> Plane:
    rows, columns = -(-height // TILE), -(-width // TILE)
    return np.tile(tile, (rows, columns))[:height, :width]


def _scale(plane: Plane, height: int, width: int, method: int) -> Plane:
    if plane.shape == (height, width):
        return plane
    return np.asarray(cv2.resize(plane, (width, height), interpolation=method))


def _contrast(frame: Plane) -> Plane:
    """Local contrast in a fine frame, in grey levels, at half its resolution."""
    half = (max(1, frame.shape[1] // 2), max(1, frame.shape[0] // 2))
    mean, square = (
        cv2.blur(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), _MASK_WINDOW)
        for plane in (frame, frame * frame)
    )
    contrast = np.sqrt(np.maximum(square - mean * mean, 0.0))
    calm = cv2.erode(contrast, np.ones(_MASK_EROSION, np.uint8))
    smooth = cv2.blur(calm, _MASK_EROSION)
    return np.asarray(np.clip(smooth, *_MASK_RANGE), np.float32)


def amplitudes(pixels: Pixels, patterns: Patterns) -> tuple[float, float]:
    """Find how strong each layer may be, from places all over the picture.

    Parameters
    ----------
    pixels : array
        The picture.
    patterns : Patterns
        As `draw` gives for it.

    Returns
    -------
    fine, coarse : float
        At which the marked picture's PSNR-HVS-M is `TARGET_LEVEL`, or calm places stand at their
        limit.
    """
    height, width = pixels.shape[:2]
    places = _sampled(height, width)
    plane = luma(np.concatenate([pixels[rows, columns] for rows, columns in places]))
    drawn = []
    for pattern in (patterns.fine, patterns.coarse):
        laid = Laid(pattern, height, width)
        strips = [laid.rows(rows.start, _BAND)[:, columns] for rows, columns in places]
        drawn.append(np.concatenate(strips))
    visibility = Visibility(plane, *drawn)
    level = TARGET_LEVEL + _SAMPLING
    coarse = visibility.strength(level + COARSE_MARGIN[fine_frame(height, width)])
    fine = visibility.strength(level, other=coarse)
    calm = _MASK_RANGE[0]
    flat = np.hypot(fine * calm ** _MASK_POWER["fine"], coarse * calm ** _MASK_POWER["coarse"])
    limit = min(1.0, _FLAT_LIMIT / float(flat)) if flat > 0 else 1.0
    return fine * limit, coarse * limit


def _sampled(height: int, width: int) -> list[tuple[slice, slice]]:
    """Choose strips of 8 rows, equally long and aligned to blocks, all over a picture."""
    down, across = height // _BAND, width // _BAND
    blocks = max(_SAMPLED_BLOCKS, down * across // _SAMPLED_SHARE)
    count = min(down, round(_BANDS * (blocks / _SAMPLED_BLOCKS) ** 0.5))
    length = min(across, -(-blocks // count))
    places = []
    for index in range(count):
        top = index * down // count * _BAND
        # Every strip has its middle elsewhere, so that all columns are visited about alike.
        middle = int(index * _GOLDEN % 1.0 * across)
        left = min(max(middle - length // 2, 0), across - length) * _BAND
        places.append((slice(top, top + _BAND), slice(left, left + length * _BAND)))
    return places
