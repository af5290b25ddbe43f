"""Every kernel compiled once, so that no later call waits for the compiler."""

from __future__ import annotations

import numpy as np

from genlabel._key import Key
from genlabel.audio._detect import detect
from genlabel.audio._embed import embed

_SECONDS = 12
_RATE = 16000
_PAYLOAD = b"warm-up!"


def warmup() -> None:
    """Compile and cache every kernel of the audio watermark.

    Marks noise, reads it, and searches an unmarked piece to the end.
    """
    key = Key("warmup", bytes(32))
    noise = np.random.default_rng(0).normal(0.0, 0.1, _SECONDS * _RATE).astype(np.float32)
    detect(embed(noise, _RATE, _PAYLOAD, key), _RATE, key)
    detect(noise[: 6 * _RATE], _RATE, key)
