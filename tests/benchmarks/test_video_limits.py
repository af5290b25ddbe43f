"""What is known of how attacked films lie is what the attacks do."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from benchmarks.video import Film
from benchmarks.video.attacks import attack
from benchmarks.video.limits import lies


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "crop-0.71",
        "resize-0.5",
        "resize-2",
        "crop-0.55+resize-0.5",
        "pip-0.6",
        "crop-0.71+pip-0.6",
    ],
)
def test_pixels_come_from_where_they_are_said_to(name: str) -> None:
    height, width = 160, 220
    across = np.tile(np.arange(width, dtype=np.uint8), (height, 1))
    down = np.tile(np.arange(height, dtype=np.uint8)[:, None], (1, width))
    x_of, y_of = (
        attack(name).apply(Film(np.stack([plane, plane]), Fraction(10))).planes[0]
        for plane in (across, down)
    )
    matrix, window = lies(f"{name}+brightness-0.5+x264-30", (height, width))
    top, left, bottom, right = window or (0, 0, *x_of.shape)
    for y, x in ((top + 8, left + 9), (bottom - 9, left + 20), ((top + bottom) // 2, right - 12)):
        place = matrix @ [x, y, 1.0]
        assert place[:2] == pytest.approx((int(x_of[y, x]), int(y_of[y, x])), abs=0.76)


def test_what_is_not_understood_is_said() -> None:
    with pytest.raises(ValueError, match="rotate-10"):
        lies("rotate-10+x264-28", (100, 100))
