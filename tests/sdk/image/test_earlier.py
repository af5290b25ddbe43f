"""Marking a picture that the same key marked before: the new mark takes the old one's place."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.image import metrics
from genlabel import Key
from genlabel.image import detect, embed
from tests.sdk.image.conftest import Picture

KEY = Key("one", bytes(range(32)))
OTHER = Key("two", bytes(range(1, 33)))
FIRST, SECOND, THIRD = b"8 bytes.", b"and more", b"the last"
MANY = [bytes([number]) * 8 for number in range(40)]
PICTURES = pytest.mark.parametrize("number", ["02", "05", "13", "23"])


@PICTURES
@pytest.mark.parametrize("strength", [0.7, 1.0, 1.6])
def test_new_payload_replaces_the_old_one(kodak: Picture, number: str, strength: float) -> None:
    picture = kodak(number)
    once = embed(picture, FIRST, KEY, strength)
    twice = embed(once, SECOND, KEY)
    assert detect(twice, KEY).payload == SECOND
    # Two marks on top of each other would cost 3 dB.
    assert metrics.psnr(picture, twice) > metrics.psnr(picture, embed(picture, SECOND, KEY)) - 1
    assert metrics.psnr_hvs_m(picture, twice) > 44


@PICTURES
def test_many_markings_do_not_add_up(kodak: Picture, number: str) -> None:
    picture = marked = kodak(number)
    for payload in (FIRST, SECOND, THIRD, FIRST):
        marked = embed(marked, payload, KEY)
        assert detect(marked, KEY).payload == payload
    assert metrics.psnr(picture, marked) > metrics.psnr(picture, embed(picture, FIRST, KEY)) - 2


@PICTURES
def test_same_payload_again_costs_next_to_nothing(kodak: Picture, number: str) -> None:
    picture = kodak(number)
    once = embed(picture, FIRST, KEY)
    twice = embed(once, FIRST, KEY)
    assert detect(twice, KEY).payload == FIRST
    assert metrics.psnr(picture, twice) > metrics.psnr(picture, once) - 1


def test_another_key_s_mark_stays(kodak: Picture) -> None:
    both = embed(embed(kodak("02"), FIRST, KEY), SECOND, OTHER)
    assert detect(both, KEY).payload == FIRST
    assert detect(both, OTHER).payload == SECOND


def test_old_mark_in_a_crop_does_not_hide_the_new_one(kodak: Picture) -> None:
    crop = np.ascontiguousarray(embed(kodak("02"), FIRST, KEY)[40:480, 60:700])
    assert detect(embed(crop, SECOND, KEY), KEY).payload == SECOND


def test_strong_old_mark_is_never_taken_for_the_new_one(kodak: Picture) -> None:
    """Words of one code are a little alike: beside a strong one, every word seems to be there."""
    once = embed(kodak("23"), FIRST, KEY, 3.0)
    for payload in MANY:
        assert detect(embed(once, payload, KEY), KEY, effort="quick").payload == payload
