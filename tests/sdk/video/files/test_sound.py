"""A film's sound: marked, as long as before, in step with the picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genlabel import audio
from genlabel.labels.containers.films.avi import stream_headers
from genlabel.video._files.sound import Timeline, plan_sound
from genlabel.video._files.sound_coding import SoundPlan
from tests.sdk.video.reels import KEY, MARK, RATE, Reel, facts, packets, remade, shown_times

SECONDS = 5.0
CODECS = {
    "a.mp4": "aac",
    "a.mov": "pcm_s24le",
    "a.mkv": "flac",
    "a.webm": "libopus",
    "a.avi": "libmp3lame",
    "a.flv": "aac",
    "a.ts": "mp2",
    "ac3.mkv": "ac3",
    "ac3.avi": "ac3",
    "eac3.mp4": "eac3",
    "eac3.ts": "eac3",
    "wavpack.mkv": "wavpack",
    "tta.mkv": "tta",
}


def heard(path: Path, number: int = 0) -> tuple[float, NDArray[np.float32]]:
    """When a film's sound begins, and its samples without gaps."""
    timeline = Timeline(RATE)
    with av.open(str(path)) as film:
        stream = film.streams.audio[number]
        blocks = [block for frame in film.decode(stream) for block in timeline.push(frame)]
    return (timeline.start or 0) / RATE, np.concatenate(blocks).astype(np.float32)


def apart(one: tuple[float, NDArray[Any]], other: tuple[float, NDArray[Any]]) -> float:
    """By how many seconds one sound is heard later than the other."""
    count = min(len(one[1]), len(other[1]), 2 * RATE)
    spectra = [np.fft.rfft(samples[:count, 0], 2 * count) for _, samples in (one, other)]
    lags = np.fft.irfft(spectra[0] * spectra[1].conj())
    lag = int(np.argmax(lags))
    lag = lag - len(lags) if lag > len(lags) // 2 else lag
    return lag / RATE + one[0] - other[0]


@pytest.mark.parametrize("name", CODECS)
def test_sound_is_marked_in_step_and_as_long_as_before(tmp_path: Path, name: str) -> None:
    picture = {"webm": "libvpx", "avi": "mpeg4"}.get(name.rpartition(".")[2], "libx264")
    reel = Reel(
        picture=picture,
        times=range(6),
        sounds=[(CODECS[name], "eng")],
        seconds=SECONDS,
    )
    source = reel.write(tmp_path / name)
    new, made = remade(source, sound=MARK)
    assert made.sounds == (1,) and made.warnings == ()
    assert facts(new) == facts(source)
    before, after = heard(source), heard(new)
    assert abs(apart(after, before)) < 0.001
    assert len(after[1]) == pytest.approx(len(before[1]), abs=3 * 1152)
    if not name.endswith(("avi", "flv", "ts")):
        assert len(after[1]) == len(before[1])
    found = audio.detect(after[1], RATE, [KEY])
    assert found.found and found.payload == MARK[0]


@pytest.mark.parametrize("name", ["mp3.avi", "mp3.flv", "aac.flv"])
def test_what_comes_before_a_sound_does_not_put_off_the_picture(tmp_path: Path, name: str) -> None:
    reel = Reel(
        picture="flv" if name == "mp3.flv" else "mpeg4" if name.endswith("avi") else "libx264",
        times=range(75),
        base=Fraction(1, 25),
        rate=25,
        sounds=[("aac" if name.startswith("aac") else "libmp3lame", "eng")],
        seconds=3.0,
    )
    source = reel.write(tmp_path / name)
    # The source is FFmpeg's own, which has put off its picture by as much, or not.
    new, _ = remade(source, sound=MARK)
    assert shown_times(new) == shown_times(source)
    before, after = heard(source), heard(new)
    assert after[0] == pytest.approx(before[0], abs=0.001) and abs(apart(after, before)) < 0.001


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_an_mp4_says_the_same_of_how_long_it_is(tmp_path: Path, name: str) -> None:
    reel = Reel(sounds=[("aac", "eng")], seconds=5.003, times=range(60))
    source = reel.write(tmp_path / name)
    new, _ = remade(source, sound=MARK)
    ends = []
    for path in (source, new):
        with av.open(str(path)) as film:
            track = film.streams.audio[0]
            last = [packet for packet in film.demux(track) if packet.size][-1]
            ends.append((film.duration, last.pts + last.duration))
    # The source's edit list is in milliseconds.
    assert ends[0][0] == pytest.approx(ends[1][0], abs=1000) and ends[0][1] == ends[1][1]


