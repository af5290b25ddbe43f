"""The label people hear: what it sounds like, where it is, how loud; streams get the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel import MediaError, UnsupportedError
from genlabel.audio._audible.clip import measured, resampled
from genlabel.audio._audible.label import AudibleLabel, Labeller, labelled
from genlabel.audio._audible.rhythm import Rhythm
from tests.sdk.audio.sounds import Samples, melody

RATE = 16000
PROGRAMME = melody(8, RATE, 2)


def whole(samples: Samples, label: AudibleLabel, **known: Any) -> Samples:
    return np.concatenate(list(labelled([samples], RATE, samples.shape[1], label, **known)))


def ebur128(samples: Samples, rate: int) -> float:
    """Ask FFmpeg for the integrated loudness."""
    graph = av.filter.Graph()
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout=layout)
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout=layout
    )
    frame.sample_rate = rate
    graph.push(frame)
    graph.push(None)
    said = -math.inf
    while True:
        try:
            said = float(graph.pull().metadata["lavfi.r128.I"])
        except (av.error.EOFError, av.error.BlockingIOError):
            return said


def test_the_rhythm_is_short_long_short_short() -> None:
    rhythm = Rhythm()
    lengths = [end - start for start, end in rhythm.sounds]
    assert lengths == pytest.approx([0.12, 0.36, 0.12, 0.12])
    assert rhythm.seconds == pytest.approx(1.08)
    samples = rhythm.samples(48000)
    assert len(samples) == round(1.08 * 48000)
    assert np.abs(samples).max() == pytest.approx(1, abs=1e-3)
    spectrum = np.abs(np.fft.rfft(samples[round(0.26 * 48000) : round(0.58 * 48000)]))
    assert np.argmax(spectrum) / 0.32 == pytest.approx(1000, abs=4)
    time = np.arange(len(samples)) / 48000
    for start, end in zip([0.12, 0.6, 0.84], [0.24, 0.72, 0.96], strict=True):
        assert not np.any(samples[(time > start + 1e-4) & (time < end - 1e-4)])
    # No click: it begins and ends from nothing.
    assert np.abs(np.diff(samples)).max() <= 2 * np.pi * 1000 / 48000 * 1.01


@pytest.mark.parametrize(
    "wrong", [{"unit": 0}, {"pitch": 9000}, {"long": 1}, {"gap": math.nan}, {"fade": "x"}]
)
def test_a_rhythm_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError, match=next(iter(wrong))):
        Rhythm(**wrong)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_loudness_is_that_of_another_program(rate: int, channels: int) -> None:
    samples = melody(6, rate, channels, seed=channels)
    samples[: 2 * rate] *= 0.01
    assert measured(samples, rate) == pytest.approx(ebur128(samples, rate), abs=0.15)


def test_a_full_scale_tone_reads_3_lufs_below_zero() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(96000) / 48000)[:, None]
    assert measured(tone, 48000) == pytest.approx(-3.01, abs=0.02)
    assert measured(np.zeros((9600, 1)), 48000) == -math.inf


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_label_is_as_loud_as_the_programme(channels: int) -> None:
    programme = 0.3 * melody(5, RATE, channels)
    loudness = measured(programme, RATE)
    label = AudibleLabel(at=("start",), level=0)
    new = whole(programme, label, loudness=loudness)
    alone = new[: round(0.36 * RATE) + round(0.24 * RATE)]
    # The long sound, without its fades, repeated so that it can be measured.
    tone = np.tile(alone[round(0.26 * RATE) : round(0.56 * RATE)], (8, 1))
    assert measured(tone, RATE) == pytest.approx(loudness, abs=0.3)
    np.testing.assert_array_equal(new[len(new) - len(programme) :], programme)
    assert not np.any(new[round(1.08 * RATE) : round(1.33 * RATE)])


def test_places_and_lengths() -> None:
    programme = melody(130, RATE, 1)
    label = AudibleLabel(at=("start", "middle", "end"), every=0.5)
    labeller = Labeller(RATE, 1, label, frames=len(programme), loudness=-20)
    parts = [labeller.push(programme), labeller.flush()]
    new = np.concatenate(parts)
    assert labeller.added_frames == len(new) - len(programme) == 2 * round(1.33 * RATE)
    inner = new[round(1.33 * RATE) : round(1.33 * RATE) + len(programme)]
    changed = np.flatnonzero(np.any(inner != programme, axis=1)) / RATE
    starts = changed[np.flatnonzero(np.diff(changed, prepend=-9) > 0.5)]
    assert starts == pytest.approx([30, 60, 64.46, 90, 120], abs=0.02)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=8), st.booleans())
def test_blocks_of_any_size_give_the_same(sizes: list[int], known: bool) -> None:
    programme = PROGRAMME
    label = AudibleLabel(at=("start", "end"), every=0.05)
    expected = whole(programme, label, loudness=-20)
    labeller = Labeller(RATE, 2, label, loudness=-20, frames=len(programme) if known else None)
    parts, position = [], 0
    for size in [*sizes, len(programme)]:
        parts.append(labeller.push(programme[position : position + size]))
        position += size
    np.testing.assert_array_equal(np.concatenate([*parts, labeller.flush()]), expected)


def test_over_the_programme_its_length_stays() -> None:
    rate, frames = 8000, 8000 * 20
    label = AudibleLabel(at=("start", "middle", "end"), every=0.1)
    labeller = Labeller(rate, 1, label, frames=frames, loudness=-23.0, over=True)
    assert labeller.added_frames == 0
    silence = np.zeros((frames, 1), np.float32)
    heard = np.concatenate([*map(labeller.push, np.split(silence, 80)), labeller.flush()])
    assert heard.shape == silence.shape
    middle = 10 - 1.08 / 2
    # At 18 s one would reach into the last.
    starts = [0, 6, middle, 12, 20 - 1.08]
    begun = [span[0] for span in labeller.spans]
    assert begun == pytest.approx(starts, abs=0.01)
    for start, end in labeller.spans:
        assert np.abs(heard[int(start * rate) : int(end * rate)]).max() > 0.05
    with pytest.raises(UnsupportedError, match="not known"):
        Labeller(rate, 1, AudibleLabel(at=("end",)), over=True)


def test_a_stream_gets_its_label_at_the_level_heard_so_far() -> None:
    loud = 0.5 * melody(4, RATE, 1)
    loudness = measured(loud, RATE)
    label = AudibleLabel(at=("end",))
    labeller = Labeller(RATE, 1, label)
    for start in range(0, len(loud), 160):
        labeller.push(loud[start : start + 160])
    expected = Labeller(RATE, 1, label, loudness=loudness).flush()
    np.testing.assert_allclose(labeller.flush(), expected, rtol=1e-3)
    with pytest.raises(UnsupportedError, match="middle"):
        Labeller(RATE, 1, AudibleLabel(at=("middle",)))


def test_the_programme_goes_on_beneath_and_comes_back() -> None:
    programme = np.full((5 * RATE, 1), 0.1, np.float32)
    new = whole(programme, AudibleLabel(at=("middle",)), frames=len(programme), loudness=-20)
    assert len(new) == len(programme)
    first = (len(programme) - round(1.08 * RATE)) // 2
    pause = new[first + round(0.15 * RATE) : first + round(0.21 * RATE)]
    np.testing.assert_allclose(pause, 0.1 * 10 ** (-9 / 20), rtol=1e-5)
    np.testing.assert_array_equal(new[:first], programme[:first])


def test_a_loud_programme_makes_no_label_beyond_full_scale() -> None:
    programme = np.sign(melody(2, RATE, 1)).astype(np.float32)
    new = whole(programme, AudibleLabel(level=12), loudness=measured(programme, RATE))
    assert np.abs(new[: round(1.08 * RATE)]).max() <= 0.9 + 1e-6


def test_a_spoken_clip_is_brought_to_the_programme(
    media: Callable[[str], Path], tmp_path: Path
) -> None:
    clip = media("audio/espeak_cmn_weather.wav")
    programme = 0.1 * melody(3, RATE, 2)
    loudness = measured(programme, RATE)
    label = AudibleLabel(cue=clip, at=("end",), pause=0)
    spoken = whole(programme, label, loudness=loudness)[len(programme) :]
    seconds = soundfile.info(str(clip)).duration
    assert len(spoken) == math.ceil(seconds * RATE)
    assert measured(spoken, RATE) == pytest.approx(loudness, abs=0.3)
    np.testing.assert_array_equal(spoken[:, 0], spoken[:, 1])
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "long.wav", np.zeros(31 * RATE), RATE)
    (tmp_path / "text.wav").write_text("no sound")
    for name, what in (("silent", "silent"), ("long", "short clip"), ("none", "cannot be read")):
        with pytest.raises(MediaError, match=what):
            Labeller(RATE, 1, AudibleLabel(cue=tmp_path / f"{name}.wav"))
    with pytest.raises(UnsupportedError, match=r"text\.wav"):
        Labeller(RATE, 1, AudibleLabel(cue=tmp_path / "text.wav"))


@pytest.mark.parametrize(("rate", "wanted"), [(44100, 48000), (48000, 8000), (8000, 44100)])
def test_a_clip_keeps_its_sound_at_another_rate(rate: int, wanted: int) -> None:
    time, new_time = np.arange(rate) / rate, np.arange(wanted) / wanted
    tone = np.sin(2 * np.pi * 440 * time) * np.sin(np.pi * time)
    expected = np.sin(2 * np.pi * 440 * new_time) * np.sin(np.pi * new_time)
    new = resampled(tone.astype(np.float32), rate, wanted)
    np.testing.assert_allclose(new, expected, atol=2e-3)


@pytest.mark.parametrize(
    "wrong",
    [{"at": "start"}, {"at": ("top",)}, {"at": ()}, {"every": 0}, {"level": 40}, {"duck": -1}],
)
def test_a_label_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        AudibleLabel(**wrong)
