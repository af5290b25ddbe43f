"""The embedder: which pattern, how strong, added where."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel._decoding import excess_energy
from genlabel._errors import CapacityError
from genlabel._key import Key, as_key
from genlabel._payload import code_words
from genlabel._plane.measure import Plane, residual, resize
from genlabel._ranges import check_strength
from genlabel.image._codeword import (
    Decoded,
    MarkSecrets,
    mark_secrets,
    word_chips,
)
from genlabel.image._content import binding_chips, content_hash
from genlabel.image._earlier import ENERGY, earlier_mark, replaced, unit_sums
from genlabel.image._measure import measure, measure_upright
from genlabel.image._pattern import Patterns, amplitudes, draw
from genlabel.image._pixels import Pixels, add_laid, check_pixels, luma_at
from genlabel_kernels.image.layout import COARSE_FRAME, TONE_SHARE, fine_frame, layout
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.plane.tile import as_chips, fold, tone_coherence

#: Pictures with a shorter side are refused.
MIN_SIDE = 256
#: Correlation the aligned detector must see in the marked picture, in standard deviations.
_SELF_CHECK = 17.0
# Correlation at which a picture does not favour a word by chance, but carries it.
_SAME = 6.0
# Coherence of the public tones, in standard deviations, of a picture that may carry a mark.
_TONES = 2.0
# Which patches predict the picture where the last percents of correlation do not matter.
_DOWNS = (0, 2)
# A few places, so many rows high, tell whether the fine layer is as strong as in most pictures: its
# correlation over the whole of a frame, and what the coarse one is then worth.
_PLACES = 4
_PLACE = 24
_PLAIN = {1152: 84.0, 768: 66.0, 512: 48.0}
# Else a quarter is read, and an energy beside the word's, in standard deviations, above which
# another word is looked for.
_MIDDLE = 0.25
_ANOTHER = 1.0
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
    check_strength(strength)
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise CapacityError(
            f"{width} x {height} pixels are too few for the watermark",
            required=f"a short side of at least {MIN_SIDE} px",
        )
    return _marked(_Host(pixels), payload, mark_secrets(as_key(key)), strength)


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
        values = measure(residual(small, _DOWNS), "coarse")
        self.coarse = np.concatenate([_NO_FINE, as_chips(values.bins)])
        self.tones = tone_coherence(values.tones, layout("coarse"))

    def patterns(self, payload: bytes, word: NDArray[np.int8], secrets: MarkSecrets) -> Patterns:
        """Draw what a payload's code word looks like in this picture."""
        signature = binding_chips(payload, self.content, secrets)
        return draw(self.frame, word_chips(word, secrets), signature)


def _marked(host: _Host, payload: bytes, secrets: MarkSecrets, strength: float) -> Pixels:
    words = code_words(payload, secrets.payload)
    # The payload's 256 code words are equally good on the wire; the picture favours one. Only the
    # coarse layer is asked: a crop, which needs the fine one, hardly shows what the whole favours.
    sums = unit_sums(host.coarse, secrets)
    favours = sums @ words.T
    word = words[int(np.argmax(favours))]
    patterns = host.patterns(payload, word, secrets)
    laid = patterns.over(host.pixels)
    fine, coarse = amplitudes(host.pixels, laid)
    strengths = strength * fine, strength * coarse

    def place(earlier: Decoded | None) -> Pixels:
        """Lay the mark, in the place of an earlier one where there is one."""
        if earlier is None:
            return add_laid(host.pixels, laid, strengths)
        old = host.patterns(earlier.payload, earlier.word, secrets)
        share = 1.0 / strength
        return replaced(host.pixels, patterns, old, strengths, share, word, earlier.word, secrets)

    earlier = earlier_mark(sums, secrets)
    if earlier is None and host.tones > _TONES:
        # Some key has marked it, if so faintly that the coarse layer is not enough.
        earlier = earlier_mark(unit_sums(measure_upright(host.frame), secrets), secrets)
    if earlier is None and float(favours.max()) > _SAME:
        # Too faint to be read, too strong for chance: this very word.
        earlier = Decoded(payload, 0.0, word)
    marked = place(earlier)
    unexplained = earlier is None and excess_energy(sums) > ENERGY
    if not unexplained and _shows(marked, patterns.tile):
        return marked
    # In dense texture the coarse layer alone says little, of an earlier mark as of this one.
    chips = word_chips(word, secrets)
    part = _middle(marked)
    readable = _correlation(part, chips) >= _needed(_MIDDLE)
    if earlier is None and _shows_another(part, word, secrets):
        earlier = earlier_mark(unit_sums(measure_upright(host.frame), secrets), secrets)
        if earlier is not None:
            marked, readable = place(earlier), False
    if not readable:
        _check_readable(marked, chips)
    return marked


def _shows(marked: Pixels, tile: Plane) -> bool:
    """Whether a few places show the fine layer's tile so clearly that the whole is no question."""
    height, width = marked.shape[:2]
    long_side = fine_frame(height, width)
    rows, columns = frame_size(height, width, long_side)
    down, across = min(rows, _PLACE), columns // _PLACES
    plane = np.empty((down, _PLACES * across), np.float32)
    corners = []
    for place in range(_PLACES):
        top, left = (2 * place + 1) * (rows - down) // (2 * _PLACES), place * across
        strip = luma_at(marked, rows, columns, top=top, bottom=top + down)
        plane[:, left : left + across] = strip[:, left : left + across]
        corners.append((top, left))
    white = residual(plane, _DOWNS)
    folded = np.zeros_like(tile)
    for top, left in corners:
        folded += fold(white[:, left : left + across], top=top, left=left)
    power = float(np.vdot(white, white))
    if power <= 0.0:
        return False
    # The tones have their share of the tile, but say nothing of the word.
    code = math.sqrt(1.0 - TONE_SHARE["fine"])
    correlation = code * float(np.vdot(folded, tile)) / math.sqrt(power)
    return correlation >= math.sqrt(plane.size / (rows * columns)) * _PLAIN[long_side]


def _middle(marked: Pixels) -> NDArray[np.float32]:
    """Measure the fine layer's chips in the middle of a picture, half as wide and half as high."""
    height, width = marked.shape[:2]
    rows, columns = frame_size(height, width, fine_frame(height, width))
    top, left = rows // 4, columns // 4
    plane = luma_at(marked, rows, columns, top=top, bottom=top + rows // 2)
    plane = np.ascontiguousarray(plane[:, left : left + columns // 2])
    bins = measure(residual(plane), "fine", top=top, left=left).bins
    return np.concatenate([as_chips(bins), np.zeros(layout("coarse").chips, np.float32)])


def _needed(share: float) -> float:
    """Give what a part of the picture shows of what the whole must, less a standard deviation."""
    return math.sqrt(share) * _SELF_CHECK + 1.0


def _shows_another(
    chips: NDArray[np.float32], word: NDArray[np.int8], secrets: MarkSecrets
) -> bool:
    """Whether there may be a word besides the one that was just embedded."""
    sums = unit_sums(chips, secrets)
    rest = sums - word * np.float32(sums @ word / len(word))
    return excess_energy(rest) > _ANOTHER


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
