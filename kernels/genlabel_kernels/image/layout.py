"""The image mark on the wire: every number a detector and an embedder must share.

A mark is two layers of one kind. Each repeats a square tile over a picture scaled so that its long
side has a layer's number of pixels, and each tile is a sum of sinusoids of whole cycles:

- the *fine* layer is drawn on a frame of 1152, 768 or 512 px;
- the *coarse* layer, on a frame of 384 px, carries the same code word once more at a fraction of
  the frequency, for pictures that come back as thumbnails.

Both layers begin at the picture's upper left corner.
"""

from __future__ import annotations

import functools

import numpy as np

from genlabel_kernels.plane.layout import Layout, Plan, lay_out

VERSION = 1
#: Long sides of the fine layer's frames, largest first.
FINE_FRAMES = (1152, 768, 512)
#: Long side of the coarse layer's frame.
COARSE_FRAME = 384
LAYERS = ("fine", "coarse")
#: Radii of the bins each layer uses, in cycles per tile.
_RADII = {"fine": (20.5, 61.5), "coarse": (14.5, 48.5)}
#: Public tones of each layer, and the part of its energy that they have.
TONES = {"fine": 48, "coarse": 24}
TONE_SHARE = {"fine": 0.4, "coarse": 0.15}
#: Bins of each layer that bind the mark to what the picture shows. In the coarse layer only: it
#: survives where the picture is still whole, and elsewhere there is nothing to compare.
BINDING = {"fine": 0, "coarse": 268}

# In bins.
_TONE_DISTANCE = 9.0
_SEED = b"image/layout/1"


@functools.cache
def layout(layer: str) -> Layout:
    """Give the layout of the ``"fine"`` or the ``"coarse"`` layer."""
    share, binding = TONE_SHARE[layer], BINDING[layer]
    plan = Plan(layer, _SEED, _RADII[layer], TONES[layer], share, _TONE_DISTANCE, binding)
    return lay_out(plan)


def fine_frame(height: int, width: int) -> int:
    """Choose the fine frame's long side: the one nearest to the picture's, on a log scale."""
    side = max(height, width)
    return min(FINE_FRAMES, key=lambda frame: abs(np.log(frame / side)))
