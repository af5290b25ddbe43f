"""Laying a pattern over rows, against its slow twin and another resampler."""

from __future__ import annotations

import cv2
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.image.laying import lay_rows
from tests.reference import laying as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=10 if PLAIN else 50)

SEED = st.integers(0, 2**32)
LENGTH = st.integers(1, 12 if PLAIN else 40)


def pattern_of(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, (height, width)).astype(np.float32)


def laid(pattern: np.ndarray, first: float, step: float, count: int) -> np.ndarray:
    out = np.full((count, pattern.shape[1]), np.nan, np.float32)
    lay_rows(pattern, first, step, out)
    return out


@FEW
@given(SEED, LENGTH, st.integers(1, 5), st.floats(-5, 50), st.floats(0.05, 4), st.integers(0, 20))
def test_rows_equal_their_twin(
    seed: int, height: int, width: int, first: float, step: float, count: int
) -> None:
    pattern = pattern_of(seed, height, width)
    expected = np.empty((count, width))
    twin.lay_rows(pattern, first, step, expected)
    np.testing.assert_allclose(laid(pattern, first, step, count), expected, rtol=1e-4, atol=1e-4)


@FEW
@given(SEED, LENGTH, LENGTH)
def test_rows_are_those_of_a_common_resampler(seed: int, height: int, count: int) -> None:
    pattern = pattern_of(seed, height, 7)
    expected = cv2.resize(pattern, (7, count), interpolation=cv2.INTER_CUBIC)
    step = height / count
    rows = laid(pattern, (step - 1) / 2, step, count)
    np.testing.assert_allclose(rows, expected.reshape(count, 7), rtol=1e-3, atol=1e-3)


@FEW
@given(SEED, LENGTH, st.integers(0, 20))
def test_a_pattern_s_own_rows_stay_as_they_are(seed: int, height: int, first: int) -> None:
    pattern = pattern_of(seed, height, 3)
    expected = pattern[np.minimum(np.arange(first, first + 9), height - 1)]
    np.testing.assert_array_equal(laid(pattern, float(first), 1.0, 9), expected)


@pytest.mark.parametrize("first", [-100.0, 0.25, 1e5])
def test_a_level_stays_level_even_beyond_the_edges(first: float) -> None:
    pattern = np.full((5, 4), 1.5, np.float32)
    np.testing.assert_allclose(laid(pattern, first, 0.37, 30), 1.5, rtol=1e-6)
