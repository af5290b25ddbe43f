"""Whitening: every short-time coefficient of a picture brought to about the same size.

A mark adds the same energy to every coefficient of its band, the picture puts a thousand times
more into some than into others. The detector therefore divides each coefficient by its size and
by that of its neighbours, which is the maximum-likelihood treatment of a weak signal in heavy-tailed
noise up to the exponent, and that was measured (see docs/image-watermark.md).
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
_ANGLES = -2.0 * np.pi * np.arange(_LANES) / BLOCK
_COS = np.cos(_ANGLES).astype(np.float32)
_SIN = np.sin(_ANGLES).astype(np.float32)
_SINE = np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)
_WINDOW = np.outer(_SINE, _SINE).astype(np.float32)
# The radix-4 transform leaves its output in digit-reversed order; _ORDER[k] is where bin k lies.
_ORDER = np.array([4 * (k % 4) + k // 4 for k in range(BLOCK)])
_PLACE = (BLOCK * _ORDER[:, None] + _ORDER[None, :]).ravel().astype(np.int32)


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
    return np.clip(white / np.float32(spread), -CLIP, CLIP, dtype=np.float32)


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
    """Add every whitened block of `padded` into `out`, both (multiple of HOP) x (same).

    Two real blocks travel as one complex block, and `_LANES` of those side by side, so that the
    innermost loops run over contiguous memory.
    """
    rows = padded.shape[0] // HOP - 1
    columns = padded.shape[1] // HOP - 1
    re = np.empty((_BINS, _LANES), np.float32)
    im = np.empty((_BINS, _LANES), np.float32)
    power = np.empty((2, _BINS, _LANES), np.float32)
    gain = np.empty((2, _BINS, _LANES), np.float32)
    for row in range(rows):
        for start in range(0, columns, 2 * _LANES):
            _gather(padded, row * HOP, start, columns, re, im)
            _transform(re, im)
            _powers(re, im, power)
            _gains(power, gain)
            _apply(re, im, gain)
            _inverse(re, im)
            _scatter(re, im, row * HOP, start, columns, out)


@kernel_fast
def _gather(
    padded: NDArray[np.float32],
    top: int,
    start: int,
    columns: int,
    re: NDArray[np.float32],
    im: NDArray[np.float32],
) -> None:
    for lane in range(_LANES):
        for part in range(2):
            block = re if part == 0 else im
            column = start + 2 * lane + part
            if column >= columns:
                for i in range(_BINS):
                    block[i, lane] = 0.0
                continue
            left = column * HOP
            for y in range(BLOCK):
                for x in range(BLOCK):
                    block[y * BLOCK + x, lane] = padded[top + y, left + x] * _WINDOW[y, x]


@kernel_fast
def _scatter(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    top: int,
    start: int,
    columns: int,
    out: NDArray[np.float32],
) -> None:
    for lane in range(_LANES):
        for part in range(2):
            block = re if part == 0 else im
            column = start + 2 * lane + part
            if column >= columns:
                continue
            left = column * HOP
            for y in range(BLOCK):
                for x in range(BLOCK):
                    out[top + y, left + x] += block[y * BLOCK + x, lane] * _WINDOW[y, x]


@kernel_fast
def _butterfly(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    first: int,
    step: int,
    count: int,
    turn: int,
    back: bool,
) -> None:
    """One radix-4 step on bins first, first+step, ..., each `count` bins wide.

    `turn` is the twiddle's angle in sixteenths; forward it follows the step (decimation in
    frequency), backward it precedes it (decimation in time), so that no reordering is needed.
    """
    c1, s1 = _COS[turn], _SIN[turn]
    c2, s2 = _COS[2 * turn], _SIN[2 * turn]
    c3, s3 = _COS[3 * turn], _SIN[3 * turn]
    for offset in range(count):
        a, b = first + offset, first + offset + step
        c, d = b + step, b + 2 * step
        for lane in range(_LANES):
            ar, ai = re[a, lane], im[a, lane]
            br, bi = re[b, lane], im[b, lane]
            cr, ci = re[c, lane], im[c, lane]
            dr, di = re[d, lane], im[d, lane]
            if back:
                br, bi = br * c1 + bi * s1, bi * c1 - br * s1
                cr, ci = cr * c2 + ci * s2, ci * c2 - cr * s2
                dr, di = dr * c3 + di * s3, di * c3 - dr * s3
                tr, ti = bi - di, dr - br
            else:
                tr, ti = di - bi, br - dr
            er, ei = ar + cr, ai + ci
            fr, fi = ar - cr, ai - ci
            gr, gi = br + dr, bi + di
            # t is (b - d) turned by a right angle: +i forward's conjugate, -i backward's.
            re[a, lane], im[a, lane] = er + gr, ei + gi
            pr, pi = fr - tr, fi - ti
            qr, qi = er - gr, ei - gi
            sr, si = fr + tr, fi + ti
            if back:
                re[b, lane], im[b, lane] = pr, pi
                re[c, lane], im[c, lane] = qr, qi
                re[d, lane], im[d, lane] = sr, si
            else:
                re[b, lane], im[b, lane] = pr * c1 - pi * s1, pr * s1 + pi * c1
                re[c, lane], im[c, lane] = qr * c2 - qi * s2, qr * s2 + qi * c2
                re[d, lane], im[d, lane] = sr * c3 - si * s3, sr * s3 + si * c3


@kernel_fast
def _transform(re: NDArray[np.float32], im: NDArray[np.float32]) -> None:
    """Two-dimensional forward transform, output digit-reversed along both axes."""
    for y in range(4):
        _butterfly(re, im, y * BLOCK, 4 * BLOCK, BLOCK, y, False)
    for y in range(0, BLOCK, 4):
        _butterfly(re, im, y * BLOCK, BLOCK, BLOCK, 0, False)
    for y in range(BLOCK):
        for x in range(4):
            _butterfly(re, im, y * BLOCK + x, 4, 1, x, False)
        for x in range(0, BLOCK, 4):
            _butterfly(re, im, y * BLOCK + x, 1, 1, 0, False)


@kernel_fast
def _inverse(re: NDArray[np.float32], im: NDArray[np.float32]) -> None:
    """Undo `_transform`, up to the factor 256 that the final scaling removes."""
    for y in range(BLOCK):
        for x in range(0, BLOCK, 4):
            _butterfly(re, im, y * BLOCK + x, 1, 1, 0, True)
        for x in range(4):
            _butterfly(re, im, y * BLOCK + x, 4, 1, x, True)
    for y in range(0, BLOCK, 4):
        _butterfly(re, im, y * BLOCK, BLOCK, BLOCK, 0, True)
    for y in range(4):
        _butterfly(re, im, y * BLOCK, 4 * BLOCK, BLOCK, y, True)


@kernel_fast
def _powers(
    re: NDArray[np.float32], im: NDArray[np.float32], power: NDArray[np.float32]
) -> None:
    """Fill `power` (2, bins, lanes), bins in natural order, with both blocks' mean powers."""
    scale = np.float32(1.0 / _BINS)
    for k in range(_BINS):
        y, x = k // BLOCK, k % BLOCK
        here = _PLACE[k]
        there = _PLACE[((-y) % BLOCK) * BLOCK + (-x) % BLOCK]
        for lane in range(_LANES):
            pr, pi = re[here, lane], im[here, lane]
            nr, ni = re[there, lane], -im[there, lane]
            ar, ai = pr + nr, pi + ni
            br, bi = pr - nr, pi - ni
            power[0, k, lane] = (ar * ar + ai * ai) * scale
            power[1, k, lane] = (br * br + bi * bi) * scale


