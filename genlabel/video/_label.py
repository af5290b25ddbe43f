"""The label people see in film: drawn into the planes of frames that pass by.

References
----------
GB 45438-2025, 5.4: in the start frames, for at least two seconds at normal speed; at least 5 % of
the shortest side high.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from genlabel import profiles as regimes
from genlabel._errors import UnsupportedError
from genlabel.video._cuts import Cuts
from genlabel.visible._draw import Setting, lay, settle
from genlabel.visible._label import VisibleLabel
from genlabel.visible._place import Pixels, upright
from genlabel.visible._planes import PlaneStamp, Signal

# Levels of 8 bits in one of a sample's values.
_LEVELS = {"uint8": 1.0, "uint16": 1 / 257, "float32": 255.0}


class Overlay:
    """Draws a label into a film that comes frame by frame.

    The first frame settles place and colours, and all others have them alike: nothing moves or
    flickers. A plate, or an outline, is always there, which suits whatever comes.

    Parameters
    ----------
    label : VisibleLabel
        Which label, where, and when.
    bit_depth : int
        Of the samples, 8 to 16.
    full_range : bool
        Whether luma uses all values; else black and white are 16 and 235, times
        2 ** (bit_depth - 8).
    white : float
        Signal of the letters' white: 1; about 0.58 in PQ and 0.75 in HLG.
    turned : int
        How frames are turned to be shown, 1 to 8 as in Exif.
    profiles : iterable of str
        Regimes it is meant for: they choose the text, and what they do not accept is refused.

    Examples
    --------
    >>> overlay = Overlay(VisibleLabel("AI生成"))  # doctest: +SKIP
    >>> for number, planes in enumerate(frames):  # doctest: +SKIP
    ...     overlay.push(planes, number / 25)
    """

    def __init__(
        self,
        label: VisibleLabel,
        *,
        bit_depth: int = 8,
        full_range: bool = False,
        white: float = 1.0,
        turned: int = 1,
        profiles: Iterable[str] = (),
    ) -> None:
        if bit_depth not in range(8, 17):
            raise UnsupportedError(f"samples have 8 to 16 bits, not {bit_depth}")
        self._label = label.settled(regimes.load_all(tuple(profiles)), clause="5.4")
        self._signal, self._turned = Signal(bit_depth, full_range, white), turned
        self._stamp: PlaneStamp | None = None
        self._setting: Setting | None = None
        #: Stretches in which it was drawn, in seconds; the last one grows.
        self.spans: list[list[float]] = []
        self._last: float | None = None
        self._drawing = False
        self._restart()

    def push(self, planes: Sequence[Pixels], seconds: float) -> bool:
        """Draw it into the next frame, in place, if it is to be seen there.

        Parameters
        ----------
        planes : sequence of (h, w) uint8 or uint16 arrays
            Luma, and chroma in two planes or interleaved in one, subsampled or not; a fourth plane
            is alpha.
        seconds : float
            When the frame is shown.

        Returns
        -------
        bool
            Whether it was drawn.

        Raises
        ------
        CapacityError
            It does not fit.
        """
        if self._stamp is None:
            self.settle(planes)
        assert self._stamp is not None
        if not self._is_due(planes[0], seconds):
            return False
        self._stamp.lay(planes)
        return True

    def draw(self, pixels: Pixels, seconds: float) -> bool:
        """Draw it into the next frame, as `push`, where frames are RGB.

        Parameters
        ----------
        pixels : ndarray
            (H, W), (H, W, 3) or (H, W, 4); uint8, uint16, or float32 in 0..1; writable.
        seconds : float
            When the frame is shown.

        Returns
        -------
        bool
            Whether it was drawn.

        Raises
        ------
        CapacityError
            It does not fit.
        """
        shown = upright(pixels, self._turned)
        if self._setting is None:
            self._setting = settle(shown, self._label, moving=True)
        green = pixels if pixels.ndim == 2 else pixels[..., 1]
        if not self._is_due(green * _LEVELS[pixels.dtype.name] * self._signal.unit, seconds):
            return False
        lay(shown, self._setting)
        return True

    def settle(self, planes: Sequence[Pixels]) -> dict[str, Any]:
        """Choose the place by a frame, and tell it in plain JSON types.

        Parameters
        ----------
        planes : sequence of (h, w) arrays
            As `push` takes; not changed.

        Raises
        ------
        CapacityError
            It does not fit.
        """
        picture = upright(picture_of(planes, self._signal), self._turned)
        setting = settle(picture, self._label, moving=True)
        self._stamp = PlaneStamp(setting, self._signal, self._turned)
        return {**setting.drawn.to_dict(), "spans": self.spans}

    def anew(self) -> Overlay:
        """Give one that draws the same on the same film."""
        other = copy.copy(self)
        other.spans = []
        other._restart()
        return other

    def _restart(self) -> None:
        self._cuts = Cuts(self._signal.unit)
        self._last = None
        self._begin, self._drawing = 0.0, False
        self.spans.clear()

    def _is_due(self, luma: Pixels, seconds: float) -> bool:
        """Tell whether it is seen at a time, and note so."""
        if self._last is not None and seconds < self._last:
            # The film is read from its beginning once more.
            self._restart()
        gap = 0.0 if self._last is None else seconds - self._last
        self._last = seconds
        if self._begins(luma):
            self._begin = seconds
        if self._label.during != "throughout" and seconds - self._begin >= self._label.seconds:
            if self._drawing:
                self.spans[-1][1] = round(seconds, 3)
            self._drawing = False
            return False
        if not self._drawing:
            self.spans.append([round(seconds, 3)] * 2)
        self._drawing = True
        self.spans[-1][1] = round(seconds + gap, 3)
        return True

    def _begins(self, luma: Pixels) -> bool:
        """Tell whether the time for which it is drawn begins here."""
        if self._label.during == "scenes":
            return self._cuts.push(luma)
        return not self.spans and not self._drawing


def picture_of(planes: Sequence[Pixels], signal: Signal) -> Pixels:
    """Give a frame in eight bits, good enough to judge it, as it is stored.

    Parameters
    ----------
    planes : sequence of (h, w) arrays
        As `Overlay.push` takes.
    signal : Signal
        What sample values mean.

    Returns
    -------
    (H, W, 3) or (H, W) uint8 array
        RGB; grey where there is no chroma.
    """
    luma, *rest = planes
    grey = _eight_bits(luma, signal.black, signal.span)
    chroma = [rest[0][:, 0::2], rest[0][:, 1::2]] if len(rest) == 1 else rest[:2]
    if not chroma:
        return grey
    zero, span = 128 * signal.unit - 112 * signal.unit, 224 * signal.unit
    size = grey.shape[1], grey.shape[0]
    blue, red = (cv2.resize(_eight_bits(plane, zero, span), size) for plane in chroma)
    return np.asarray(cv2.cvtColor(cv2.merge([grey, red, blue]), cv2.COLOR_YCrCb2RGB))


def _eight_bits(plane: Pixels, zero: float, span: float) -> Pixels:
    scale = 255 / span
    return np.asarray(np.clip(np.rint((plane.astype(np.float32) - zero) * scale), 0, 255), np.uint8)
