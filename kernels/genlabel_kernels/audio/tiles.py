"""Tiles of a sound on the embedder's side: their power, and a change of their level.

Spectra are rows of 512 numbers as real DFTs pack them: Re 0, Re 1, Im 1, Re 2, ..., Re 256. At this
length a tile is four bins high; the bin between two tiles belongs half to each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FIRST_BIN, FRAME, RATE
from genlabel_kernels.jit import kernel

#: Samples over which one row of tiles gives way to the next: 10 ms.
CROSSFADE = 112
#: Samples of one row of tiles, both crossfades included.
REACH = FRAME + CROSSFADE
#: Length of the embedder's transform.
SPECTRUM = 2 * FRAME
_STEP = 4
# Packed column of the real part of the bin below the lowest tile's own bins.
_EDGE = 2 * (2 * FIRST_BIN - 1) - 1


def frame_window() -> NDArray[np.float32]:
    """Give the window of analysis and synthesis: its overlapping squares sum to one.

    Returns
    -------
    (368,) float32 array
    """
    rise = np.sin(0.5 * np.pi * (np.arange(CROSSFADE) + 0.5) / CROSSFADE)
    flat = np.ones(REACH - 2 * CROSSFADE)
    return np.concatenate([rise, flat, rise[::-1]]).astype(np.float32)


def band_frequencies() -> NDArray[np.float32]:
    """Give the middle of every band.

    Returns
    -------
    (41,) float32 array
        Hertz.
    """
    return ((FIRST_BIN + 0.5 + 2 * np.arange(BANDS)) * RATE / FRAME).astype(np.float32)


@kernel
def cut_rows(
    sound: NDArray[np.float32],
    starts: NDArray[np.int64],
    window: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Cut rows out of one channel, windowed.

    Parameters
    ----------
    sound : (n,) float32 array
        One channel.
    starts : (K,) int64 array
        First sample of every row.
    window : (w,) float32 array
        Factors; as many samples are cut.
    out : (K, m) float32 array
        Filled; 0 beyond the window.
    """
    size = window.shape[0]
    for k in range(out.shape[0]):
        row, piece = out[k], sound[starts[k] : starts[k] + size]
        for i in range(size):
            row[i] = piece[i] * window[i]
        for i in range(size, row.shape[0]):
            row[i] = 0


@kernel
def tile_powers(spectra: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Add the power of every tile of one channel.

    Parameters
    ----------
    spectra : (K, 512) float32 array
        Packed, one row per row of tiles.
    out : (K, 41) float32 array
        Added to.
    """
    half = np.float32(0.5)
    for k in range(spectra.shape[0]):
        row = spectra[k]
        below = row[_EDGE] * row[_EDGE] + row[_EDGE + 1] * row[_EDGE + 1]
        for band in range(BANDS):
            first = _EDGE + 2 * _STEP * band
            total = half * below
            for column in range(first + 2, first + 8):
                total += row[column] * row[column]
            below = row[first + 8] * row[first + 8] + row[first + 9] * row[first + 9]
            out[k, band] += total + half * below


@kernel
def scale_tiles(spectra: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
    """Multiply every tile by its gain, and everything else by zero.

    Parameters
    ----------
    spectra : (K, 512) float32 array
        Packed; changed in place.
    gains : (K, 41) float32 array
        Factors.
    """
    half = np.float32(0.5)
    last = _EDGE + 2 * _STEP * BANDS
    for k in range(spectra.shape[0]):
        row = spectra[k]
        for column in range(_EDGE):
            row[column] = 0
        for column in range(last + 2, row.shape[0]):
            row[column] = 0
        before = np.float32(0.0)
        for band in range(BANDS):
            gain = gains[k, band]
            edge = half * (before + gain)
            first = _EDGE + 2 * _STEP * band
            row[first] *= edge
            row[first + 1] *= edge
            for column in range(first + 2, first + 8):
                row[column] *= gain
            before = gain
        row[last] *= half * before
        row[last + 1] *= half * before


@kernel
def overlap_add(
    rows: NDArray[np.float32], window: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Lay windowed rows one `FRAME` after the other.

    Parameters
    ----------
    rows : (K, 512) float32 array
        Sound of every row of tiles; the first 368 samples count.
    window : (368,) float32 array
        From `frame_window`.
    out : (256 K + 112,) float32 array
        Added to.
    """
    for k in range(rows.shape[0]):
        start = k * FRAME
        for i in range(REACH):
            out[start + i] += rows[k, i] * window[i]


@kernel
def frame_powers(rows: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Add every row's sum of squares.

    Parameters
    ----------
    rows : (K, 512) float32 array
        Windowed sound; the first 368 samples count.
    out : (K,) float32 array
        Added to.
    """
    for k in range(rows.shape[0]):
        # Four sums, so that no addition waits for the one before.
        a, b, c, d = np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0)
        for i in range(0, REACH, 4):
            part = rows[k, i : i + 4]
            a += part[0] * part[0]
            b += part[1] * part[1]
            c += part[2] * part[2]
            d += part[3] * part[3]
        out[k] += (a + b) + (c + d)
