"""Damaged and hostile films: a result or one of our errors, never anything else."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

import genlabel
from genlabel import GenlabelError, Key, Label
from genlabel.video import Encoding
from tests.sdk.video.reels import KEY, Reel

KINDS = {"a.mp4": "aac", "a.mkv": "aac", "a.ts": "aac", "a.avi": "libmp3lame", "a.flv": "aac"}


def film(path: Path) -> bytes:
    """A short film with sound."""
    picture = "mpeg4" if path.suffix == ".avi" else "libx264"
    reel = Reel(picture=picture, times=range(4), sounds=[(KINDS[path.name], "eng")], seconds=0.5)
    return reel.write(path).read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_changed_bytes_and_cuts_end_in_our_errors(tmp_path: Path, name: str, key: Key) -> None:
    whole = film(tmp_path / name)
    rng = random.Random(name)
    for trial in range(8):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 5, 40))):
            data[rng.randrange(min(len(data), rng.choice((300, len(data)))))] = rng.randrange(256)
        damaged = tmp_path / f"{trial}{Path(name).suffix}"
        damaged.write_bytes(data[: rng.randrange(len(data))] if trial % 4 == 3 else data)
        with contextlib.suppress(GenlabelError):
            genlabel.verify(damaged, keys=[key])
        if trial % 4 == 0:
            with contextlib.suppress(GenlabelError):
                genlabel.mark(
                    damaged,
                    tmp_path / f"out{Path(name).suffix}",
                    label=Label("acme"),
                    key=key,
                    keep_going=True,
                    overwrite=True,
                    encoding=None if name == "a.avi" else Encoding(preset="ultrafast"),
                )


def test_sound_of_no_known_rate_is_named(tmp_path: Path) -> None:
    data = film(tmp_path / "a.ts")
    silenced = data.replace(b"\xff\xf1", b"\0\0")
    assert silenced != data
    path = tmp_path / "b.ts"
    path.write_bytes(silenced)
    parts = genlabel.verify(path, keys=[KEY]).layers["watermark"].details["parts"]
    assert parts[1]["part"] == "sound" and not parts[1]["found"]
    assert "rate" in parts[1]["problem"] or "coding" in parts[1]["problem"]
