"""Digital silence against its slow twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio.silence import keep_silence
from tests.reference import audio as twin


@settings(max_examples=60)
@given(
    st.integers(0, 2**32),
    st.integers(1, 3),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(1, 9),
    st.integers(0, 6),
    st.integers(0, 12),
)
def test_silence_equals_its_twin(
    seed: int, channels: int, marked: int, further: int, least: int, fade: int, zeros: int
) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 1, (channels, marked + further)).astype(np.float32)
    for _ in range(5):
        start = int(rng.integers(0, marked + further + 1))
        samples[:, start : start + int(rng.integers(0, 12))] = 0
    change = rng.normal(0, 1, (channels, marked)).astype(np.float32)
    expected = change.copy()
    after = twin.keep_silence(samples, expected, least, fade, zeros)
    assert keep_silence(samples, change, least, fade, zeros) == after
    np.testing.assert_allclose(change, expected, rtol=1e-5)
