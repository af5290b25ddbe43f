"""Laying patterns over a picture, against their slow twin and another resampler."""

from __future__ import annotations

import cv2
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.image.laying import LANES, SIDE, add_steps, lay_blocks, lay_rows
from tests.reference import laying as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=10 if PLAIN else 50)

SEED = st.integers(0, 2**32)
LENGTH = st.integers(1, 12 if PLAIN else 40)


def pattern_of(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, (height, width)).astype(np.float32)


def laid(
    one: np.ndarray,
    two: np.ndarray,
    height: int,
    first: int = 0,
    strengths: tuple[float, float] = (1.0, 0.0),
) -> np.ndarray:
    width = one.shape[1]
    out = np.full((height - first, width), np.nan, np.float32)
    weights = np.array(strengths, np.float32)
    lay_rows(one.ravel(), two.ravel(), width, height, first, weights, out.ravel())
    return out


@FEW
@given(SEED, LENGTH, LENGTH, st.integers(1, 5), LENGTH, st.floats(-3, 3), st.floats(-3, 3))
def test_rows_equal_their_twin(
    seed: int, height: int, other: int, width: int, count: int, fine: float, coarse: float
) -> None:
    one, two = pattern_of(seed, height, width), pattern_of(seed + 1, other, width)
    expected = fine * twin.lay(one, count) + coarse * twin.lay(two, count)
    first = count // 3
    rows = laid(one, two, count, first, (fine, coarse))
    np.testing.assert_allclose(rows, expected[first:], rtol=1e-4, atol=1e-4)


@FEW
@given(SEED, LENGTH, LENGTH)
def test_rows_are_those_of_a_common_resampler(seed: int, height: int, count: int) -> None:
    pattern = pattern_of(seed, height, 7)
    expected = cv2.resize(pattern, (7, count), interpolation=cv2.INTER_CUBIC)
    rows = laid(pattern, pattern, count)
    np.testing.assert_allclose(rows, expected.reshape(count, 7), rtol=1e-3, atol=1e-3)


@FEW
@given(SEED, LENGTH)
def test_a_pattern_s_own_rows_stay_as_they_are(seed: int, height: int) -> None:
    pattern = pattern_of(seed, height, 3)
    np.testing.assert_array_equal(laid(pattern, pattern, height), pattern)


@pytest.mark.parametrize("height", [1, 3, 30])
def test_a_level_stays_level(height: int) -> None:
    pattern = np.full((5, 4), 1.5, np.float32)
    np.testing.assert_allclose(laid(pattern, pattern, height), 1.5, rtol=1e-6)


@FEW
@given(SEED, LENGTH, st.sampled_from([16, 24]), st.integers(1, 70))
def test_blocks_are_parts_of_the_rows(seed: int, height: int, size: int, count: int) -> None:
    pattern, rng = pattern_of(seed, height, size + 3), np.random.default_rng(seed)
    whole = laid(pattern, pattern, size)
    tops, lefts = rng.integers(0, size // SIDE, (2, count)) * SIDE
    groups = -(-count // LANES)
    out = np.zeros((groups, SIDE * SIDE, LANES), np.float32)
    lay_blocks(pattern.ravel(), size + 3, size, tops, lefts, out.ravel())
    blocks = out.swapaxes(1, 2).reshape(-1, SIDE, SIDE)
    for block, top, left in zip(blocks, tops, lefts, strict=False):
        expected = whole[top : top + SIDE, left : left + SIDE]
        np.testing.assert_allclose(block, expected, rtol=1e-5, atol=1e-5)
    assert not blocks[count:].any()


@FEW
@given(SEED, st.integers(1, 50))
def test_steps_are_added_as_their_twin_adds_them(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (count, 3), np.uint8)
    steps = rng.normal(0, 40, count).astype(np.float32)
    # Halves too, and next to nothing.
    steps[::3] = np.round(steps[::3]) + np.float32(0.5)
    out = np.empty_like(pixels)
    add_steps(pixels.ravel(), steps, out.ravel())
    np.testing.assert_array_equal(out, twin.add_steps(pixels, steps))
