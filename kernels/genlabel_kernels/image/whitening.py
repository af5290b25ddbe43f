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


def whiten(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whiten a picture in overlapping short-time spectra.

    Parameters
    ----------
    plane : (H, W) float32 array
        Grey levels 0..255, or what is left of them after a prediction was subtracted.

    Returns
    -------
    (H, W) float32 array
        Zero mean, about unit variance, clipped at `CLIP`; zero where the picture is flat.
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
    if spread == 0.0:
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
    innermost loops run over contiguous memory.
    """
    rows = padded.shape[0] // HOP - 1
    columns = padded.shape[1] // HOP - 1
    re = np.empty((_BINS, _LANES), np.float32)
    im = np.empty((_BINS, _LANES), np.float32)
    white_re = np.empty((_BINS, _LANES), np.float32)
    white_im = np.empty((_BINS, _LANES), np.float32)
    power = np.empty((2, _BINS, _LANES), np.float32)
    sums = np.empty((_BINS, _LANES), np.float32)
    for row in range(rows):
        for start in range(0, columns, 2 * _LANES):
            _gather(padded, row * HOP, start, columns, re, im)
            _transform(re, im)
            _powers(re, im, power)
            _gains(power, sums)
            _apply(re, im, power, white_re, white_im)
            # Real and imaginary parts exchanged, the forward transform is the inverse one.
            _transform(white_im, white_re)
            _scatter(white_re, white_im, row * HOP, start, columns, out)


@kernel_fast
def _gather(
    padded: NDArray[np.float32],
    top: int,
    start: int,
    columns: int,
    re: NDArray[np.float32],
    im: NDArray[np.float32],
) -> None:
    """Window `2 * _LANES` neighbouring blocks; those beyond the last one are zero."""
    for lane in range(_LANES):
        for part in range(2):
            block = re if part == 0 else im
            column = start + 2 * lane + part
            weight = np.float32(column < columns)
            left = min(column, columns - 1) * HOP
            for y in range(BLOCK):
                for x in range(BLOCK):
                    value = padded[top + y, left + x] * _WINDOW[y, x]
                    block[y * BLOCK + x, lane] = value * weight


@kernel_fast
def _scatter(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    top: int,
    start: int,
    columns: int,
    out: NDArray[np.float32],
) -> None:
    """Window the blocks again and add them into `out`; pixels are in digit-reversed order."""
    for lane in range(_LANES):
        for part in range(2):
            block = re if part == 0 else im
            column = start + 2 * lane + part
            if column < columns:
                left = column * HOP
                for y in range(BLOCK):
                    for x in range(BLOCK):
                        value = block[_PLACE[y * BLOCK + x], lane] * _WINDOW[y, x]
                        out[top + y, left + x] += value


@kernel_fast
def _transform(re: NDArray[np.float32], im: NDArray[np.float32]) -> None:
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
            for lane in range(_LANES):
                er, ei = re[a, lane] + re[c, lane], im[a, lane] + im[c, lane]
                fr, fi = re[a, lane] - re[c, lane], im[a, lane] - im[c, lane]
                gr, gi = re[b, lane] + re[d, lane], im[b, lane] + im[d, lane]
                # (b - d) turned by a right angle.
                tr, ti = im[b, lane] - im[d, lane], re[d, lane] - re[b, lane]
                re[a, lane], im[a, lane] = er + gr, ei + gi
                pr, pi = fr + tr, fi + ti
                qr, qi = er - gr, ei - gi
                sr, si = fr - tr, fi - ti
                re[b, lane], im[b, lane] = pr * c1 - pi * s1, pr * s1 + pi * c1
                re[c, lane], im[c, lane] = qr * c2 - qi * s2, qr * s2 + qi * c2
                re[d, lane], im[d, lane] = sr * c3 - si * s3, sr * s3 + si * c3


@kernel_fast
def _powers(re: NDArray[np.float32], im: NDArray[np.float32], power: NDArray[np.float32]) -> None:
    """Fill `power` (2, bins, lanes), bins in natural order, with both blocks' mean powers."""
    scale = np.float32(1.0 / _BINS)
    for k in range(_BINS):
        here = _PLACE[k]
        there = _PLACE[(_BINS - k // BLOCK * BLOCK) % _BINS + (BLOCK - k % BLOCK) % BLOCK]
        for lane in range(_LANES):
            ar, ai = re[here, lane] + re[there, lane], im[here, lane] - im[there, lane]
            br, bi = re[here, lane] - re[there, lane], im[here, lane] + im[there, lane]
            power[0, k, lane] = (ar * ar + ai * ai) * scale
            power[1, k, lane] = (br * br + bi * bi) * scale


@kernel_fast
def _gains(power: NDArray[np.float32], sums: NDArray[np.float32]) -> None:
    """Turn powers into gains in place: (power x mean of 3x3 neighbours) to the power -3/8."""
    floor = np.float32(FLOOR)
    ninth = np.float32(1.0 / 9.0)
    one = np.float32(1.0)
    for part in range(2):
        for k in range(_BINS):
            row, x = k // BLOCK * BLOCK, k % BLOCK
            left, right = row + (x + BLOCK - 1) % BLOCK, row + (x + 1) % BLOCK
            for lane in range(_LANES):
                sums[k, lane] = (
                    power[part, left, lane] + power[part, k, lane] + power[part, right, lane]
                )
        for k in range(_BINS):
            above, below = (k + _BINS - BLOCK) % _BINS, (k + BLOCK) % _BINS
            for lane in range(_LANES):
                mean = (sums[above, lane] + sums[k, lane] + sums[below, lane]) * ninth
                fourth = np.sqrt(np.sqrt((mean + floor) * (power[part, k, lane] + floor)))
                power[part, k, lane] = one / (fourth * np.sqrt(fourth))
        # A block's mean says nothing of the mark.
        for lane in range(_LANES):
            power[part, 0, lane] = 0.0


@kernel_fast
def _apply(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    gain: NDArray[np.float32],
    white_re: NDArray[np.float32],
    white_im: NDArray[np.float32],
) -> None:
    """Multiply both blocks' spectra by their own gains, from digit-reversed to natural order."""
    half = np.float32(0.5)
    for k in range(_BINS):
        here = _PLACE[k]
        there = _PLACE[(_BINS - k // BLOCK * BLOCK) % _BINS + (BLOCK - k % BLOCK) % BLOCK]
        for lane in range(_LANES):
            common = (gain[0, k, lane] + gain[1, k, lane]) * half
            unlike = (gain[0, k, lane] - gain[1, k, lane]) * half
            white_re[k, lane] = common * re[here, lane] + unlike * re[there, lane]
            white_im[k, lane] = common * im[here, lane] - unlike * im[there, lane]
