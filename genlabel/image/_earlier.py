"""Pictures that the same key marked before: the new mark takes the old one's place.

Two words of one key would stand in each other's way, and nobody could tell which of them is meant.
Who has the key can read the old word, draw its pattern again and take it away.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel.image._codeword import Decoded, MarkSecrets, bit_sums, decode, word_chips
from genlabel.image._measure import Plane, measure_upright
from genlabel.image._pixels import Pixels, add_luma, luma_at
from genlabel_kernels.image.layout import COARSE_FRAME, CODE_BITS, frame_size, layout

# Energy of the code bits, in standard deviations, below which no word is looked for.
_ENERGY = 1.5
# How far the first attempt may be off, and how many standard deviations of it may stay.
_SCALES = (0.4, 2.5)
_STAYS = 2.5
# Words so much alike are one word, or hard to tell apart.
_ALIKE = 0.9


def earlier_mark(chips: NDArray[np.float32], secrets: MarkSecrets) -> Decoded | None:
    """Read the word that a whole picture carries already.

    Parameters
    ----------
    chips : (n,) float32 array
        As measured: both layers', zero where one was not.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    Decoded or None
    """
    sums = bit_sums(chips / np.float32(max(float(np.linalg.norm(chips)), 1e-6)), secrets)
    energy = (float(sums @ sums) - 1.0) * math.sqrt(CODE_BITS / 2)
    return decode(sums, secrets, 1) if energy > _ENERGY else None


def replaced(
    pixels: Pixels,
    pattern: Plane,
    old: Plane,
    word: NDArray[np.int8],
    old_word: NDArray[np.int8],
    secrets: MarkSecrets,
) -> Pixels:
    """Add a pattern and take an older one away, as strong as it turns out to be.

    Parameters
    ----------
    pixels : array
        The picture with the old mark.
    pattern, old : (h, w) float32 array
        As to be added, and as it would have been added at normal strength.
    word, old_word : (1024,) int8 array
        Their code words.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    array
        As `add_luma` gives.
    """
    first = add_luma(pixels, pattern - old)
    likeness = float(np.mean(word.astype(np.float64) * old_word))
    if abs(likeness) > _ALIKE:
        return first
    before = _old_strength(pixels, word, old_word, likeness, secrets)
    after = _old_strength(first, word, old_word, likeness, secrets)
    if abs(after) < _STAYS or before <= after:
        return first
    scale = min(max(before / (before - after), _SCALES[0]), _SCALES[1])
    return add_luma(pixels, pattern - np.float32(scale) * old)


def _old_strength(
    pixels: Pixels,
    word: NDArray[np.int8],
    old_word: NDArray[np.int8],
    likeness: float,
    secrets: MarkSecrets,
) -> float:
    """Correlate with the old word, less what the new one's likeness to it explains."""
    height, width = pixels.shape[:2]
    small = luma_at(pixels, *frame_size(height, width, COARSE_FRAME))
    chips = measure_upright(small, ["coarse"])
    norm = max(float(np.linalg.norm(chips)), 1e-6)
    new, old = (
        float(chips @ word_chips(each, secrets)[layout("fine").chips :]) / norm
        for each in (word, old_word)
    )
    return (old - likeness * new) / (1.0 - likeness**2)
