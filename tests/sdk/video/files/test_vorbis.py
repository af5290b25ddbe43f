"""Vorbis in films: as long as before, in step, every channel at its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from genlabel import audio
from genlabel.video._files.sound import Timeline
from tests.sdk.video.reels import KEY, MARK, RATE, Reel, noise, remade

Media = Callable[[str], Path]


def film(path: Path, sound: Path) -> Path:
    """A film with the sound of an Ogg file, packet by packet."""
    silent = Reel(picture="libvpx", times=range(6)).write(path.with_name("silent.webm"))
    with (
        av.open(str(silent)) as one,
        av.open(str(sound)) as two,
        av.open(str(path), "w") as sink,
    ):
        tracks = [(one, one.streams.video[0]), (two, two.streams.audio[0])]
        copies = [sink.add_stream_from_template(stream) for _, stream in tracks]
        for (old, stream), copy in zip(tracks, copies, strict=True):
            for packet in old.demux(stream):
                if packet.size:
                    packet.stream = copy
                    sink.mux(packet)
    return path


def heard(path: Path, rate: int) -> tuple[int, np.ndarray]:
    """Where the sound begins, in frames, and its samples."""
    timeline = Timeline(rate)
    with av.open(str(path)) as container:
        blocks = [b for frame in container.decode(audio=0) for b in timeline.push(frame)]
    return timeline.start or 0, np.concatenate(blocks)


def bits(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.size for packet in container.demux(audio=0))


@pytest.mark.parametrize("name", ["a.webm", "a.mkv"])
def test_sound_is_marked_in_step_and_as_long_as_before(
    media: Media, tmp_path: Path, name: str
) -> None:
    sound = media("audio/sorohanro_-_solo-trumpet-06.hq.ogg")
    rate = soundfile.info(sound).samplerate
    source = film(tmp_path / name, sound)
    new, made = remade(source, sound=MARK)
    assert made.sounds == (1,) and made.warnings == ()
    (start, before), (again, after) = heard(source, rate), heard(new, rate)
    assert start == again and before.shape == after.shape
    # Any shift by a frame would be seen: the trumpet has much of high frequencies.
    fit = [
        np.corrcoef(before[9:-9, 0], np.roll(after[:, 0], lag)[9:-9])[0, 1] for lag in (-1, 0, 1)
    ]
    assert np.argmax(fit) == 1 and fit[1] > 0.97
    assert bits(new) == pytest.approx(bits(source), rel=0.06)
    found = audio.detect(after, rate, [KEY])
    assert found.found and found.payload == MARK[0]


def test_six_channels_stay_where_they_are(tmp_path: Path) -> None:
    samples = np.concatenate([noise(4.0, 0.2, seed) for seed in range(3)]).T
    with soundfile.SoundFile(
        tmp_path / "a.ogg", "w", RATE, 6, "VORBIS", format="OGG", compression_level=0.6
    ) as file:
        for start in range(0, len(samples), 4096):
            file.write(samples[start : start + 4096])
    source = film(tmp_path / "a.mkv", tmp_path / "a.ogg")
    new, made = remade(source, sound=MARK)
    assert made.sounds == (1,)
    before, after = heard(source, RATE)[1], heard(new, RATE)[1]
    assert before.shape == after.shape
    like = np.corrcoef(before.T, after.T)[:6, 6:]
    assert np.diag(like).min() > 0.95
    assert np.argmax(np.abs(like), axis=1).tolist() == list(range(6))
