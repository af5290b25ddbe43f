"""The pattern of a mark: drawn over a picture's frame, and as strong as the eye allows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, resize
from genlabel_kernels.plane.blocks import LANES, SIDE, take_blocks
from genlabel_kernels.plane.contrast import local_contrast
from genlabel_kernels.plane.layout import TILE, frame_size
from genlabel_kernels.plane.visibility import Visibility
from genlabel_kernels.video.layout import FRAME

#: PSNR-HVS-M of a marked picture at strength 1, in dB.
TARGET_LEVEL = 44.25

# The amplitude follows the local contrast to this power: strong in texture, weak in the sky, and
# never stronger beside an edge than the calmer side of it bears.
_MASK_POWER = 0.3
_MASK_RANGE = (2.0, 30.0)
# In pixels of half the frame's resolution.
_MASK_EROSION = (2, 2)
#: Root mean square amplitude in the flattest places, in grey levels, that is never exceeded.
_FLAT_LIMIT = 0.8
# Local contrasts between which the mark of a scene's first picture rises to its strength: calm
# places take no more of it than usual, and would show it in a thumbnail or a slide.
_CALM, _LIVELY = 1.0, 3.0
# Blocks by which the visibility is judged, in how many rows of blocks they lie, and steps of a
# sequence that visits all columns about alike.
_BLOCKS = 2048
_BANDS = 32
_GOLDEN = 0.6180339887498949


def small_luma(luma: NDArray[np.generic], peak: float) -> Plane:
    """Scale a plane of luma to the frame, and its values to 0..255."""
    height, width = luma.shape
    size = frame_size(height, width, FRAME)
    small = resize(np.asarray(luma), *size)
    return small if peak == 255.0 else small * np.float32(255.0 / peak)


def draw(tile: Plane, frame: Plane, height: int, width: int, *, onset: float = 1.0) -> Plane:
    """Draw a tile all over a picture, following its local contrast.

    Parameters
    ----------
    tile : (256, 256) float32 array
        Of unit variance.
    frame : (h, w) float32 array
        The picture's luma on the frame.
    height, width : int
        The picture's.
    onset : float
        By how much it is stronger where the picture is lively.

    Returns
    -------
    (height, width) float32 array
        At strength 1, in grey levels.
    """
    rows, columns = frame.shape
    calm = cv2.erode(local_contrast(frame), np.ones(_MASK_EROSION, np.uint8))
    contrast = cv2.blur(calm, _MASK_EROSION)
    smooth = np.clip(contrast, *_MASK_RANGE) ** np.float32(_MASK_POWER)
    if onset != 1.0:
        lively = np.clip((contrast - _CALM) / (_LIVELY - _CALM), 0.0, 1.0)
        smooth *= 1.0 + np.float32(onset - 1.0) * lively
    mask = cv2.resize(smooth, (columns, rows), interpolation=cv2.INTER_LINEAR)
    tiles = np.tile(tile, (-(-rows // TILE), -(-columns // TILE)))[:rows, :columns]
    pattern = np.asarray(mask * tiles, np.float32)
    return np.asarray(cv2.resize(pattern, (width, height), interpolation=cv2.INTER_CUBIC))


def bearable(luma: NDArray[np.generic], pattern: Plane, peak: float) -> float:
    """Find how strong a pattern may be.

    Parameters
    ----------
    luma : (H, W) uint8 or uint16 array
        The picture's.
    pattern : (H, W) float32 array
        From `draw`.
    peak : float
        The greatest value of a sample.

    Returns
    -------
    float
        At which the marked picture's PSNR-HVS-M is `TARGET_LEVEL`, or calm places stand at their
        limit.
    """
    height, width = luma.shape
    down, across = height // SIDE, width // SIDE
    count = min(_BLOCKS, down * across)
    bands = np.unique(np.arange(_BANDS) * down // _BANDS)
    index = np.arange(count)
    band, lefts = index * len(bands) // count, index * _GOLDEN % 1.0 * across
    rows = (bands[:, None] * SIDE + np.arange(SIDE)).reshape(-1)
    blocks = np.zeros((3, -(-count // LANES), SIDE * SIDE, LANES), np.float32)
    shown = luma[rows].astype(np.float32) * np.float32(255.0 / peak)
    # The measure takes two patterns; there is no other one here.
    for plane, out in ((shown, blocks[0]), (pattern[rows], blocks[2])):
        columns = lefts.astype(np.int64) * SIDE
        take_blocks(plane.ravel(), width, band * SIDE, columns, out.ravel())
    strength = Visibility(count, *blocks).strength(TARGET_LEVEL)
    return float(min(strength, _FLAT_LIMIT / _MASK_RANGE[0] ** _MASK_POWER))
