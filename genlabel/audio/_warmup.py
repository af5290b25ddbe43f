"""Every kernel compiled once, so that no later call waits for the compiler."""

from __future__ import annotations

import numpy as np

from genlabel._key import Key
from genlabel.audio._detect import detect
from genlabel.audio._embed import embed
from genlabel.audio._embedder import Embedder

_SECONDS = 12
_RATE = 16000
_PAYLOAD = b"warm-up!"


def warmup() -> None:
    """Compile and cache every kernel of the audio watermark.

    Marks noise, reads it, searches an unmarked piece to the end, and marks a stream.
    """
    key = Key("warmup", bytes(32))
    noise = np.random.default_rng(0).normal(0.0, 0.1, _SECONDS * _RATE).astype(np.float32)
    detect(embed(noise, _RATE, _PAYLOAD, key), _RATE, key)
    detect(noise[: 6 * _RATE], _RATE, key)
    Embedder(_RATE, 1, _PAYLOAD, key).push(noise[:_RATE])
