"""Less depth where a stream has been steady so far.

Of a sound whose bands hardly move the ear hears every change of level: chimes bear less than
others, and an organ less than chimes. A file is analysed before it is marked (`genlabel.audio`); a
stream learns this as it comes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS
from genlabel_kernels.audio.masking import AFTERWARDS, mask
from genlabel_kernels.jit import kernel

# Fitted to the depths at which 88 excerpts of speech, music and noises reach the same grade of
# BS.1387: up to this much movement against how much the bands move by themselves the usual depth
# is right, and beyond it falls by this power.
_BORNE, _POWER = np.float32(1.45), np.float32(0.38)
# Nepers of masking per row that halve how much a change is heard, less what is heard at once.
_STEADY = np.float32(0.3)
# Fitted to the same and to those of 58 steady sounds made by formula: up to so much movement of
# what stands still, less this many nepers per row, the usual depth is right, and beyond it falls in
# inverse proportion; and nepers by which it is less than right where tiles lie as high as their
# masking, and per neper by which they lie lower.
_STILL, _STILL_BORNE = np.float32(0.03), np.float32(4.2)
_DENSE, _PER_SPARSE, _LEAST_SHARE = np.float32(0.245), np.float32(-0.153), np.float32(1e-6)
# What is left of the past a row later: it counts for eight seconds.
_KEPT = np.float32(0.9971)
_TINY = np.float32(1e-12)


def first_steadiness() -> NDArray[np.float32]:
    """Give the state of `lower_steady` before the first row.

    Returns
    -------
    (3, 41) float32 array
        Masking, its logarithm, and six sums.
    """
    state = np.zeros((3, BANDS), np.float32)
    state[1] = np.nan
    return state


@kernel
def lower_steady(
    powers: NDArray[np.float32],
    matrix: NDArray[np.float32],
    squares: NDArray[np.float32],
    state: NDArray[np.float32],
    depths: NDArray[np.float32],
) -> None:
    """Lower the depths of rows by how steady the sound has been up to each.

    Parameters
    ----------
    powers : (K, 41) float32 array
        Of the tiles.
    matrix : (41, 41) float32 array
        From `masking_matrix`.
    squares : (41, 41) float32 array
        Its squares.
    state : (3, 41) float32 array
        From `first_steadiness`, or of the row before; updated.
    depths : (K, 41) float32 array
        From `tile_depths`; changed in place.
    """
    one, zero = np.float32(1.0), np.float32(0.0)
    least, nothing = np.empty(BANDS, np.float32), np.zeros(BANDS, np.float32)
    changes, changed = np.empty(BANDS, np.float32), np.empty(BANDS, np.float32)
    for k in range(powers.shape[0]):
        for band in range(BANDS):
            least[band] = AFTERWARDS * state[0, band]
            change = depths[k, band] * powers[k, band]
            changes[band] = change * change
        mask(powers[k], matrix, least, state[0])
        mask(changes, squares, nothing, changed)
        moved = weights = still = amplitudes = sparse = counted = zero
        for band in range(BANDS):
            masking = state[0, band] + _TINY
            level = np.log(masking)
            # Of the first row nothing is known; it counts as one that moves.
            step = one if np.isnan(state[1, band]) else abs(level - state[1, band])
            state[1, band] = level
            amplitude = np.sqrt(masking)
            weight = np.sqrt(amplitude)
            moved += weight * depths[k, band] * powers[k, band] / (masking * (_STEADY + step))
            weights += weight
            still += amplitude * np.sqrt(changed[band]) / (masking * (_STILL + step))
            amplitudes += amplitude
            # What was before says nothing of what there is beside a tile.
            if state[0, band] > least[band]:
                sparse -= weight * np.log(powers[k, band] / masking + _LEAST_SHARE)
                counted += weight
        sums = state[2]
        sums[0] = _KEPT * sums[0] + moved
        sums[1] = _KEPT * sums[1] + weights
        sums[2] = _KEPT * sums[2] + still
        sums[3] = _KEPT * sums[3] + amplitudes
        sums[4] = _KEPT * sums[4] + sparse
        sums[5] = _KEPT * sums[5] + counted
        factor = min(one, np.exp(_DENSE + _PER_SPARSE * sums[4] / (sums[5] + _TINY)))
        if sums[0] > _BORNE * sums[1]:
            factor = min(factor, np.exp(_POWER * np.log(_BORNE * sums[1] / sums[0])))
        if sums[2] > _STILL_BORNE * sums[3]:
            factor = min(factor, _STILL_BORNE * sums[3] / sums[2])
        for band in range(BANDS):
            depths[k, band] *= factor
