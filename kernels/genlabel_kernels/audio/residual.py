"""What a sound's tiles have beyond what their neighbours let one expect.

The detector's map holds the log power of every tile at every eighth of a frame. A tile's prediction
is a weighted sum of its neighbours', by weights fitted to the sound itself; what is left is divided
by its local spread, so that every chip counts by how well it can be heard above its surroundings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS
from genlabel_kernels.jit import kernel_fast

#: Rows of the detector's map per frame.
HOPS = 8
#: (frames, bands) from a tile to the neighbours that predict it.
NEIGHBOURS = (
    (0, -1), (0, 1), (0, -2), (0, 2), (0, -3), (0, 3), (-1, 0), (1, 0), (-2, 0), (2, 0),
    (-1, -1), (-1, 1), (1, -1), (1, 1),
)  # fmt: skip
#: Rows of the map beyond which no neighbour lies.
REACH_ROWS = 2 * HOPS
_SIDE = 3
_RIDGE = 1e-3
# Equations taken for one fit, about: more make it no better.
_EQUATIONS = 40_000


def neighbour_table() -> NDArray[np.int32]:
    """Give `NEIGHBOURS` as rows and bands of the map.

    Returns
    -------
    (14, 2) int32 array
    """
    return np.array([(HOPS * frames, bands) for frames, bands in NEIGHBOURS], np.int32)


def prediction_weights(powers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fit the prediction to a sound by least squares.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Log powers, each band's mean removed; at least 33 rows.

    Returns
    -------
    (14,) float32 array
        Weights of `NEIGHBOURS`.
    """
    size = len(NEIGHBOURS)
    normal = np.zeros((size + 1, size + 1))
    rows = powers.shape[0] - 2 * REACH_ROWS
    step = max(1, rows * (BANDS - 2 * _SIDE) // _EQUATIONS)
    normal_equations(powers, neighbour_table(), step, normal)
    count = -(-rows // step) * (BANDS - 2 * _SIDE)
    ridge = _RIDGE * count * np.eye(size)
    return np.linalg.solve(normal[:size, :size] + ridge, normal[:size, size]).astype(np.float32)


@kernel_fast
def normal_equations(
    powers: NDArray[np.float32], table: NDArray[np.int32], step: int, out: NDArray[np.float64]
) -> None:
    """Sum the normal equations of the prediction over every `step`-th row.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Log powers.
    table : (m, 2) int32 array
        From `neighbour_table`.
    step : int
        Rows from one taken to the next.
    out : (m + 1, m + 1) float64 array
        Added to: products of neighbours, and in the last column and row those with the tile.
    """
    size = table.shape[0]
    values = np.empty(size + 1, np.float32)
    for row in range(REACH_ROWS, powers.shape[0] - REACH_ROWS, step):
        for band in range(_SIDE, BANDS - _SIDE):
            for i in range(size):
                values[i] = powers[row + table[i, 0], band + table[i, 1]]
            values[size] = powers[row, band]
            for i in range(size + 1):
                for j in range(i, size + 1):
                    out[i, j] += values[i] * values[j]
    for i in range(size + 1):
        for j in range(i):
            out[i, j] = out[j, i]


@kernel_fast
def residuals(
    powers: NDArray[np.float32],
    table: NDArray[np.int32],
    weights: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Subtract from every tile what its neighbours predict.

    Parameters
    ----------
    powers : (n, 41) float32 array
        Log powers, each band's mean removed.
    table : (m, 2) int32 array
        From `neighbour_table`.
    weights : (m,) float32 array
        From `prediction_weights`.
    out : (n, 41) float32 array
        Filled. Beyond the map's edges it continues as it ends.
    """
    last = powers.shape[0] - 1
    padded = np.empty((table.shape[0], BANDS), np.float32)
    for row in range(powers.shape[0]):
        for i in range(table.shape[0]):
            source = min(max(row + table[i, 0], 0), last)
            shift = table[i, 1]
            for band in range(BANDS):
                padded[i, band] = powers[source, min(max(band + shift, 0), BANDS - 1)]
        for band in range(BANDS):
            out[row, band] = powers[row, band]
        for i in range(table.shape[0]):
            weight = weights[i]
            for band in range(BANDS):
                out[row, band] -= weight * padded[i, band]


@kernel_fast
def squares_across(values: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Average the squares of five bands, fewer at the edges; (n, 41) float32 arrays."""
    for row in range(values.shape[0]):
        for band in range(BANDS):
            low, high = max(band - 2, 0), min(band + 2, BANDS - 1)
            total = np.float32(0.0)
            for other in range(low, high + 1):
                total += values[row, other] * values[row, other]
            out[row, band] = total / np.float32(high - low + 1)


@kernel_fast
def weighted(
    values: NDArray[np.float32],
    squares: NDArray[np.float32],
    reach: int,
    limits: NDArray[np.float32],
) -> None:
    """Clip residuals at multiples of their local spread and divide them by its square.

    Parameters
    ----------
    values : (n, 41) float32 array
        Residuals; changed in place.
    squares : (n, 41) float32 array
        From `squares_across`.
    reach : int
        Rows on either side over which the spread is averaged.
    limits : (2,) float32 array
        The clip in spreads, and the least square of a spread.
    """
    clip, floor = limits[0], limits[1]
    rows = values.shape[0]
    running = np.zeros(BANDS, np.float64)
    held = 0
    for row in range(min(reach, rows)):
        for band in range(BANDS):
            running[band] += squares[row, band]
        held += 1
    for row in range(rows):
        if row + reach < rows:
            for band in range(BANDS):
                running[band] += squares[row + reach, band]
            held += 1
        if row - reach - 1 >= 0:
            for band in range(BANDS):
                running[band] -= squares[row - reach - 1, band]
            held -= 1
        for band in range(BANDS):
            square = max(np.float32(running[band] / held), np.float32(0.0)) + floor
            spread = np.sqrt(square)
            value = min(max(values[row, band], -clip * spread), clip * spread)
            values[row, band] = value / square
