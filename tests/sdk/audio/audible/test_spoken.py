"""The spoken labels that come along: what they are like, and where they are heard again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import genlabel
from genlabel import Key, Label, MediaError
from genlabel.audio import SPOKEN, AudibleLabel, find_spoken, labelled
from genlabel.audio._audible.clip import measured, read_clip, resampled
from genlabel.audio._audible.spoken import clip_path
from tests.sdk.audio.sounds import Samples, coded, melody

RATE = 16000
#: The first is by the synthesiser of the labels, the second speaks the same language.
UNLABELLED = ["espeak_cmn_weather.wav", "aishell-BAC009S0724W0121.wav", "LJ001-0001.wav"]


def in_programme(samples: Samples, rate: int, label: AudibleLabel) -> Samples:
    known = {"frames": len(samples), "loudness": measured(samples, rate)}
    return np.concatenate(list(labelled([samples], rate, samples.shape[1], label, **known)))


@pytest.mark.parametrize("language", SPOKEN)
def test_a_clip_is_short_clear_and_complete(language: str) -> None:
    samples, loudness = read_clip(language, RATE)
    assert 2 < len(samples) / RATE < 5
    assert -22 < loudness < -18 and np.abs(samples).max() < 0.9
    # It begins and ends in silence, and all of the voice passes a telephone.
    ends = [np.sqrt(np.mean(np.square(part))) for part in (samples[:160], samples[-160:])]
    assert max(ends) < 0.01
    spectrum = np.square(np.abs(np.fft.rfft(samples)))
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    assert spectrum[(hertz > 300) & (hertz < 3400)].sum() > 0.6 * spectrum.sum()


def test_the_chinese_one_keeps_the_pace_of_the_standard() -> None:
    samples, _ = read_clip("zh", RATE)
    assert {"人工智能", "生成"} <= {SPOKEN["zh"][4:8], SPOKEN["zh"][8:]}
    assert 120 <= 60 * len(SPOKEN["zh"]) / (len(samples) / RATE) <= 160


def test_all_together_are_small_and_their_licence_lies_beside_them() -> None:
    folder = Path(clip_path("en")).parent
    files = {path.stem: path.stat().st_size for path in folder.glob("*.ogg")}
    assert files.keys() == SPOKEN.keys() and sum(files.values()) < 150_000
    assert "CC0" in (folder / "LICENSE.txt").read_text()
    assert clip_path("./en") == "./en" and clip_path(Path("en")) == "en"
    with pytest.raises(MediaError, match="cannot be read"):
        read_clip("./en", RATE)


@pytest.mark.parametrize("language", ["zh", "en", "hi"])
def test_a_label_is_heard_again_at_its_place(language: str) -> None:
    programme = 0.3 * melody(9, 44100, 2)
    for place, level in (("start", 0.0), ("middle", 0.0), ("end", -6.0)):
        label = AudibleLabel(cue=language, at=(place,), level=level)
        sound = in_programme(programme, 44100, label)
        (found,) = find_spoken(np.array_split(sound, 7), 44100)
        seconds = len(read_clip(language, 44100)[0]) / 44100
        begin = {"start": 0.0, "middle": (9 - seconds) / 2, "end": 9.25}[place]
        assert found.language == language and found.likeness > 0.6
        assert found.start == pytest.approx(begin, abs=0.01)
        assert found.end - found.start == pytest.approx(seconds, abs=0.01)


def test_a_label_is_heard_after_coding_and_noise(media: Callable[[str], Path]) -> None:
    samples, rate = soundfile.read(media("audio/LJ001-0001.wav"), dtype="float32", always_2d=True)
    sound = in_programme(samples, rate, AudibleLabel(cue="ko", at=("middle",)))
    noise = np.random.default_rng(0).normal(0, 1, sound.shape)
    noise *= np.sqrt(np.mean(np.square(sound))) / 10
    narrow = np.stack([resampled(channel, rate, 8000) for channel in sound.T], axis=1)
    wide = np.stack([resampled(channel, rate, 24000) for channel in sound.T], axis=1)
    mp3 = coded(wide, 24000, "MP3", "MPEG_LAYER_III", compression_level=0.95)
    decoded, _ = soundfile.read(io.BytesIO(mp3), dtype="float32", always_2d=True)
    for new, at in ((sound + noise, rate), (narrow, 8000), (decoded, 24000), (-0.2 * sound, rate)):
        found = find_spoken([new.astype(np.float32)], at)
        assert [one.language for one in found] == ["ko"]


@pytest.mark.parametrize("name", UNLABELLED)
def test_other_voices_are_not_taken_for_one(media: Callable[[str], Path], name: str) -> None:
    samples, rate = soundfile.read(media(f"audio/{name}"), dtype="float32", always_2d=True)
    assert find_spoken([samples], rate) == ()


def test_nothing_is_found_in_nothing() -> None:
    assert find_spoken([], RATE) == ()
    assert find_spoken([np.zeros((40 * RATE, 1), np.float32)], RATE) == ()
    assert find_spoken([np.zeros((100, 2), np.float32)], RATE) == ()


def test_a_file_and_its_receipt_say_it(
    key: Key, media: Callable[[str], Path], check_schema: Callable[[object], None]
) -> None:
    source = media("audio/asterisk_en_demo-congrats.wav")
    out = io.BytesIO()
    label = AudibleLabel(cue="zh", at=("end",))
    receipt = genlabel.mark(
        source, out, label=Label("acme"), key=key, profiles=("cn",), visible=label
    )
    check_schema(receipt)
    assert receipt.visible is not None and receipt.visible["language"] == "zh"
    heard = genlabel.verify(out.getvalue(), keys=[key]).layers["visible"]
    assert heard.state == "present" and heard.details["kind"] == "clip"
    assert heard.details["language"] == "zh"
    assert 0.5 < heard.details["likeness"] <= 1
