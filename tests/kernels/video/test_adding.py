"""Adding to a decoder's memory, against its slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_kernels.video.adding import add_steps
from tests.reference import adding as twin

LEGAL = {np.uint8: (16, 235), np.uint16: (64, 940)}


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 9), st.integers(0, 5))
def test_steps_are_added_row_by_row_within_what_is_legal(
    kind: type, seed: int, height: int, width: int, beside: int
) -> None:
    rng = np.random.default_rng(seed)
    stride = width + beside
    memory = rng.integers(0, 256, height * stride).astype(kind)
    before = memory.reshape(height, stride).copy()
    steps = rng.integers(-40, 41, (height, width)).astype(np.int16)
    samples = memory[: (height - 1) * stride + width]
    add_steps(samples, stride, steps.ravel(), width, *LEGAL[kind])
    after = memory.reshape(height, stride)
    expected = twin.add_steps(before[:, :width], steps, *LEGAL[kind])
    np.testing.assert_array_equal(after[:, :width], expected)
    np.testing.assert_array_equal(after[:, width:], before[:, width:])
