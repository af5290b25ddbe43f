"""Whitening: every short-time coefficient of a picture brought to about the same size.

A mark adds the same energy to every coefficient of its band, the picture puts a thousand times
more into some than into others. The detector therefore divides each coefficient by its size and
by that of its neighbours: the maximum-likelihood treatment of a weak signal in heavy-tailed noise,
but for the exponent, which was measured (see docs/image-watermark.md).
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
_LANES = 16
_BINS = BLOCK * BLOCK
_ANGLES = -2.0 * np.pi * np.arange(BLOCK) / BLOCK
_COS = np.cos(_ANGLES).astype(np.float32)
_SIN = np.sin(_ANGLES).astype(np.float32)
_SINE = np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)
_WINDOW = np.outer(_SINE, _SINE).astype(np.float32)
# The radix-4 transform leaves bin k of each axis at _ORDER[k].
_ORDER = np.array([4 * (k % 4) + k // 4 for k in range(BLOCK)])
_PLACE = (BLOCK * _ORDER[:, None] + _ORDER[None, :]).ravel().astype(np.int32)


def _steps() -> NDArray[np.int32]:
    """List the transform's radix-4 steps: first bin, distance, width in bins, twiddle."""
    down = [(y * BLOCK, 4 * BLOCK, BLOCK, y) for y in range(4)]
    down += [(y * BLOCK, BLOCK, BLOCK, 0) for y in range(0, BLOCK, 4)]
    across = [(y * BLOCK + x, 4, 1, x) for y in range(BLOCK) for x in range(4)]
    across += [(y * BLOCK + x, 1, 1, 0) for y in range(BLOCK) for x in range(0, BLOCK, 4)]
    return np.array(down + across, np.int32)


_STEPS = _steps()
# x to the power -3/8 for the bits of a float32: 11/8 of the exponent's offset, centred.
_EXPONENT = np.int32(1464290672)


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
    padded = np.zeros(((rows + 1) * HOP, (columns + 1) * HOP), np.float32)
    inside = np.s_[HOP : HOP + height, HOP : HOP + width]
    padded[inside] = plane
    _mirror_edges(padded, height, width)
    summed = np.zeros_like(padded)
    whiten_blocks(padded, summed)
    white = summed[inside]
    spread = float(white.std())
    if spread < _NOTHING:
        return np.zeros((height, width), np.float32)
    white /= np.float32(spread)
    return np.asarray(np.clip(white, -CLIP, CLIP))


def _mirror_edges(padded: NDArray[np.float32], height: int, width: int) -> None:
    """Continue the picture at (HOP, HOP) beyond its edges by reflection, in place."""
    for axis, side in ((0, height), (1, width)):
        lines = np.moveaxis(padded, axis, 0)
        after = lines.shape[0] - HOP - side
        for step in range(1, HOP + 1):
            lines[HOP - step] = lines[HOP + min(step, side - 1)]
        for step in range(after):
            lines[HOP + side + step] = lines[HOP + max(side - 2 - step, 0)]


