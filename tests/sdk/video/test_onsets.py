"""How strong the mark is from picture to picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel.video._onsets import ONSET, Onsets

DECIBELS = 20.0 * math.log10(ONSET)


def levels(fps: float, begins: list[bool]) -> np.ndarray:
    onsets = Onsets(fps)
    return 20.0 * np.log10([onsets.push(begins=one) for one in begins])


@pytest.mark.parametrize(("fps", "count"), [(8, 1), (25, 1), (30, 1), (60, 2), (120, 5)])
def test_a_scene_s_first_picture_is_stronger_and_made_up_for(fps: int, count: int) -> None:
    level = levels(fps, [True] + (3 * fps - 1) * [False])
    np.testing.assert_allclose(level[:count], DECIBELS)
    assert (level[count:] <= 0.0).all()
    # Nobody sees a quarter of a decibel come or go.
    assert level.min() > -0.3
    assert level[-1] == 0.0
    assert abs(level.sum()) < 0.3


@pytest.mark.parametrize("fps", [1, 5, 7.5])
def test_pictures_that_stay_for_long_are_all_alike(fps: float) -> None:
    assert not levels(fps, [True, False, False, True]).any()


@given(
    st.sampled_from([8.0, 10.0, 24.0, 30.0, 60.0]),
    st.lists(st.booleans(), min_size=1, max_size=200),
)
def test_however_often_scenes_begin_little_is_owed(fps: float, begins: list[bool]) -> None:
    owed = np.cumsum(levels(fps, begins))
    # Half of what an onset takes may be left when another one begins.
    assert owed.max() <= 1.5 * DECIBELS * max(1, round(0.04 * fps)) + 1e-9
