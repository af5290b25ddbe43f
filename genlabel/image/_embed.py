"""The embedder: which pattern, how strong, added where."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key
from genlabel.image._codeword import (
    Decoded,
    MarkSecrets,
    bit_sums,
    code_words,
    mark_secrets,
    word_chips,
)
from genlabel.image._content import binding_chips, content_hash
from genlabel.image._earlier import earlier_mark, replaced
from genlabel.image._measure import measure, measure_upright, residual, resize
from genlabel.image._pattern import Patterns, amplitudes, draw
from genlabel.image._pixels import Pixels, add_luma, check_pixels, luma_at
from genlabel_kernels.image.layout import COARSE_FRAME, fine_frame, frame_size, layout
from genlabel_kernels.image.tile import as_chips

#: Pictures with a shorter side are refused.
MIN_SIDE = 256
_STRENGTHS = (0.25, 4.0)
#: Correlation the aligned detector must see in the marked picture, in standard deviations.
_SELF_CHECK = 17.0
# Correlation at which a picture does not favour a word by chance, but carries it.
_SAME = 6.0
_NO_FINE = np.zeros(layout("fine").chips, np.float32)


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
    return _marked(_Host(pixels), payload, mark_secrets(key), strength)


class _Host:
    """A picture to be marked, in both layers' frames.

    Parameters
    ----------
    pixels : array
        As `check_pixels` accepts.
    """

    def __init__(self, pixels: Pixels) -> None:
        height, width = pixels.shape[:2]
        self.pixels = pixels
        self.frame = luma_at(pixels, *frame_size(height, width, fine_frame(height, width)))
        small = resize(self.frame, *frame_size(height, width, COARSE_FRAME))
        self.content = content_hash(small)
        self.coarse = np.concatenate([_NO_FINE, measure_upright(small, ["coarse"])])

    def patterns(self, payload: bytes, word: NDArray[np.int8], secrets: MarkSecrets) -> Patterns:
        """Draw what a payload's code word looks like in this picture."""
        signature = binding_chips(payload, self.content, secrets)
        return draw(self.frame, word_chips(word, secrets), signature)


def _marked(host: _Host, payload: bytes, secrets: MarkSecrets, strength: float) -> Pixels:
    words = code_words(payload, secrets)
    # The payload's 256 code words are equally good on the wire; the picture favours one. Only the
    # coarse layer is asked: a crop, which needs the fine one, hardly shows what the whole favours.
    favours = words @ bit_sums(host.coarse, secrets)
    word = words[int(np.argmax(favours))]
    patterns = host.patterns(payload, word, secrets)
    fine, coarse = amplitudes(host.pixels, patterns)
    pattern = patterns.joint(strength * fine, strength * coarse)

    def place(earlier: Decoded | None) -> Pixels:
        if earlier is None:
            return add_luma(host.pixels, pattern)
        old = host.patterns(earlier.payload, earlier.word, secrets).joint(fine, coarse)
        return replaced(host.pixels, pattern, old, word, earlier.word, secrets)

    earlier = earlier_mark(host.coarse, secrets)
    if earlier is None and float(favours.max()) > _SAME * float(np.linalg.norm(host.coarse)):
        # Too faint to be read, too strong for chance: this very word.
        earlier = Decoded(payload, 0.0, word)
    marked = place(earlier)
    chips = word_chips(word, secrets)
    if _reads_coarsely(marked, chips):
        return marked
    # In dense texture the coarse layer alone says little, of an earlier mark as of this one.
    if earlier is None:
        marked = place(earlier_mark(measure_upright(host.frame), secrets))
    _check_readable(marked, chips)
    return marked


def _reads_coarsely(marked: Pixels, chips: NDArray[np.float32]) -> bool:
    """Whether the coarse layer of the picture's middle alone gives what was just embedded."""
    height, width = marked.shape[:2]
    small = luma_at(marked, *frame_size(height, width, COARSE_FRAME))
    top, bottom = len(small) // 4, 3 * len(small) // 4
    bins = measure(residual(small[top:bottom]), "coarse", top=top).bins
    correlation = _correlation(np.concatenate([_NO_FINE, as_chips(bins)]), chips)
    # Half of the picture shows that part of what the whole would, but for one standard deviation.
    return correlation >= math.sqrt(0.5) * _SELF_CHECK + 1.0


def _check_readable(marked: Pixels, chips: NDArray[np.float32]) -> None:
    """Refuse a picture from which the detector would not read what was just embedded."""
    height, width = marked.shape[:2]
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
