"""Lossy codecs: a picture written and read again."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from benchmarks.image import Pixels


def jpeg(pixels: Pixels, quality: float) -> Pixels:
    """Write as baseline JPEG with 4:2:0 chroma (Pillow, libjpeg quality scale) and read."""
    return _round_trip(pixels, "JPEG", quality=int(quality), subsampling="4:2:0")


def webp(pixels: Pixels, quality: float) -> Pixels:
    """Write as lossy WebP (Pillow, method 4) and read."""
    return _round_trip(pixels, "WEBP", quality=int(quality), method=4)


def avif(pixels: Pixels, quality: float) -> Pixels:
    """Write as AVIF with 4:2:0 chroma (Pillow, speed 6) and read."""
    # One thread: the encoder's tiling, hence its output, may depend on the thread count.
    return _round_trip(
        pixels, "AVIF", quality=int(quality), subsampling="4:2:0", speed=6, max_threads=1
    )


def _round_trip(pixels: Pixels, codec: str, **options: object) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, codec, **options)
    with Image.open(buffer) as picture:
        return np.array(picture.convert("RGB"))
