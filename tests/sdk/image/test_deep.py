"""Reading pictures whose public tones somebody took off."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.image.attacks import attack, random_for
from benchmarks.image.security import adversary
from genlabel import Key
from genlabel.image import detect
from genlabel.image._codeword import Decoded, decode, mark_secrets
from genlabel.image._deep import DEEP_MEASUREMENTS, deep_readings
from genlabel.image._lattice import (
    COARSE,
    REPEATING,
    UPRIGHT,
    repeating_poses,
    upright_coarse_poses,
)
from genlabel.image._pixels import add_luma, luma
from tests.sdk.image.conftest import PAYLOAD, Picture, Pixels

NUMBER = "23"


@pytest.fixture(scope="module")
def toneless(marked_kodak: Picture) -> Pixels:
    """A marked picture less its tones, a little more than the attacker sees of them."""
    marked = marked_kodak(NUMBER)
    return add_luma(marked, np.float32(-1.13) * adversary.own_parts(marked).tones)


def deep(pixels: Pixels, *keys: Key) -> tuple[Decoded, str, np.ndarray] | None:
    """Read as the detector does with this effort."""
    secrets = [mark_secrets(key) for key in keys]
    trials = DEEP_MEASUREMENTS * len(keys)
    for evidence, reading in deep_readings(luma(pixels), secrets):
        decoded = decode(reading.sums, reading.secrets, trials, thorough=reading.thorough)
        if decoded is not None:
            return decoded, reading.secrets.name, evidence.matrix
    return None


def attacked(pixels: Pixels, name: str) -> Pixels:
    return attack(name).apply(pixels, random_for(NUMBER, name))


@pytest.mark.parametrize(
    "name",
    [
        "crop-area-0.5",
        "crop-area-0.25",
        "rotate-38",
        "mirror+rotate-10+invert",
        "aspect-1.2",
        "crop-area-0.5+turn-90+jpeg-60",
        "crop-area-0.6+resize-0.7+jpeg-62",
    ],
)
def test_a_picture_without_tones_is_read(toneless: Pixels, key: Key, name: str) -> None:
    found = deep(attacked(toneless, name), key)
    assert found is not None
    assert found[0].payload == PAYLOAD


@pytest.mark.parametrize("name", ["crop-area-0.25", "rotate-38"])
def test_tones_do_not_tell_how_it_lies(toneless: Pixels, key: Key, name: str) -> None:
    """Else the tests above would show nothing."""
    assert not detect(attacked(toneless, name), key).found
    found = detect(attacked(toneless, name), key, effort="deep")
    assert found.payload == PAYLOAD
    assert found.log10_p <= -9


def test_the_pose_is_where_the_picture_lies(toneless: Pixels, key: Key) -> None:
    """A crop's frame starts whole tiles away from the original's."""
    top, left = 61, 140
    found = deep(np.ascontiguousarray(toneless[top : top + 330, left : left + 500]), key)
    assert found is not None
    matrix = found[2]
    np.testing.assert_allclose(matrix[:2, :2], np.eye(2), atol=3e-3)
    # 768 px are one frame: a frame pixel is a pixel.
    centre = matrix @ (250, 165, 1)
    away = (centre[:2] - (left + 250, top + 165)) / 256
    np.testing.assert_allclose(away, np.rint(away), atol=1 / 256)


def test_the_right_key_of_several_is_named(toneless: Pixels, key: Key, other_key: Key) -> None:
    found = deep(attacked(toneless, "rotate-38"), other_key, key)
    assert found is not None
    assert found[1] == key.name


@pytest.mark.parametrize("number", ["23", "05"])
def test_nothing_is_found_where_nothing_is(kodak: Picture, key: Key, number: str) -> None:
    assert deep(attacked(kodak(number), "crop-area-0.25"), key) is None


def test_another_key_finds_nothing(toneless: Pixels, other_key: Key) -> None:
    assert deep(attacked(toneless, "crop-area-0.25"), other_key) is None


@pytest.mark.parametrize("shape", [(16, 16), (16, 300), (97, 61), (256, 2000)])
def test_any_picture_is_searched_within_the_bound(shape: tuple[int, int], key: Key) -> None:
    rng = np.random.default_rng(3)
    for plane in (rng.normal(128, 20, shape), np.full(shape, 200.0)):
        fine = repeating_poses(plane.astype(np.float32))
        coarse = upright_coarse_poses(plane.astype(np.float32))
        assert 0 < len(fine.hypotheses) <= REPEATING + UPRIGHT
        assert 0 < len(coarse.hypotheses) <= COARSE
        assert np.isfinite(fine.hypotheses).all()
    assert list(deep_readings(np.full(shape, 200.0, np.float32), [mark_secrets(key)])) == []
