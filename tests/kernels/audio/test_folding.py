"""Paths and folding against slow twins."""

from __future__ import annotations

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio import folding
from genlabel_kernels.audio.layout import BANDS, FRAMES
from tests.reference import audio as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=3 if PLAIN else 12)
SEED = st.integers(0, 2**32)
COSTS = np.array([2.0, 4.0, 5.0, 6.0], np.float32)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def path_through(ratios: np.ndarray, costs: np.ndarray = COSTS) -> np.ndarray:
    path = np.empty(len(ratios), np.int64)
    sums = np.empty((len(ratios), folding.PHASES + 1), np.float32)
    folding.best_path(ratios, costs, sums, path)
    return path


@FEW
@given(SEED, st.integers(0, 2000))
def test_gathering_equals_its_twin(seed: int, first: int) -> None:
    products = drawn(seed, 30, FRAMES)
    shape = ((first + 30) // 11 + 1, folding.PHASES)
    out, expected = np.zeros(shape, np.float32), np.zeros(shape)
    folding.gather_phases(products, first, 11, out)
    twin.gather_phases(products, first, 11, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


@FEW
@given(SEED, st.integers(1, 5), st.floats(0.5, 6))
def test_no_path_gathers_more(seed: int, blocks: int, scale: float) -> None:
    ratios = drawn(seed, blocks, folding.PHASES) * np.float32(scale) - np.float32(1)
    path = path_through(ratios)
    best = twin.best_sum(ratios, COSTS)
    assert abs(twin.path_sum(ratios, COSTS, path) - best) < 1e-3


def test_a_cut_is_followed_and_the_unmarked_left_out() -> None:
    ratios = np.full((16, folding.PHASES), -2.0, np.float32)
    ratios[3:7, 500] = 5
    ratios[7:10, 370] = 5
    assert path_through(ratios).tolist() == [-1] * 3 + [500] * 4 + [370] * 3 + [-1] * 6


@FEW
@given(SEED, st.integers(1, 5), st.integers(0, 2))
def test_no_stretch_speaks_more_for_a_mark(seed: int, blocks: int, less: int) -> None:
    ratios = drawn(seed, blocks, folding.PHASES) - np.float32(less)
    sums, expected = np.empty((2, folding.PHASES), np.float32), np.empty((2, folding.PHASES))
    stretches = np.empty((3, folding.PHASES), np.int64)
    tried = np.empty_like(stretches)
    folding.best_stretches(ratios, sums, stretches)
    twin.best_stretches(ratios, expected, tried)
    np.testing.assert_allclose(sums[0], expected[0], rtol=1e-4, atol=1e-5)
    marked = sums[0] > 0
    np.testing.assert_array_equal(stretches[:2, marked], tried[:2, marked])


@FEW
@given(SEED, st.integers(1, 40), st.integers(3, 30))
def test_folding_along_a_path_equals_its_twin(seed: int, rows: int, block: int) -> None:
    values, signs = drawn(seed, rows, BANDS), np.sign(drawn(seed + 1, FRAMES, BANDS))
    rng = np.random.default_rng(seed)
    path = rng.integers(-1, folding.PHASES, -(-rows // block))
    out, expected = np.zeros((FRAMES, BANDS), np.float32), np.zeros((FRAMES, BANDS))
    folding.fold_along(values, path, block, out)
    twin.fold_along(values, path, block, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-5)
    sums, right = np.empty((len(path), 2)), np.empty((len(path), 2))
    folding.agreement_along(values, path, block, signs, sums)
    twin.agreement_along(values, path, block, signs, right)
    np.testing.assert_allclose(sums, right, rtol=1e-4, atol=1e-4)
