"""The embedder of streams: blocks in, blocks out."""

from __future__ import annotations

import numpy as np

from genlabel._errors import UnsupportedError
from genlabel._key import Key, as_key
from genlabel._payload import code_words
from genlabel._ranges import check_strength
from genlabel.audio._codeword import mark_secrets, superframe_signs
from genlabel.audio._listener import Listener
from genlabel.audio._samples import (
    MOST_CHANNELS,
    Samples,
    check_rate,
    check_samples,
    planar,
)
from genlabel.audio._shaper import DEPTH, Shaper


class Embedder:
    """Embeds a payload into a sound that comes in blocks.

    Where the blocks begin and end changes no sample. Between a sample going in and coming out lie
    less than 40 ms. What a stream carries differs from what `embed` makes of the whole sound, which
    it sees beforehand; a detector reads both alike.

    Parameters
    ----------
    rate : int
        8,000 to 192,000 Hz.
    channels : int
        1 to 64.
    payload : bytes
        8, 16 or 32 bytes.
    key : Key
        The secret that later reads the mark.
    strength : float
        Amplitude against the default, 0.25 to 4.

    Raises
    ------
    UnsupportedError
        The rate, the number of channels, the strength or the payload's length is not one that can
        be marked.

    Examples
    --------
    >>> embedder = Embedder(24000, 1, payload, key)  # doctest: +SKIP
    >>> marked = [embedder.push(block) for block in speech] + [embedder.flush()]  # doctest: +SKIP
    """

    def __init__(
        self, rate: int, channels: int, payload: bytes, key: Key, strength: float = 1.0
    ) -> None:
        rate = check_rate(rate)
        check_strength(strength)
        if isinstance(channels, bool) or not isinstance(channels, int | np.integer):
            raise UnsupportedError(f"channels are a whole number, not {channels!r}")
        if not 1 <= channels <= MOST_CHANNELS:
            raise UnsupportedError(f"channels are 1 to {MOST_CHANNELS}, not {channels}")
        secrets = mark_secrets(as_key(key))
        # The first of the payload's words: streams that are cut and joined are read together.
        word = code_words(payload, secrets.payload)[0]
        tiles = superframe_signs(word, secrets)
        self._shaper: Shaper | None = Shaper(
            Listener(rate, int(channels), learning=True), tiles, depth=strength * DEPTH
        )
        self._channels = channels
        self._shape: tuple[int, ...] = (0,) if channels == 1 else (0, channels)
        self._dtype = np.dtype(np.float32)

    def push(self, samples: Samples) -> Samples:
        """Take the next block.

        Parameters
        ----------
        samples : (frames,) or (frames, channels) float array
            float32 or float64, any number of frames.

        Returns
        -------
        array
            The next marked frames, none to more than went in; same type and dimensions.

        Raises
        ------
        UnsupportedError
            Another number of channels, not such an array, or the stream has ended.
        """
        shaper = self._open()
        check_samples(samples)
        if (1 if samples.ndim == 1 else samples.shape[1]) != self._channels:
            raise UnsupportedError(
                f"the stream has {self._channels} channels, not samples of shape {samples.shape}"
            )
        self._shape, self._dtype = samples.shape, samples.dtype
        return self._laid_out(shaper.push(planar(samples)))

    def flush(self) -> Samples:
        """End the stream.

        Returns
        -------
        array
            The marked frames that were still held; type and dimensions of the last block.

        Raises
        ------
        UnsupportedError
            The stream has ended before.
        """
        shaper = self._open()
        self._shaper = None
        return self._laid_out(shaper.flush())

    def _open(self) -> Shaper:
        if self._shaper is None:
            raise UnsupportedError("the stream has ended; a new one needs a new Embedder")
        return self._shaper

    def _laid_out(self, channels: Samples) -> Samples:
        out = channels[0] if len(self._shape) == 1 else channels.T
        return np.ascontiguousarray(out, self._dtype)
