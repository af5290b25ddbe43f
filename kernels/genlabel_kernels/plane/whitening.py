"""Whitening: every short-time coefficient of a picture brought to about the same size.

A mark adds the same energy to every coefficient of its band, the picture puts a thousand times
more into some than into others. The detector therefore divides each coefficient by its size and
by that of its neighbours: the maximum-likelihood treatment of a weak signal in heavy-tailed noise,
but for the exponent, which was measured (see docs/image-watermark.md).

The transforms are sums over cosines and sines about a block's middle. One axis is transformed for
whole rows of pixels, and serves both blocks that overlap there; the other for four rows of blocks
side by side. So every inner loop runs over one contiguous stretch at fixed distances, which is what
a compiler turns into vector code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast

#: Side of a block, and the distance of neighbouring blocks, in pixels.
BLOCK = 16
HOP = BLOCK // 2
#: Power of a coefficient below which it counts as flat, in squared grey levels.
FLOOR = 4.0
#: Values beyond this many standard deviations are clipped.
CLIP = 2.5

# Standard deviation below which a whitened picture is rounding noise.
_NOTHING = 0.05
# Frequencies of a block along one axis, rows of blocks side by side, and the lanes they fill:
# those of the vertical cosines first, then those of the sines, lane by frequency and row.
_FREQUENCIES = HOP + 1
_ROWS = 4
_PART = _FREQUENCIES * _ROWS
_LANES = 2 * _PART
_SPECTRUM = 2 * _FREQUENCIES * _LANES
# Powers of both signs of a frequency, with a neighbour's lanes before the first and after the last.
_POWERS = _PART + 2 * _ROWS
_PAIR = 2 * _POWERS
# Non-negative for sure: the compiler need not allow for indices that count from the end.
_INDEX = (1 << 40) - 1
# x to the power -3/8 for the bits of a float32: 11/8 of the exponent's offset, centred.
_EXPONENT = np.int32(1464290672)


def _tables() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make the cosine and sine of each frequency, over half a block, and of each place."""
    angles = 2.0 * np.pi / BLOCK * np.outer(np.arange(_FREQUENCIES), np.arange(HOP) - HOP + 0.5)
    window = np.sin(np.pi * (np.arange(HOP) + 0.5) / BLOCK) * np.sqrt(2.0 / BLOCK)
    cosines, sines = np.cos(angles) * window, np.sin(angles) * window
    # What is even about the middle is 0 at the highest frequency.
    cosines[-1] = 0.0
    # Both signs of a frequency in one, but for the ends.
    weights = np.where(np.isin(np.arange(_FREQUENCIES), (0, HOP)), 1.0, 2.0)[:, None]
    analysis = np.stack([cosines, sines], axis=1).reshape(-1, HOP)
    # The missing sine of frequency 0 makes room for the highest one's.
    synthesis = np.stack([(weights * cosines)[:-1].T, (weights * sines)[1:].T], axis=1)
    synthesis = HOP * synthesis.reshape(-1, HOP)
    # In one order in memory, so that they are of one type.
    return np.array(analysis, np.float32, order="C"), np.array(synthesis, np.float32, order="C")


_ANALYSIS, _SYNTHESIS = _tables()


