"""How much each tile may change: more where the ear hears it less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Half the logarithm of the ratio of a louder to a softer tile, for a tile of the usual kind.
DEPTH = 0.13
_DEEPEST = 0.7
_GATE_DB = 35.0


def depths(powers: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """Choose by how much the level of each tile changes.

    Parameters
    ----------
    powers : (K, 41) float32 array
        Of the tiles.
    strength : float
        Against the default.

    Returns
    -------
    (K, 41) float32 array
        Nepers, up or down; 0 in digital silence.
    """
    level = np.log(powers + np.float32(1e-12))
    peak = float(np.percentile(level, 99))
    below = np.clip((peak - level) * (10 / np.log(10)), 0, 80)
    local = _average(powers) + np.float32(1e-12)
    depth = (1 + below / 40) * (local / (powers + np.float32(1e-12))) ** 0.25
    depth /= np.sqrt(_spreads(level) / 1.5 + 0.15)
    depth /= 1 + np.exp(peak - _GATE_DB / 4.343 - level)
    depth[powers == 0] = 0
    limited: NDArray[np.float32] = np.minimum(DEPTH * strength * depth, _DEEPEST)
    return limited.astype(np.float32)


def _average(values: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(values, ((0, 0), (2, 2)), mode="edge")
    return np.asarray(sum(padded[:, i : i + values.shape[1]] for i in range(5)) / 5, np.float32)


def _spreads(level: NDArray[np.float32]) -> NDArray[np.float32]:
    sides = np.pad(level, ((1, 0), (1, 1)), mode="edge")
    expected = 0.33 * (sides[1:, :-2] + sides[1:, 2:]) + 0.34 * sides[:-1, 1:-1]
    squares = _average(np.minimum((level - expected) ** 2, 16).astype(np.float32))
    out = np.empty_like(squares)
    held = np.full(squares.shape[1], 3.0, np.float32)
    for k, row in enumerate(squares):
        held += np.float32(0.25) * (row - held)
        out[k] = held
    spreads: NDArray[np.float32] = np.sqrt(out)
    return spreads
