"""Tiles: from chips to the spectrum of a repeating pattern, and from a picture back to chips."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast
from genlabel_kernels.plane.layout import TILE, Layout

_WIDE = np.ones(3)
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1


def fill_spectrum(
    layout: Layout, chips: NDArray[np.float32], binding: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Fill a tile's spectrum with a chip vector and the layer's public tones.

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
        Packed as `read_tile` takes it: that of a tile of zero mean and unit variance.
    """
    share = layout.tone_share
    coded = np.concatenate([chips.reshape(2, -1), binding.reshape(2, -1)], axis=1)
    tones = np.stack([layout.phases.real, layout.phases.imag])
    parts = coded * _amplitude(coded, 1.0 - share), tones * _amplitude(tones, share)
    cosines, sines = np.concatenate(parts, axis=1)
    where = _where(layout)
    spectrum = np.zeros(TILE * TILE, np.float32)
    spectrum[where.real] = cosines
    spectrum[where.imaginary] = sines * where.sign
    return spectrum.reshape(TILE, TILE)


class _Where(NamedTuple):
    """Where a layout's bins lie in a packed spectrum: those of the code, the binding, the tones.

    Parameters
    ----------
    real, imaginary : (n,) int64 array
        Places of their parts.
    sign : (n,) float32 array
        -1 where the bin's opposite is there, of which it is the conjugate.
    rings : (n,) int64 array
        Radii in whole cycles.
    near : (r,) float64 array
        Number of the code's bins in each ring and its two neighbours, at least 1.
    """

    real: NDArray[np.int64]
    imaginary: NDArray[np.int64]
    sign: NDArray[np.float32]
    rings: NDArray[np.int64]
    near: NDArray[np.float64]


@functools.lru_cache(maxsize=8)
def _where(layout: Layout) -> _Where:
    places = np.concatenate([layout.bins, layout.binding, layout.tones]).astype(np.int64)
    down, across = places.T
    upright = across == 0
    real = np.where(upright, (2 * abs(down) - 1) * TILE, down % TILE * TILE + 2 * across - 1)
    sign = np.where(upright & (down < 0), -1.0, 1.0).astype(np.float32)
    rings = np.rint(np.hypot(down, across)).astype(np.int64)
    near = np.convolve(np.bincount(rings[: len(layout.bins)]), _WIDE, "same")
    imaginary = real + np.where(upright, TILE, 1)
    return _Where(real, imaginary, sign, rings, np.maximum(near, 1.0))


def _amplitude(values: NDArray[np.float32], variance: float) -> np.float32:
    """Scale bins so that what they draw has a given variance."""
    energy = 2.0 * float(np.vdot(values, values))
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
            run = TILE - start if TILE - start < end - first else end - first
            at, to = first & _INDEX, ((top + y) % TILE * TILE + start) & _INDEX
            for i in range(run):
                out[to + i] += plane[at + i]
            first += run
            start = 0


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


def read_tile(spectrum: NDArray[np.float32], layout: Layout) -> TileValues:
    """Take the values of a tile's bins, divided by the root mean power at their radius.

    What whitening in small blocks leaves of the picture's spectrum is smooth along the radius; the
    division evens it out without looking at any chip's sign.

    Parameters
    ----------
    spectrum : (256, 256) float32 array
        Of a tile, packed: in row v, real and imaginary part of bin (v, h) stand in columns 2h - 1
        and 2h; those of (v, 0), in rows 2v - 1 and 2v of column 0.
    layout : Layout
        Where chips and tones lie.

    Returns
    -------
    TileValues
    """
    where, flat = _where(layout), spectrum.reshape(-1)
    code, most = len(layout.bins), len(layout.bins) + len(layout.binding)
    values = np.empty(len(where.real), np.complex64)
    values.real = flat[where.real]
    values.imag = flat[where.imaginary] * where.sign
    rings, own = where.rings[:code], values[:code]
    power = np.bincount(rings, own.real**2 + own.imag**2)
    # Three rings wide: few bins share one radius.
    mean = np.convolve(power, _WIDE, "same") / where.near
    scale = np.zeros(len(mean), np.float32)
    np.divide(1.0, np.sqrt(mean), out=scale, where=mean > 0.0, casting="same_kind")
    values *= scale[where.rings]
    return TileValues(own, values[most:], values[code:most])


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
