"""Small films with everything in them that a film can hold, and what is in a film."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from genlabel._data import joined
from genlabel._key import Key
from genlabel.video._files.mp4 import grafted
from genlabel.video._files.picture import Picture
from genlabel.video._files.transcode import Made, Plan, transcode

RATE = 48_000
TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".flv": "video/x-flv",
    ".ts": "video/mp2t",
}


_SCRIPT = b"""[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True)
class Reel:
    """How a film is made.

    Parameters
    ----------
    picture, form : str
        The picture's encoder and pixel format.
    size : tuple of int
        Width and height.
    times : sequence of int
        Of its frames, in `base`.
    options, muxer : mapping
        For the picture's encoder, and for the container.
    sounds : sequence of (codec, language)
        Its sound tracks, `seconds` long.
    text : str or None
        Codec of its subtitles.
    """

    picture: str = "libx264"
    form: str = "yuv420p"
    size: tuple[int, int] = (160, 128)
    times: Sequence[int] = tuple(range(12))
    base: Fraction = Fraction(1, 12)
    rate: int = 12
    options: Mapping[str, str] = field(default_factory=dict)
    muxer: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    sounds: Sequence[tuple[str, str]] = ()
    seconds: float = 1.0
    loud: float = 0.2
    text: str | None = None
    chapters: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    turned: tuple[int, bool] | None = None
    attachment: bytes | None = None

    def write(self, path: Path) -> Path:
        """Make it."""
        with av.open(str(path), "w", options=dict(self.muxer)) as sink:
            sink.metadata.update(self.tags)
            picture: Any = sink.add_stream(self.picture, rate=self.rate)
            picture.width, picture.height = self.size
            picture.pix_fmt = self.form
            picture.codec_context.time_base = picture.time_base = self.base
            picture.codec_context.options = dict(self.options)
            for name, value in self.settings.items():
                setattr(picture.codec_context, name, value)
            if self.turned is not None:
                picture.set_display_rotation(self.turned[0], hflip=self.turned[1])
            sounds = [self._sound(sink, *sound) for sound in self.sounds]
            text = None if self.text is None else self._text(sink)
            if self.attachment is not None:
                sink.add_attachment("font.ttf", "font/ttf", self.attachment)
            if self.chapters:
                sink.set_chapters(
                    [
                        {
                            "id": n,
                            "start": n,
                            "end": n + 1,
                            "time_base": Fraction(1),
                            "metadata": {"title": f"Part {n} ü"},
                        }
                        for n in range(2)
                    ]
                )
            for number, time in enumerate(self.times):
                frame = drawn(number, *self.size, self.form)
                frame.pts, frame.time_base = time, self.base
                sink.mux(picture.encode(frame))
            sink.mux(picture.encode(None))
            for number, sound in enumerate(sounds):
                self._play(sink, sound, number)
            if text is not None:
                self._write_text(sink, text)
        return path

    def _sound(self, sink: Any, codec: str, language: str) -> Any:
        sound = sink.add_stream(codec, rate=RATE)
        sound.codec_context.layout = "stereo"
        if codec in ("wavpack", "tta"):
            sound.codec_context.format = sound.codec.audio_formats[1].name
        if codec in ("aac", "libmp3lame", "libopus"):
            sound.codec_context.bit_rate = 96_000
        sound.metadata["language"] = language
        sound.metadata["title"] = f"Sound {language}"
        if language != "eng":
            sound.disposition = av.stream.Disposition.comment
        return sound

    def _play(self, sink: Any, sound: Any, seed: int) -> None:
        samples = noise(self.seconds, self.loud, seed)
        form = sound.codec_context.format.name
        kind = {"s16": np.int16, "s32": np.int32}.get(form.removesuffix("p"))
        if kind is not None:
            samples = (samples * np.iinfo(kind).max).astype(kind)
        planes = samples if form.endswith("p") else samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), form, "stereo")
        frame.sample_rate, frame.pts = RATE, 0
        sink.mux(sound.encode(frame))
        sink.mux(sound.encode(None))

    def _text(self, sink: Any) -> Any:
        text = sink.add_stream(self.text)
        text.codec_context.time_base = text.time_base = Fraction(1, 1000)
        text.metadata["language"] = "deu"
        header = _SCRIPT
        text.codec_context.subtitle_header = header
        return text

    def _write_text(self, sink: Any, text: Any) -> None:
        for number in range(2):
            said = f"Zeile {number}".encode()
            raw = len(said).to_bytes(2, "big") + said if self.text == "mov_text" else said
            packet = av.Packet(raw)
            packet.pts = packet.dts = 100 + 400 * number
            packet.duration, packet.time_base, packet.stream = 300, Fraction(1, 1000), text
            sink.mux(packet)


