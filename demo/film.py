"""The demo's film: made of the demo's own pictures and music, marked, sent through the world."""

from __future__ import annotations

import base64
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import soundfile
from PIL import Image

import genlabel
from demo.sound import SOUNDS, Piece
from genlabel.video import Encoding

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 15, 4


class Fate(NamedTuple):
    """One thing that happens to a film; no metadata comes along.

    Parameters
    ----------
    name : str
        What happened, for people.
    scale : float
        Of each side.
    times : tuple of float
        From where to where, in seconds.
    crf : int
        Of the H.264 it becomes.
    sound : bool
        Whether the sound comes along.
    """

    name: str
    scale: float = 1.0
    times: tuple[float, float] = (0.0, SECONDS)
    crf: int = 23
    sound: bool = False

    def befall(self, source: Path, folder: Path) -> Path:
        """Change a film and save it."""
        target = folder / (self.name.replace(",", "").replace(" ", "-").lower() + ".mp4")
        with av.open(str(source)) as old, av.open(str(target), "w") as new:
            stream: Any = new.add_stream("libx264", rate=FPS)
            stream.codec_context.options = {"preset": "veryfast", "crf": str(self.crf)}
            stream.pix_fmt = "yuv420p"
            stream.width, stream.height = (self._side(side) for side in (WIDTH, HEIGHT))
            tracks = {s.index: new.add_stream_from_template(s) for s in old.streams.audio}
            for packet in old.demux():
                if packet.size and self.sound and packet.stream.index in tracks:
                    packet.stream = tracks[packet.stream.index]
                    new.mux(packet)
                elif packet.stream.type == "video":
                    for frame in packet.decode():
                        new.mux(self._shown(stream, frame))
            new.mux(stream.encode(None))
        return target

    def _side(self, side: int) -> int:
        return round(side * self.scale / 2) * 2

    def _shown(self, stream: Any, frame: Any) -> Any:
        start, end = self.times
        if not start <= frame.time < end:
            return []
        pixels = frame.to_ndarray(format="rgb24")
        size = (stream.width, stream.height)
        new = av.VideoFrame.from_ndarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
        new.pts, new.time_base = round(frame.time * FPS) - round(start * FPS), Fraction(1, FPS)
        return stream.encode(new)


FATES = (
    Fate("metadata and sound stripped"),
    Fate("half the size, low bitrate", scale=0.5, crf=30),
    Fate("blown up by half", scale=1.5, crf=26),
    Fate("two seconds cut out", times=(1.3, 3.3)),
)


def make(target: Path) -> Path:
    """Pan over two pictures, with music: 60 frames of H.264 and AAC."""
    music, rate = soundfile.read(list(SOUNDS)[1], dtype="float32", always_2d=True)
    with av.open(str(target), "w") as film:
        picture: Any = film.add_stream("libx264", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.codec_context.options = {"preset": "veryfast", "crf": "18"}
        sound: Any = film.add_stream("aac", rate=rate)
        sound.codec_context.layout = "stereo"
        for number in range(SECONDS * FPS):
            frame = av.VideoFrame.from_ndarray(_view(number))
            frame.pts = number
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        both = np.ascontiguousarray(np.resize(music.T, (2, len(music)))[:, : SECONDS * rate])
        heard = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
        heard.sample_rate, heard.pts = rate, 0
        film.mux(sound.encode(heard))
        film.mux(sound.encode(None))
    return target


def _view(number: int) -> np.ndarray[Any, Any]:
    name = ("reef.webp", "coffee.png")[2 * number // (SECONDS * FPS)]
    with Image.open(HERE / "pictures" / name) as image:
        scale = 1.25 * max(WIDTH / image.width, HEIGHT / image.height)
        size = (round(image.width * scale), round(image.height * scale))
        pixels = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    left = round((size[0] - WIDTH) * number / (SECONDS * FPS))
    return np.ascontiguousarray(pixels[(size[1] - HEIGHT) // 2 :, left:][:HEIGHT, :WIDTH])


def mark(out: Path, key: genlabel.Key, signer: genlabel.Signer) -> Piece:
    """Make the film, mark, label and sign it."""
    folder = out / "film"
    folder.mkdir()
    source, marked = make(folder / "before.mp4"), folder / "after.mp4"
    label = genlabel.Label(producer="genlabel-demo", system="Demo", system_version="1")
    receipt = genlabel.mark(
        source,
        marked,
        label=label,
        key=key,
        signer=signer,
        visible="off",
        encoding=Encoding(preset="veryfast"),
    )
    print(f"   {'film':<18} PSNR {receipt.psnr:.1f} dB   payload {label.mark_id.hex()}")
    print(f"   {'':<18} layers {', '.join(receipt.layers)}", flush=True)
    return Piece(source, marked, receipt, [])


def player(path: Path) -> str:
    """Give a film's place on the page."""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<video controls muted preload="none" src="data:video/mp4;base64,{data}"></video>'
