"""Following superframes through cuts, inserts and joins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio.folding import (
    PHASES,
    UNMARKED,
    agreement_along,
    best_path,
    best_stretches,
    fold_along,
    gather_phases,
)
from genlabel_kernels.audio.layout import BANDS, FRAMES
from genlabel_kernels.audio.residual import HOPS

# Rows multiplied at once.
_BATCH = 4096
# Rows on either side by which a map's local spread is judged.
_AROUND = 172
#: Spread below which there is little to hear: such a pause says neither that there is a mark nor
#: that there is none.
LEAST_SPREAD = 0.3

Costs = tuple[float, float, float, float]
Path = NDArray[np.int64]
Values = NDArray[np.float32]


def phase_scores(values: Values, signs: NDArray[np.float32], block: int) -> Values:
    """Correlate every block of a map with a superframe at every phase.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic, of unit variance.
    signs : (108, 41) float32 array
        What is known of a superframe: -1 and +1, 0 where nothing is.
    block : int
        Rows of a block.

    Returns
    -------
    (b, 864) float32 array
        Sums of products.
    """
    out = np.zeros((-(-len(values) // block), PHASES), np.float32)
    for start in range(0, len(values), _BATCH):
        products = values[start : start + _BATCH] @ signs.T
        gather_phases(np.ascontiguousarray(products), start, block, out)
    return out


def likely_path(
    values: Values, scores: Values, share: float, costs: Costs, amplitude: float
) -> Path:
    """Find the likeliest phase of every block.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic, of unit variance.
    scores : (b, 864) float32 array
        From `phase_scores`.
    share : float
        Part of the tiles whose sign is known.
    costs : sequence of float
        As of `best_path`, in nats.
    amplitude : float
        Agreement of a tile with its sign that is assumed where there is a mark, in standard
        deviations.

    Returns
    -------
    (b,) int64 array
        Phases; -1 where no mark is likelier.
    """
    ratios = _ratios(values, scores, share, amplitude)
    sums = np.empty((len(scores), PHASES + 1), np.float32)
    path = np.empty(len(scores), np.int64)
    best_path(ratios, np.array(costs, np.float32), sums, path)
    return path


def likely_stretches(
    values: Values, scores: Values, share: float, amplitude: float, most: int
) -> list[Path]:
    """Find the stretches of one phase that speak most for a mark; parameters as `likely_path`.

    A path follows cuts, and so it follows noise too. A piece without a cut, in a long sound without
    a mark, is found surer by itself.

    Returns
    -------
    list of (b,) int64 array
        At most `most` paths, each with a phase in one stretch and -1 elsewhere; of phases that
        differ by a frame at least.
    """
    ratios = _ratios(values, scores, share, amplitude)
    sums = np.empty((2, PHASES), np.float32)
    stretches = np.empty((3, PHASES), np.int64)
    best_stretches(ratios, sums, stretches)
    gained = sums[0]
    paths: list[Path] = []
    for _ in range(most):
        phase = int(np.argmax(gained))
        if gained[phase] <= 0:
            break
        path = np.full(len(scores), UNMARKED, np.int64)
        path[stretches[0, phase] : stretches[1, phase]] = phase
        paths.append(path)
        gained[np.arange(phase - HOPS + 1, phase + HOPS) % PHASES] = 0
    return paths


def _ratios(values: Values, scores: Values, share: float, amplitude: float) -> Values:
    """Give every block's log likelihood ratio of a mark at every phase; (b, 864) float32 array."""
    block = -(-len(values) // len(scores))
    known = share * block * BANDS / HOPS
    squares = _local_squares(values, block)[:, None]
    spreads = np.sqrt(np.maximum(squares, LEAST_SPREAD**2))
    heard = np.minimum(squares / LEAST_SPREAD**2, 1.0)
    ratios = np.asarray(np.float32(amplitude) * scores / spreads, np.float32)
    ratios -= np.float32(0.5 * amplitude**2 * known) * heard
    return ratios


def _local_squares(values: Values, block: int) -> NDArray[np.float32]:
    """Give the variance of a map around every block.

    Where a sound makes a map scatter more, agreement by chance is greater too.
    """
    squares = np.einsum("ij,ij->i", values, values) / BANDS
    padded = np.pad(squares, (0, -len(squares) % block))
    means = padded.reshape(-1, block).mean(axis=1)
    reach = max(1, round(_AROUND / block))
    sums = np.cumsum(np.pad(means, (reach + 1, reach), mode="edge"))
    local = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return np.asarray(local, np.float32)


def folded(values: Values, path: Path, block: int) -> Values:
    """Sum all superframes along a path; (108, 41) float32 array."""
    out = np.zeros((FRAMES, BANDS), np.float32)
    fold_along(values, path, block, out)
    return out


def agreement(
    values: Values, path: Path, block: int, signs: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Correlate every block along a path with a superframe's signs.

    Returns
    -------
    (b, 2) float64 array
        Sums of products, and of squares.
    """
    out = np.empty((len(path), 2))
    agreement_along(values, path, block, signs, out)
    return out