def noise(seconds: float, loud: float, seed: int) -> NDArray[np.float32]:
    """Stereo noise, low frequencies louder."""
    rng = np.random.default_rng(seed)
    white = rng.normal(size=(2, round(seconds * RATE)))
    smooth = np.cumsum(white, axis=1)
    smooth -= np.apply_along_axis(
        lambda row: np.convolve(row, np.ones(400) / 400, "same"), 1, smooth
    )
    mixed = smooth / np.abs(smooth).max() + 0.2 * white / np.abs(white).max()
    return (loud * mixed).astype(np.float32)


def drawn(number: int, width: int, height: int, form: str) -> av.VideoFrame:
    """A textured frame that moves."""
    rows, columns = np.mgrid[:height, :width]
    luma = 90 + 50 * np.sin((columns + 3 * number) / 7.0) * np.cos(rows / 9.0)
    rng = np.random.default_rng(5)
    luma = luma + rng.normal(size=luma.shape) * 6
    frame = av.VideoFrame(width, height, form)
    bits = frame.format.components[0].bits
    scale = 1 << (bits - 8)
    kind = np.uint8 if bits == 8 else np.uint16
    values = [luma, np.full(luma.shape, 110.0), np.full(luma.shape, 140.0), columns % 256.0]
    for plane, value in zip(frame.planes, values, strict=False):
        view = np.frombuffer(plane, kind).reshape(plane.height, -1)
        step = -(-width // plane.width)
        part = value[:: -(-height // plane.height), ::step][: plane.height, : plane.width]
        view[:, : plane.width] = (part * scale).astype(kind)
    return frame


def brighter(picture: Picture) -> Callable[[NDArray[Any]], bool]:
    """A brush that raises luma by four steps of eight bits."""
    step = 4 << (picture.bits - 8)

    def brush(luma: NDArray[Any]) -> bool:
        luma += step
        return False

    return brush


def untouched(picture: Picture) -> Callable[[NDArray[Any]], bool]:
    """A brush that changes nothing."""
    return lambda luma: False


def remade(source: Path, **settings: Any) -> tuple[Path, Made]:
    """Write a film anew, beside itself."""
    target = source.with_name(f"new{source.suffix}")
    plan = Plan(**{"brush": brighter, **settings})
    return target, transcode(source, TYPES[source.suffix], target, plan, name=source.name)


def regrafted(source: Path, new: Path) -> None:
    """Bring into a new MP4 film what only its source has, as the journey does."""
    old, made = source.read_bytes(), new.read_bytes()
    new.write_bytes(joined(made, grafted(old, made, "a")))


def packets(path: Path, kind: str, number: int = 0) -> list[tuple[Any, ...]]:
    """Times and content of one track's packets."""
    with av.open(str(path)) as film:
        stream = [s for s in film.streams if s.type == kind][number]
        return [
            (p.pts, p.dts, p.duration, hashlib.sha256(bytes(p)).hexdigest())
            for p in film.demux(stream)
            if p.size
        ]


def shown_times(path: Path) -> list[Fraction]:
    """When each frame is shown."""
    with av.open(str(path)) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]


def lumas(path: Path, decoder: str | None = None) -> list[NDArray[Any]]:
    """Luma of every frame."""
    return [frame[0] for frame in planes(path, decoder)]


def planes(path: Path, decoder: str | None = None) -> list[list[NDArray[Any]]]:
    """All planes of every frame."""
    from genlabel.video._files.picture import planes_of

    out = []
    with av.open(str(path)) as film:
        context: Any = None if decoder is None else av.CodecContext.create(decoder, "r")
        for packet in film.demux(video=0):
            frames = (
                packet.decode()
                if context is None
                else context.decode(packet if packet.size else None)
            )
            out += [[plane.copy() for plane in planes_of(frame)] for frame in frames]
    return out


def facts(path: Path) -> list[dict[str, Any]]:
    """What a film says of its tracks."""
    with av.open(str(path)) as film:
        return [
            {
                "type": stream.type,
                "codec": None if stream.codec_context is None else stream.codec_context.name,
                "disposition": int(stream.disposition),
                "language": stream.metadata.get("language"),
                "title": stream.metadata.get("title"),
            }
            for stream in film.streams
        ]


def first_frame(path: Path) -> Any:
    """A film's first frame."""
    with av.open(str(path)) as film:
        return next(film.decode(video=0))


def top_boxes(path: Path) -> list[bytes]:
    """Types of an MP4 file's boxes."""
    from genlabel.labels.containers import boxes

    data = path.read_bytes()
    return [box.kind for box in boxes.walk(data, 0, len(data), "a", nested=False)]


KEY = Key("acme-2026", bytes(range(32)))
MARK = (b"\1\2\3\4\5\6\7\x08", KEY, 1.0)
