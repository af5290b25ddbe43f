"""Every kernel compiled once, so that no later call waits for the compiler."""

from __future__ import annotations

import numpy as np

from genlabel._key import Key
from genlabel.video._detect import detect
from genlabel.video._embedder import Embedder

_SIDES = (288, 512)
_FRAMES = 8
_PAYLOAD = b"warm-up!"


def warmup() -> None:
    """Compile and cache every kernel of the video watermark.

    Marks noise of 8 and of 10 bits, reads it, and searches an unmarked picture to the end.
    """
    key = Key("warmup", bytes(32))
    height, width = _SIDES
    noise = np.random.default_rng(0).integers(64, 192, (_FRAMES, height, width))
    plain = noise[:1].astype(np.uint8)
    for planes, depth in ((noise.astype(np.uint8), 8), ((4 * noise).astype(np.uint16), 10)):
        embedder = Embedder(width, height, _FRAMES, _PAYLOAD, key, bit_depth=depth)
        for luma in planes:
            embedder.push(luma)
        detect(iter(planes), key, fps=_FRAMES)
    detect(iter(plain), key, fps=_FRAMES)
