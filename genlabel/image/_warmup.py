"""Every kernel compiled once, so that no later call waits for the compiler."""

from __future__ import annotations

import numpy as np

from genlabel._key import Key
from genlabel.image._detect import detect
from genlabel.image._embed import embed

# Larger than the coarse layer's frame, so that bytes are averaged down too.
_SIDE = 400
_PAYLOAD = b"warm-up!"


def warmup() -> None:
    """Compile and cache every kernel of the image watermark.

    Marks a picture of noise, reads it, and searches an unmarked grey one to the end.
    """
    key = Key("warmup", bytes(32))
    noise = np.random.default_rng(0).normal(128.0, 24.0, (_SIDE, _SIDE, 3))
    pixels = np.clip(noise, 0, 255).astype(np.uint8)
    detect(embed(pixels, _PAYLOAD, key), key)
    detect(np.ascontiguousarray(pixels[..., 1]), key, effort="deep")
