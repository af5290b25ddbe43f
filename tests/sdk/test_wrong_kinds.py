"""Arguments of the wrong kind: an error of genlabel's own, never one of Python's."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genlabel
from genlabel import GenlabelError, Key, Label, LabelError, MediaError, SecretError
from genlabel.video import Encoding

KEY = Key("test", bytes(range(32)))
PAYLOAD = b"8 bytes."
PIXELS = np.full((300, 300), 128, np.uint8)
SAMPLES = np.sin(np.arange(32_000) ** 1.1, dtype=np.float32)
RATE = 16_000

EMBEDDERS: dict[str, Callable[..., object]] = {
    "image": lambda key, **more: genlabel.image.embed(PIXELS, PAYLOAD, key, **more),
    "audio": lambda key, **more: genlabel.audio.embed(SAMPLES, RATE, PAYLOAD, key, **more),
    "stream": lambda key, **more: genlabel.audio.Embedder(RATE, 1, PAYLOAD, key, **more),
    "video": lambda key, **more: genlabel.video.Embedder(256, 256, 25, PAYLOAD, key, **more),
}
DETECTORS: dict[str, Callable[[Any], object]] = {
    "image": lambda keys: genlabel.image.detect(PIXELS, keys),
    "audio": lambda keys: genlabel.audio.detect(SAMPLES, RATE, keys),
    "video": lambda keys: genlabel.video.detect([PIXELS], keys, fps=25),
    "verify": lambda keys: genlabel.verify(b"any", keys=keys),
}


@pytest.mark.parametrize("key", [None, "acme.key", b"secret", [KEY]])
@pytest.mark.parametrize("medium", EMBEDDERS)
def test_what_is_no_key_does_not_mark(medium: str, key: Any) -> None:
    with pytest.raises(SecretError, match="not a genlabel.Key"):
        EMBEDDERS[medium](key)


@pytest.mark.parametrize("keys", [None, 5, "acme.key", [None], [KEY, "acme.key"]])
@pytest.mark.parametrize("medium", DETECTORS)
def test_what_is_no_key_does_not_search(medium: str, keys: Any) -> None:
    with pytest.raises(SecretError, match="genlabel.Key objects"):
        DETECTORS[medium](keys)


@pytest.mark.parametrize("strength", [None, "1", 0, -1.0, 5, float("nan"), 1j])
@pytest.mark.parametrize("medium", EMBEDDERS)
def test_no_medium_takes_such_a_strength(medium: str, strength: Any) -> None:
    with pytest.raises(GenlabelError, match=r"strength is 0\.25 to 4\.0, not"):
        EMBEDDERS[medium](KEY, strength=strength)
    with pytest.raises(GenlabelError, match=r"strength is 0\.25 to 4\.0, not"):
        genlabel.Marker(KEY, strength=strength)


@pytest.mark.parametrize("fps", [None, "25", 0, -1, float("nan"), float("inf")])
def test_frames_per_second_are_a_positive_number(fps: Any) -> None:
    with pytest.raises(GenlabelError, match="frames per second"):
        genlabel.video.Embedder(256, 256, fps, PAYLOAD, KEY)
    with pytest.raises(GenlabelError, match="frames per second"):
        genlabel.video.detect([PIXELS], [KEY], fps=fps)


def test_numbers_of_numpy_are_numbers() -> None:
    side, rate = np.int64(256), np.float32(25)
    film = genlabel.video.Embedder(side, side, rate, PAYLOAD, KEY, strength=np.float32(1))  # type: ignore[arg-type]
    film.push(np.full((256, 256), 128, np.uint8))
    assert film.seconds == 1 / 25
    sound = genlabel.audio.Embedder(np.int32(RATE), np.int64(2), PAYLOAD, KEY)  # type: ignore[arg-type]
    assert sound.push(np.zeros((0, 2), np.float32)).shape == (0, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: genlabel.video.Embedder("256", 256, 25, PAYLOAD, KEY),  # type: ignore[arg-type]
        lambda: genlabel.Marker(KEY, profiles=None),  # type: ignore[arg-type]
        lambda: genlabel.Marker(KEY, profiles=5),  # type: ignore[arg-type]
        lambda: genlabel.Marker(KEY, bitrate="128"),  # type: ignore[arg-type]
        lambda: Encoding(crf="20"),  # type: ignore[arg-type]
        lambda: Encoding(bitrate="1000"),  # type: ignore[arg-type]
    ],
)
def test_settings_of_the_wrong_kind(make: Callable[[], object]) -> None:
    with pytest.raises(GenlabelError):
        make()


@pytest.mark.parametrize("field", ["system", "system_version", "registration", "prompt"])
def test_texts_of_a_label_are_texts(field: str) -> None:
    with pytest.raises(LabelError, match=f"{field} must be text"):
        Label("acme", **{field: 5})  # type: ignore[arg-type]


@pytest.mark.parametrize("created", ["2026-01-01", 5, datetime(2026, 1, 1)])
def test_created_is_a_time_with_its_zone(created: Any) -> None:
    with pytest.raises(LabelError, match="created"):
        Label("acme", created=created)


@pytest.mark.parametrize("path", [None, 5, b"acme.key", "a\0b", ""])
def test_paths_of_keys(path: Any) -> None:
    with pytest.raises(SecretError):
        KEY.save(path)
    with pytest.raises(SecretError):
        Key.load(path)


def test_an_empty_path_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MediaError, match="path is empty"):
        genlabel.mark(b"any", "", label=Label("acme"), key=KEY)
    with pytest.raises(MediaError, match="path is empty"):
        genlabel.label("", io.BytesIO(), label=Label("acme"))
