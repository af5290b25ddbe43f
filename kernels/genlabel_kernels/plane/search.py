"""Finding how a picture was turned, stretched and cut, from the public tones in its spectrum.

A tone of ``k`` cycles per tile in the marked original appears in the picture at the frequency
``B k`` cycles per pixel, where the 2x2 matrix ``B`` is the inverse transpose of how the original
was mapped to the picture, divided by the tile's side. Every hypothesis is a ``B``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast
from genlabel_kernels.plane.layout import TILE

#: Side of the grid of translations; they are told apart to TILE / GRID pixels.
GRID = 128
#: Hypotheses that are scored side by side, and those of which only the best counts.
LANES = 64
GROUP = 16
#: Table entries per unit of power, and the largest: strong peaks of the host count no more.
_UNIT = 24.0
_TOP = 255.0
_ROUNDS = 12
_TURN = 4096
_TURN_COS = np.cos(2.0 * np.pi * np.arange(_TURN) / _TURN).astype(np.float32)
_CIRCLE_COS = np.cos(2.0 * np.pi * np.arange(GRID) / GRID).astype(np.float32)
_CIRCLE_SIN = -np.sin(2.0 * np.pi * np.arange(GRID) / GRID).astype(np.float32)


@kernel_fast
def normalise(
    spectrum: NDArray[np.complex64], power: NDArray[np.float32], table: NDArray[np.uint8]
) -> None:
    """Divide a spectrum by its local root mean power in place, and tabulate what is left.

    Parameters
    ----------
    spectrum : (P, Q/2 + 1) complex64 array
        Of the whitened, centred, zero-padded picture; P and Q even. Left with unit mean power
        everywhere.
    power : (P, Q/2 + 1) float32 array
        Local mean of its squared modulus.
    table : (P, Q/2 + 1) uint8 array
        Filled with its squared modulus, 24 to the unit, saturating; the rows in the order of their
        frequencies, from -P/2 on. The first entry is 24.
    """
    rows = spectrum.shape[0]
    for y in range(rows):
        shifted = (y + rows // 2) % rows
        for x in range(spectrum.shape[1]):
            mean = power[y, x]
            scale = np.float32(1.0) / np.sqrt(mean) if mean > 0 else np.float32(0.0)
            value = spectrum[y, x]
            re, im = value.real * scale, value.imag * scale
            spectrum[y, x] = complex(re, im)
            size = (re * re + im * im) * np.float32(_UNIT)
            table[shifted, x] = np.uint8(min(size, np.float32(_TOP)))
    table[0, 0] = np.uint8(_UNIT)


@kernel_fast
def tone_scores(
    table: NDArray[np.uint8],
    hypotheses: NDArray[np.float32],
    tones: NDArray[np.float32],
    peaks: NDArray[np.int32],
) -> None:
    """Sum the power that each hypothesis finds at its tones, and keep the best of each group.

    Parameters
    ----------
    table : (P, Q/2 + 1) uint8 array
        From `normalise`.
    hypotheses : (4, n) float32 array
        Rows b_yy, b_yx, b_xy, b_xx of B: cycles per picture pixel per cycle per tile. `n` is a
        multiple of `LANES`.
    tones : (k, 2) float32 array
        (vertical, horizontal) cycles per tile.
    peaks : (n / GROUP,) int32 array
        Filled with `GROUP` times the greatest sum of table entries among `GROUP` successive
        hypotheses, plus its place among them. Tones beyond the picture's own pixels count as
        noise's mean.
    """
    stride = np.int32(table.shape[1])
    down, across = np.float32(table.shape[0]), np.float32(2 * (table.shape[1] - 1))
    v_limit = np.float32(table.shape[0] // 2 - 1)
    h_limit = np.float32(table.shape[1] - 2)
    nearest = np.float32(0.5)
    to_row = np.float32(table.shape[0] // 2) + nearest
    entries = table.reshape(-1)
    # Copies whose length is known: only so the compiler works on many hypotheses at once.
    yy, yx = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    xy, xx = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    places = np.empty(LANES, np.int32)
    totals = np.empty(LANES, np.int32)
    for start in range(0, hypotheses.shape[1], LANES):
        for j in range(LANES):
            yy[j], yx[j] = hypotheses[0, start + j], hypotheses[1, start + j]
            xy[j], xx[j] = hypotheses[2, start + j], hypotheses[3, start + j]
        totals[:] = 0
        for k in range(tones.shape[0]):
            vy, vx = tones[k, 0] * down, tones[k, 1] * down
            hy, hx = tones[k, 0] * across, tones[k, 1] * across
            for j in range(LANES):
                v, h = yy[j] * vy + yx[j] * vx, xy[j] * hy + xx[j] * hx
                v, h = (-v if h < 0.0 else v), abs(h)
                place = np.int32(v + to_row) * stride + np.int32(h + nearest)
                places[j] = place if (h < h_limit) & (abs(v) < v_limit) else np.int32(0)
            for j in range(LANES):
                totals[j] += np.int32(entries[np.uint32(places[j])])
        for group in range(LANES // GROUP):
            best = np.int32(0)
            for j in range(GROUP):
                best = max(best, totals[GROUP * group + j] * np.int32(GROUP) + np.int32(j))
            peaks[start // GROUP + group] = best


@kernel_fast
def _value(
    even: NDArray[np.complex64], v: np.float32, h: np.float32
) -> tuple[np.float32, np.float32]:
    """Interpolate the spectrum at fractional bin (v, h); zero beyond the picture's own pixels."""
    size = even.shape[0]
    half = size // 2
    turned = h < 0.0
    if turned:
        v, h = -v, -h
    zero = np.float32(0.0)
    if not (h < even.shape[1] - 2 and -half + 1 < v < half - 1):
        return zero, zero
    row = int(np.floor(v))
    column = int(h)
    a, b = v - np.float32(row), h - np.float32(column)
    above = row + size if row < 0 else row
    below = row + 1 + size if row + 1 < 0 else row + 1
    one = np.float32(1.0)
    value = (
        even[above, column] * ((one - a) * (one - b))
        + even[above, column + 1] * ((one - a) * b)
        + even[below, column] * (a * (one - b))
        + even[below, column + 1] * (a * b)
    )
    return value.real, -value.imag if turned else value.imag


