"""Self-similarity and energies of translations against explicit sums."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genlabel_kernels.chips import dealt_order
from genlabel_kernels.image import lattice as fast
from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane.layout import CODE_BITS, TILE
from tests.reference import lattice as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=3 if PLAIN else 20, deadline=None)
SEED = st.integers(0, 2**32)


def lag_grid(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (90, 120)).astype(np.float32)


def poses(seed: int, count: int, step: tuple[float, float]) -> np.ndarray:
    """B of tiles that repeat at steps between two lengths, turned, stretched and mirrored."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi, count)
    length = rng.uniform(*step, (2, count)) * rng.choice([-1, 1], (2, count))
    cosine, sine = np.cos(turn), np.sin(turn)
    rows = [cosine / length[0], sine / length[0], -sine / length[1], cosine / length[1]]
    return np.stack(rows, axis=1)


@FEW
@given(SEED, st.floats(10, 45), st.floats(10, 60))
def test_scores_are_sums_over_the_lattice(seed: int, rows: float, columns: float) -> None:
    lags, hypotheses = lag_grid(seed), poses(seed, 4, (6.0, 70.0))
    scores = np.empty(4, np.float32)
    fast.lattice_scores(lags, hypotheses, rows, columns, scores)
    expected = [twin.score(lags, hypothesis, rows, columns) for hypothesis in hypotheses]
    np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-3)


def test_a_picture_smaller_than_a_tile_says_nothing() -> None:
    scores = np.full(3, np.nan, np.float32)
    fast.lattice_scores(lag_grid(1), poses(1, 3, (70.0, 90.0)), 40.0, 50.0, scores)
    assert scores.tolist() == [0.0, 0.0, 0.0]


@FEW
@given(SEED)
def test_climbing_finds_the_step_at_which_a_picture_repeats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = poses(seed, 1, (11.0, 15.0))[0]
    y, x = np.meshgrid(np.fft.fftfreq(90) * 90, np.fft.fftfreq(120) * 120, indexing="ij")
    # Every lag of the lattice is a bump a few samples wide.
    phase = np.stack([true[0] * y + true[2] * x, true[1] * y + true[3] * x])
    lags = np.prod(np.cos(np.pi * phase) ** 8, axis=0).astype(np.float32)
    start = true * (1 + rng.uniform(-0.015, 0.015, 4))
    before = twin.score(lags, start, 45.0, 60.0)
    found = start.copy()
    value = fast.climb_lattice(lags, found, 45.0, 60.0, 0.001)
    # The twin adds in another order: where the start is the top already, the last bit differs.
    assert value >= before * (1 - 1e-12)
    assert value == pytest.approx(twin.score(lags, found, 45.0, 60.0), rel=1e-4)
    assert value > 0.9 * twin.score(lags, true, 45.0, 60.0)


@FEW
@given(SEED, st.floats(0.4, 3.0))
def test_bins_are_read_between_those_of_the_spectrum(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    even = (rng.normal(size=(64, 41)) + 1j * rng.normal(size=(64, 41))).astype(np.complex64)
    hypothesis = poses(seed, 1, (TILE / scale, TILE / scale))[0]
    bins = layout("fine").bins[:: 40 if PLAIN else 4]
    # Where a frequency falls on a border between bins, rounding decides.
    places = bins @ hypothesis.reshape(2, 2).T * (64, 80)
    assume(np.abs(places - np.rint(places)).min() > 1e-9)
    values = np.empty(len(bins), np.complex64)
    fast.spectrum_values(even, hypothesis, bins, values)
    np.testing.assert_allclose(values, twin.spectrum_values(even, hypothesis, bins), atol=2e-4)


@settings(max_examples=1 if PLAIN else 6, deadline=None)
@given(st.sampled_from(["fine", "coarse"]), SEED)
def test_one_transform_gives_the_energy_at_every_translation(layer: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    plan = layout(layer)
    values = (rng.normal(size=len(plan.bins)) + 1j * rng.normal(size=len(plan.bins))).astype(
        np.complex64
    )
    dealt = dealt_order(plan.bit_of_chip, CODE_BITS)
    signs = rng.choice(np.array([-1, 1], np.int8), dealt.shape)
    half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    fast.add_pairs(values, signs, dealt, plan.bins, half)
    for y, x in [(0, 0), (1, 0), (0, 255), *rng.integers(0, TILE, (3, 2)).tolist()]:
        v, h = np.meshgrid(np.arange(TILE), np.arange(TILE // 2 + 1), indexing="ij")
        map_value = (half * np.exp(2j * np.pi * (v * y + h * x) / TILE)).sum().real
        expected = twin.energy(values, signs, dealt, plan.bins, (y, x))
        assert map_value == pytest.approx(expected, rel=1e-3, abs=1.0)
