"""Finding a mark by its own repetition, and its place in the tile by what a key knows.

A tile that repeats every ``t`` pixels makes a picture correlate with itself, moved by ``t`` and by
all sums of such steps. Under a hypothesis ``B`` (as in `genlabel_kernels.plane.search`) the steps
are the columns of its inverse transpose, so the correlations at a few dozen lags say as much as the
power at all five thousand sinusoids of the tile.

Which translation the tile has is then asked of the key: the energy of the code bits is large at the
right one, whatever the message says. It is a sum over pairs of a bit's chips, and each pair turns
with the difference (and the sum) of its two frequencies, so that one transform of all pairs gives
the energy at all translations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.jit import kernel_fast
from genlabel_kernels.plane.layout import TILE

# Lags by which less than this part of a side overlaps count for nothing: edges of the host rule.
_OVERLAP = 0.05
_LEAST_WEIGHT = 0.01
_STEPS = 4
_MASK = TILE - 1
_ROUNDS = 8


@kernel_fast
def _lag(lags: NDArray[np.float32], y: float, x: float) -> float:
    """Interpolate the correlation at a fractional lag."""
    height, width = lags.shape
    row, column = int(np.floor(y)), int(np.floor(x))
    a, b = y - row, x - column
    above = row + height if row < 0 else row
    below = row + 1 + height if row + 1 < 0 else row + 1
    left = column + width if column < 0 else column
    right = column + 1 + width if column + 1 < 0 else column + 1
    top = (1 - b) * lags[above, left] + b * lags[above, right]
    bottom = (1 - b) * lags[below, left] + b * lags[below, right]
    return float((1 - a) * top + a * bottom)


@kernel_fast
def _score(
    lags: NDArray[np.float32], hypothesis: NDArray[np.float64], rows: float, columns: float
) -> float:
    """Sum the correlation over half of the lattice's lags; 0 where none of them is in the picture.

    Signal and variance at a lag grow with the overlap alike, so the plain sum is the best one.
    """
    determinant = hypothesis[0] * hypothesis[3] - hypothesis[1] * hypothesis[2]
    yy, yx = hypothesis[3] / determinant, -hypothesis[2] / determinant
    xy, xx = -hypothesis[1] / determinant, hypothesis[0] / determinant
    area = abs(determinant)
    first = int((rows * abs(xx) + columns * abs(yx)) * area) + 1
    second = int((rows * abs(xy) + columns * abs(yy)) * area) + 1
    total, weight = 0.0, 0.0
    for i in range(first + 1):
        for j in range(-second if i else 1, second + 1):
            y, x = yy * i + yx * j, xy * i + xx * j
            down, across = 1.0 - abs(y) / rows, 1.0 - abs(x) / columns
            if down > _OVERLAP and across > _OVERLAP:
                total += _lag(lags, y, x)
                weight += down * across
    return total / np.sqrt(weight) if weight > _LEAST_WEIGHT else 0.0


@kernel_fast
def lattice_scores(
    lags: NDArray[np.float32],
    hypotheses: NDArray[np.float64],
    rows: float,
    columns: float,
    scores: NDArray[np.float32],
) -> None:
    """Fill `scores` (n,) with how much a picture repeats itself under each hypothesis.

    Parameters
    ----------
    lags : (P, Q) float32 array
        The picture's correlation with itself at lags (y, x) modulo (P, Q).
    hypotheses : (n, 4) float64 array
        Rows of B: (b_yy, b_yx, b_xy, b_xx), cycles per lag sample per cycle per tile.
    rows, columns : float
        The picture's sides in lag samples, not more than half of P and Q.
    scores : (n,) float32 array
        Of one scale of noise; 0 where no lag lies within the picture.
    """
    for i in range(hypotheses.shape[0]):
        scores[i] = _score(lags, hypotheses[i], rows, columns)


@kernel_fast
def climb_lattice(
    lags: NDArray[np.float32],
    hypothesis: NDArray[np.float64],
    rows: float,
    columns: float,
    step: float,
) -> float:
    """Improve a hypothesis in place by coordinate steps that halve when nothing helps.

    Parameters
    ----------
    lags : (P, Q) float32 array
        As in `lattice_scores`.
    hypothesis : (4,) float64 array
        B.
    rows, columns : float
        As in `lattice_scores`.
    step : float
        The first one.

    Returns
    -------
    float
        Score at the improved hypothesis.
    """
    best = _score(lags, hypothesis, rows, columns)
    for _ in range(_STEPS):
        for _ in range(_ROUNDS):
            improved = False
            for axis in range(4):
                for direction in (-1.0, 1.0):
                    kept = hypothesis[axis]
                    hypothesis[axis] = kept + direction * step
                    value = _score(lags, hypothesis, rows, columns)
                    if value > best:
                        best, improved = value, True
                        break
                    hypothesis[axis] = kept
            if not improved:
                break
        step *= 0.5
    return best


@kernel_fast
def spectrum_values(
    even: NDArray[np.complex64],
    hypothesis: NDArray[np.float64],
    bins: NDArray[np.int32],
    values: NDArray[np.complex64],
) -> None:
    """Read a tile's bins from a picture's spectrum under a hypothesis, without laying it out.

    Parameters
    ----------
    even : (P, Q/2 + 1) complex64 array
        Of the whitened, centred, zero-padded picture.
    hypothesis : (4,) float64 array
        B, cycles per picture pixel per cycle per tile.
    bins : (n, 2) int32 array
        (vertical, horizontal) cycles per tile.
    values : (n,) complex64 array
        Filled by bilinear interpolation; 0 beyond the picture's own frequencies.
    """
    height, half = even.shape[0], even.shape[0] // 2
    most = even.shape[1] - 1
    for k in range(bins.shape[0]):
        v = (hypothesis[0] * bins[k, 0] + hypothesis[1] * bins[k, 1]) * height
        h = (hypothesis[2] * bins[k, 0] + hypothesis[3] * bins[k, 1]) * (2 * most)
        turned = h < 0.0
        if turned:
            v, h = -v, -h
        row, column = int(np.floor(v)), int(h)
        value = np.complex64(0.0)
        if column < most and -half <= row < half - 1:
            a, b = np.float32(v - row), np.float32(h - column)
            one = np.float32(1.0)
            above, below = row % height, (row + 1) % height
            top = even[above, column] * (one - b) + even[above, column + 1] * b
            bottom = even[below, column] * (one - b) + even[below, column + 1] * b
            value = top * (one - a) + bottom * a
        values[k] = np.conj(value) if turned else value


@kernel_fast
def add_pairs(
    values: NDArray[np.complex64],
    signs: NDArray[np.int8],
    dealt: NDArray[np.int32],
    bins: NDArray[np.int32],
    half: NDArray[np.complex64],
) -> None:
    """Add what makes up the energy of a key's code bits at every translation of the tile.

    A bit's sum is the real part of a sum of terms u turning with their frequencies; its square has
    for each pair the real part of u v at the sum of their frequencies, and of u conj(v) at the
    difference. The real part of the inverse transform of all of them is the sum of squares over
    the bits, less what it is on average.

    Parameters
    ----------
    values : (n,) complex64 array
        Of the tile's bins; real parts are the cosines' chips, imaginary parts the sines'.
    signs : (rounds, n_bits) int8 array
        The key's signs in dealt order.
    dealt : (rounds, n_bits) int32 array
        Which chip each of them is of: 0 .. 2 n - 1, or 2 n where there is none.
    bins : (n, 2) int32 array
        (vertical, horizontal) cycles per tile, the latter not negative, both below TILE / 4.
    half : (TILE, TILE / 2 + 1) complex64 array
        Added to, at (vertical modulo TILE, horizontal) cycles per tile. Translations are those by
        which the tile was moved down and right from where it was drawn.
    """
    rounds, bits = dealt.shape
    n = values.shape[0]
    terms = np.empty(rounds, np.complex64)
    places = np.empty(rounds, np.int32)
    for bit in range(bits):
        count = 0
        for chip in range(rounds):
            if dealt[chip, bit] < 2 * n:
                place = dealt[chip, bit] % n
                sign = np.float32(signs[chip, bit])
                value = values[place]
                if dealt[chip, bit] < n:
                    terms[count] = value * sign
                else:
                    # The imaginary part is the real part of -i times the value.
                    terms[count] = complex(value.imag * sign, -value.real * sign)
                places[count] = place
                count += 1
        for i in range(count):
            y, x = bins[places[i], 0], bins[places[i], 1]
            for j in range(i):
                v, h = bins[places[j], 0], bins[places[j], 1]
                half[(y + v) & _MASK, x + h] += terms[i] * terms[j]
                product = terms[i] * np.conj(terms[j])
                if x >= h:
                    half[(y - v) & _MASK, x - h] += product
                else:
                    half[(v - y) & _MASK, h - x] += np.conj(product)
