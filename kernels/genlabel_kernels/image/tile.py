"""Tiles: from chips to a repeating pattern, and from a picture back to chips."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.image.layout import TILE, TONE_SHARE, Layout
from genlabel_kernels.jit import kernel_fast

# Columns of a tile's half spectrum in which any layer has bins.
_COLUMNS = 62
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


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
    values = np.empty(len(coded) + len(layout.tones), np.complex64)
    values[: len(coded)] = coded * _amplitude(coded, 1.0 - share)
    values[len(coded) :] = layout.phases * _amplitude(layout.phases, share)
    where = _where(layout)
    # Columns become rows: those without bins are left out of the first half of the transform.
    half = np.zeros((_COLUMNS, TILE), np.complex64)
    half[where.columns, where.rows] = values
    # The real transform halves column 0 with its mirror image: give it both.
    half[0, -where.own % TILE] = np.conj(half[0, where.own])
    rows = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    rows[:, :_COLUMNS] = np.fft.ifft(half).T
    return np.asarray(np.fft.irfft(rows, TILE), np.float32)


class _Where(NamedTuple):
    """Where a layout's bins lie in a half spectrum: those of the code, the binding, the tones.

    Parameters
    ----------
    rows, columns, rings : (n,) int64 array
        The latter are radii in whole cycles.
    own : (k,) int64 array
        Rows of those in column 0.
    near : (r,) float64 array
        Number of the code's bins in each ring and its two neighbours, at least 1.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    rings: NDArray[np.int64]
    own: NDArray[np.int64]
    near: NDArray[np.float64]


@functools.lru_cache(maxsize=8)
def _where(layout: Layout) -> _Where:
    places = np.concatenate([layout.bins, layout.binding, layout.tones]).astype(np.int64)
    rings = np.rint(np.hypot(places[:, 0], places[:, 1])).astype(np.int64)
    rows, columns = places[:, 0] % TILE, places[:, 1]
    near = np.convolve(np.bincount(rings[: len(layout.bins)]), np.ones(3), "same")
    return _Where(rows, columns, rings, rows[columns == 0], np.maximum(near, 1.0))


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
    flat = np.ascontiguousarray(plane, np.float32).view()
    # Written to by nobody, and one type for the compiler.
    flat.flags.writeable = False
    fold_tiles(flat.reshape(-1), plane.shape[1], top % TILE, left % TILE, out.reshape(-1))
    return out


@kernel_fast
def fold_tiles(
    plane: NDArray[np.float32], width: int, top: int, left: int, out: NDArray[np.float32]
) -> None:
    """Add a plane, whose first pixel is tile pixel (top, left), into a tile.

    Parameters
    ----------
    plane : (H * width,) float32 array
        Read only.
    width : int
        Pixels in a row.
    top, left : int
        0 .. 255.
    out : (256 * 256,) float32 array
        Added to.
    """
    for y in range(plane.shape[0] // width):
        start, first = left, y * width
        end = first + width
        while first < end:
            run = min(TILE - start, end - first)
            at, to = first & _INDEX, ((top + y) % TILE * TILE + start) & _INDEX
            for i in range(run):
                out[to + i] += plane[at + i]
            first += run
            start = 0


def tile_spectrum(tile: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Transform a folded tile, as far as any layer has bins.

    Returns
    -------
    (256, 62) complex64 array
        Bin (v, h), v modulo 256.
    """
    # In double precision: numpy is faster there.
    rows = np.fft.rfft(np.asarray(tile, np.float64))[:, :_COLUMNS]
    return np.fft.fft(rows, axis=0).astype(np.complex64)


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
    spectrum : (256, 62) complex64 array
        From `tile_spectrum`.
    layout : Layout
        Where chips and tones lie.

    Returns
    -------
    TileValues
    """
    where = _where(layout)
    values = spectrum[where.rows, where.columns]
    code, most = len(layout.bins), len(layout.bins) + len(layout.binding)
    rings = where.rings[:code]
    power = np.bincount(rings, values.real[:code] ** 2 + values.imag[:code] ** 2)
    # Three rings wide: few bins share one radius.
    mean = np.convolve(power, np.ones(3), "same") / where.near
    with np.errstate(divide="ignore"):
        scale = np.where(mean > 0, 1.0 / np.sqrt(mean), 0.0).astype(np.float32)
    values *= scale[where.rings]
    return TileValues(values[:code], values[most:], values[code:most])


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
