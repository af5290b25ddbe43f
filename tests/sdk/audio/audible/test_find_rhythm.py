"""Hearing rhythm labels: after codecs and noise, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genlabel.audio._audible.clip import measured, resampled
from genlabel.audio._audible.find_rhythm import find_rhythms
from genlabel.audio._audible.label import AudibleLabel, labelled
from genlabel.audio._audible.rhythm import Rhythm
from tests.sdk.audio.sounds import Samples, coded, melody

Media = Callable[[str], Path]

PROGRAMMES = [
    "LJ001-0001.wav",
    "asterisk_en_demo-congrats.wav",
    "sonicpi_loop_garzul.flac",
    "sonicpi_vinyl_hiss.flac",
    "noise_freesound_573577.wav",
]
#: Speech, song, instruments, noise and beasts: none of them says short-long-short-short.
UNLABELLED = [
    *PROGRAMMES,
    "198-209-0000.hq.ogg",
    "espeak_cmn_weather.wav",
    "espeak_de.wav",
    "p286_011.wav",
    "flite_slt_en_16k.wav",
    "manolo_camp-morning_coffee.wav",
    "sample1_signed.wav",
    "sonicpi_guit_e_fifths.flac",
    "sorohanro_-_solo-trumpet-06.hq.ogg",
    "wesnoth_birds2.ogg",
    "wesnoth_sad.ogg",
    "singularity_Chimes_They_Fade.ogg",
]


def heard(path: Path, seconds: float = 60) -> tuple[Samples, int]:
    with soundfile.SoundFile(path) as file:
        return file.read(round(seconds * file.samplerate), "float32", True), file.samplerate


def at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    return np.stack([resampled(channel, rate, wanted) for channel in samples.T], axis=1)


def mp3_32(samples: Samples, rate: int) -> tuple[Samples, int]:
    if rate < 16000:
        samples, rate = at_rate(samples, rate, 16000), 16000
    least, most = (32, 320) if rate >= 32000 else (8, 160)
    level = min((most - 32) / (most - least), 0.999)
    data = coded(
        samples, rate, "MP3", "MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=level
    )
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)


def opus_24(samples: Samples, rate: int) -> tuple[Samples, int]:
    level = 1 - (24000 / samples.shape[1] - 6000) / 250_000
    data = coded(at_rate(samples, rate, 48000), 48000, "OGG", "OPUS", compression_level=level)
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)


def noisy(samples: Samples, rate: int) -> tuple[Samples, int]:
    rng = np.random.default_rng(1)
    level = 0.1 * np.sqrt(np.square(samples).mean())
    return samples + level * rng.standard_normal(samples.shape).astype(np.float32), rate


ATTACKS: dict[str, Callable[[Samples, int], tuple[Samples, int]]] = {
    "clean": lambda samples, rate: (samples, rate),
    "mp3-32": mp3_32,
    "opus-24": opus_24,
    "noise-20": noisy,
    "8-kHz": lambda samples, rate: (at_rate(samples, rate, 8000), 8000),
    "-12-dB": lambda samples, rate: (samples * np.float32(0.25), rate),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", PROGRAMMES)
def test_labels_are_found_where_they_are(media: Media, name: str, attack: str) -> None:
    samples, rate = heard(media(f"audio/{name}"), 8)
    label = AudibleLabel(at=("start", "middle"), level=-3)
    known = {"frames": len(samples), "loudness": measured(samples, rate)}
    new = np.concatenate(list(labelled([samples], rate, samples.shape[1], label, **known)))
    attacked, attacked_rate = ATTACKS[attack](new, rate)
    found = find_rhythms([attacked], attacked_rate)
    starts = [0, 1.33 + (len(samples) / rate - 1.08) / 2]
    assert [one.start for one in found] == pytest.approx(starts, abs=0.12)
    assert all(one.pitch == pytest.approx(1000, abs=15) for one in found)
    assert all(one.unit == pytest.approx(0.12, abs=0.01) for one in found)


@pytest.mark.parametrize("name", UNLABELLED)
def test_nothing_is_found_in_what_has_no_label(media: Media, name: str) -> None:
    samples, rate = heard(media(f"audio/{name}"))
    assert find_rhythms([samples], rate) == ()


@pytest.mark.parametrize(
    "rhythm", [Rhythm(pitch=800), Rhythm(pitch=1046.5), Rhythm(unit=0.09), Rhythm(unit=0.15)]
)
def test_other_builders_rhythms_are_heard_too(rhythm: Rhythm) -> None:
    samples = np.concatenate([melody(2, 16000, 1), 0.1 * rhythm.samples(16000)[:, None]])
    (found,) = find_rhythms([samples], 16000)
    assert found.start == pytest.approx(2, abs=0.05)
    assert found.pitch == pytest.approx(rhythm.pitch, abs=15)


def test_other_rhythms_are_not_heard() -> None:
    for long in (2.0, 5.0):
        assert find_rhythms([Rhythm(long=long).samples(16000)[:, None]], 16000) == ()
    backwards = Rhythm().samples(16000)[::-1, None]
    assert find_rhythms([backwards], 16000) == ()


def test_blocks_of_any_size_and_long_sounds_are_heard_alike() -> None:
    rng = np.random.default_rng(3)
    samples = 0.003 * rng.standard_normal((70 * 8000, 1))
    for second in (0, 18.9, 37.2, 68.9):
        start = round(second * 8000)
        samples[start : start + 8640, 0] += 0.1 * Rhythm().samples(8000)
    found = find_rhythms([samples], 8000)
    assert [one.start for one in found] == pytest.approx([0, 18.9, 37.2, 68.9], abs=0.03)
    assert find_rhythms(np.array_split(samples, 97), 8000) == found


def test_silence_and_next_to_nothing_hold_none() -> None:
    for samples in (np.zeros((30_000, 2)), np.zeros((0, 1)), np.zeros((5, 1)), np.ones((9000, 1))):
        assert find_rhythms([samples], 8000) == ()
    assert find_rhythms([], 8000) == ()
