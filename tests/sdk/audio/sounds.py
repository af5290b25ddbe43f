"""Sound files made for tests: real samples, coded by libraries that are not under test here."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import soundfile

from genlabel.audio._files.formats import mark, open_sound

Samples = npt.NDArray[Any]


def melody(seconds: float, rate: int, channels: int = 2, seed: int = 0) -> Samples:
    """Tones that come and go over a little noise: enough for an encoder to think about."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    out = np.empty((len(time), channels), np.float32)
    for channel in range(channels):
        tones = sum(
            np.sin(2 * np.pi * min(pitch, 0.4 * rate) * time + channel)
            * np.exp(-3 * ((time * beat) % 1))
            for pitch, beat in ((220, 1.3), (554, 2.1), (1320, 3.7), (3100, 0.9))
        )
        out[:, channel] = 0.1 * tones + 0.01 * rng.standard_normal(len(time))
    return out


def coded(samples: Samples, rate: int, form: str, subtype: str, **settings: Any) -> bytes:
    """Code samples with libsndfile, in short blocks."""
    stream = io.BytesIO()
    channels = samples.shape[1]
    with soundfile.SoundFile(stream, "w", rate, channels, subtype, format=form, **settings) as file:
        for start in range(0, len(samples), 4096):
            file.write(samples[start : start + 4096])
    return stream.getvalue()


def coded_by_av(
    samples: Samples,
    rate: int,
    bitrate: int = 96_000,
    *,
    codec: str = "aac",
    form: str = "ipod",
    tags: dict[str, str] | None = None,
    path: Path | None = None,
    **options: str,
) -> bytes:
    """Code samples with PyAV, as any program that uses FFmpeg does."""
    stream = io.BytesIO() if path is None else path
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    with av.open(stream, "w", format=form, options=options) as container:
        container.metadata.update(tags or {})
        track = container.add_stream(codec, rate=rate)
        track.codec_context.layout = layout
        if codec != "alac":
            track.codec_context.bit_rate = bitrate
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout=layout
        )
        frame.sample_rate = rate
        frame.pts = 0
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return stream.getvalue() if isinstance(stream, io.BytesIO) else stream.read_bytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def wav(fmt: bytes, data: bytes, *others: bytes, form: bytes = b"RIFF") -> bytes:
    """Put a WAV file together by hand."""
    body = b"WAVE" + chunk(b"fmt ", fmt) + b"".join(others) + chunk(b"data", data)
    return form + struct.pack("<I", len(body)) + body


def plain_fmt(tag: int, channels: int, rate: int, bits: int) -> bytes:
    align = channels * ((bits + 7) // 8)
    return struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits)


def extensible_fmt(tag: int, channels: int, rate: int, bits: int, valid: int, mask: int) -> bytes:
    guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
    return plain_fmt(0xFFFE, channels, rate, bits) + struct.pack("<HHI", 22, valid, mask) + guid


def remade(material: Any, process: Any, *, name: str, bitrate: float | None = None) -> bytes:
    """Open a sound file and write it anew."""
    return mark(open_sound(material, name=name), process, bitrate=bitrate)
