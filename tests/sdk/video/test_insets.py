"""Rectangles in which a film is shown within another picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel.video._insets import insets


def smooth(seed: int, shape: tuple[int, int], sigma: float) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), sigma)
    return np.asarray(128 + 30 * blurred / blurred.std(), np.float32)


@given(
    st.integers(0, 1000),
    st.integers(8, 100),
    st.integers(8, 100),
    st.integers(140, 180),
    st.integers(140, 280),
)
def test_a_rectangle_is_found_where_it_lies(
    seed: int, top: int, left: int, height: int, width: int
) -> None:
    plane = smooth(seed, (300, 400), 12.0)
    inside = smooth(seed + 1, (height, width), 6.0) + 90
    plane[top : top + height, left : left + width] = inside
    found = insets([plane], 1)
    assert len(found) == 1
    assert found[0] == pytest.approx((top, left, top + height, left + width), abs=3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sigma", [0.6, 2.0, 8.0])
def test_textures_and_gradients_have_none(seed: int, sigma: float) -> None:
    planes = [smooth(seed + 10 * number, (270, 480), sigma) for number in range(4)]
    assert insets(planes, 2) == []


@pytest.mark.parametrize("shape", [(1, 1), (10, 400), (24, 24)])
def test_tiny_pictures_have_none(shape: tuple[int, int]) -> None:
    assert insets([np.zeros(shape, np.float32)], 2) == []


def test_a_real_picture_in_another_is_the_likeliest(room: np.ndarray) -> None:
    ground = cv2.GaussianBlur(room[0][::-1, ::-1], (0, 0), 16.0).astype(np.float32)
    height, width = room.shape[1] // 5 * 3, room.shape[2] // 5 * 3
    small = [cv2.resize(plane, (width, height)) for plane in room[::10]]
    planes = []
    for plane in small:
        planes.append(ground.copy())
        planes[-1][40 : 40 + height, 100 : 100 + width] = plane
    assert insets(planes, 2)[0] == pytest.approx((40, 100, 40 + height, 100 + width), abs=3)
