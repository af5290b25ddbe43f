"""Small sound files with tags of every kind, and what other programs say of them."""

from __future__ import annotations

import hashlib
import io
import struct
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import av
import numpy as np
import soundfile

from tests.sdk.labels.samples import picture, riff_chunk

TAGS = {"title": "Tön", "artist": "Acme", "comment": "A cut"}
RATE = 48000
SECONDS = 0.4


def tone(rate: int, channels: int = 2) -> np.ndarray:
    """A chord, the same every time."""
    time = np.arange(int(rate * SECONDS)) / rate
    left = 0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 1234 * time)
    return np.stack([left, 0.5 * left][:channels], axis=1).astype(np.float32)


def by_soundfile(form: str, coding: str, rate: int = RATE, **tags: str) -> bytes:
    """A file as libsndfile writes it."""
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", rate, 2, coding, format=form) as sink:
        for name, text in tags.items():
            setattr(sink, name, text)
        sink.write(tone(rate))
    return out.getvalue()


def by_ffmpeg(
    form: str, coding: str, options: Mapping[str, str] | None = None, **tags: str
) -> bytes:
    """A file as FFmpeg's libraries write it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with av.open(str(path), "w", format=form, options=dict(options or {})) as sink:
            sink.metadata.update(tags)
            stream = sink.add_stream(coding, rate=RATE, layout="stereo")
            planes = tone(RATE).T
            for start in range(0, planes.shape[1], 1024):
                block = np.ascontiguousarray(planes[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = RATE, start
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
        return path.read_bytes()


def wav_with(*chunks: bytes, coding: str = "PCM_16", form: str = "WAV") -> bytes:
    """A WAV with these chunks behind its samples."""
    return riff(by_soundfile(form, coding) + b"".join(chunks))


def riff(data: bytes) -> bytes:
    """A RIFF or RF64 file with the size it has."""
    if data[:4] == b"RF64":
        return data[:20] + struct.pack("<Q", len(data) - 8) + data[28:]
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def id3_frame(name: bytes, body: bytes, version: int = 4, flags: int = 0) -> bytes:
    """A frame of an ID3 tag."""
    size = synchsafe(len(body)) if version == 4 else struct.pack(">I", len(body))
    return name + size + bytes([0, flags]) + body


def id3_tag(frames: bytes, version: int = 4, flags: int = 0) -> bytes:
    """An ID3 tag."""
    return b"ID3" + bytes([version, 0, flags]) + synchsafe(len(frames)) + frames


def synchsafe(number: int) -> bytes:
    return bytes([number >> 21 & 127, number >> 14 & 127, number >> 7 & 127, number & 127])


COVER = picture("PNG")
FRAMES = {
    version: b"".join(
        (
            id3_frame(b"TIT2", b"\1\xff\xfeT\0\xf6\0n\0", version),
            id3_frame(b"TXXX", b"\0MOOD\0calm", version),
            id3_frame(b"COMM", b"\0eng\0A cut", version),
            id3_frame(b"APIC", b"\0image/png\0\3\0" + COVER, version),
            id3_frame(b"PRIV", b"somebody\0\xff\xe0\xff\0data", version),
            id3_frame(b"XYZZ", b"nobody knows", version),
        )
    )
    for version in (3, 4)
}
APE = b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0)
ID3_V1 = b"TAG" + b"Old".ljust(124, b"\0") + b"\x0c"


def flac_block(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + len(content).to_bytes(3, "big") + content


def flac_cover() -> bytes:
    """A PICTURE block."""
    sizes = struct.pack(">IIIII", 24, 16, 24, 0, len(COVER))
    return flac_block(6, struct.pack(">II", 3, 9) + b"image/png" + bytes(4) + sizes + COVER)


def flac_with(*blocks: bytes, **tags: str) -> bytes:
    """A FLAC with these blocks behind STREAMINFO."""
    plain = by_soundfile("FLAC", "PCM_16", **tags)
    return plain[:42] + b"".join(blocks) + plain[42:]


def info(**texts: str) -> bytes:
    """A LIST INFO chunk."""
    items = (riff_chunk(name.encode(), text.encode() + b"\0") for name, text in texts.items())
    return riff_chunk(b"LIST", b"INFO" + b"".join(items))


BEXT = riff_chunk(b"bext", b"A programme".ljust(602, b"\0"))
IXML = riff_chunk(b"iXML", b"<BWFXML><PROJECT>x</PROJECT></BWFXML>")
CUE = riff_chunk(b"cue ", struct.pack("<IIIIIII", 1, 1, 0, 0x61746164, 0, 0, 7)[:28])


def _mp3(version: int) -> bytes:
    return by_ffmpeg("mp3", "libmp3lame", {"id3v2_version": str(version)}, **TAGS)


def _long_tag() -> bytes:
    plain = by_soundfile("MP3", "MPEG_LAYER_III")
    return id3_tag(FRAMES[3] + bytes(2000), 3) + plain + APE + ID3_V1


def _quicktime() -> bytes:
    return by_ffmpeg("mp4", "aac", {"movflags": "use_metadata_tags"}, mood="calm", **TAGS)


MAKERS: dict[str, Callable[[], bytes]] = {
    "plain.wav": lambda: by_soundfile("WAV", "PCM_16"),
    "tagged.wav": lambda: wav_with(
        info(INAM="Tön", ICMT="A cut"), BEXT, IXML, CUE, riff_chunk(b"id3 ", id3_tag(FRAMES[3], 3))
    ),
    "wavex24.wav": lambda: wav_with(info(IART="Acme"), coding="PCM_24", form="WAVEX"),
    "float.wav": lambda: by_soundfile("WAV", "FLOAT", title="Float"),
    "rf64.wav": lambda: wav_with(BEXT, form="RF64"),
    "ffmpeg.wav": lambda: by_ffmpeg("wav", "pcm_s16le", **TAGS),
    "plain.flac": lambda: by_soundfile("FLAC", "PCM_16"),
    "tagged.flac": lambda: flac_with(flac_cover(), flac_block(1, bytes(400)), title="Tön"),
    "id3.flac": lambda: id3_tag(FRAMES[4]) + flac_with(artist="Acme"),
    "vorbis.ogg": lambda: by_soundfile("OGG", "VORBIS", title="Tön", comment="A cut"),
    "opus.ogg": lambda: by_soundfile("OGG", "OPUS", artist="Acme"),
    "ffmpeg.ogg": lambda: by_ffmpeg("ogg", "libopus", **TAGS),
    "plain.mp3": lambda: by_soundfile("MP3", "MPEG_LAYER_III"),
    "v3.mp3": lambda: _mp3(3),
    "v4.mp3": lambda: _mp3(4),
    "padded.mp3": _long_tag,
    "itunes.m4a": lambda: by_ffmpeg("ipod", "aac", {"movflags": "faststart"}, **TAGS),
    "late.m4a": lambda: by_ffmpeg("mp4", "aac", **TAGS),
    "keys.m4a": _quicktime,
}


@cache
def made(name: str) -> bytes:
    """One of the files above."""
    return MAKERS[name]()


def decoded(data: bytes) -> str:
    """A digest of a file's samples, as FFmpeg decodes them, and of their places in time."""
    out = hashlib.sha256()
    with av.open(io.BytesIO(data)) as source:
        for frame in source.decode(audio=0):
            out.update(f"{frame.pts} {frame.sample_rate}".encode())
            out.update(np.ascontiguousarray(frame.to_ndarray()).data)
    return out.hexdigest()


def coded(data: bytes) -> str:
    """A digest of a file's packets of sound."""
    out = hashlib.sha256()
    with av.open(io.BytesIO(data)) as source:
        for packet in source.demux(audio=0):
            out.update(f"{packet.pts} {packet.dts} {packet.duration}".encode() + bytes(packet))
    return out.hexdigest()


def tags_of(data: bytes) -> dict[str, str]:
    """A file's tags, as FFmpeg reads them, those of its sound included."""
    with av.open(io.BytesIO(data)) as source:
        return {**source.metadata, **source.streams.audio[0].metadata}
