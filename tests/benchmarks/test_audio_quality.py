from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.audio import peaq, quality

RATE = 48_000


def music(seconds: float = 3.0) -> NDArray[np.float64]:
    """A chord that swells, under hiss, on a grid of 16 bits as another program would read it."""
    time = np.arange(int(seconds * RATE)) / RATE
    chord = sum(
        np.sin(2 * np.pi * tone * number * time) / number
        for tone in (220.0, 277.5, 330.25)
        for number in range(1, 40)
    )
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 1.7 * time)
    hiss = np.random.default_rng(1).random((len(time), 2)) - 0.5
    return sixteen_bits(0.05 * (chord * swell)[:, None] * [1.0, 0.8] + 0.01 * hiss)


def sixteen_bits(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(np.clip(samples, -1, 32767 / 32768) * 32768) / 32768


def hissing(samples: NDArray[np.float64], amount: float) -> NDArray[np.float64]:
    hiss = np.random.default_rng(2).random(samples.shape) - 0.5
    return sixteen_bits(samples + amount * hiss)


def dull(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[len(spectrum) // 3 :] = 0
    return sixteen_bits(np.fft.irfft(spectrum, len(samples), axis=0))


def driven(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return sixteen_bits(np.tanh(3 * samples) / 3)


EDITS = {
    "same": music,
    "hissing slightly": lambda: hissing(music(), 0.001),
    "hissing": lambda: hissing(music(), 0.003),
    "hissing loudly": lambda: hissing(music(), 0.01),
    "dull": lambda: dull(music()),
    "driven": lambda: driven(music()),
}


# What GstPEAQ 0.6.1 (basic version) prints for the same samples, written as 16-bit WAV.
@pytest.mark.parametrize(
    ("edit", "mono", "stereo"),
    [
        ("same", 0.187, 0.185),
        ("hissing slightly", 0.090, 0.079),
        ("hissing", -0.138, -0.196),
        ("hissing loudly", -2.022, -2.240),
        ("dull", -1.168, -1.180),
        ("driven", 0.007, 0.015),
    ],
)
def test_peaq_grades_as_another_program_does(edit: str, mono: float, stereo: float) -> None:
    before, after = music(), EDITS[edit]()
    assert quality.peaq_odg(before[:, :1], after[:, :1], RATE) == pytest.approx(mono, abs=6e-4)
    assert quality.peaq_odg(before, after, RATE) == pytest.approx(stereo, abs=6e-4)


@pytest.mark.skipif(shutil.which("peaq") is None, reason="needs GstPEAQ's program on the path")
@pytest.mark.parametrize("name", ["etr_race1-jt.ogg", "p286_011.wav", "espeak_de.wav"])
def test_peaq_grades_real_sound_as_another_program_does(
    name: str, media: Callable[[str], Path], tmp_path: Path
) -> None:
    samples, rate = soundfile.read(media(f"audio/{name}"), always_2d=True)
    before = sixteen_bits(soxr.resample(samples[: 8 * rate], rate, RATE, quality="VHQ"))
    after = hissing(before, 0.02 * float(before.std()))
    for file, sound in (("before.wav", before), ("after.wav", after)):
        soundfile.write(tmp_path / file, sound, RATE, subtype="PCM_16")
    printed = subprocess.run(
        ["peaq", tmp_path / "before.wav", tmp_path / "after.wav"], capture_output=True, text=True
    ).stdout
    theirs = float(printed.split("Objective Difference Grade:")[1].split()[0])
    assert quality.peaq_odg(before, after, RATE) == pytest.approx(theirs, abs=1e-3)


def test_peaq_of_six_channels_is_that_of_the_worst_pair() -> None:
    before = np.hstack([music(1.0)] * 3)
    after = before.copy()
    after[:, 2:4] = hissing(before[:, 2:4], 0.01)
    worst = quality.peaq_odg(before[:, 2:4], after[:, 2:4], RATE)
    assert quality.peaq_odg(before, after, RATE) == worst < -1


def test_peaq_of_a_telephone_recording_is_a_number() -> None:
    # Nothing above 4 kHz: the standard leaves the bandwidth of such a sound undefined.
    before = music()[::6]
    assert 0.1 < quality.peaq_odg(before, before, RATE // 6) < 0.22
    assert quality.peaq_odg(before, hissing(before, 0.01), RATE // 6) < 0


def test_peaq_of_silence_is_undefined() -> None:
    silence = np.zeros((RATE, 1))
    assert math.isnan(quality.peaq_odg(silence, silence, RATE))


def test_peaq_bears_silence_within() -> None:
    before = music()
    before[RATE // 2 : RATE] = 0
    after = hissing(before, 0.001)
    after[RATE // 2 : RATE] = 0
    assert -1 < quality.peaq_odg(before, after, RATE) < 0.2


def test_peaq_wants_sounds_of_one_shape() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        quality.peaq_odg(music(), music()[1:], RATE)


def test_bands_share_out_every_bin_once() -> None:
    share = peaq.ear.bands().grouping.sum(axis=1)
    lowest, highest = 80 * 2048 / RATE, 18_000 * 2048 / RATE
    inside = np.arange(math.ceil(lowest + 0.5), math.floor(highest - 0.5))
    assert share[inside] == pytest.approx(1)
    assert share.sum() == pytest.approx(highest - lowest)


def test_smoothing_is_the_recursion() -> None:
    values = np.random.default_rng(0).random((20, peaq.ear.BANDS))
    keep = np.exp(-1024 / (RATE * (0.008 + 100 / peaq.ear.bands().centres * 0.022)))
    state = np.zeros(peaq.ear.BANDS)
    for row in values:
        state = keep * state + (1 - keep) * row
    assert peaq.ear.smooth(values, 0.008, 0.030)[-1] == pytest.approx(state)


@pytest.fixture
def pesq() -> None:
    pytest.importorskip("pesq", reason="needs PESQ, which a C compiler builds: pip install pesq")


@pytest.mark.usefixtures("pesq")
def test_pesq_falls_with_noise(media: Callable[[str], Path]) -> None:
    samples, rate = soundfile.read(media("audio/librispeech-1995-1837-0001.wav"))
    noise = np.random.default_rng(0).normal(0, 1, len(samples))
    noisy = [quality.pesq_wb(samples, samples + level * noise, rate) for level in (0, 3e-4, 3e-3)]
    assert noisy[0] == pytest.approx(4.644, abs=1e-3)
    assert noisy[0] > noisy[1] > noisy[2] > 1


@pytest.mark.usefixtures("pesq")
def test_pesq_without_speech_is_undefined() -> None:
    assert math.isnan(quality.pesq_wb(np.zeros(16_000), np.zeros(16_000), 16_000))


def test_ratios_of_noise() -> None:
    time = np.arange(8000) / 8000
    before = np.sin(2 * np.pi * 440 * time)
    noise = 0.01 * np.sin(2 * np.pi * 1000 * time)
    assert quality.snr(before, before + noise) == pytest.approx(40, abs=1e-6)
    assert quality.snr(before, 0.5 * before) == pytest.approx(6.02, abs=0.01)
    # Level alone is no distortion.
    assert quality.si_snr(before, 0.5 * (before + noise)) == pytest.approx(40, abs=1e-6)
    assert quality.si_snr(before, 0.5 * before) == quality.IDENTICAL_DB


def test_what_is_added_in_silence() -> None:
    before = np.full((8000, 2), 0.5)
    before[2000:4000] = 0  # a quarter of a second
    before[5000:5400] = 0  # 50 ms: a pause between two sounds, no silence
    after = before.copy()
    after[2100], after[5200], after[7000] = 0.3, 0.2, 0.1
    assert quality.added_in_silence(before, after, 8000) == 0
    after[3000, 1] = -0.25
    assert quality.added_in_silence(before, after, 8000) == 0.25