def test_every_track_is_marked_and_gaps_stay(tmp_path: Path) -> None:
    whole = Reel(sounds=[("aac", "eng"), ("aac", "fra")], seconds=8.0, times=range(96))
    full = whole.write(tmp_path / "full.mkv")
    source = tmp_path / "a.mkv"
    with av.open(str(full)) as old, av.open(str(source), "w") as film:
        streams = {s.index: film.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            silent = packet.stream.index == 1 and packet.pts and 5000 < packet.pts < 6000
            if packet.size and not silent:
                packet.stream = streams[packet.stream.index]
                film.mux(packet)
    new, made = remade(source, sound=MARK)
    assert made.sounds == (1, 2)
    for number in range(2):
        before, after = heard(source, number), heard(new, number)
        assert abs(apart(after, before)) < 0.001
        assert len(after[1]) == pytest.approx(len(before[1]), abs=1)
    assert np.abs(heard(new)[1][int(5.2 * RATE) : int(5.8 * RATE)]).max() < 0.01


def test_other_codings_are_copied_and_said(tmp_path: Path) -> None:
    sounds = [("adpcm_ima_qt", "eng"), ("aac", "fra")]
    source = Reel(sounds=sounds, seconds=SECONDS, times=range(60)).write(tmp_path / "a.mov")
    new, made = remade(source, sound=MARK)
    assert made.sounds == (2,) and made.carrying == ("picture", "sound 2")
    assert made.warnings == (
        "sound track 1 carries no watermark and stays as it was: adpcm_ima_qt is copied as it is",
    )
    assert packets(new, "audio", 0) == packets(source, "audio", 0)


@pytest.mark.parametrize("codec", ["ac3", "libmp3lame", "adpcm_ms", "pcm_s16le"])
def test_copied_sound_of_avi_keeps_its_times(tmp_path: Path, codec: str) -> None:
    reel = Reel(picture="mpeg4", times=range(6), sounds=[(codec, "eng")], seconds=2.0)
    source = reel.write(tmp_path / "a.avi")
    new, _ = remade(source)
    assert packets(new, "audio") == packets(source, "audio")
    lengths = []
    for path in (source, new):
        data = path.read_bytes()
        header = stream_headers(data, name="a")[1].content(data)
        lengths.append((header[20:36], header[44:48]))
    assert lengths[0] == lengths[1]


def test_a_bitrate_is_obeyed(tmp_path: Path) -> None:
    reel = Reel(sounds=[("aac", "eng")], seconds=SECONDS, times=range(60))
    source = reel.write(tmp_path / "a.mp4")
    new, _ = remade(source, sound=MARK, sound_rate=192_000)
    with av.open(str(new)) as film:
        assert film.streams.audio[0].codec_context.bit_rate == pytest.approx(192_000, rel=0.15)


def test_a_long_sounds_rate_is_what_a_minute_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where it is looked at for room it may be calm.
    monkeypatch.setattr("genlabel.video._files.sound.LOOK_SECONDS", 8)
    monkeypatch.setattr("genlabel.video._files.sound.ROOM_SECONDS", 4)
    reel = Reel(sounds=[("libopus", "eng")], seconds=12.0, times=range(12))
    source = reel.write(tmp_path / "a.mkv")
    with av.open(str(source)) as film:
        whole = [packet for packet in film.demux(film.streams.audio[0]) if packet.size]
    first = [packet for packet in whole if packet.pts * packet.time_base < 8]
    taken = 8 * sum(packet.size for packet in first) / 8.0
    with av.open(str(source)) as film:
        plan = plan_sound(film, film.streams.audio[0], *MARK)
    assert isinstance(plan, SoundPlan) and plan.marked is None and plan.carries
    assert plan.bit_rate == pytest.approx(taken, rel=0.02)
