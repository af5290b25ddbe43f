"""The embedder: which pattern, how strong, added where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key
from genlabel.image._codeword import Decoded, bit_sums, code_words, mark_secrets, word_chips
from genlabel.image._content import binding_chips, content_hash
from genlabel.image._earlier import earlier_mark, replaced
from genlabel.image._measure import measure_upright, resize
from genlabel.image._pattern import amplitudes, draw
from genlabel.image._pixels import Pixels, add_luma, check_pixels, luma_at
from genlabel_kernels.image.layout import COARSE_FRAME, fine_frame, frame_size, layout

#: Pictures with a shorter side are refused.
MIN_SIDE = 256
_STRENGTHS = (0.25, 4.0)
#: Correlation the aligned detector must see in the marked picture, in standard deviations.
_SELF_CHECK = 17.0
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
    secrets = mark_secrets(key)
    words = code_words(payload, secrets)
    size = frame_size(height, width, fine_frame(height, width))
    frame = luma_at(pixels, *size)
    small = resize(frame, *frame_size(height, width, COARSE_FRAME))
    host = np.concatenate([_NO_FINE, measure_upright(small, ["coarse"])])
    # The payload's 256 code words are equally good on the wire; the picture favours one. Only the
    # coarse layer is asked: a crop, which needs the fine one, hardly shows what the whole favours.
    word = words[int(np.argmax(words @ bit_sums(host, secrets)))]
    content = content_hash(small)
    patterns = draw(frame, word_chips(word, secrets), binding_chips(payload, content, secrets))
    fine, coarse = amplitudes(pixels, patterns)
    pattern = patterns.joint(strength * fine, strength * coarse)

    def place(earlier: Decoded | None) -> Pixels:
        if earlier is None:
            return add_luma(pixels, pattern)
        signature = binding_chips(earlier.payload, content, secrets)
        old = draw(frame, word_chips(earlier.word, secrets), signature).joint(fine, coarse)
        return replaced(pixels, pattern, old, word, earlier.word, secrets)

    earlier = earlier_mark(host, secrets)
    marked = place(earlier)
    chips = word_chips(word, secrets)
    if _reads_coarsely(marked, chips):
        return marked
    # In dense texture the coarse layer alone says little, of an earlier mark as of this one.
    if earlier is None:
        marked = place(earlier_mark(measure_upright(frame), secrets))
    _check_readable(marked, chips)
    return marked


def _reads_coarsely(marked: Pixels, chips: NDArray[np.float32]) -> bool:
    """Whether the coarse layer alone gives what was just embedded."""
    height, width = marked.shape[:2]
    small = luma_at(marked, *frame_size(height, width, COARSE_FRAME))
    measured = np.concatenate([_NO_FINE, measure_upright(small, ["coarse"])])
    return _correlation(measured, chips) >= _SELF_CHECK


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
