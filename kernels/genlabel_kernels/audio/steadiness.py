"""Less depth where a stream has been steady so far.

Of a sound whose bands hardly move the ear hears every change of level: chimes bear less than
others. A file is analysed before it is marked (`genlabel.audio`); a stream learns this as it comes.
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
# What is left of the past a row later: it counts for eight seconds.
_KEPT = np.float32(0.9971)
_TINY = np.float32(1e-12)


def first_steadiness() -> NDArray[np.float32]:
    """Give the state of `lower_steady` before the first row.

    Returns
    -------
    (3, 41) float32 array
        Masking, its logarithm, and two sums.
    """
    state = np.zeros((3, BANDS), np.float32)
    state[1] = np.nan
    return state


@kernel
def lower_steady(
    powers: NDArray[np.float32],
    matrix: NDArray[np.float32],
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
    state : (3, 41) float32 array
        From `first_steadiness`, or of the row before; updated.
    depths : (K, 41) float32 array
        From `tile_depths`; changed in place.
    """
    one = np.float32(1.0)
    least = np.empty(BANDS, np.float32)
    for k in range(powers.shape[0]):
        for band in range(BANDS):
            least[band] = AFTERWARDS * state[0, band]
        mask(powers[k], matrix, least, state[0])
        moved = weights = np.float32(0.0)
        for band in range(BANDS):
            masking = state[0, band] + _TINY
            level = np.log(masking)
            # Of the first row nothing is known; it counts as one that moves.
            step = one if np.isnan(state[1, band]) else abs(level - state[1, band])
            state[1, band] = level
            weight = np.sqrt(np.sqrt(masking))
            moved += weight * depths[k, band] * powers[k, band] / (masking * (_STEADY + step))
            weights += weight
        state[2, 0] = _KEPT * state[2, 0] + moved
        state[2, 1] = _KEPT * state[2, 1] + weights
        if state[2, 0] > _BORNE * state[2, 1]:
            factor = np.exp(_POWER * np.log(_BORNE * state[2, 1] / state[2, 0]))
            for band in range(BANDS):
                depths[k, band] *= factor
