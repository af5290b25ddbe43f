"""The pattern of a mark: drawn over a picture's frame, and as strong as the eye allows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane
from genlabel._plane.tile import draw_tile
from genlabel.image._pixels import Laid, Pixels, luma
from genlabel_kernels.image.layout import BINDING, COARSE_FRAME, LAYERS, fine_frame, layout
from genlabel_kernels.plane.blocks import LANES, take_blocks
from genlabel_kernels.plane.contrast import local_contrast
from genlabel_kernels.plane.layout import TILE, frame_size
from genlabel_kernels.plane.visibility import Visibility

#: PSNR-HVS-M of a marked picture at strength 1, in dB.
TARGET_LEVEL = 45.0
#: By how many dB the coarse layer alone stays above that, by fine frame: the smaller the picture,
#: the less it loses as a thumbnail, and the more its crops need the fine layer.
COARSE_MARGIN = {1152: 1.0, 768: 2.5, 512: 4.5}
# By how much a sample of the picture's blocks may flatter the whole, in dB.
_SAMPLING = 0.05

# The amplitude follows the local contrast to this power: strong in texture, weak in the sky, and
# never stronger beside an edge than the calmer side of it bears.
_MASK_POWER = {"fine": 0.5, "coarse": 0.3}
_MASK_RANGE = (2.0, 30.0)
# In pixels of half the frame's resolution.
_MASK_EROSION = (2, 2)
#: Root mean square amplitude in the flattest places, in grey levels, that is never exceeded.
_FLAT_LIMIT = 0.8
# Side of the visibility measure's blocks; how many it looks at, per cube root of all: the level's
# error falls with the root of that number, however many there are, to .06 dB rms; and in how many
# rows of blocks these lie, at most.
_BLOCK = 8
_BLOCKS = 160
_BANDS = 100
_CHUNK = 16 * LANES
# Steps of a sequence that visits all columns about alike, in any part of it.
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Patterns:
    """Both layers' patterns at strength 1.

    Parameters
    ----------
    fine, coarse : (H, W) and (h, w) float32 array
        In grey levels, each in pixels of its layer's frame.
    tile : (256, 256) float32 array
        The fine layer's.
    """

    fine: Plane
    coarse: Plane
    tile: Plane

    def over(self, pixels: Pixels) -> Laid:
        """Lay them over a picture."""
        return Laid(self.fine, self.coarse, *pixels.shape[:2])

    def less(self, other: Patterns, share: float) -> Patterns:
        """Take a share of others away."""
        fine, coarse = (
            own - np.float32(share) * old
            for own, old in ((self.fine, other.fine), (self.coarse, other.coarse))
        )
        return Patterns(fine, coarse, self.tile)


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
        pattern = _scale(_mask(contrast, layer), *size, cv2.INTER_LINEAR)
        # A row of tiles at a time: the mask becomes the pattern where it is.
        tiles = np.tile(tile, (1, -(-size[1] // TILE)))[:, : size[1]]
        for top in range(0, size[0], TILE):
            rows = pattern[top : top + TILE]
            rows *= tiles[: len(rows)]
        drawn.append((pattern, tile))
    (fine, tile), (coarse, _) = drawn
    return Patterns(fine, coarse, tile)


def _mask(contrast: Plane, layer: str) -> Plane:
    power = _MASK_POWER[layer]
    return np.sqrt(contrast) if power == 0.5 else contrast ** np.float32(power)


def _scale(plane: Plane, height: int, width: int, method: int) -> Plane:
    if plane.shape == (height, width):
        return plane
    return np.asarray(cv2.resize(plane, (width, height), interpolation=method))


def _contrast(frame: Plane) -> Plane:
    """Local contrast in a fine frame, in grey levels, at half its resolution."""
    calm = cv2.erode(local_contrast(frame), np.ones(_MASK_EROSION, np.uint8))
    smooth = cv2.blur(calm, _MASK_EROSION)
    return np.asarray(np.clip(smooth, *_MASK_RANGE, out=smooth), np.float32)


def amplitudes(pixels: Pixels, laid: Laid) -> tuple[float, float]:
    """Find how strong each layer may be, from places all over the picture.

    Parameters
    ----------
    pixels : array
        The picture.
    laid : Laid
        The patterns, from `Patterns.over`.

    Returns
    -------
    fine, coarse : float
        At which the marked picture's PSNR-HVS-M is `TARGET_LEVEL`, or calm places stand at their
        limit.
    """
    height, width = pixels.shape[:2]
    places = _sampled(height, width)
    blocks = _blocks(pixels, laid, places)
    one, two = blocks[1:].copy()
    visibility = Visibility(len(places.lefts), *blocks)
    level = TARGET_LEVEL + _SAMPLING
    coarse = visibility.strength(level + COARSE_MARGIN[fine_frame(height, width)])
    fine = visibility.strength(level, other=coarse)
    if pixels.dtype == np.uint8:
        # Rounding adds noise, which counts the more the weaker the mark.
        one *= np.float32(fine)
        two *= np.float32(coarse)
        one += two
        missing = max(level - visibility.level_of(np.rint(one, out=one)), 0.0)
        fine = visibility.strength(level + missing, other=coarse)
    calm = _MASK_RANGE[0]
    flat = np.hypot(fine * calm ** _MASK_POWER["fine"], coarse * calm ** _MASK_POWER["coarse"])
    limit = min(1.0, _FLAT_LIMIT / float(flat)) if flat > 0 else 1.0
    return fine * limit, coarse * limit


@dataclass(frozen=True, slots=True)
class _Places:
    """Blocks all over a picture.

    Parameters
    ----------
    bands : (k,) int64 array
        First rows of the rows of blocks in which they lie.
    band : (n,) int64 array
        In which of these each lies, in ascending order.
    lefts : (n,) int64 array
        First column of each.
    """

    bands: NDArray[np.int64]
    band: NDArray[np.int64]
    lefts: NDArray[np.int64]


def _sampled(height: int, width: int) -> _Places:
    down, across = height // _BLOCK, width // _BLOCK
    total, count = down * across, min(down, _BANDS)
    bands = (2 * np.arange(count) + 1) * down // (2 * count)
    wanted = min(total, round(_BLOCKS * total ** (1 / 3)))
    index = np.arange(wanted)
    lefts = index % across
    if wanted < total:
        lefts = (index * _GOLDEN % 1.0 * across).astype(np.int64)
    return _Places(bands * _BLOCK, index * count // wanted, lefts * _BLOCK)


def _blocks(pixels: Pixels, laid: Laid, places: _Places) -> NDArray[np.float32]:
    """Take the blocks out of the luma and out of both patterns: (3, N, 64, 64) float32."""
    count = len(places.lefts)
    out = np.zeros((3, -(-count // LANES), _BLOCK * _BLOCK, LANES), np.float32)
    # Some rows of blocks at a time, which are still at hand when blocks are taken out of them.
    for first in range(0, count, _CHUNK):
        band, lefts = (part[first : first + _CHUNK] for part in (places.band, places.lefts))
        bands = places.bands[band[0] : band[-1] + 1]
        rows: slice | NDArray[np.int64] = slice(int(bands[0]), int(bands[-1]) + _BLOCK)
        if bands[-1] - bands[0] > _BLOCK * (len(bands) - 1):
            rows = (bands[:, None] + np.arange(_BLOCK)).reshape(-1)
        tops = (band - band[0]) * _BLOCK
        groups = slice(first // LANES, (first + _CHUNK) // LANES)
        for plane, blocks in zip((luma(pixels[rows]), *laid.planes(rows)), out, strict=True):
            flat = plane.reshape(-1)
            take_blocks(flat, plane.shape[1], tops, lefts, blocks[groups].reshape(-1))
    return out
