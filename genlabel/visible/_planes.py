"""A label drawn into planes of luma and chroma, without a way through RGB.

Letters and plate are grey, so that chroma only fades to neutral beneath them, and mixing
gamma-coded luma is mixing gamma-coded colours.

References
----------
ITU-R BT.709-6 and BT.2100-2 (quantisation: black 16, white 235, neutral chroma 128, each times
2 ** (bits - 8)); ITU-R BT.2408-7 (graphics white: 58 % of the PQ signal, 75 % of the HLG signal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from genlabel.visible._contrast import Floats
from genlabel.visible._draw import Setting
from genlabel.visible._place import Pixels, upright


@dataclass(frozen=True, slots=True)
class Signal:
    """What sample values mean.

    Parameters
    ----------
    bits : int
        Of a sample.
    full_range : bool
        Whether all values are used.
    white : float
        Signal of the letters' white, 0..1: less than 1 in HDR, where 1 dazzles.
    """

    bits: int = 8
    full_range: bool = False
    white: float = 1.0

    @property
    def black(self) -> float:
        """Luma of black."""
        return 0.0 if self.full_range else 16.0 * self.unit

    @property
    def span(self) -> float:
        """Luma of a signal of 1, less that of black."""
        return float((1 << self.bits) - 1) if self.full_range else 219.0 * self.unit

    @property
    def unit(self) -> float:
        """Sample values of one of 8 bits."""
        return float(1 << (self.bits - 8))


class _Part(NamedTuple):
    """Where a label is in a plane, and how much is kept of what is there."""

    top: int
    left: int
    keep: Floats


class PlaneStamp:
    """A label made ready to be drawn on many frames of one kind.

    Parameters
    ----------
    setting : Setting
        From `settle`.
    signal : Signal
        What sample values mean.
    turned : int
        How frames are turned to be shown, 1 to 8 as in Exif.
    """

    def __init__(self, setting: Setting, signal: Signal, turned: int) -> None:
        self._box, self._signal, self._turned = setting.drawn.box, signal, turned
        letters = setting.stamp.glyphs.astype(np.float32) / np.float32(255)
        back = setting.stamp.plate if setting.opacity else setting.outline
        plate = np.zeros_like(letters) if back is None else back.astype(np.float32) / 255
        plate = plate * np.float32(setting.opacity or 1.0)
        white, black = signal.black + signal.span * signal.white, signal.black
        inks = (white, black) if setting.white else (black, white)
        keep = (1 - plate) * (1 - letters)
        self._luma = _Part(self._box[1], self._box[0], keep)
        self._inks = inks[1] * plate * (1 - letters) + inks[0] * letters
        self._parts: dict[tuple[int, int], _Part] = {(1, 1): self._luma}

    def lay(self, planes: Sequence[Pixels]) -> None:
        """Draw it, in place.

        Parameters
        ----------
        planes : sequence of (h, w) uint8 or uint16 arrays
            Luma; chroma, in two planes or interleaved in one; alpha. Two planes are luma and
            interleaved chroma, four have alpha as the last one.
        """
        luma, *rest = planes
        alpha = rest.pop() if len(rest) == 3 else None
        chroma = [rest[0][:, 0::2], rest[0][:, 1::2]] if len(rest) == 1 else rest
        shape = upright(luma, self._turned).shape
        self._mix(luma, self._luma, self._inks)
        neutral = np.float32(1 << (self._signal.bits - 1))
        for plane in chroma:
            part = self._part(shape, upright(plane, self._turned).shape)
            self._mix(plane, part, neutral * (1 - part.keep))
        if alpha is not None:
            opaque = np.float32((1 << self._signal.bits) - 1)
            self._mix(alpha, self._luma, opaque * (1 - self._luma.keep))

    def _mix(self, plane: Pixels, part: _Part, add: Floats) -> None:
        rows, columns = part.keep.shape
        view = upright(plane, self._turned)
        view = view[part.top : part.top + rows, part.left : part.left + columns]
        rows, columns = view.shape
        view[...] = np.rint(view * part.keep[:rows, :columns] + add[:rows, :columns])

    def _part(self, luma: tuple[int, ...], plane: tuple[int, ...]) -> _Part:
        """Give what is kept of a plane with fewer samples: a mean over those of luma."""
        down, across = -(-luma[0] // plane[0]), -(-luma[1] // plane[1])
        if (down, across) not in self._parts:
            full = self._luma
            rows, columns = full.keep.shape
            before = full.top % down, full.left % across
            behind = -(before[0] + rows) % down, -(before[1] + columns) % across
            around = ((before[0], behind[0]), (before[1], behind[1]))
            padded = np.pad(full.keep, around, constant_values=1.0)
            blocks = padded.reshape(padded.shape[0] // down, down, -1, across)
            keep = blocks.mean(axis=(1, 3), dtype=np.float32)
            self._parts[down, across] = _Part(full.top // down, full.left // across, keep)
        return self._parts[down, across]
