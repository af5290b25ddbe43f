"""From a picture in a layer's frame to the measured values of its bins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, read_layer, residual, resize
from genlabel_kernels.image.layout import COARSE_FRAME, LAYERS, fine_frame, layout
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.plane.tile import TileValues, as_chips


def measure(white: Plane, layer: str, *, top: int = 0, left: int = 0) -> TileValues:
    """Fold a whitened picture into one tile and read its bins.

    Parameters
    ----------
    white : (H, W) float32 array
        In pixels of the layer's frame.
    layer : {"fine", "coarse"}
        Which.
    top, left : int
        Frame coordinates of its first pixel.

    Returns
    -------
    TileValues
        As `read_tile` gives.
    """
    return read_layer(white, layout(layer), top=top, left=left)


def measure_upright(plane: Plane, layers: Sequence[str] = LAYERS) -> NDArray[np.float32]:
    """Measure the chips of a picture that is whole and upright.

    Parameters
    ----------
    plane : (H, W) float32 array
        Luma, 0..255.
    layers : sequence of {"fine", "coarse"}
        Which.

    Returns
    -------
    (n,) float32 array
        One layer's after the other's.
    """
    height, width = plane.shape
    sides = {"fine": fine_frame(height, width), "coarse": COARSE_FRAME}
    parts = []
    for layer in layers:
        white = residual(resize(plane, *frame_size(height, width, sides[layer])))
        parts.append(as_chips(measure(white, layer).bins))
    return np.concatenate(parts)
