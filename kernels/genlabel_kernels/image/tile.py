"""Tiles: from chips to a repeating pattern, and from a picture back to chips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.image.layout import TILE, TONE_SHARE, Layout
from genlabel_kernels.jit import kernel_fast


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
    share = TONE_SHARE[layout.layer]
    coded = np.concatenate([as_values(chips), as_values(binding)])
    places = np.concatenate([layout.bins, layout.binding, layout.tones])
    parts = [
        coded * _amplitude(coded, 1.0 - share),
        layout.phases * _amplitude(layout.phases, share),
    ]
    half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    half[places[:, 0] % TILE, places[:, 1]] = np.concatenate(parts)
    # irfft2 halves column 0 with its mirror image: give it both.
    own = places[places[:, 1] == 0, 0]
    half[-own % TILE, 0] = np.conj(half[own % TILE, 0])
    return np.asarray(np.fft.irfft2(half, s=(TILE, TILE)), np.float32)


def _amplitude(values: NDArray[np.complex64], variance: float) -> np.float32:
    """Scale bins so that what they draw has a given variance."""
    energy = 2.0 * float((values.real**2 + values.imag**2).sum())
    return np.float32(TILE * TILE * np.sqrt(variance / energy))


def fold(plane: NDArray[np.float32], *, top: int = 0, left: int = 0) -> NDArray[np.float32]:
    """Sum all tiles of a picture into one.

    Parameters
    ----------
    plane : (H, W) float32 array
        In pixels of a layer's frame.
    top, left : int
        Frame coordinates of its first pixel.

    Returns
    -------
    (256, 256) float32 array
    """
    out = np.zeros((TILE, TILE), np.float32)
    fold_tiles(np.require(plane, np.float32, ["C", "W"]), top % TILE, left % TILE, out)
    return out


@kernel_fast
def fold_tiles(plane: NDArray[np.float32], top: int, left: int, out: NDArray[np.float32]) -> None:
    """Add `plane`, whose first pixel is tile pixel (top, left), into `out` (256, 256)."""
    height, width = plane.shape
    for y in range(height):
        row = (top + y) % TILE
        x = 0
        start = left
        while x < width:
            run = min(TILE - start, width - x)
            for i in range(run):
                out[row, start + i] += plane[y, x + i]
            x += run
            start = 0


def tile_spectrum(tile: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Transform a folded tile.

    Returns
    -------
    (256, 129) complex64 array
        Bin (v, h) of the half plane h >= 0, v modulo 256.
    """
    return np.fft.rfft2(tile).astype(np.complex64)


class TileValues(NamedTuple):
    """What a folded tile says.

    Parameters
    ----------
    bins : (n,) complex64 array
        Of the bins that carry code.
    tones : (m,) complex64 array
        Of the public tones.
    binding : (b,) complex64 array
        Of the bins that bind the mark to the picture's content.
    """

    bins: NDArray[np.complex64]
    tones: NDArray[np.complex64]
    binding: NDArray[np.complex64]


def read_tile(spectrum: NDArray[np.complex64], layout: Layout) -> TileValues:
    """Take the values of a tile's bins, divided by the root mean power at their radius.

    What whitening in small blocks leaves of the picture's spectrum is smooth along the radius; the
    division evens it out without looking at any chip's sign.

    Parameters
    ----------
    spectrum : (256, 129) complex64 array
        From `tile_spectrum`.
    layout : Layout
        Where chips and tones lie.

    Returns
    -------
    TileValues
    """
    values = spectrum[layout.bins[:, 0] % TILE, layout.bins[:, 1]]
    rings = _rings(layout.bins)
    count = np.bincount(rings)
    power = np.bincount(rings, values.real**2 + values.imag**2)
    # Three rings wide: few bins share one radius.
    wide = np.ones(3)
    mean = np.convolve(power, wide, "same") / np.maximum(np.convolve(count, wide, "same"), 1)
    with np.errstate(divide="ignore"):
        scale = np.where(mean > 0, 1.0 / np.sqrt(mean), 0.0)

    def even(places: NDArray[np.int32]) -> NDArray[np.complex64]:
        raw = spectrum[places[:, 0] % TILE, places[:, 1]]
        return np.asarray(raw * scale[_rings(places)], np.complex64)

    return TileValues(even(layout.bins), even(layout.tones), even(layout.binding))


def _rings(bins: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.rint(np.hypot(bins[:, 0], bins[:, 1])).astype(np.int64)


def tone_coherence(tones: NDArray[np.complex64], layout: Layout) -> float:
    """Coherent sum of the tones of a tile that lies where it was drawn, in standard deviations."""
    agreement = (tones * layout.phases.conj()).real.sum()
    return float(agreement / np.sqrt(0.5 * len(layout.tones)))


def as_values(chips: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Make complex bin values of a chip vector: the inverse of `as_chips`."""
    cosines, sines = np.split(chips, 2)
    return np.asarray(cosines + 1j * sines, np.complex64)


def as_chips(values: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Lay complex bin values out as a chip vector: cosines first, then sines."""
    return np.concatenate([values.real, values.imag]).astype(np.float32)
