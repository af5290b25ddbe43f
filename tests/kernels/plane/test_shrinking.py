"""Averaging down, against its slow twin and another resampler."""

from __future__ import annotations

import cv2
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.plane.shrinking import LUMA, shrink_luma, shrink_rows
from tests.reference import shrinking as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=10 if PLAIN else 50)
KINDS = pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])

SEED = st.integers(0, 2**32)
LONGEST = 15 if PLAIN else 60
#: A height and one that is not larger.
HEIGHTS = st.tuples(st.integers(1, LONGEST), st.integers(1, LONGEST)).map(
    lambda pair: (max(pair), min(pair))
)


def rows_of(seed: int, kind: type, height: int, width: int = 5) -> np.ndarray:
    white = 1.0 if kind is np.float32 else float(np.iinfo(kind).max)
    return (np.random.default_rng(seed).random((height, width)) * white).astype(kind)


def shrunk(rows: np.ndarray, first: float, step: float, count: int) -> np.ndarray:
    out = np.full((count, rows.shape[1]), np.nan, np.float32)
    shrink_rows(rows, first, step, out)
    return out


@KINDS
@FEW
@given(SEED, HEIGHTS, st.integers(0, LONGEST))
def test_rows_equal_their_twin(kind: type, seed: int, heights: tuple[int, int], first: int) -> None:
    rows, count = rows_of(seed, kind, heights[0]), heights[1]
    first, step = min(first, count - 1), heights[0] / count
    expected = np.empty((count - first, rows.shape[1]))
    twin.shrink_rows(rows, first * step, step, expected)
    out = shrunk(rows, first * step, step, count - first)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


@FEW
@given(SEED, HEIGHTS)
def test_rows_are_those_of_a_common_resampler(seed: int, heights: tuple[int, int]) -> None:
    rows = rows_of(seed, np.uint8, heights[0])
    size = (rows.shape[1], heights[1])
    expected = cv2.resize(rows.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    out = shrunk(rows, 0.0, heights[0] / heights[1], heights[1])
    np.testing.assert_allclose(out, expected.reshape(out.shape), rtol=1e-4, atol=1e-2)


@KINDS
@FEW
@given(SEED, HEIGHTS, st.integers(0, LONGEST))
def test_strips_are_parts_of_the_whole(
    kind: type, seed: int, heights: tuple[int, int], cut: int
) -> None:
    """Large pictures are averaged a strip at a time."""
    rows, count = rows_of(seed, kind, heights[0]), heights[1]
    step, cut = heights[0] / count, min(cut, count)
    whole = shrunk(rows, 0.0, step, count)
    strips = [shrunk(rows, 0.0, step, cut), shrunk(rows, cut * step, step, count - cut)]
    np.testing.assert_allclose(np.concatenate(strips), whole, rtol=1e-5, atol=1e-5)


@FEW
@given(SEED, HEIGHTS)
def test_the_mean_is_kept(seed: int, heights: tuple[int, int]) -> None:
    rows = rows_of(seed, np.uint16, heights[0])
    out = shrunk(rows, 0.0, heights[0] / heights[1], heights[1])
    np.testing.assert_allclose(out.mean(axis=0), rows.mean(axis=0), rtol=1e-4)


@KINDS
def test_nothing_to_shrink_is_left_as_it_is(kind: type) -> None:
    rows = rows_of(3, kind, 20)
    np.testing.assert_array_equal(shrunk(rows, 0.0, 1.0, 20), rows.astype(np.float32))


@FEW
@given(SEED, HEIGHTS, st.integers(0, LONGEST))
def test_luma_is_averaged_like_a_plane_of_it(
    seed: int, heights: tuple[int, int], first: int
) -> None:
    pixels, count = rows_of(seed, np.uint8, heights[0], 7 * 3), heights[1]
    first, step = min(first, count - 1), heights[0] / count
    plane = pixels.reshape(-1, 7, 3) @ np.array(LUMA)
    expected = np.empty((count - first, 7))
    twin.shrink_rows(plane, first * step, step, expected)
    out, row = np.full((count - first, 7), np.nan, np.float32), np.empty(7, np.float32)
    shrink_luma(pixels.ravel(), 7, first * step, step, row, out.ravel())
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-3)
