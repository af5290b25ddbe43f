"""From sound to marked sound, block by block: what files and streams have in common."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAME, FRAMES, RATE
from genlabel_kernels.audio.masking import first_state, masking_matrix, tile_depths
from genlabel_kernels.audio.resampling import Filter, convolve_at, lowpass
from genlabel_kernels.audio.tiles import (
    CROSSFADE,
    REACH,
    SPECTRUM,
    frame_powers,
    frame_window,
    overlap_add,
    scale_tiles,
    tile_powers,
)

#: A tile's change where the law gives one, in nepers.
DEPTH = 0.14
#: The most a tile changes, in nepers.
DEEPEST = 0.7
#: Samples at `RATE` by which a row of tiles begins before its frame.
LEAD = CROSSFADE // 2
# A row's power is its windowed squares times this, by Parseval's theorem, as tiles have it.
_PARSEVAL = np.float32(SPECTRUM / 2)

# Digital silence is left as it is: zeros in all channels for so many seconds, fewer than are held.
_SILENT_SECONDS = 0.005

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
        self.spectra = np.zeros((len(sound), rows, SPECTRUM), np.float32)
        self.powers = np.zeros((rows, BANDS), np.float32)
        self.totals = np.zeros(rows, np.float32)
        if not rows:
            return
        view = np.lib.stride_tricks.sliding_window_view(sound, REACH, axis=1)
        np.multiply(view[:, ::FRAME][:, :rows], _window(), out=self.spectra[:, :, :REACH])
        for channel in self.spectra:
            frame_powers(channel, self.totals)
            cv2.dft(channel, channel, flags=cv2.DFT_ROWS)
            tile_powers(channel, self.powers)
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
def _window() -> NDArray[np.float32]:
    return frame_window()


class _Resampler:
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


class Shaper:
    """Adds a mark to a sound that comes in blocks.

    Parameters
    ----------
    rate, channels : int
        Of the sound.
    tiles : (108, 41) float32 array
        Signs of the superframe, +1 for louder.
    phase : int
        Row of the superframe at which the sound begins.
    depth : float
        As `DEPTH`.
    state : (4, 41) float32 array or None
        Of `tile_depths`; None to begin with what is heard first.
    """

    def __init__(
        self,
        rate: int,
        channels: int,
        tiles: NDArray[np.float32],
        *,
        phase: int = 0,
        depth: float = DEPTH,
        state: NDArray[np.float32] | None = None,
    ) -> None:
        self._tiles = tiles
        self._row = phase
        self._depth = np.float32(depth)
        self._state = first_state() if state is None else state
        self._down = _Resampler(lowpass(rate, RATE), channels)
        self._up = _Resampler(lowpass(RATE, rate), channels)
        self._sound = np.zeros((channels, LEAD), np.float32)
        self._tail = np.zeros((channels, CROSSFADE), np.float32)
        # The first row's crossfade begins before the sound does.
        self._skip = LEAD
        self._native = np.zeros((channels, 0), np.float32)
        self._least_silence = round(_SILENT_SECONDS * rate)
        # Zeros just before what is held.
        self._zeros = 0

    def push(self, samples: Channels) -> Channels:
        """Take a block and give what is ready of the marked sound.

        Parameters
        ----------
        samples : (C, n) float32 array
            Any length.

        Returns
        -------
        (C, m) float32 array
            The next samples, marked.
        """
        self._native = np.concatenate([self._native, samples], axis=1)
        self._sound = np.concatenate([self._sound, self._down.push(samples)], axis=1)
        spectra = Spectra(self._sound)
        self._sound = np.ascontiguousarray(self._sound[:, spectra.rows * FRAME :])
        delta = spectra.changed(self._gains(spectra))
        delta[:, :CROSSFADE] += self._tail
        cut = delta.shape[1] - CROSSFADE
        self._tail = delta[:, cut:].copy()
        first = min(self._skip, cut)
        self._skip -= first
        ready = self._up.push(np.ascontiguousarray(delta[:, first:cut]))
        count = min(ready.shape[1], self._native.shape[1])
        change = ready[:, :count]
        self._keep_silent(change)
        marked: Channels = self._native[:, :count] + change
        self._native = self._native[:, count:]
        return marked

    def _keep_silent(self, change: Channels) -> None:
        """Take back what frames and filters have spread into digital silence."""
        silent = self._native[0] == 0
        for channel in self._native[1:]:
            silent &= channel == 0
        count = change.shape[1]
        runs = np.flatnonzero(np.diff(silent, prepend=False, append=False)).reshape(-1, 2)
        lengths = runs[:, 1] - runs[:, 0]
        lengths[runs[:, 0] == 0] += self._zeros
        for start, stop in runs[lengths >= self._least_silence].tolist():
            change[:, start:stop] = 0
        sounding = np.flatnonzero(~silent[:count])
        self._zeros = count - 1 - int(sounding[-1]) if sounding.size else self._zeros + count

    def flush(self) -> Channels:
        """Give the rest of the marked sound."""
        count = self._native.shape[1]
        if not count:
            return self._native
        # Silence long enough to drive everything out.
        rest = self.push(np.zeros_like(self._native, shape=(len(self._native), self._quiet(count))))
        return np.ascontiguousarray(rest[:, :count])

    def _quiet(self, count: int) -> int:
        low = self._down._low
        return count + 2 * low.half + -(-(2 * REACH + FRAME) * low.down // low.up)

    def _gains(self, spectra: Spectra) -> NDArray[np.float32]:
        depths = np.empty_like(spectra.powers)
        tile_depths(spectra.powers, spectra.totals, masking_matrix(), self._state, depths)
        np.minimum(depths * self._depth, np.float32(DEEPEST), out=depths)
        rows = (self._row + np.arange(spectra.rows)) % FRAMES
        self._row += spectra.rows
        gains: NDArray[np.float32] = np.expm1(depths * self._tiles[rows])
        return gains
