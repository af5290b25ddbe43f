"""Where spans begin and end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genlabel.video._spans import carrying


@given(st.integers(0, 2**32 - 1), st.integers(0, 20), st.integers(3, 30), st.integers(0, 20))
def test_a_stretch_is_told_from_noise(seed: int, before: int, length: int, after: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.repeat([False, True, False], [before, length, after])
    values = np.clip(rng.normal(0, 1, len(truth)), -2.5, 2.5) + 9.0 * truth
    assert carrying(values) == [(before, before + length)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_noise_alone_is_no_stretch(seed: int, length: int) -> None:
    values = np.clip(np.random.default_rng(seed).normal(0, 1, length), -2.5, 2.5)
    assert carrying(values) == []


def test_what_a_still_scene_favours_is_no_stretch() -> None:
    favoured, marked = np.array([3.1, 1.4, 4.2, 3.5, 3.6]), np.full(3, 58.0)
    assert carrying(np.concatenate([favoured, marked, favoured])) == [(5, 8)]
