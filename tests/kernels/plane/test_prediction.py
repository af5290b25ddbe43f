"""Predicting a picture from itself, against a slow twin and another program."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.restoration import denoise_nl_means

from genlabel_kernels.plane.prediction import PATCH, REACH, STRENGTH, predict
from tests.reference import prediction as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=4 if PLAIN else 25)

SIDES = st.integers(1, 8 if PLAIN else 16)
SEED = st.integers(0, 2**32)


def plane_of(seed: int, height: int, width: int, contrast: float) -> np.ndarray:
    """Draw texture with an edge in it: some patches look alike, others do not."""
    plane = np.random.default_rng(seed).normal(120, contrast, (height, width))
    plane[:, width // 2 :] += 40
    return np.clip(plane, 0, 255).astype(np.float32)


@FEW
@given(SEED, SIDES, SIDES, st.sampled_from([0.0, 2.0, 8.0, 40.0]))
def test_prediction_equals_its_twin(seed: int, height: int, width: int, contrast: float) -> None:
    plane = plane_of(seed, height, width, contrast)
    predicted = predict(plane)
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, twin.predict(plane), rtol=1e-3, atol=1e-2)


@pytest.mark.skipif(PLAIN, reason="needs a picture of some size")
def test_prediction_is_that_of_another_program_but_for_its_exponential() -> None:
    plane = plane_of(3, 90, 120, 8.0)
    expected = denoise_nl_means(
        plane, patch_size=2 * PATCH + 1, patch_distance=REACH, h=STRENGTH, fast_mode=True
    )
    inner = np.s_[8:-8, 8:-8]
    residual, other = (plane - predict(plane))[inner], (plane - expected)[inner]
    assert np.corrcoef(residual.ravel(), other.ravel())[0, 1] > 0.99
    assert np.abs(residual - other).mean() < 0.1 * np.abs(other).mean()


@FEW
@given(SIDES, SIDES, st.floats(0, 255, width=32))
def test_a_level_predicts_itself(height: int, width: int, level: float) -> None:
    plane = np.full((height, width), level, np.float32)
    np.testing.assert_allclose(predict(plane), plane, rtol=1e-5, atol=1e-4)


@FEW
@given(SEED, SIDES, SIDES)
def test_prediction_has_no_direction(seed: int, height: int, width: int) -> None:
    plane = plane_of(seed, height, width, 12.0)
    expected = predict(plane)
    for turned in (lambda p: p[::-1], lambda p: p[:, ::-1], np.transpose):
        np.testing.assert_allclose(
            predict(np.ascontiguousarray(turned(plane))), turned(expected), rtol=1e-3, atol=1e-2
        )


@pytest.mark.skipif(PLAIN, reason="needs a picture of some size")
def test_strips_leave_no_seams() -> None:
    """Columns are worked on in strips: one that begins elsewhere predicts the same."""
    plane = plane_of(7, 40, 300, 8.0)
    whole, part = predict(plane), predict(np.ascontiguousarray(plane[9:, 9:]))
    border = PATCH + REACH
    inner = np.s_[9 + border :, 9 + border :]
    np.testing.assert_allclose(part[border:, border:], whole[inner], rtol=1e-3, atol=1e-2)
