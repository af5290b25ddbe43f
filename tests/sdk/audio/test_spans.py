"""Sounds that were cut, joined and inserted: which stretch carries which payload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genlabel import Key
from genlabel.audio import detect, embed

ONE, TWO = b"8 bytes!", b"8 others"
KEY = Key("own", bytes(range(32)))
OTHER = Key("other", bytes(32))


@pytest.fixture(scope="module")
def speech() -> tuple[np.ndarray, int]:
    """Syllables of noise with formants: fluctuating as speech does, and always there."""
    rng = np.random.default_rng(7)
    rate, seconds = 16000, 20
    noise = rng.normal(0, 1, rate * seconds)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(noise.size, 1 / rate)
    shape = sum(np.exp(-(((hertz - peak) / 400) ** 2)) for peak in (600, 1500, 2600, 3500))
    level = np.repeat(np.exp(rng.normal(0, 1, seconds * 8)), rate // 8)
    sound = np.fft.irfft(spectrum * (shape + 0.02), noise.size) * level
    return (0.1 * sound / np.abs(sound).max()).astype(np.float32), rate


def test_a_whole_sound_is_one_span(speech: tuple[np.ndarray, int]) -> None:
    sound, rate = speech
    found = detect(embed(sound, rate, ONE, KEY), rate, KEY)
    (span,) = found.spans
    assert span.payload == ONE and span.log10_p <= -9
    assert span.start < 0.5 and 19.5 < span.end <= 20


def test_an_island_is_found_and_placed(speech: tuple[np.ndarray, int]) -> None:
    sound, rate = speech
    marked = embed(sound, rate, ONE, KEY)
    long = np.concatenate([sound, sound[::-1], sound])
    long[25 * rate : 30 * rate] = marked[4 * rate : 9 * rate]
    (span,) = detect(long, rate, KEY).spans
    assert abs(span.start - 25) <= 0.25 and abs(span.end - 30) <= 0.25


def test_two_marks_are_two_spans(speech: tuple[np.ndarray, int]) -> None:
    sound, rate = speech
    middle = 10 * rate
    joined = np.concatenate(
        [embed(sound[:middle], rate, ONE, KEY), embed(sound[middle:], rate, TWO, KEY)]
    )
    first, second = detect(joined, rate, KEY).spans
    assert (first.payload, second.payload) == (ONE, TWO)
    assert abs(first.end - 10) < 0.5 and abs(second.start - 10) < 0.5


def test_two_keys_are_told_apart(speech: tuple[np.ndarray, int]) -> None:
    sound, rate = speech
    middle = 10 * rate
    joined = np.concatenate(
        [embed(sound[:middle], rate, ONE, KEY), embed(sound[middle:], rate, TWO, OTHER)]
    )
    assert {span.payload for span in detect(joined, rate, [KEY, OTHER]).spans} == {ONE, TWO}
    assert {span.payload for span in detect(joined, rate, OTHER).spans} == {TWO}


@pytest.mark.parametrize("cut", [0.02, 0.31])
def test_a_cut_every_second_does_not_matter(speech: tuple[np.ndarray, int], cut: float) -> None:
    sound, rate = speech
    marked = embed(sound, rate, ONE, KEY)
    step = int((1 + cut) * rate)
    kept = [marked[start : start + rate] for start in range(0, len(marked), step)]
    assert detect(np.concatenate(kept), rate, KEY).payload == ONE


def test_pieces_marked_apart_are_read_together(media: Callable[[str], Path]) -> None:
    sound, rate = soundfile.read(media("audio/LJ001-0001.wav"), dtype="float32")
    pieces = [sound[start : start + 2 * rate] for start in range(0, 8 * rate, 2 * rate)]
    joined = np.concatenate([embed(piece, rate, ONE, KEY) for piece in pieces])
    assert detect(joined, rate, KEY).payload == ONE


def test_a_long_sound_is_searched_in_pieces(speech: tuple[np.ndarray, int]) -> None:
    sound, rate = speech
    low = sound[::2].copy()
    long = embed(np.tile(low, 13), rate // 2, ONE, KEY)
    (span,) = detect(long, rate // 2, KEY, effort="quick").spans
    assert span.payload == ONE and span.start < 0.5 and span.end > 259.5


@pytest.mark.parametrize("secret", range(3))
def test_knocks_in_silence_are_one_sound(secret: int) -> None:
    rate, key = 16000, Key("own", bytes([secret]) * 32)
    rng = np.random.default_rng(secret)
    knocking = np.arange(12 * rate) % rate < 0.35 * rate
    sound = (rng.normal(0, 0.2, 12 * rate) * knocking).astype(np.float32)
    marked = embed(sound, rate, ONE, key)
    found = detect(marked, rate, key)
    # No knock is long enough to be sure of by itself.
    assert found.payload == ONE and found.log10_p < -40
    assert all(span.start < span.end for span in found.spans)
    covered = sum(span.end - span.start for span in found.spans)
    assert covered > 8
