"""Superframes of another tempo: blocks' agreement followed through a slow drift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.layout import BANDS, FRAMES
from genlabel_kernels.jit import kernel_fast


@kernel_fast
def scaled_bands(
    cumulative: NDArray[np.float32], edges: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Sum a spectrum's power between the scaled edges of all bands.

    Parameters
    ----------
    cumulative : (n, f) float32 array
        Running sums of power over the bins of each row, the first 0.
    edges : (42,) float32 array
        Places in a row of `cumulative`, ascending, at most f - 1.
    out : (n, 41) float32 array
        Filled.
    """
    places = np.empty(BANDS + 1, np.int64)
    parts = np.empty(BANDS + 1, np.float32)
    for edge in range(BANDS + 1):
        places[edge] = min(int(edges[edge]), cumulative.shape[1] - 2)
        parts[edge] = edges[edge] - places[edge]
    for row in range(cumulative.shape[0]):
        before = np.float32(0.0)
        for edge in range(BANDS + 1):
            low = cumulative[row, places[edge]]
            value = low + parts[edge] * (cumulative[row, places[edge] + 1] - low)
            if edge > 0:
                out[row, edge - 1] = max(value - before, np.float32(1e-20))
            before = value


@kernel_fast
def drifting_agreement(
    products: NDArray[np.float32], steps: int, block: int, scores: NDArray[np.float32]
) -> float:
    """Add up blocks' best agreement at a phase that may move by one step from block to block.

    Parameters
    ----------
    products : (n, 108) float32 array
        Rows of a map, `steps` per frame, times the frames of a superframe.
    steps : int
        Rows per frame.
    block : int
        Rows of a block.
    scores : (2, 108 steps) float32 array
        For work.

    Returns
    -------
    float
        The most that any path gathers.
    """
    phases = FRAMES * steps
    for phase in range(phases):
        scores[0, phase] = 0.0
    rows = products.shape[0]
    for start in range(0, rows, block):
        if start > 0:
            for phase in range(phases):
                below = phase - 1 if phase > 0 else phases - 1
                above = phase + 1 if phase < phases - 1 else 0
                best = max(scores[0, below], scores[0, above])
                scores[1, phase] = max(scores[0, phase], best)
            for phase in range(phases):
                scores[0, phase] = scores[1, phase]
        for row in range(start, min(start + block, rows)):
            phase = row % phases
            for frame in range(FRAMES):
                scores[0, phase] += products[row, frame]
                phase -= steps
                if phase < 0:
                    phase += phases
    best = np.float32(scores[0, 0])
    for phase in range(phases):
        best = max(best, scores[0, phase])
    return float(best)
