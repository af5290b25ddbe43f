"""Scaled bands and drifting superframes against slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio.layout import BANDS, FRAMES
from genlabel_kernels.audio.scaling import drifting_agreement, scaled_bands
from tests.reference import audio as twin

FEW = settings(max_examples=6)


@FEW
@given(st.integers(0, 2**32), st.floats(0.7, 1.35))
def test_bands_equal_their_twin(seed: int, pitch: float) -> None:
    power = np.random.default_rng(seed).exponential(1, (3, 256)).astype(np.float32)
    cumulative = np.pad(np.cumsum(power, axis=1), ((0, 0), (1, 0)))
    edges = np.minimum((23 + 4 * np.arange(BANDS + 1)) * pitch + 0.5, 256).astype(np.float32)
    out, expected = np.empty((3, BANDS), np.float32), np.empty((3, BANDS))
    scaled_bands(cumulative, edges, out)
    twin.scaled_bands(cumulative, edges, expected)
    np.testing.assert_allclose(out, expected, atol=2e-3)


@FEW
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 20))
def test_agreement_equals_its_twin(seed: int, rows: int, block: int) -> None:
    products = np.random.default_rng(seed).normal(0, 1, (rows, FRAMES)).astype(np.float32)
    work = np.empty((2, FRAMES * 2), np.float32)
    found = drifting_agreement(products, 2, block, work)
    assert found == pytest.approx(twin.drifting_agreement(products, 2, block), rel=1e-4)
