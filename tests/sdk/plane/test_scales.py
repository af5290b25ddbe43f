"""A picture at its sizes, whitened once each."""

from __future__ import annotations

import numpy as np

from genlabel._plane.measure import residual, resize
from genlabel._plane.scales import Scales
from tests.sdk.image.drawings import clouds


def test_every_size_is_whitened_once() -> None:
    plane = clouds(120, 200).astype(np.float32)
    picture = Scales(plane)
    assert picture.shape == (120, 200)
    white = picture.white(60, 100)
    assert picture.white(60, 100) is white
    np.testing.assert_array_equal(white, residual(resize(plane, 60, 100)))
    np.testing.assert_array_equal(picture.white(120, 200), residual(plane))