@kernel_fast
def whiten_blocks(padded: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Add every whitened block of `padded` into `out`, both of sides divisible by `HOP`.

    Two real blocks travel as one complex block, and `_LANES` of those side by side, so that the
    innermost loops run over contiguous memory. A row of the working arrays holds the `_LANES`
    real parts of one bin, then the imaginary parts: in one array, the compiler can tell that they
    do not overlap.
    """
    rows = padded.shape[0] // HOP - 1
    columns = padded.shape[1] // HOP - 1
    blocks = np.empty((_BINS, 2 * _LANES), np.float32)
    white = np.empty((_BINS, 2 * _LANES), np.float32)
    power = np.empty((_BINS, 2 * _LANES), np.float32)
    sums = np.empty((_BINS, 2 * _LANES), np.float32)
    for row in range(rows):
        for start in range(0, columns, 2 * _LANES):
            _gather(padded, row * HOP, start, columns, blocks)
            _transform(blocks)
            _powers(blocks, power)
            _gains(power, sums)
            _apply(blocks, power, white)
            _transform(white)
            _scatter(white, row * HOP, start, columns, out)


@kernel_fast
def _gather(
    padded: NDArray[np.float32], top: int, start: int, columns: int, blocks: NDArray[np.float32]
) -> None:
    """Window `2 * _LANES` neighbouring blocks; those beyond the last one are zero."""
    for lane in range(2 * _LANES):
        weight = np.float32(start + lane < columns)
        left = min(start + lane, columns - 1) * HOP
        for y in range(BLOCK):
            for x in range(BLOCK):
                value = padded[top + y, left + x] * _WINDOW[y, x]
                blocks[y * BLOCK + x, lane] = value * weight


@kernel_fast
def _scatter(
    white: NDArray[np.float32], top: int, start: int, columns: int, out: NDArray[np.float32]
) -> None:
    """Window the blocks again and add them into `out`; pixels are in digit-reversed order."""
    for lane in range(min(2 * _LANES, columns - start)):
        left = (start + lane) * HOP
        # The inverse transform left the imaginary parts first.
        place = (lane + _LANES) % (2 * _LANES)
        for y in range(BLOCK):
            for x in range(BLOCK):
                value = white[_PLACE[y * BLOCK + x], place] * _WINDOW[y, x]
                out[top + y, left + x] += value


@kernel_fast
def _transform(z: NDArray[np.float32]) -> None:
    """Two-dimensional transform in place, decimated in frequency: output digit-reversed."""
    for index in range(_STEPS.shape[0]):
        first, distance = _STEPS[index, 0], _STEPS[index, 1]
        turn = _STEPS[index, 3]
        c1, s1 = _COS[turn], _SIN[turn]
        c2, s2 = _COS[2 * turn], _SIN[2 * turn]
        c3, s3 = _COS[3 * turn], _SIN[3 * turn]
        for offset in range(_STEPS[index, 2]):
            a = first + offset
            b, c, d = a + distance, a + 2 * distance, a + 3 * distance
            for re in range(_LANES):
                im = re + _LANES
                er, ei = z[a, re] + z[c, re], z[a, im] + z[c, im]
                fr, fi = z[a, re] - z[c, re], z[a, im] - z[c, im]
                gr, gi = z[b, re] + z[d, re], z[b, im] + z[d, im]
                # (b - d) turned by a right angle.
                tr, ti = z[b, im] - z[d, im], z[d, re] - z[b, re]
                z[a, re], z[a, im] = er + gr, ei + gi
                pr, pi = fr + tr, fi + ti
                qr, qi = er - gr, ei - gi
                sr, si = fr - tr, fi - ti
                z[b, re], z[b, im] = pr * c1 - pi * s1, pr * s1 + pi * c1
                z[c, re], z[c, im] = qr * c2 - qi * s2, qr * s2 + qi * c2
                z[d, re], z[d, im] = sr * c3 - si * s3, sr * s3 + si * c3


@kernel_fast
def _powers(z: NDArray[np.float32], power: NDArray[np.float32]) -> None:
    """Fill `power`, bins in natural order: the first blocks' mean powers, then the second ones'."""
    scale = np.float32(1.0 / _BINS)
    for k in range(_BINS):
        here = _PLACE[k]
        there = _PLACE[(_BINS - k // BLOCK * BLOCK) % _BINS + (BLOCK - k % BLOCK) % BLOCK]
        for re in range(_LANES):
            im = re + _LANES
            ar, ai = z[here, re] + z[there, re], z[here, im] - z[there, im]
            br, bi = z[here, re] - z[there, re], z[here, im] + z[there, im]
            power[k, re] = (ar * ar + ai * ai) * scale
            power[k, im] = (br * br + bi * bi) * scale


@kernel_fast
def _gains(power: NDArray[np.float32], sums: NDArray[np.float32]) -> None:
    """Turn powers into gains in place: (power x mean of 3x3 neighbours) to the power -3/8.

    The power is taken on the number's exponent, which is exact to 4 %; three roots and a division
    would cost more than all the rest of the whitening.
    """
    floor = np.float32(FLOOR)
    ninth = np.float32(1.0 / 9.0)
    for k in range(_BINS):
        row, x = k // BLOCK * BLOCK, k % BLOCK
        left, right = row + (x + BLOCK - 1) % BLOCK, row + (x + 1) % BLOCK
        for lane in range(2 * _LANES):
            sums[k, lane] = power[left, lane] + power[k, lane] + power[right, lane]
    for k in range(_BINS):
        above, below = (k + _BINS - BLOCK) % _BINS, (k + BLOCK) % _BINS
        for lane in range(2 * _LANES):
            mean = (sums[above, lane] + sums[k, lane] + sums[below, lane]) * ninth
            power[k, lane] = (mean + floor) * (power[k, lane] + floor)
    bits = power.view(np.int32)
    for k in range(_BINS):
        for lane in range(2 * _LANES):
            bits[k, lane] = _EXPONENT - (bits[k, lane] >> 3) * np.int32(3)
    # A block's mean says nothing of the mark.
    for lane in range(2 * _LANES):
        power[0, lane] = 0.0


@kernel_fast
def _apply(z: NDArray[np.float32], gain: NDArray[np.float32], white: NDArray[np.float32]) -> None:
    """Multiply both blocks' spectra by their own gains, from digit-reversed to natural order.

    Imaginary parts go first: with the parts exchanged, the forward transform is the inverse one.
    """
    half = np.float32(0.5)
    for k in range(_BINS):
        here = _PLACE[k]
        there = _PLACE[(_BINS - k // BLOCK * BLOCK) % _BINS + (BLOCK - k % BLOCK) % BLOCK]
        for re in range(_LANES):
            im = re + _LANES
            common = (gain[k, re] + gain[k, im]) * half
            unlike = (gain[k, re] - gain[k, im]) * half
            white[k, im] = common * z[here, re] + unlike * z[there, re]
            white[k, re] = common * z[here, im] - unlike * z[there, im]
