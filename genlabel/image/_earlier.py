"""Pictures that the same key marked before: the new mark takes the old one's place.

Two words of one key would stand in each other's way, and nobody could tell which of them is meant.
Who has the key can read the old word, draw its pattern again and take it away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import excess_energy
from genlabel.image._codeword import Decoded, MarkSecrets, bit_sums, decode, word_chips
from genlabel.image._measure import measure_upright
from genlabel.image._pattern import Patterns
from genlabel.image._pixels import Pixels, add_laid, luma_at
from genlabel_kernels.image.layout import COARSE_FRAME, layout
from genlabel_kernels.plane.layout import frame_size

#: Energy of the code bits, in standard deviations, below which no word is looked for.
ENERGY = 1.5
# How far the first attempt may be off, and how many standard deviations of it may stay.
_SCALES = (0.4, 2.5)
_STAYS = 2.5
# Words so much alike are one word, or hard to tell apart.
_ALIKE = 0.9


def earlier_mark(sums: NDArray[np.float32], secrets: MarkSecrets) -> Decoded | None:
    """Read the word that a whole picture carries already.

    Parameters
    ----------
    sums : (1024,) float32 array
        From `unit_sums`, of all chips that were measured.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    Decoded or None
    """
    return decode(sums, secrets, 1) if excess_energy(sums) > ENERGY else None


def unit_sums(chips: NDArray[np.float32], secrets: MarkSecrets) -> NDArray[np.float32]:
    """Sum measured chips into code bits, as if the chips had unit norm."""
    norm = max(float(np.linalg.norm(chips)), 1e-6)
    return bit_sums(chips, secrets) / np.float32(norm)


def replaced(
    pixels: Pixels,
    patterns: Patterns,
    old: Patterns,
    strengths: tuple[float, float],
    share: float,
    word: NDArray[np.int8],
    old_word: NDArray[np.int8],
    secrets: MarkSecrets,
) -> Pixels:
    """Add patterns and take older ones away, as strong as they turn out to be.

    Parameters
    ----------
    pixels : array
        The picture with the old mark.
    patterns, old : Patterns
        To be added, and to be taken away.
    strengths : (float, float)
        Of their layers.
    share : float
        Of the old one at these strengths, as it would have been added at normal strength.
    word, old_word : (1024,) int8 array
        Their code words.
    secrets : MarkSecrets
        Of the key.

    Returns
    -------
    array
        As `add_laid` gives.
    """
    first = add_laid(pixels, patterns.less(old, share).over(pixels), strengths)
    likeness = float(np.mean(word.astype(np.float64) * old_word))
    if abs(likeness) > _ALIKE:
        return first
    before = _old_strength(pixels, word, old_word, likeness, secrets)
    after = _old_strength(first, word, old_word, likeness, secrets)
    if abs(after) < _STAYS or before <= after:
        return first
    scale = min(max(before / (before - after), _SCALES[0]), _SCALES[1])
    return add_laid(pixels, patterns.less(old, scale * share).over(pixels), strengths)


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
