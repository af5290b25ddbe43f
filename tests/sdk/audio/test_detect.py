"""Detecting: the right key, the right payload, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel import Key, UnsupportedError
from genlabel.audio import detect, embed

PAYLOAD = b"8 bytes!"
KEY = Key("own", bytes(range(32)))
OTHER = Key("other", bytes(32))


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.05, 12 * 16000).astype(np.float32)
    return embed(sound, 16000, PAYLOAD, KEY)


def test_another_key_finds_nothing(marked: np.ndarray) -> None:
    found = detect(marked, 16000, OTHER)
    assert not found.found and found.payload is None and found.log10_p == 0


def test_the_right_one_of_several_keys_is_named(marked: np.ndarray) -> None:
    found = detect(marked, 16000, [OTHER, KEY])
    assert found.key == "own" and found.payload == PAYLOAD


def test_a_crop_at_any_sample_is_read(marked: np.ndarray) -> None:
    for start in (1, 777, 40_003):
        assert detect(marked[start : start + 5 * 16000], 16000, KEY).payload == PAYLOAD


@pytest.mark.parametrize("gain", [-1.0, 0.1])
def test_level_and_polarity_do_not_matter(marked: np.ndarray, gain: float) -> None:
    assert detect(marked * np.float32(gain), 16000, KEY).payload == PAYLOAD


@pytest.mark.parametrize("length", [0, 1, 400, 8000])
def test_too_short_to_say_is_a_result(length: int) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, length).astype(np.float32)
    assert not detect(noise, 16000, KEY).found


def test_no_keys_and_silence_are_results() -> None:
    assert not detect(np.zeros(160000, np.float32), 16000, KEY).found
    assert not detect(np.zeros(160000, np.float32), 16000, []).found


def test_unknown_effort_is_refused() -> None:
    with pytest.raises(UnsupportedError):
        detect(np.zeros(16000, np.float32), 16000, KEY, effort="mad")  # type: ignore[arg-type]
