"""From sound to tiles, block by block: what analysis, files and streams have in common."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAME, RATE
from genlabel_kernels.audio.masking import first_state, masking_matrix, tile_depths
from genlabel_kernels.audio.resampling import Filter, convolve_at, lowpass
from genlabel_kernels.audio.steadiness import first_steadiness, lower_steady
from genlabel_kernels.audio.tiles import (
    CROSSFADE,
    REACH,
    SPECTRUM,
    cut_rows,
    frame_powers,
    frame_window,
    overlap_add,
    scale_tiles,
    tile_powers,
)

#: Samples at `RATE` by which a row of tiles begins before its frame.
LEAD = CROSSFADE // 2
# A row's power is its windowed squares times this, by Parseval's theorem, as tiles have it.
_PARSEVAL = np.float32(SPECTRUM / 2)

Channels = NDArray[np.float32]


class Spectra:
    """Rows of tiles of a sound at `RATE`.

    Parameters
    ----------
    sound : (C, n) float32 array
        Starts `LEAD` samples before the first row's frame.
    """

    def __init__(self, sound: Channels) -> None:
        rows = max(0, (sound.shape[1] - REACH) // FRAME + 1)
        self.rows = rows
        self.spectra = np.empty((len(sound), rows, SPECTRUM), np.float32)
        self.powers = np.zeros((rows, BANDS), np.float32)
        self.totals = np.zeros(rows, np.float32)
        if not rows:
            return
        starts = np.arange(0, rows * FRAME, FRAME)
        for channel, spectra in zip(sound, self.spectra, strict=True):
            cut_rows(channel, starts, _window(), spectra)
            frame_powers(spectra, self.totals)
            cv2.dft(spectra, spectra, flags=cv2.DFT_ROWS)
            tile_powers(spectra, self.powers)
        self.totals *= _PARSEVAL

    def changed(self, gains: NDArray[np.float32]) -> Channels:
        """Turn tiles times their gains into sound; the spectra are used up.

        Parameters
        ----------
        gains : (K, 41) float32 array
            By tile.

        Returns
        -------
        (C, 256 K + 112) float32 array
            The first and the last 112 samples overlap with those of other rows.
        """
        out = np.zeros((len(self.spectra), self.rows * FRAME + CROSSFADE), np.float32)
        for channel, sound in zip(self.spectra, out, strict=True):
            scale_tiles(channel, gains)
            if self.rows:
                cv2.dft(channel, channel, flags=cv2.DFT_ROWS | cv2.DFT_INVERSE | cv2.DFT_SCALE)
            overlap_add(channel, _window(), sound)
        return out


@functools.cache
def _squares() -> NDArray[np.float32]:
    return np.square(masking_matrix())


@functools.cache
def _window() -> NDArray[np.float32]:
    return frame_window()


class Resampler:
    """A filter and the samples it still needs.

    Parameters
    ----------
    low : Filter
        From `lowpass`.
    channels : int
        How many.
    """

    def __init__(self, low: Filter, channels: int) -> None:
        self._low = low
        # Before the beginning lies silence.
        self._held = np.zeros((channels, low.half), np.float32)
        self._origin = -low.half
        self._next = 0

    def push(self, samples: Channels) -> Channels:
        """Give the output samples that all input so far allows."""
        low = self._low
        held = np.concatenate([self._held, samples], axis=1)
        known = self._origin + held.shape[1]
        # Output i needs the inputs up to i * down // up + half.
        count = max(0, -(-(known - low.half) * low.up // low.down) - self._next)
        out = np.empty((len(held), count), np.float32)
        for channel, row in zip(held, out, strict=True):
            convolve_at(channel, self._origin, low.table, low.up, low.down, self._next, row)
        self._next += count
        keep = self._next * low.down // low.up - low.half + 1
        drop = min(max(0, keep - self._origin), held.shape[1])
        self._held = np.ascontiguousarray(held[:, drop:])
        self._origin += drop
        return out


@dataclass(frozen=True, slots=True)
class Heard:
    """A block of a sound, and the rows of tiles that it completes.

    Parameters
    ----------
    samples : (C, n) float32 array
        The block, at its own rate.
    sound : (C, m) float32 array
        What it adds at `RATE`.
    spectra : Spectra
        Of K rows.
    depths : (K, 41) float32 array
        How much each tile may change, up to one common factor.
    """

    samples: Channels
    sound: Channels
    spectra: Spectra
    depths: NDArray[np.float32]


class Listener:
    """Cuts a sound that comes in blocks into tiles.

    Parameters
    ----------
    rate, channels : int
        Of the sound.
    learning : bool
        Whether depths become less where the sound has been steady so far: for streams, which nobody
        has analysed before.
    """

    def __init__(self, rate: int, channels: int, *, learning: bool = False) -> None:
        self.rate = rate
        self.channels = channels
        self._down = Resampler(lowpass(rate, RATE), channels)
        # The first row's crossfade begins before the sound does.
        self._sound = np.zeros((channels, LEAD), np.float32)
        self._state = first_state()
        self._steadiness = first_steadiness() if learning else None

    def push(self, samples: Channels) -> Heard:
        """Take a block.

        Parameters
        ----------
        samples : (C, n) float32 array
            Any length.

        Returns
        -------
        Heard
        """
        sound = self._down.push(samples)
        whole = np.concatenate([self._sound, sound], axis=1)
        spectra = Spectra(whole)
        self._sound = np.ascontiguousarray(whole[:, spectra.rows * FRAME :])
        depths = np.empty_like(spectra.powers)
        tile_depths(spectra.powers, spectra.totals, masking_matrix(), self._state, depths)
        if self._steadiness is not None:
            lower_steady(spectra.powers, masking_matrix(), _squares(), self._steadiness, depths)
        return Heard(samples, sound, spectra, depths)

    def push_silence(self, count: int) -> Heard:
        """Take silence after the end, long enough for the last `count` samples to be marked."""
        low = lowpass(self.rate, RATE)
        frames = -(-(2 * REACH + FRAME) * low.down // low.up)
        return self.push(np.zeros((self.channels, count + 2 * low.half + frames), np.float32))