@kernel_fast
def _gains(power: NDArray[np.float32], gain: NDArray[np.float32]) -> None:
    """Fill `gain`: (power x mean of its 3x3 neighbours) to the power -3/8."""
    floor = np.float32(FLOOR)
    ninth = np.float32(1.0 / 9.0)
    row = np.empty((_BINS, _LANES), np.float32)
    for part in range(2):
        for y in range(BLOCK):
            for x in range(BLOCK):
                k = y * BLOCK + x
                left = y * BLOCK + (x - 1) % BLOCK
                right = y * BLOCK + (x + 1) % BLOCK
                for lane in range(_LANES):
                    row[k, lane] = (
                        power[part, left, lane] + power[part, k, lane] + power[part, right, lane]
                    )
        for y in range(BLOCK):
            above, below = ((y - 1) % BLOCK) * BLOCK, ((y + 1) % BLOCK) * BLOCK
            for x in range(BLOCK):
                k = y * BLOCK + x
                for lane in range(_LANES):
                    mean = (row[above + x, lane] + row[k, lane] + row[below + x, lane]) * ninth
                    fourth = np.sqrt(np.sqrt((mean + floor) * (power[part, k, lane] + floor)))
                    gain[part, k, lane] = np.float32(1.0) / (fourth * np.sqrt(fourth))
        # A block's mean says nothing of the mark.
        for lane in range(_LANES):
            gain[part, 0, lane] = 0.0


@kernel_fast
def _apply(
    re: NDArray[np.float32], im: NDArray[np.float32], gain: NDArray[np.float32]
) -> None:
    """Multiply both blocks' spectra by their own gains, in place, digit-reversed order."""
    half = np.float32(0.5)
    for k in range(_BINS):
        y, x = k // BLOCK, k % BLOCK
        opposite = ((-y) % BLOCK) * BLOCK + (-x) % BLOCK
        if opposite < k:
            continue
        here, there = _PLACE[k], _PLACE[opposite]
        for lane in range(_LANES):
            total = (gain[0, k, lane] + gain[1, k, lane]) * half
            unlike = (gain[0, k, lane] - gain[1, k, lane]) * half
            pr, pi = re[here, lane], im[here, lane]
            nr, ni = re[there, lane], im[there, lane]
            re[here, lane], im[here, lane] = total * pr + unlike * nr, total * pi - unlike * ni
            re[there, lane], im[there, lane] = total * nr + unlike * pr, total * ni - unlike * pi
