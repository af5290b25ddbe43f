"""Resampling against its slow twin, and against the sound it should be."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_kernels.audio.resampling import convolve_at, lowpass, output_length, resampled
from tests.reference import audio as twin

PLAIN = bool(numba.config.DISABLE_JIT)
FEW = settings(max_examples=8 if PLAIN else 40)
RATES = (8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000)


@FEW
@given(st.integers(0, 2**32), st.sampled_from(RATES), st.sampled_from(RATES), st.integers(0, 300))
def test_any_piece_equals_its_twin(seed: int, rate_in: int, rate_out: int, first: int) -> None:
    low = lowpass(rate_in, rate_out)
    origin = first * low.down // low.up - low.half
    samples = np.random.default_rng(seed).normal(0, 1, 2 * low.half + 60).astype(np.float32)
    count = max(1, min(20, 40 * low.up // low.down))
    out = np.empty(count, np.float32)
    convolve_at(samples, origin, low.table, low.up, low.down, first, out)
    expected = np.empty(count)
    twin.convolve_at(samples, origin, low.table, low.up, low.down, first, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("hertz", [520, 3400])
def test_a_tone_is_the_same_tone_at_the_same_moment(rate: int, hertz: int) -> None:
    count = rate // 20
    tone = np.sin(2 * np.pi * hertz * np.arange(count) / rate)[None].astype(np.float32)
    low = lowpass(rate, 11025)
    there = resampled(tone, low)
    assert there.shape == (1, output_length(count, low))
    expected = np.sin(2 * np.pi * hertz * np.arange(there.shape[1]) / 11025)
    inner = slice(60, -60)
    np.testing.assert_allclose(there[0, inner], expected[inner], atol=2e-3)


def test_what_would_fold_into_the_tiles_is_gone() -> None:
    # 7.5 kHz would come back as 3.5 kHz.
    tone = np.sin(2 * np.pi * 7500 * np.arange(4000) / 44100)[None].astype(np.float32)
    there = resampled(tone, lowpass(44100, 11025))
    assert np.abs(there[0, 60:-60]).max() < 1e-3


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("hertz", [520, 1900, 4000])
def test_images_in_an_empty_treble_are_next_to_nothing(rate: int, hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(2000) / 11025)[None].astype(np.float32)
    there = resampled(tone, lowpass(11025, rate))[0, 400:-400].astype(float)
    levels = np.abs(np.fft.rfft(there * np.blackman(len(there))))
    treble = np.fft.rfftfreq(len(there), 1 / rate) > 17_900
    assert levels[treble].max() < 10 ** (-100 / 20) * levels.max()
