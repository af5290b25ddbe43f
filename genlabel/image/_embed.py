"""The embedder: which pattern, how strong, added where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key
from genlabel.image._codeword import (
    MarkSecrets,
    bit_sums,
    code_words,
    mark_secrets,
    word_chips,
)
from genlabel.image._content import binding_chips, content_hash
from genlabel.image._measure import Plane, measure, residual, resize
from genlabel.image._pixels import Laid, Pixels, add_luma, check_pixels, luma, luma_at
from genlabel_kernels.image.layout import (
    BINDING,
    COARSE_FRAME,
    LAYERS,
    TILE,
    fine_frame,
    frame_size,
    layout,
)
from genlabel_kernels.image.tile import as_chips, draw_tile
from genlabel_kernels.image.visibility import Visibility

#: Pictures with a shorter side are refused.
MIN_SIDE = 256
#: PSNR-HVS-M of a marked picture at strength 1, in dB.
TARGET_LEVEL = 45.0
#: By how many dB the coarse layer alone stays above that, by fine frame: the smaller the picture,
#: the less it loses as a thumbnail, and the more its crops need the fine layer.
COARSE_MARGIN = {1152: 1.0, 768: 2.5, 512: 4.5}
_STRENGTHS = (0.25, 4.0)
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
#: Correlation the aligned detector must see in the marked picture, in standard deviations.
_SELF_CHECK = 17.0


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Both layers' patterns in pixels of the fine frame, at strength 1."""

    fine: Plane
    coarse: Plane


def embed(pixels: Pixels, payload: bytes, key: Key, strength: float = 1.0) -> Pixels:
    """Embed a payload into a picture's samples.

    Parameters
    ----------
    pixels : (H, W), (H, W, 3) or (H, W, 4) array
        uint8, uint16, or float32 in 0..1; RGB(A) or grey; not changed. Both sides at least 256.
    payload : bytes
        8 bytes; 16 and 32 where the picture can carry them.
    key : Key
        The secret that later reads the mark.
    strength : float
        Amplitude against the default, 0.25 to 4; 1 gives a PSNR-HVS-M of 45 dB.

    Returns
    -------
    array
        Marked copy, same shape and dtype. Fully transparent pixels and alpha are untouched.

    Raises
    ------
    CapacityError
        The picture is too small or too flat to carry the mark.
    UnsupportedError
        The array or the payload's length is not one that can be marked.
    """
    check_pixels(pixels)
    if not _STRENGTHS[0] <= strength <= _STRENGTHS[1]:
        raise UnsupportedError(f"strength is {_STRENGTHS[0]} to {_STRENGTHS[1]}, not {strength}")
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise CapacityError(
            f"{width} x {height} pixels are too few for the watermark",
            required=f"a short side of at least {MIN_SIDE} px",
        )
    secrets = mark_secrets(key)
    words = code_words(payload, secrets)
    size = frame_size(height, width, fine_frame(height, width))
    frame = luma_at(pixels, *size)
    small = resize(frame, *frame_size(height, width, COARSE_FRAME))
    # The payload's 256 code words are equally good on the wire; the picture favours one. Only the
    # coarse layer is asked: a crop, which needs the fine one, hardly shows what the whole favours.
    word = words[int(np.argmax(words @ _coarse_sums(small, secrets)))]
    signature = binding_chips(payload, content_hash(small), secrets)
    chips = word_chips(word, secrets)
    patterns = _draw(frame, chips, signature)
    fine, coarse = _amplitudes(pixels, patterns)
    pattern = patterns.fine * np.float32(fine * strength)
    pattern += patterns.coarse * np.float32(coarse * strength)
    marked = add_luma(pixels, pattern)
    _check_readable(marked, chips)
    return marked


def _coarse_sums(small: Plane, secrets: MarkSecrets) -> NDArray[np.float32]:
    """Measure how far a picture's own coarse layer speaks for each code bit."""
    coarse = as_chips(measure(residual(small), "coarse").bins)
    nothing = np.zeros(layout("fine").chips, np.float32)
    return bit_sums(np.concatenate([nothing, coarse]), secrets)


def measure_upright(plane: Plane, layers: Sequence[str] = LAYERS) -> NDArray[np.float32]:
    """Measure the chips of a picture that is whole and upright.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    layers : sequence of {"fine", "coarse"}
        Which.

    Returns
    -------
    (n,) float32 array
        One layer's after the other's.
    """
    height, width = plane.shape
    sides = {"fine": fine_frame(height, width), "coarse": COARSE_FRAME}
    parts = []
    for layer in layers:
        white = residual(resize(plane, *frame_size(height, width, sides[layer])))
        parts.append(as_chips(measure(white, layer).bins))
    return np.concatenate(parts)


def _draw(frame: Plane, chips: NDArray[np.float32], signature: NDArray[np.float32]) -> _Patterns:
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
    return _Patterns(*drawn)


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


def _amplitudes(pixels: Pixels, patterns: _Patterns) -> tuple[float, float]:
    """Find how strong each layer may be, from places all over the picture."""
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


def _check_readable(marked: Pixels, chips: NDArray[np.float32]) -> None:
    """Refuse a picture from which the detector would not read what was just embedded."""
    height, width = marked.shape[:2]
    small = luma_at(marked, *frame_size(height, width, COARSE_FRAME))
    coarse = chips[layout("fine").chips :]
    if _correlation(measure_upright(small, ["coarse"]), coarse) >= _SELF_CHECK:
        return
    frame = luma_at(marked, *frame_size(height, width, fine_frame(height, width)))
    if _correlation(measure_upright(frame), chips) < _SELF_CHECK:
        raise CapacityError(
            "the picture has too little texture, or too few pixels that may change, "
            "to carry the watermark",
            required="a larger or less saturated picture, or a higher strength",
        )


def _correlation(measured: NDArray[np.float32], chips: NDArray[np.float32]) -> float:
    norm = float(np.linalg.norm(measured))
    return float((measured * chips).sum()) / norm if norm > 0 else 0.0
