"""Tables of what other programs leave of a label: ``python -m tests.conformance.survival``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

import genlabel
from genlabel import Label, Signer
from genlabel.certs import init
from tests.conformance.tables import ROOT, replaced
from tests.sdk.labels.films import film
from tests.sdk.labels.sounds import by_ffmpeg, by_soundfile

DOCUMENT = ROOT / "docs" / "what-survives.md"
LABEL = Label("001191110102MACQD9K64010000", produce_id="n1", system="Painter")

FILMS: dict[str, Callable[[], bytes]] = {
    "MP4": lambda: film("mp4", "libx264"),
    "MP4, fragmented": lambda: film(
        "mp4", "libx264", options={"movflags": "frag_keyframe+empty_moov"}
    ),
    "MOV": lambda: film("mov", "libx264"),
    "MKV": lambda: film("matroska", "libx264"),
    "WebM": lambda: film("webm", "libvpx-vp9", "libopus"),
    "AVI": lambda: film("avi", "mpeg4", "libmp3lame"),
    "FLV": lambda: film("flv", "libx264"),
}
SOUNDS: dict[str, Callable[[], bytes]] = {
    "WAV": lambda: by_soundfile("WAV", "PCM_16"),
    "FLAC": lambda: by_soundfile("FLAC", "PCM_16"),
    "MP3": lambda: by_ffmpeg("mp3", "libmp3lame"),
    "Ogg Opus": lambda: by_ffmpeg("ogg", "libopus"),
    "M4A": lambda: by_ffmpeg("ipod", "aac"),
}


@dataclass(frozen=True)
class Target:
    """What a film or sound is written as."""

    form: str
    options: Mapping[str, str] = field(default_factory=dict)
    audio: str = ""


COPIES = {
    "MP4": Target("mp4"),
    "MP4, `use_metadata_tags`": Target("mp4", {"movflags": "use_metadata_tags"}),
    "MOV": Target("mov"),
    "MKV": Target("matroska"),
    "AVI": Target("avi"),
    "FLV": Target("flv"),
    "MPEG-TS": Target("mpegts"),
}
ENCODINGS = {
    "WAV": Target("wav", audio="pcm_s16le"),
    "FLAC": Target("flac", audio="flac"),
    "MP3": Target("mp3", audio="libmp3lame"),
    "Ogg Opus": Target("ogg", audio="libopus"),
    "M4A": Target("ipod", audio="aac"),
    "M4A, `use_metadata_tags`": Target("ipod", {"movflags": "use_metadata_tags"}, "aac"),
}
PICTURES = {
    "PNG": "PNG",
    "JPEG": "JPEG",
    "WebP": "WEBP",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "AVIF": "AVIF",
}


@cache
def signer() -> Signer:
    """Somebody who signs."""
    with tempfile.TemporaryDirectory() as folder:
        files = init(Path(folder))
        return Signer.load(files.chain, files.key)


def labelled(data: bytes) -> bytes:
    """A file with every layer that it has a place for."""
    out = io.BytesIO()
    genlabel.label(data, out, label=LABEL, signer=signer())
    return out.getvalue()


def left(data: bytes) -> str:
    """Say what is left of a label."""
    report = genlabel.verify(data, samples=False)
    found = []
    aigc = report.layers["aigc"]
    if aigc.state != "absent":
        copy = any("only a copy in words" in problem for problem in aigc.problems)
        found.append("copy" if copy else "label")
    found += ["XMP"] * (report.layers["xmp"].state != "absent")
    found += ["manifest"] * (report.layers["c2pa"].state != "absent")
    return ", ".join(found) or "nothing"


def copied(data: bytes, target: Target) -> bytes:
    """Streams and tags in another container, as ``ffmpeg -c copy`` puts them there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with (
            av.open(io.BytesIO(data)) as source,
            av.open(str(path), "w", format=target.form, options=dict(target.options)) as sink,
        ):
            sink.metadata.update(source.metadata)
            streams = {s.index: sink.add_stream_from_template(s) for s in source.streams}
            for packet in source.demux():
                if packet.size:
                    packet.stream = streams[packet.stream.index]
                    sink.mux(packet)
        return path.read_bytes()


def encoded(data: bytes, target: Target, video: str = "") -> bytes:
    """Streams coded anew and tags copied, as ``ffmpeg -i in out`` does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with (
            av.open(io.BytesIO(data)) as source,
            av.open(str(path), "w", format=target.form, options=dict(target.options)) as sink,
        ):
            sink.metadata.update(source.metadata)
            sink.metadata.update(source.streams.audio[0].metadata)
            streams: dict[int, Any] = {}
            for stream in source.streams:
                if stream.type == "audio":
                    new: Any = sink.add_stream(target.audio, rate=48000)
                else:
                    new = sink.add_stream(video, rate=10)
                    new.width, new.height = stream.width, stream.height
                streams[stream.index] = new
            for packet in source.demux():
                for frame in packet.decode():
                    sink.mux(streams[packet.stream.index].encode(frame))
            for new in streams.values():
                sink.mux(new.encode(None))
        return path.read_bytes()


def streamed(data: bytes) -> bytes:
    """The first segment of a film as HLS in fragmented MP4, its initialisation before it."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"hls_segment_type": "fmp4", "hls_time": "1"}
        path = Path(folder, "a.m3u8")
        with (
            av.open(io.BytesIO(data)) as source,
            av.open(str(path), "w", format="hls", options=options) as sink,
        ):
            sink.metadata.update(source.metadata)
            stream = sink.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    sink.mux(packet)
        return Path(folder, "init.mp4").read_bytes() + Path(folder, "a0.m4s").read_bytes()


def resaved(data: bytes, form: str, **kept: Any) -> bytes:
    """A picture as Pillow saves it."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        told = {key: picture.info[key] for key in kept if picture.info.get(key)}
        picture.save(out, form, **told)
    return out.getvalue()


def pictured(form: str) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(out, form)
    return out.getvalue()


def table(head: str, columns: Mapping[str, Any], rows: Iterator[tuple[str, list[str]]]) -> str:
    lines = [f"| {head} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]
    return "\n".join(lines) + "\n"


def film_table() -> str:
    """Give the table of copies of films."""
    rows = ((name, [_copy(name, target) for target in COPIES.values()]) for name in FILMS)
    return table("from", COPIES, rows)


def sound_table() -> str:
    """Give the table of sound coded anew."""
    rows = (
        (name, [left(encoded(labelled(make()), target)) for target in ENCODINGS.values()])
        for name, make in SOUNDS.items()
    )
    return table("from", ENCODINGS, rows)


def picture_table() -> str:
    """Give the table of pictures saved again."""
    columns = {"as labelled": {}, "`save()`": {}, "`save(xmp=..., exif=...)`": {}}
    rows = []
    for name, form in PICTURES.items():
        data = labelled(pictured(form))
        passed = resaved(data, form, xmp=True, exif=True)
        rows.append((name, [left(data), left(resaved(data, form)), left(passed)]))
    return table("format", columns, iter(rows))


@cache
def _film(name: str) -> bytes:
    return labelled(FILMS[name]())


def _copy(name: str, target: Target) -> str:
    try:
        return left(copied(_film(name), target))
    except (av.error.FFmpegError, ValueError):
        # Not every container takes every coding.
        return ""


def main() -> None:
    """Write the tables anew."""
    text = DOCUMENT.read_text()
    text = replaced(text, "Films", film_table())
    text = replaced(text, "Sound", sound_table())
    DOCUMENT.write_text(replaced(text, "Pictures", picture_table()))


if __name__ == "__main__":
    main()
