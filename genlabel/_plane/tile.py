"""Tiles and their spectra."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.plane.layout import Layout
from genlabel_kernels.plane.tile import fill_spectrum


def draw_tile(
    layout: Layout, chips: NDArray[np.float32], binding: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Draw the tile of a chip vector, with the layer's public tones.

    Parameters
    ----------
    layout : Layout
        Where chips and tones lie.
    chips : (2 n,) float32 array
        Values of the code's chips, usually -1 and +1.
    binding : (2 b,) float32 array
        Those of the chips that bind it to the picture's content.

    Returns
    -------
    (256, 256) float32 array
        Zero mean, unit variance.
    """
    spectrum = fill_spectrum(layout, chips, binding)
    return np.asarray(cv2.idft(spectrum, flags=cv2.DFT_SCALE), np.float32)


def tile_spectrum(tile: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform a folded tile.

    Parameters
    ----------
    tile : (256, 256) float32 array
        As `fold` gives it.

    Returns
    -------
    (256, 256) float32 array
        Packed as `read_tile` takes it, which is how OpenCV packs spectra.
    """
    return np.asarray(cv2.dft(tile), np.float32)