def whiten(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whiten a picture in overlapping short-time spectra.

    Parameters
    ----------
    plane : (H, W) float32 array
        Grey levels 0..255, or what is left of them after a prediction was subtracted.

    Returns
    -------
    (H, W) float32 array
        About zero mean and unit variance, clipped at `CLIP`; zero if nothing but rounding is
        there.
    """
    height, width = plane.shape
    rows, columns = (-(-side // HOP) + 1 for side in (height, width))
    # Rows of pixels are transformed so many at a time.
    wide = -(-(columns + 1) * HOP // _LANES) * _LANES
    padded, summed = np.zeros((2, (rows + 1) * HOP, wide), np.float32)
    padded[HOP : HOP + height, HOP : HOP + width] = plane
    _mirror_edges(padded, height, width)
    whiten_blocks(padded, columns, summed)
    out = np.empty((height, width), np.float32)
    even_out(summed.ravel(), wide, HOP * wide + HOP, width, out.ravel())
    return out


def _mirror_edges(padded: NDArray[np.float32], height: int, width: int) -> None:
    """Continue the picture at (HOP, HOP) beyond its edges by reflection, in place."""
    for axis, side in ((0, height), (1, width)):
        lines = np.moveaxis(padded, axis, 0)
        after = -(-side // HOP) * HOP + HOP - side
        for step in range(1, HOP + 1):
            lines[HOP - step] = lines[HOP + min(step, side - 1)]
        for step in range(after):
            lines[HOP + side + step] = lines[HOP + max(side - 2 - step, 0)]


def whiten_blocks(padded: NDArray[np.float32], columns: int, out: NDArray[np.float32]) -> None:
    """Add every whitened block of a picture into another one.

    Parameters
    ----------
    padded : (H, W) float32 array
        H divisible by 8, W by 72.
    columns : int
        Blocks in a row: (W / 8 - 1) at most.
    out : (H, W) float32 array
        Zeros at first.
    """
    wide = padded.shape[1]
    rows = padded.shape[0] // HOP - 1
    spectra, sums = np.zeros((2, _LANES * wide), np.float32)
    folded = np.empty(BLOCK * _LANES, np.float32)
    spectrum = np.zeros(_ROWS * _SPECTRUM, np.float32)
    powers, around, gains = np.zeros((3, (_FREQUENCIES + 2) * _PAIR), np.float32)
    whiten_rows(
        padded.ravel(), wide, rows, columns, spectra, sums, folded, spectrum, powers, around,
        gains, gains.view(np.int32), out.ravel(),
    )  # fmt: skip


@kernel_fast
def whiten_rows(
    plane: NDArray[np.float32],
    wide: int,
    rows: int,
    columns: int,
    spectra: NDArray[np.float32],
    sums: NDArray[np.float32],
    folded: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    powers: NDArray[np.float32],
    around: NDArray[np.float32],
    gains: NDArray[np.float32],
    bits: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Whiten blocks, four rows of them at a time.

    Parameters
    ----------
    plane : (H * wide,) float32 array
        As `whiten_blocks` takes it.
    wide, rows, columns : int
        Pixels in a row; blocks.
    spectra, sums : (72 * wide,) float32 array
        Vertical spectra of all columns of pixels, column by column.
    folded, spectrum, powers, around, gains : float32 array
        To work in.
    bits : int32 array
        The bits of `gains`.
    out : (H * wide,) float32 array
        Added to.
    """
    # Not literals, each of which would compile every callee once more.
    nothing, lanes = 0 * wide, 0 * wide + _LANES
    for top in range(0, rows, _ROWS):
        count = _ROWS if rows - top > _ROWS else rows - top
        for left in range(0, wide, _LANES):
            for row in range(count):
                first = (top + row) * HOP * wide + left
                _analyse(plane, first, wide, folded, spectrum, row * _SPECTRUM)
            for x in range(_LANES):
                for k in range(2 * _FREQUENCIES):
                    to = (_LANES * (left + x) + _ROWS * (k // 2) + _PART * (k & 1)) & _INDEX
                    for row in range(_ROWS):
                        spectra[to + row] = spectrum[_SPECTRUM * row + _LANES * k + x]
        for place in range(sums.shape[0]):
            sums[place] = np.float32(0.0)
        for block in range(columns):
            _analyse(spectra, block * HOP * _LANES, lanes, folded, spectrum, nothing)
            _reweigh(spectrum, powers, around, gains, bits)
            _synthesise(spectrum, nothing, folded, sums, block * HOP * _LANES, lanes)
        for left in range(0, wide, _LANES):
            for x in range(_LANES):
                for k in range(2 * _FREQUENCIES):
                    at = (_LANES * (left + x) + _ROWS * (k // 2) + _PART * (k & 1)) & _INDEX
                    for row in range(_ROWS):
                        spectrum[_SPECTRUM * row + _LANES * k + x] = sums[at + row]
            for row in range(count):
                first = (top + row) * HOP * wide + left
                _synthesise(spectrum, row * _SPECTRUM, folded, out, first, wide)


@kernel_fast
def _analyse(
    plane: NDArray[np.float32],
    first: int,
    stride: int,
    folded: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    to: int,
) -> None:
    """Transform 16 lines at `first`, `stride` apart, into cosines and sines, line by line."""
    for step in range(folded.shape[0] // (2 * _LANES)):
        at = (2 * _LANES * step) & _INDEX
        one, other = (first + stride * step) & _INDEX, (first + stride * (15 - step)) & _INDEX
        for i in range(_LANES):
            folded[at + i] = plane[one + i] + plane[other + i]
            folded[at + _LANES + i] = plane[one + i] - plane[other + i]
    for k in range(_ANALYSIS.shape[0]):
        at, to_k = (_LANES * (k & 1)) & _INDEX, (to + _LANES * k) & _INDEX
        for i in range(_LANES):
            value = np.float32(0.0)
            for step in range(HOP):
                value += _ANALYSIS[k, step] * folded[at + 2 * _LANES * step + i]
            spectrum[to_k + i] = value


@kernel_fast
def _synthesise(
    spectrum: NDArray[np.float32],
    first: int,
    folded: NDArray[np.float32],
    out: NDArray[np.float32],
    to: int,
    stride: int,
) -> None:
    """Add what `_analyse` would have made a spectrum of into 16 lines."""
    for k in range(_SYNTHESIS.shape[0]):
        at, to_k = (first + 3 * _LANES * (k & 1)) & _INDEX, (_LANES * k) & _INDEX
        for i in range(_LANES):
            value = np.float32(0.0)
            for step in range(HOP):
                value += _SYNTHESIS[k, step] * spectrum[at + 2 * _LANES * step + i]
            folded[to_k + i] = value
    for step in range(folded.shape[0] // (2 * _LANES)):
        at = (2 * _LANES * step) & _INDEX
        one, other = (to + stride * step) & _INDEX, (to + stride * (15 - step)) & _INDEX
        for i in range(_LANES):
            out[one + i] += folded[at + i] + folded[at + _LANES + i]
        for i in range(_LANES):
            out[other + i] += folded[at + i] - folded[at + _LANES + i]


@kernel_fast
def _reweigh(
    spectrum: NDArray[np.float32],
    powers: NDArray[np.float32],
    around: NDArray[np.float32],
    gains: NDArray[np.float32],
    bits: NDArray[np.int32],
) -> None:
    """Divide a spectrum by (power x mean of 3x3 neighbours) to the power 3/8, in place.

    That power is taken on the number's exponent, which is exact to 4 %; three roots and a division
    would cost more than all the rest of the whitening.
    """
    for frequency in range(powers.shape[0] // _PAIR - 2):
        at = (2 * _LANES * frequency) & _INDEX
        own = (_PAIR * (frequency + 1) + _ROWS) & _INDEX
        for i in range(_PART):
            cc, cs = spectrum[at + i], spectrum[at + _PART + i]
            sc, ss = spectrum[at + _LANES + i], spectrum[at + _LANES + _PART + i]
            powers[own + i] = (cc - ss) * (cc - ss) + (cs + sc) * (cs + sc)
            powers[own + _POWERS + i] = (cc + ss) * (cc + ss) + (cs - sc) * (cs - sc)
        for row in range(_ROWS):
            one, other = own + row, own + _POWERS + row
            powers[one - _ROWS] = powers[other + _ROWS]
            powers[other - _ROWS] = powers[one + _ROWS]
            powers[one + _PART] = powers[other + _PART - 2 * _ROWS]
            powers[other + _PART] = powers[one + _PART - 2 * _ROWS]
    last = (_FREQUENCIES + 1) * _PAIR
    for i in range(_POWERS):
        powers[i] = powers[2 * _PAIR + _POWERS + i]
        powers[_POWERS + i] = powers[2 * _PAIR + i]
        powers[last + i] = powers[last - 2 * _PAIR + _POWERS + i]
        powers[last + _POWERS + i] = powers[last - 2 * _PAIR + i]
    floor, ninth = np.float32(FLOOR), np.float32(1.0 / 9.0)
    for i in range(_ROWS, (_FREQUENCIES + 2) * _PAIR - _ROWS):
        around[i] = powers[i - _ROWS] + powers[i] + powers[i + _ROWS]
    for i in range(_PAIR, (_FREQUENCIES + 1) * _PAIR):
        mean = (around[i - _PAIR] + around[i] + around[i + _PAIR]) * ninth
        gains[i] = (mean + floor) * (powers[i] + floor)
    for i in range(_PAIR, (_FREQUENCIES + 1) * _PAIR):
        bits[i] = _EXPONENT - (bits[i] >> 3) * np.int32(3)
    # A block's mean says nothing of the mark.
    for row in range(_ROWS):
        gains[_PAIR + _ROWS + row] = np.float32(0.0)
        gains[_PAIR + _POWERS + _ROWS + row] = np.float32(0.0)
    half = np.float32(0.5)
    for frequency in range(powers.shape[0] // _PAIR - 2):
        at = (2 * _LANES * frequency) & _INDEX
        own = (_PAIR * (frequency + 1) + _ROWS) & _INDEX
        for i in range(_PART):
            common = (gains[own + i] + gains[own + _POWERS + i]) * half
            unlike = (gains[own + i] - gains[own + _POWERS + i]) * half
            cc, cs = spectrum[at + i], spectrum[at + _PART + i]
            sc, ss = spectrum[at + _LANES + i], spectrum[at + _LANES + _PART + i]
            spectrum[at + i] = common * cc - unlike * ss
            spectrum[at + _PART + i] = common * cs + unlike * sc
            spectrum[at + _LANES + i] = common * sc + unlike * cs
            spectrum[at + _LANES + _PART + i] = common * ss - unlike * cc


@kernel_fast
def even_out(
    summed: NDArray[np.float32], wide: int, first: int, width: int, out: NDArray[np.float32]
) -> None:
    """Bring a picture inside a larger one to unit variance, and clip it.

    Parameters
    ----------
    summed : (h * wide,) float32 array
        The larger one.
    wide, first : int
        Its row's length, and where the picture begins.
    width : int
        Of the picture.
    out : (H * width,) float32 array
        Filled; with zeros where nothing but rounding is there.
    """
    total, squares = 0.0, 0.0
    for row in range(0, out.shape[0], width):
        at = (first + row // width * wide) & _INDEX
        one, two = np.float32(0.0), np.float32(0.0)
        for x in range(width):
            one += summed[at + x]
            two += summed[at + x] * summed[at + x]
        total += float(one)
        squares += float(two)
    mean = total / out.shape[0]
    variance = squares / out.shape[0] - mean * mean
    scale = np.float32(0.0)
    if variance >= _NOTHING * _NOTHING:
        scale = np.float32(1.0 / np.sqrt(variance))
    most = np.float32(CLIP)
    for row in range(0, out.shape[0], width):
        at, to = (first + row // width * wide) & _INDEX, row & _INDEX
        for x in range(width):
            value = summed[at + x] * scale
            value = value if value < most else most
            out[to + x] = value if value > -most else -most
