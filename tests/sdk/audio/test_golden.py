"""Sounds marked by every version are read for ever.

A failure here means that the wire format has changed: marks out in the world would be lost. If that
is meant, ``.venv/bin/python -m tests.golden.make_audio``, and say so in the changelog's *Wire
format*.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from genlabel import Key
from genlabel.audio import detect
from genlabel_kernels.audio.layout import VERSION
from tests.golden.make_audio import SAMPLE_RATE, hum, layout_digest

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
RECORDS = sorted(GOLDEN.glob("audio-*.json"))


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads(request.param.read_text())  # type: ignore[no-any-return]


def opened(record: dict[str, Any]) -> tuple[np.ndarray, int, Key, bytes]:
    sound, rate = soundfile.read(GOLDEN / record["sound"], dtype="float32")
    key = Key(record["key"]["name"], bytes.fromhex(record["key"]["secret"]))
    return sound, rate, key, bytes.fromhex(record["payload"])


def test_marked_sound_is_read_as_surely_as_ever(record: dict[str, Any]) -> None:
    sound, rate, key, payload = opened(record)
    found = detect(sound, rate, key)
    assert (found.payload, found.key) == (payload, key.name)
    # A change of some of the format, half the chips say, would still be read: by less.
    assert found.log10_p < 0.8 * record["log10_p"]


@pytest.mark.parametrize("fate", ["cropped", "faster", "slower"])
def test_marked_sound_is_found_in_any_shape(record: dict[str, Any], fate: str) -> None:
    """The pilots are part of the format too."""
    sound, rate, key, payload = opened(record)
    if fate == "cropped":
        sound = sound[12_345:]
    else:
        # Nothing but another rate in the header: speed and pitch change alike.
        rate = 17_000 if fate == "faster" else 14_100
    assert detect(sound, rate, key).payload == payload


def test_this_version_has_its_golden_sound_and_its_layout_is_the_same() -> None:
    path = GOLDEN / f"audio-{VERSION}.json"
    assert path in RECORDS
    assert json.loads(path.read_text())["layout"] == layout_digest()


def test_the_sound_without_the_mark_says_nothing(record: dict[str, Any]) -> None:
    _, _, key, _ = opened(record)
    assert not detect(hum(), SAMPLE_RATE, key).found


def test_golden_sounds_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.glob("audio-*.ogg")) < 100_000 * len(RECORDS)
