"""Local contrast against its slow twin."""

from __future__ import annotations

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.plane.contrast import local_contrast
from tests.reference import contrast as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=5 if PLAIN else 25)

SEED = st.integers(0, 2**32)
SIDE = st.integers(4, 12 if PLAIN else 30)


def plane_of(seed: int, height: int, width: int, contrast: float) -> np.ndarray:
    plane = np.random.default_rng(seed).normal(200, contrast, (height, width))
    return np.clip(plane, 0, 255).astype(np.float32)


@FEW
@given(SEED, SIDE, SIDE, st.sampled_from([1.0, 10.0, 80.0]))
def test_contrast_equals_its_twin(seed: int, height: int, width: int, contrast: float) -> None:
    plane = plane_of(seed, height, width, contrast)
    out = local_contrast(plane)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, twin.local_contrast(plane), rtol=1e-3, atol=0.05)


@FEW
@given(SIDE, SIDE, st.floats(0, 255, width=32))
def test_a_level_has_no_contrast(height: int, width: int, level: float) -> None:
    plane = np.full((height, width), level, np.float32)
    assert local_contrast(plane).max() < 0.1


@FEW
@given(SEED, SIDE, SIDE)
def test_contrast_has_no_direction(seed: int, height: int, width: int) -> None:
    plane = plane_of(seed, height // 2 * 2, width // 2 * 2, 20.0)
    expected = local_contrast(plane)
    for turned in (lambda p: p[::-1], lambda p: p[:, ::-1], np.transpose):
        out = local_contrast(turned(plane))
        np.testing.assert_allclose(out, turned(expected), rtol=1e-3, atol=0.01)
