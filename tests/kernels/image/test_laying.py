"""Laying patterns over a picture, against their slow twin and another resampler."""

from __future__ import annotations

import cv2
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.image.laying import add_steps, lay_rows
from genlabel_kernels.plane.blocks import LANES, SIDE, take_blocks
from tests.reference import laying as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=10 if PLAIN else 50)

SEED = st.integers(0, 2**32)
LENGTH = st.integers(1, 12 if PLAIN else 40)


def pattern_of(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, (height, width)).astype(np.float32)


def laid(pattern: np.ndarray, height: int, rows: np.ndarray | None = None) -> np.ndarray:
    width = pattern.shape[1]
    wanted = np.arange(height) if rows is None else rows
    out = np.zeros((len(wanted), width), np.float32)
    lay_rows(pattern.ravel(), width, height, wanted, 1.0, out.ravel())
    return out


@FEW
@given(SEED, LENGTH, st.integers(1, 5), LENGTH, st.floats(-3, 3))
def test_rows_equal_their_twin(
    seed: int, height: int, width: int, count: int, strength: float
) -> None:
    pattern = pattern_of(seed, height, width)
    rows = np.random.default_rng(seed).permutation(count)[: count // 2 + 1]
    out = np.full((len(rows), width), 7.0, np.float32)
    lay_rows(pattern.ravel(), width, count, rows, strength, out.ravel())
    expected = 7.0 + strength * twin.lay(pattern, count)[rows]
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


@FEW
@given(SEED, LENGTH, LENGTH)
def test_rows_are_those_of_a_common_resampler(seed: int, height: int, count: int) -> None:
    pattern = pattern_of(seed, height, 7)
    expected = cv2.resize(pattern, (7, count), interpolation=cv2.INTER_CUBIC)
    rows = laid(pattern, count)
    np.testing.assert_allclose(rows, expected.reshape(count, 7), rtol=1e-3, atol=1e-3)


@FEW
@given(SEED, LENGTH)
def test_a_pattern_s_own_rows_stay_as_they_are(seed: int, height: int) -> None:
    pattern = pattern_of(seed, height, 3)
    np.testing.assert_array_equal(laid(pattern, height), pattern)


@pytest.mark.parametrize("height", [1, 3, 30])
def test_a_level_stays_level(height: int) -> None:
    pattern = np.full((5, 4), 1.5, np.float32)
    np.testing.assert_allclose(laid(pattern, height), 1.5, rtol=1e-6)


@FEW
@given(SEED, st.integers(8, 30), st.integers(8, 30), st.integers(1, 70))
def test_blocks_are_taken_sample_by_sample(seed: int, height: int, width: int, count: int) -> None:
    plane, rng = pattern_of(seed, height, width), np.random.default_rng(seed)
    tops = rng.integers(0, height - SIDE, count, endpoint=True)
    lefts = rng.integers(0, width - SIDE, count, endpoint=True)
    out = np.zeros((-(-count // LANES), SIDE * SIDE, LANES), np.float32)
    take_blocks(plane.ravel(), width, tops, lefts, out.ravel())
    blocks = out.swapaxes(1, 2).reshape(-1, SIDE, SIDE)
    for block, top, left in zip(blocks, tops, lefts, strict=False):
        np.testing.assert_array_equal(block, plane[top : top + SIDE, left : left + SIDE])
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
