"""From sound to marked sound, block by block: what files and streams have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel.audio._listener import LEAD, Channels, Heard, Listener, Resampler
from genlabel_kernels.audio.layout import FRAMES, RATE
from genlabel_kernels.audio.resampling import lowpass
from genlabel_kernels.audio.silence import keep_silence
from genlabel_kernels.audio.tiles import CROSSFADE

#: A tile's change where the law gives one, in nepers.
DEPTH = 0.15
#: The most a tile changes, in nepers.
DEEPEST = np.float32(0.7)

# Digital silence is left as it is: zeros in all channels for so many seconds; and before it the
# change fades out for so many. Together they are fewer than are held.
_SILENT_SECONDS, _FADE_SECONDS = 0.005, 0.003


class Shaper:
    """Adds a mark to a sound that comes in blocks.

    Parameters
    ----------
    listener : Listener
        Of the sound; what it has heard before is given to `add` first.
    tiles : (108, 41) float32 array
        Signs of the superframe, +1 for louder.
    phase : int
        Row of the superframe at which the sound begins.
    depth : float
        As `DEPTH`.
    """

    def __init__(
        self,
        listener: Listener,
        tiles: NDArray[np.float32],
        *,
        phase: int = 0,
        depth: float = DEPTH,
    ) -> None:
        channels = listener.channels
        self._listener = listener
        self._tiles = tiles
        self._row = phase
        self._depth = np.float32(depth)
        self._up = Resampler(lowpass(RATE, listener.rate), channels)
        self._tail = np.zeros((channels, CROSSFADE), np.float32)
        self._skip = LEAD
        self._native = np.zeros((channels, 0), np.float32)
        self._least_silence = round(_SILENT_SECONDS * listener.rate)
        self._fade = round(_FADE_SECONDS * listener.rate)
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
        return self.add(self._listener.push(samples))

    def add(self, heard: Heard) -> Channels:
        """Take a block that was heard already; as `push`."""
        self._native = np.concatenate([self._native, heard.samples], axis=1)
        delta = heard.spectra.changed(self._gains(heard.depths))
        delta[:, :CROSSFADE] += self._tail
        cut = delta.shape[1] - CROSSFADE
        self._tail = delta[:, cut:].copy()
        first = min(self._skip, cut)
        self._skip -= first
        ready = self._up.push(np.ascontiguousarray(delta[:, first:cut]))
        count = min(ready.shape[1], self._native.shape[1])
        change = ready[:, :count]
        # Frames and filters spread into digital silence.
        self._zeros = keep_silence(
            self._native, change, self._least_silence, self._fade, self._zeros
        )
        change += self._native[:, :count]
        self._native = self._native[:, count:]
        return change

    def flush(self) -> Channels:
        """Give the rest of the marked sound."""
        count = self._native.shape[1]
        if not count:
            return self._native
        rest = self.add(self._listener.push_silence(count))
        return np.ascontiguousarray(rest[:, :count])

    def _gains(self, depths: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.arange(self._row, self._row + len(depths))
        self._row = (self._row + len(depths)) % FRAMES
        gains: NDArray[np.float32] = depths * self._depth
        np.minimum(gains, DEEPEST, out=gains)
        gains *= self._tiles.take(rows, axis=0, mode="wrap")
        return np.expm1(gains, out=gains)
