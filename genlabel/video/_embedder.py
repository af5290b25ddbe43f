"""The embedder of film: planes of luma in order, marked where they lie."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._errors import CapacityError, UnsupportedError
from genlabel._key import Key, as_key
from genlabel._payload import code_words
from genlabel._plane.measure import Plane, read_layer
from genlabel._plane.tile import draw_tile
from genlabel._ranges import check_strength, is_positive
from genlabel.video._codeword import key_sums, mark_secrets, word_chips
from genlabel.video._cuts import Cuts
from genlabel.video._expectation import Expectation
from genlabel.video._onsets import Onsets
from genlabel.video._pattern import bearable, draw, small_luma
from genlabel.video._residual import residual, usual
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.adding import add_steps
from genlabel_kernels.video.layout import layout

#: Films with a shorter side are refused.
MIN_SIDE = 128
_DEPTHS = range(8, 17)
# Seconds for which a pattern follows the contrast of one picture.
_HOLD = 0.4
# By how much its strength may change from one such picture to the next.
_STEADY = 1.2
# Seconds between pictures that are measured after they were marked, at least.
_APART = 1.0
# Side of the middle by which the word is chosen as well as by the whole, half of the area, and what
# it counts: this gives crops most of what is to be had, and takes little from whole pictures.
_MIDDLE, _MIDDLE_COUNTS = 0.71, 0.5
_NO_BINDING = np.zeros(0, np.float32)

#: A plane of luma, (H, W), uint8 or uint16.
Luma = NDArray[Any]


class Embedder:
    """Embeds a payload into a film that comes frame by frame.

    Every plane is marked at once: there is no latency, and nothing to flush. A pattern that follows
    a picture's contrast is drawn anew about every .4 seconds and at cuts, where it is stronger for
    a picture. All pictures of one film carry the same word, which is chosen by the first one.

    Parameters
    ----------
    width, height : int
        Of the planes, in pixels; both at least 128.
    fps : float
        Frames per second.
    payload : bytes
        8 bytes; 16 and 32 where the film can carry them.
    key : Key
        The secret that later reads the mark.
    strength : float
        Amplitude against the default, 0.25 to 4; 1 gives a PSNR-HVS-M of 44.25 dB.
    bit_depth : int
        Of the samples, 8 to 16.
    full_range : bool
        Whether samples use all values; else legal black and white are 16 and 235, or these times
        2 ** (bit_depth - 8), and no sample is moved beyond them.

    Raises
    ------
    CapacityError
        The pictures are too small.
    UnsupportedError
        A parameter is not one that can be served.

    Examples
    --------
    >>> embedder = Embedder(1920, 1080, 25, payload, key)  # doctest: +SKIP
    >>> keyframes = [embedder.push(luma) for luma in planes]  # doctest: +SKIP
    """

    def __init__(
        self,
        width: int,
        height: int,
        fps: float,
        payload: bytes,
        key: Key,
        *,
        strength: float = 1.0,
        bit_depth: int = 8,
        full_range: bool = False,
    ) -> None:
        _check(width, height, fps, strength, bit_depth)
        self._shape = (height, width)
        self._dtype = np.dtype(np.uint8 if bit_depth == 8 else np.uint16)
        self._strength = strength
        self._scale = float(1 << (bit_depth - 8))
        self._peak = float((1 << bit_depth) - 1)
        whole = (0, (1 << bit_depth) - 1)
        self._legal = whole if full_range else (16 << (bit_depth - 8), 235 << (bit_depth - 8))
        self._hold = max(1, round(_HOLD * float(fps)))
        self._secrets = mark_secrets(as_key(key))
        self._payload = payload
        self._words = code_words(payload, self._secrets.payload)
        self._tile: Plane | None = None
        self._expected: Expectation | None = None
        self._fps = float(fps)
        self._pushed, self._next = 0, 0.0
        self._steps: NDArray[np.int16] | None = None
        self._bears = 0.0
        self._left = 0
        self._cuts = Cuts(self._scale)
        self._onsets = Onsets(self._fps)
        self._amplitude = 0.0

    def push(self, luma: Luma) -> bool:
        """Mark the next plane, in place.

        Parameters
        ----------
        luma : (H, W) uint8 or uint16 array
            Writable, of any strides: a view of a decoder's frame will do, once that frame is one's
            own. uint8 where samples have 8 bits, else uint16 with the bits at the bottom.

        Returns
        -------
        bool
            Whether a new scene begins here: the first plane, and cuts. An encoder had best make it
            a keyframe; nothing is lost if it does not.

        Raises
        ------
        UnsupportedError
            The array is not one that this film's planes are.
        """
        self._check_plane(luma)
        cut = self._cuts.push(luma)
        amplitude = self._onsets.push(begins=cut)
        if cut or self._left == 0 or amplitude != self._amplitude:
            self._amplitude = amplitude
            self._redraw(luma, cut=cut)
            self._left = self._hold
        self._left -= 1
        plain = small_luma(luma, self._peak) if self._pushed >= self._next else None
        self._add(luma)
        if plain is not None:
            self._expect(small_luma(luma, self._peak), plain)
        self._pushed += 1
        return cut

    @property
    def seconds(self) -> float:
        """How long the film is that was pushed."""
        return self._pushed / self._fps

    @property
    def seconds_needed(self) -> float:
        """How many seconds of film like what was pushed are needed to read the payload.

        An estimate from one marked picture a second, before they are coded; usual coding is allowed
        for. Where it is more than `seconds`, the payload can hardly be read: strong texture hides
        it. Infinite where no length will do, because nothing moves, and before the first plane.
        """
        return math.inf if self._expected is None else self._expected.seconds(self.seconds)

    def _check_plane(self, luma: Luma) -> None:
        if not isinstance(luma, np.ndarray) or luma.shape != self._shape:
            shape = getattr(luma, "shape", type(luma).__name__)
            raise UnsupportedError(f"the film's planes are arrays of {self._shape}, not {shape}")
        if luma.dtype != self._dtype:
            raise UnsupportedError(f"the film's samples are {self._dtype}, not {luma.dtype}")
        if not luma.flags.writeable:
            raise UnsupportedError("the plane is read-only, and is to be marked in place")

    def _redraw(self, luma: Luma, *, cut: bool) -> None:
        frame = small_luma(luma, self._peak)
        if self._tile is None:
            chips = word_chips(_favoured(frame, self._words, self._secrets), self._secrets)
            self._tile = draw_tile(layout(), chips, _NO_BINDING)
            self._expected = Expectation(chips, self._payload)
        pattern = draw(self._tile, frame, *self._shape)
        bears = bearable(luma, pattern, self._peak)
        if not cut:
            bears = min(max(bears, self._bears / _STEADY), self._bears * _STEADY)
        self._bears = bears
        if self._amplitude > 1.0:
            pattern = draw(self._tile, frame, *self._shape, onset=self._amplitude)
        amplitude = min(self._amplitude, 1.0)
        pattern *= np.float32(self._strength * amplitude * bears * self._scale)
        if self._steps is None:
            self._steps = np.empty(self._shape, np.int16)
        # In place: at 1080p another one takes four megabytes.
        self._steps[...] = np.rint(pattern, out=pattern)

    def _expect(self, frame: Plane, plain: Plane) -> None:
        if self._expected is None:
            raise AssertionError("a pattern is drawn before it is measured")
        # Most pictures are not marked as strongly as a scene's first.
        self._expected.add(plain + (frame - plain) / np.float32(max(self._amplitude, 1.0)))
        self._next = self._pushed + _APART * self._fps

    def _add(self, luma: Luma) -> None:
        steps = self._steps
        if steps is None:
            raise AssertionError("a pattern is drawn before it is added")
        rows, columns = luma.strides
        size = luma.itemsize
        if columns == size and rows >= size * luma.shape[1] and rows % size == 0:
            # The rows and what lies between them, as one run of samples: one type for the kernel.
            count = (luma.shape[0] - 1) * (rows // size) + luma.shape[1]
            samples = as_strided(luma, (count,), (size,))
            add_steps(samples, rows // size, steps.ravel(), luma.shape[1], *self._legal)
            return
        copy = np.ascontiguousarray(luma)
        add_steps(copy.ravel(), copy.shape[1], steps.ravel(), copy.shape[1], *self._legal)
        luma[...] = copy


def _favoured(frame: Plane, words: NDArray[np.int8], secrets: ChipSecrets) -> NDArray[np.int8]:
    """Choose the word that a picture and its middle resemble most already.

    All are equally good on the wire, and what is cropped keeps its middle.
    """
    white = residual(usual(frame))
    rows, columns = (round(side * (1.0 - _MIDDLE) / 2) for side in white.shape)
    middle = np.pad(white[rows:-rows, columns:-columns], ((rows, rows), (columns, columns)))
    of_whole, of_middle = (
        key_sums(as_chips(read_layer(one, layout()).bins), [secrets])[0] for one in (white, middle)
    )
    favours = (of_whole + np.float32(_MIDDLE_COUNTS) * of_middle) @ words.T
    return np.asarray(words[int(np.argmax(favours))])


def _check(width: int, height: int, fps: float, strength: float, bit_depth: int) -> None:
    if not all(isinstance(side, int | np.integer) for side in (width, height)):
        raise UnsupportedError(f"a film's sides are whole numbers, not {width!r} x {height!r}")
    if min(width, height) < MIN_SIDE:
        raise CapacityError(
            f"{width} x {height} pixels are too few for the watermark",
            required=f"a short side of at least {MIN_SIDE} px",
        )
    if not is_positive(fps):
        raise UnsupportedError(f"frames per second are a positive number, not {fps!r}")
    check_strength(strength)
    if bit_depth not in _DEPTHS:
        raise UnsupportedError(f"samples have 8 to 16 bits, not {bit_depth}")
