"""The video mark on the wire: every number a detector and an embedder must share.

One layer: a square tile, a sum of sinusoids of whole cycles, repeats over a picture scaled so that
its long side has 256 px, from its upper left corner on. Codecs quantise fine detail away and skip
what changes; so the band is low, and the tile is the same in all pictures of a film.
"""

from __future__ import annotations

import functools

from genlabel_kernels.plane.layout import Layout, Plan, lay_out

VERSION = 1
#: Long side of the frame.
FRAME = 256

# In cycles per tile, and bins.
_RADII = (28.5, 66.5)
_TONES = 48
_TONE_SHARE = 0.2
_TONE_DISTANCE = 6.0
_SEED = b"video/layout/1"


@functools.cache
def layout() -> Layout:
    """Give the layout of the tile."""
    return lay_out(Plan("video", _SEED, _RADII, _TONES, _TONE_SHARE, _TONE_DISTANCE))
