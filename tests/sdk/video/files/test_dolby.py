"""AC-3 and E-AC-3 in films: every channel at its place, and what their frames say."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel.video._files.dolby import read_told
from tests.sdk.video.reels import MARK, RATE, Reel, noise, packets, remade

SECONDS = 4.0
LAYOUT = "5.1(side)"
SAID = {
    "ac3": {
        "dialnorm": "-24",
        "center_mixlev": "0.5",
        "surround_mixlev": "0.5",
        "mixing_level": "90",
        "room_type": "1",
        "copyright": "1",
        "original": "0",
        "audio_service_type": "ma",
    },
    "eac3": {
        "dialnorm": "-20",
        "dmix_mode": "1",
        "ltrt_cmixlev": "1.0",
        "ltrt_surmixlev": "0.5",
        "loro_cmixlev": "0.5",
        "loro_surmixlev": "0.0",
        "dsurex_mode": "1",
        "mixing_level": "95",
        "room_type": "2",
        "ad_conv_type": "0",
        "copyright": "0",
        "original": "1",
        "audio_service_type": "ma",
    },
}


def film(path: Path, codec: str) -> Path:
    """A film with six different channels."""
    silent = Reel(times=range(6)).write(path.with_name("silent.mkv"))
    samples = np.concatenate([noise(SECONDS, 0.2, seed) for seed in range(3)])
    with av.open(str(silent)) as old, av.open(str(path), "w") as sink:
        picture = sink.add_stream_from_template(old.streams.video[0])
        sound = sink.add_stream(codec, rate=RATE)
        sound.codec_context.layout, sound.codec_context.bit_rate = LAYOUT, 448_000
        sound.codec_context.options = SAID[codec]
        for packet in old.demux():
            if packet.size:
                packet.stream = picture
                sink.mux(packet)
        frame = av.AudioFrame.from_ndarray(samples, "fltp", LAYOUT)
        frame.sample_rate, frame.pts = RATE, 0
        sink.mux(sound.encode(frame))
        sink.mux(sound.encode(None))
    return path


def first_packet(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(next(container.demux(audio=0)))


def channels(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


@pytest.mark.parametrize("codec", SAID)
def test_every_channel_stays_and_what_is_said_of_it(tmp_path: Path, codec: str) -> None:
    source = film(tmp_path / "a.mkv", codec)
    told = read_told(first_packet(source))
    assert told is not None and told.options == SAID[codec] and not told.lost
    new, made = remade(source, sound=MARK)
    assert made.sounds == (1,) and made.warnings == ()
    again = read_told(first_packet(new))
    assert again is not None and again.options == SAID[codec]
    with av.open(str(new)) as container:
        context = container.streams.audio[0].codec_context
        assert (context.layout.name, context.bit_rate) == (LAYOUT, 448_000)
    before, after = channels(source), channels(new)
    assert before.shape == after.shape
    like = np.corrcoef(before, after)[:6, 6:]
    assert np.diag(like).min() > 0.8
    assert np.abs(like - np.diag(np.diag(like))).max() < 0.3


def with_range_control(packet: bytes, gain: int) -> bytes:
    """Put a gain into a frame of AC-3 in stereo whose first block says none [A/52, 5.3.3]."""
    bits = np.unpackbits(np.frombuffer(packet, np.uint8))
    # Behind 67 bits of header, and two flags for each channel.
    at = 67 + 4
    assert bits[at] == 0
    word = np.unpackbits(np.array([gain], np.uint8))
    changed = np.concatenate([bits[:at], [1], word, bits[at + 1 : -8]])
    return np.packbits(changed.astype(np.uint8)).tobytes()


def test_range_control_is_not_laid_into_the_sound(tmp_path: Path) -> None:
    plain = Reel(sounds=[("ac3", "eng")], seconds=SECONDS, times=range(48))
    plain.write(tmp_path / "plain.mkv")
    source = tmp_path / "a.mkv"
    with av.open(str(tmp_path / "plain.mkv")) as old, av.open(str(source), "w") as sink:
        streams = {s.index: sink.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            if not packet.size:
                continue
            copy = packet
            if packet.stream.type == "audio":
                # 6 dB less.
                copy = av.Packet(with_range_control(bytes(packet), 0b111_00000))
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.stream = streams[packet.stream_index]
            sink.mux(copy)
    quiet = channels(source).std() / channels(tmp_path / "plain.mkv").std()
    assert quiet == pytest.approx(0.5, abs=0.05)
    new, made = remade(source, sound=MARK)
    assert made.warnings == ("the sound: its dynamic range control cannot be kept",)
    loud = channels(new).std() / channels(tmp_path / "plain.mkv").std()
    assert loud == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("looked_at", [60, 3])
def test_sound_that_changes_its_channels_is_copied_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    # It is seen when the track is listened to, or not before it is encoded.
    for name in ("LOOK_SECONDS", "ROOM_SECONDS"):
        monkeypatch.setattr(f"genlabel.video._files.sound.{name}", looked_at)
    seconds = 4.0
    reel = Reel(sounds=[("ac3", "eng")], seconds=seconds, times=range(4))
    stereo = reel.write(tmp_path / "stereo.mkv")
    six = film(tmp_path / "six.mkv", "ac3")
    source = tmp_path / "a.mkv"
    with (
        av.open(str(stereo)) as one,
        av.open(str(six)) as two,
        av.open(str(source), "w") as sink,
    ):
        copies = {s.index: sink.add_stream_from_template(s) for s in one.streams}
        for old, later in ((one, 0), (two, round(1000 * seconds) + 64)):
            for packet in old.demux():
                if packet.size and (old is one or packet.stream.type == "audio"):
                    if later:
                        packet.pts = packet.dts = packet.pts + later
                    packet.stream = copies[packet.stream_index]
                    sink.mux(packet)
    new, made = remade(source, sound=MARK)
    assert made.sounds == ()
    assert made.warnings == (
        "the sound carries no watermark and stays as it was: its channels or its rate change on "
        "the way",
    )
    assert packets(new, "audio") == packets(source, "audio")


@given(st.binary(max_size=80))
def test_any_bytes_say_something_or_nothing(data: bytes) -> None:
    told = read_told(b"\x0b\x77" + data)
    assert told is None or set(told.options) <= {
        name for said in SAID.values() for name in said
    } | {
        "dsur_mode",
        "dheadphone_mode",
    }
    assert read_told(data[:1]) is None
