"""What a sound can carry is said beforehand, and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genlabel import CapacityError, Key
from genlabel.audio import detect, embed

KEY = Key("own", bytes(range(32)))


@pytest.mark.parametrize("size", [8, 16, 32])
def test_every_size_of_payload_is_carried(media: Callable[[str], Path], size: int) -> None:
    sound, rate = soundfile.read(media("audio/sonicpi_loop_garzul.flac"), dtype="float32")
    payload = bytes(range(size))
    assert detect(embed(sound, rate, payload, KEY), rate, KEY).payload == payload


def test_a_faint_band_under_loud_bass_asks_for_more_sound() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(20 * 16000) / 16000
    bass = 0.4 * np.sin(2 * np.pi * 80 * time)
    sound = (bass + 2e-6 * rng.normal(size=time.size)).astype(np.float32)
    with pytest.raises(CapacityError) as caught:
        embed(sound, 16000, bytes(8), KEY)
    assert caught.value.required is not None and "sound" in caught.value.required


def test_less_strength_carries_less() -> None:
    rng = np.random.default_rng(1)
    sound = np.zeros(6 * 16000, np.float32)
    # Half a second of sound in six of silence.
    sound[:8000] = rng.normal(0, 0.05, 8000)
    with pytest.raises(CapacityError):
        embed(sound, 16000, bytes(32), KEY, strength=0.25)


def test_a_strong_mark_is_read_more_surely(media: Callable[[str], Path]) -> None:
    sound, rate = soundfile.read(media("audio/p286_011.wav"), dtype="float32")
    surely = [
        detect(embed(sound, rate, bytes(8), KEY, strength), rate, KEY).log10_p
        for strength in (0.7, 1.0, 1.6)
    ]
    assert surely == sorted(surely, reverse=True)


def test_the_mark_follows_the_law_of_levels(media: Callable[[str], Path]) -> None:
    sound, rate = soundfile.read(media("audio/LJ001-0001.wav"), dtype="float32")
    marked = embed(sound, rate, bytes(8), KEY)
    quieter = embed(sound * np.float32(0.1), rate, bytes(8), KEY)
    np.testing.assert_allclose(quieter * 10, marked, atol=2e-3)
    ratio = np.sqrt(((marked - sound) ** 2).mean() / (sound**2).mean())
    assert 10 ** (-35 / 20) < ratio < 10 ** (-20 / 20)


@pytest.mark.parametrize("seed", range(2))
def test_steady_tones_and_lone_clicks_are_refused_rather_than_marked_in_vain(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time = np.arange(8 * 16000) / 16000
    pitches = (1046.5, 523.3, 659.3, 784.0)[: 1 + 3 * seed]
    tones = sum(np.sin(2 * np.pi * pitch * time + pitch) for pitch in pitches)
    clicks = 0.8 * (rng.random(time.size) < 0.0005)
    for sound in (0.1 * tones, clicks):
        with pytest.raises(CapacityError, match="too steady or too sparse"):
            embed(np.asarray(sound, np.float32), 16000, bytes(8), KEY)


def _steady(hertz: tuple[float, ...], partials: int, rate: int, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    sines = [
        np.sin(2 * np.pi * number * pitch * time + number) / number
        for pitch in hertz
        for number in range(1, partials + 1)
        if number * pitch < 0.45 * rate
    ]
    sound = np.sum(sines, axis=0)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def _distance(marked: np.ndarray, sound: np.ndarray) -> float:
    """Signal to change, dB."""
    return float(10 * np.log10(np.square(sound).sum() / np.square(marked - sound).sum()))


def test_a_steady_chord_is_changed_much_less_than_noise_and_still_read() -> None:
    chord = _steady((220.0, 275.0, 330.0), 20, 24_000, 8.0)
    noise = np.random.default_rng(2).normal(0, 0.1, chord.size).astype(np.float32)
    marked = embed(chord, 24_000, bytes(8), KEY)
    assert detect(marked, 24_000, KEY).payload == bytes(8)
    assert _distance(marked, chord) > 6 + _distance(embed(noise, 24_000, bytes(8), KEY), noise)


@pytest.mark.parametrize("rate", [8000, 44_100])
@pytest.mark.parametrize("seconds", [3.0, 8.0, 20.0])
def test_an_organ_is_refused_rather_than_marked_in_vain(rate: int, seconds: float) -> None:
    organ = _steady((130.8, 164.8, 196.0, 261.6), 8, rate, seconds)
    with pytest.raises(CapacityError, match="too steady"):
        embed(organ, rate, bytes(8), KEY)


def test_nobody_is_asked_for_days_of_sound() -> None:
    sound = 0.5 * np.sin(2 * np.pi * 50 * np.arange(10 * 16000) / 16000)
    with pytest.raises(CapacityError, match="between 500 and 4000 Hz"):
        embed(sound.astype(np.float32), 16000, bytes(8), KEY)
