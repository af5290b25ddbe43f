"""Streams: any blocks give the same samples, soon, and a detector reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import Key, UnsupportedError
from genlabel.audio import Embedder, detect

PAYLOAD = b"8 bytes!"
KEY = Key("own", bytes(range(32)))


def rustle(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.05, (int(seconds * rate), channels)).astype(np.float32)
    return sound[:, 0] if channels == 1 else sound


def streamed(sound: np.ndarray, rate: int, sizes: list[int]) -> np.ndarray:
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    embedder = Embedder(rate, channels, PAYLOAD, KEY)
    out, done = [], 0
    while done < len(sound):
        size = sizes[len(out) % len(sizes)]
        out.append(embedder.push(sound[done : done + size]))
        done += size
    return np.concatenate([*out, embedder.flush()])


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (24000, 1), (44100, 2)])
def test_a_stream_is_read(rate: int, channels: int) -> None:
    sound = rustle(9, rate, channels)
    marked = streamed(sound, rate, [960])
    assert marked.shape == sound.shape and marked.dtype == sound.dtype
    assert detect(marked, rate, KEY).payload == PAYLOAD


@settings(max_examples=12)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6).filter(any))
def test_blocks_of_any_size_give_the_same_samples(sizes: list[int]) -> None:
    sound = rustle(0.7, 16000)
    whole = streamed(sound, 16000, [len(sound)])
    assert np.array_equal(streamed(sound, 16000, sizes), whole)


@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000, 192_000])
def test_no_sample_is_held_longer_than_40_ms(rate: int) -> None:
    embedder = Embedder(rate, 1, PAYLOAD, KEY)
    sound = rustle(0.5, rate)
    held = 0
    block = rate // 1000
    for start in range(0, len(sound), block):
        part = sound[start : start + block]
        held += len(part) - len(embedder.push(part))
        assert held <= 0.040 * rate


def test_the_first_samples_are_marked_already() -> None:
    sound = rustle(1, 24000)
    marked = streamed(sound, 24000, [480])
    assert np.abs(marked - sound)[:480].max() > 0


def test_what_stands_still_is_changed_much_less() -> None:
    time = np.arange(6 * 24_000) / 24_000
    tone = sum(np.sin(2 * np.pi * 220 * n * time + n) / n for n in range(1, 50)).astype(np.float32)
    noise = rustle(6, 24_000)
    shares = [
        np.square(streamed(sound, 24_000, [999]) - sound).sum() / np.square(sound).sum()
        for sound in (tone, noise)
    ]
    assert 10 * shares[0] < shares[1]


def test_silence_stays_silent() -> None:
    assert not streamed(np.zeros(16000, np.float32), 16000, [700]).any()


def test_joined_streams_are_read_together(media: Callable[[str], Path]) -> None:
    sound, rate = soundfile.read(media("audio/LJ001-0001.wav"), dtype="float32")
    parts = [streamed(part, rate, [800]) for part in np.array_split(sound, 4)]
    assert detect(np.concatenate(parts), rate, KEY).payload == PAYLOAD


def test_an_empty_stream_ends_empty() -> None:
    assert len(Embedder(16000, 2, PAYLOAD, KEY).flush()) == 0


def test_what_does_not_fit_is_refused() -> None:
    embedder = Embedder(16000, 2, PAYLOAD, KEY)
    with pytest.raises(UnsupportedError):
        embedder.push(rustle(0.1, 16000))
    embedder.flush()
    for late in (lambda: embedder.push(rustle(0.1, 16000, 2)), embedder.flush):
        with pytest.raises(UnsupportedError):
            late()
    for channels in (0, 65, 1.5, True):
        with pytest.raises(UnsupportedError):
            Embedder(16000, channels, PAYLOAD, KEY)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError):
        Embedder(16000, 1, b"short", KEY)