@kernel_fast
def best_translations(
    even: NDArray[np.complex64],
    hypotheses: NDArray[np.float32],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
    values: NDArray[np.float32],
    places: NDArray[np.int32],
) -> None:
    """Correlate each hypothesis' tones with the public ones over all translations.

    Parameters
    ----------
    even : (P, Q/2 + 1) complex64 array
        From `normalise`.
    hypotheses : (n, 4) float32 array
        As in `tone_scores`.
    tones, phases : (k, 2) float32 and (k,) complex64 arrays
        The constellation.
    values : (n, 2) float32 array
        Filled with the greatest coherent sum, in standard deviations of noise: for B, and for -B,
        that is for the picture turned by half a turn.
    places : (n, 2) int32 array
        Filled with its translation, ``GRID * y + x``, in units of ``TILE / GRID`` pixels.
    """
    sigma = np.float32(1.0 / np.sqrt(0.5 * tones.shape[0]))
    re = np.empty((GRID, GRID), np.float32)
    im = np.empty((GRID, GRID), np.float32)
    best = np.empty(GRID, np.float32)
    rows = np.empty(GRID, np.int32)
    for i in range(hypotheses.shape[0]):
        _fill_rows(even, hypotheses[i], tones, phases, re, im)
        _transform_columns(re, im)
        values[i, 0], places[i, 0] = _greatest(re, best, rows)
        values[i, 1], places[i, 1] = _greatest(im, best, rows)
        values[i, 0] *= sigma
        values[i, 1] *= sigma


@kernel_fast
def _fill_rows(
    even: NDArray[np.complex64],
    hypothesis: NDArray[np.float32],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
    re: NDArray[np.float32],
    im: NDArray[np.float32],
) -> None:
    """Sum the tones of each vertical frequency at all horizontal translations.

    B's tones are made Hermitian and go into the real part of the transform, those of -B into the
    imaginary part, so that one complex transform serves both.
    """
    re[:] = 0.0
    im[:] = 0.0
    down, across = np.float32(even.shape[0]), np.float32(2 * (even.shape[1] - 1))
    half = np.float32(0.5)
    for k in range(tones.shape[0]):
        ky, kx = tones[k, 0], tones[k, 1]
        v = (hypothesis[0] * ky + hypothesis[1] * kx) * down
        h = (hypothesis[2] * ky + hypothesis[3] * kx) * across
        vr, vi = _value(even, v, h)
        cosine, sine = phases[k].real, phases[k].imag
        # a = value conj(phase) for B; b = conj(value) conj(phase) for -B.
        ar, ai = vr * cosine + vi * sine, vi * cosine - vr * sine
        br, bi = vr * cosine - vi * sine, -vi * cosine - vr * sine
        row, column = int(ky) % GRID, int(kx) % GRID
        opposite = -row % GRID
        pr, pi = (ar - bi) * half, (ai + br) * half
        qr, qi = (ar + bi) * half, (br - ai) * half
        for x in range(GRID):
            c, s = _CIRCLE_COS[column * x % GRID], _CIRCLE_SIN[column * x % GRID]
            re[row, x] += pr * c - pi * s
            im[row, x] += pr * s + pi * c
            re[opposite, x] += qr * c + qi * s
            im[opposite, x] += qi * c - qr * s


