"""Whitening against plain short-time transforms."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genlabel_kernels.plane import whitening as fast
from tests.reference import whitening as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=4 if PLAIN else 25)
LONGEST = 20 if PLAIN else 130

SEED = st.integers(0, 2**32)


def noise(seed: int, height: int, width: int, sigma: float = 20.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sigma, (height, width)).astype(np.float32)


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Draw noise over a slope, an edge or nothing, of any size."""
    height, width = draw(st.integers(1, LONGEST)), draw(st.integers(1, LONGEST))
    plane = noise(draw(SEED), height, width, draw(st.sampled_from([0.5, 8.0, 60.0])))
    kind = draw(st.sampled_from(["noise", "slope", "edge"]))
    across = np.arange(width, dtype=np.float32)
    if kind == "slope":
        plane += 100 * across / width
    elif kind == "edge":
        plane += np.where(across < width / 3, np.float32(-90), np.float32(90))
    return np.clip(plane, -255, 255)


@FEW
@given(st.integers(2, 70), st.integers(2, 70), SEED)
def test_blocks_equal_their_twin(rows: int, columns: int, seed: int) -> None:
    if PLAIN:
        rows, columns = 2, 2 + columns % 4
    if rows * columns > 300:
        rows = 2 + rows % 4
    plane = noise(seed, 8 * rows, 8 * columns)
    # Rows of pixels come in whole lanes; what lies beyond the last block is not looked at.
    padded = np.pad(plane, ((0, 0), (0, -plane.shape[1] % 72)), constant_values=1e3)
    out, expected = np.zeros_like(padded), np.zeros(plane.shape)
    fast.whiten_blocks(padded, columns - 1, out)
    twin.whiten_blocks(plane, expected)
    assert not out[:, plane.shape[1] :].any()
    out = out[:, : plane.shape[1]]
    np.testing.assert_allclose(out, expected, rtol=1e-3, atol=2e-4 * np.abs(expected).max())


def test_the_twins_power_is_the_exact_one_within_four_percent() -> None:
    value = np.geomspace(16.0, 1e9, 5000)
    np.testing.assert_allclose(twin.power_3_8(value), value**-0.375, rtol=0.04)


@FEW
@given(pictures())
def test_whitening_equals_its_twin(plane: np.ndarray) -> None:
    white, expected = fast.whiten(plane), twin.whiten(plane)
    assert white.dtype == np.float32
    assert white.shape == plane.shape
    # A single row or column of few pixels may whiten to nothing but rounding.
    if twin.whiten(plane * 1.0001).std() > 0.5:
        np.testing.assert_allclose(white, expected, atol=5e-3)


@FEW
@given(hnp.arrays(np.float32, (24, 24), elements=st.floats(-255, 255, width=32)))
def test_any_values_come_out_finite_and_clipped(plane: np.ndarray) -> None:
    white = fast.whiten(plane)
    assert np.isfinite(white).all()
    assert np.abs(white).max() <= fast.CLIP


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (8, 8), (24, 17)])
def test_nothing_whitens_to_nothing(shape: tuple[int, int]) -> None:
    assert not fast.whiten(np.zeros(shape, np.float32)).any()


@FEW
@given(SEED)
def test_rounding_whitens_to_nothing_and_the_faintest_picture_does_not(seed: int) -> None:
    side = 24 if PLAIN else 64
    assert not fast.whiten(noise(seed, side, side, 1e-4)).any()
    # One grey level of 8 bits, of 16 bits.
    for level in (1.0, 1 / 257):
        dots = np.random.default_rng(seed).random((side, side)) < 0.4
        assert fast.whiten(dots.astype(np.float32) * np.float32(level)).std() > 0.8


def test_white_is_centred_and_of_unit_variance_whatever_was_strong_before() -> None:
    side = 40 if PLAIN else 256
    ramp = np.cumsum(noise(3, side, side, 4.0), axis=1)
    white = fast.whiten((ramp - ramp.mean()).astype(np.float32))
    assert abs(white.mean()) < 0.05
    assert 0.9 < white.std() <= 1.0
    # Along the rows, neighbours of the random walk were all but equal.
    assert (white[:, 1:] * white[:, :-1]).mean() < 0.1


def test_brightness_and_contrast_hardly_matter() -> None:
    side = 40 if PLAIN else 200
    plane = noise(4, side, side)
    white = fast.whiten(plane)
    for other in (plane + 20, plane * 3, -plane):
        assert abs(np.corrcoef(white.ravel(), fast.whiten(other).ravel())[0, 1]) > 0.97


def test_turned_picture_whitens_to_the_turned_white() -> None:
    side = 24 if PLAIN else 96
    plane = noise(5, side, side)
    white = fast.whiten(plane)
    for turn in (1, 2, 3):
        turned = np.ascontiguousarray(np.rot90(plane, turn))
        np.testing.assert_allclose(fast.whiten(turned), np.rot90(white, turn), atol=2e-3)
    np.testing.assert_allclose(fast.whiten(plane.T.copy()), white.T, atol=2e-3)


def test_picture_s_end_does_not_reach_far() -> None:
    plane = noise(6, 32, 40 if PLAIN else 640)
    changed = plane.copy()
    changed[:, -1] = 255
    first, second = fast.whiten(plane)[:, :8], fast.whiten(changed)[:, :8]
    within = np.maximum(np.abs(first), np.abs(second)) < fast.CLIP
    # Only the common scale changes.
    factor = np.median(first[within] / second[within])
    np.testing.assert_allclose(first[within], factor * second[within], atol=1e-2)
