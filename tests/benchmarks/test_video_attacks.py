"""The attacks on film: every name of every suite is one, and edits do what they say."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from benchmarks.video import Film
from benchmarks.video.attacks import attack
from benchmarks.video.robustness import Reading, failures
from benchmarks.video.suites import SUITES, TABLE


@pytest.fixture
def film() -> Film:
    planes = np.random.default_rng(0).integers(16, 236, (20, 48, 64)).astype(np.uint8)
    return Film(planes, Fraction(10))


def test_every_attack_of_every_suite_is_known() -> None:
    for rows in SUITES.values():
        for row in rows:
            assert row.attacks
            assert all(one.parameters for one in row.attacks)


@pytest.mark.parametrize("name", ["croup-0.5", "crop", "mirror-2", "x264", "crop-0.5++mirror", ""])
def test_what_is_no_attack_is_said(name: str) -> None:
    with pytest.raises(ValueError, match="no step"):
        attack(name)


@pytest.mark.parametrize(
    ("name", "shape", "fps"),
    [
        ("turn-90", (20, 64, 48), 10),
        ("crop-0.5", (20, 24, 32), 10),
        ("resize-2", (20, 96, 128), 10),
        ("long-side-32", (20, 24, 32), 10),
        ("letterbox", (20, 64, 64), 10),
        ("drop-0.5", (10, 48, 64), 5),
        ("fps-15", (30, 48, 64), 15),
        ("speed-2", (10, 48, 64), 10),
        ("cut-1", (10, 48, 64), 10),
        ("x264-30", (20, 48, 64), 10),
    ],
)
def test_sizes_and_times_are_what_the_name_says(
    film: Film, name: str, shape: tuple[int, int, int], fps: int
) -> None:
    edited = attack(name).apply(film)
    assert edited.planes.shape == shape
    assert edited.fps == fps
    assert (edited.data is not None) == name.startswith("x264")


def test_time_goes_backwards_and_stretches_change_places(film: Film) -> None:
    np.testing.assert_array_equal(attack("reverse").apply(film).planes, film.planes[::-1])
    moved = attack("reorder").apply(film).planes
    np.testing.assert_array_equal(np.concatenate([moved[10:], moved[:10]]), film.planes)


def test_misses_and_wrong_payloads_are_failures() -> None:
    row = TABLE[1]

    def reading(clip: str, *, exact: bool, wrong: bool = False) -> Reading:
        return Reading(clip, row.title, row.attacks[0].name, 10.0, exact, wrong, -10.0, 1.0)

    good = [reading(str(number), exact=True) for number in range(4)]
    assert failures([row], [*good, reading("last", exact=False)]) == []
    assert failures([row], [*good[:2], reading("last", exact=False)])
    assert failures([row], [*good, reading("last", exact=False, wrong=True)])