@kernel_fast
def _transform_columns(re: NDArray[np.float32], im: NDArray[np.float32]) -> None:
    """Transform all columns at once, in place; rows end up in bit-reversed order."""
    span = GRID // 2
    while span > 0:
        for start in range(0, GRID, 2 * span):
            for j in range(span):
                turn = j * (GRID // 2 // span)
                c, s = _CIRCLE_COS[turn], _CIRCLE_SIN[turn]
                a, b = start + j, start + j + span
                for x in range(GRID):
                    dr, di = re[a, x] - re[b, x], im[a, x] - im[b, x]
                    re[a, x] += re[b, x]
                    im[a, x] += im[b, x]
                    re[b, x] = dr * c - di * s
                    im[b, x] = dr * s + di * c
        span //= 2


@kernel_fast
def _greatest(
    part: NDArray[np.float32], best: NDArray[np.float32], rows: NDArray[np.int32]
) -> tuple[np.float32, int]:
    """Find the greatest entry and its place, rows being in bit-reversed order.

    `best` and `rows`, both (128,), are room for each column's greatest entry.
    """
    for x in range(GRID):
        best[x] = part[0, x]
        rows[x] = 0
    for y in range(1, GRID):
        for x in range(GRID):
            above = part[y, x] > best[x]
            best[x] = part[y, x] if above else best[x]
            rows[x] = y if above else rows[x]
    column = 0
    for x in range(1, GRID):
        if best[x] > best[column]:
            column = x
    row, reversed_row = int(rows[column]), 0
    bit = 1
    while bit < GRID:
        reversed_row = 2 * reversed_row + row % 2
        row //= 2
        bit *= 2
    return best[column], GRID * reversed_row + column


@kernel_fast
def coherence(
    even: NDArray[np.complex64],
    pose: NDArray[np.float64],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
) -> float:
    """Coherent sum of the tones at one pose (B's four entries, then the translation), in sigmas."""
    down, across = even.shape[0], 2 * (even.shape[1] - 1)
    yy, yx = np.float32(pose[0] * down), np.float32(pose[1] * down)
    xy, xx = np.float32(pose[2] * across), np.float32(pose[3] * across)
    y, x = pose[4] * (_TURN / TILE), pose[5] * (_TURN / TILE)
    total = np.float32(0.0)
    for k in range(tones.shape[0]):
        ky, kx = tones[k, 0], tones[k, 1]
        re, im = _value(even, yy * ky + yx * kx, xy * ky + xx * kx)
        turn = np.int64(np.floor(ky * y + kx * x + 0.5))
        cosine, sine = _TURN_COS[turn & (_TURN - 1)], _TURN_COS[(turn - _TURN // 4) & (_TURN - 1)]
        c, s = phases[k].real, phases[k].imag
        total += (re * c + im * s) * cosine + (im * c - re * s) * sine
    return float(total / np.sqrt(0.5 * tones.shape[0]))


@kernel_fast
def climb(
    even: NDArray[np.complex64],
    pose: NDArray[np.float64],
    steps: NDArray[np.float64],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
    halvings: int,
) -> float:
    """Improve a pose in place by coordinate steps that halve when nothing helps.

    Parameters
    ----------
    even : (P, Q/2 + 1) complex64 array
        From `normalise`.
    pose : (6,) float64 array
        B's four entries and the tile coordinates (y, x) of the picture's centre.
    steps : (6,) float64 array
        First step of each; not kept.
    tones, phases : (k, 2) float32 and (k,) complex64 arrays
        The constellation.
    halvings : int
        How many sizes of steps to try.

    Returns
    -------
    float
        Coherent sum at the improved pose, in standard deviations.
    """
    best = coherence(even, pose, tones, phases)
    for _ in range(halvings):
        improved = True
        rounds = 0
        while improved and rounds < _ROUNDS:
            improved = False
            rounds += 1
            for axis in range(pose.shape[0]):
                for direction in (-1.0, 1.0):
                    kept = pose[axis]
                    pose[axis] = kept + direction * steps[axis]
                    value = coherence(even, pose, tones, phases)
                    if value > best:
                        best = value
                        improved = True
                        break
                    pose[axis] = kept
        for axis in range(pose.shape[0]):
            steps[axis] *= 0.5
    return best


@kernel_fast
def improve(
    even: NDArray[np.complex64],
    pose: NDArray[np.float64],
    ways: NDArray[np.float64],
    steps: NDArray[np.float64],
    tones: NDArray[np.float32],
    phases: NDArray[np.complex64],
    rounds: int,
) -> float:
    """Improve a pose in place by steps along given ways that halve when none helps.

    Parameters
    ----------
    even : (P, Q/2 + 1) complex64 array
        From `normalise`.
    pose : (6,) float64 array
        As `climb` takes it.
    ways : (m, 6) float64 array
        By what one step of length 1 changes the pose.
    steps : (m,) float64 array
        First length of each; not kept.
    tones, phases : (k, 2) float32 and (k,) complex64 arrays
        The constellation.
    rounds : int
        How often all ways are tried.

    Returns
    -------
    float
        Coherent sum at the improved pose, in standard deviations.
    """
    best = coherence(even, pose, tones, phases)
    tried = pose.copy()
    for _ in range(rounds):
        before = best
        for way in range(ways.shape[0]):
            for direction in (-1.0, 1.0):
                for place in range(pose.shape[0]):
                    tried[place] = pose[place] + direction * steps[way] * ways[way, place]
                value = coherence(even, tried, tones, phases)
                if value > best:
                    best = value
                    pose[:] = tried
                    break
        if best == before:
            for way in range(ways.shape[0]):
                steps[way] *= 0.5
    return best
