"""A film file's pictures and sounds for the journeys: marked, searched and compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from genlabel import video
from genlabel._data import Data, Mapped, Scratch, forget, joined
from genlabel._detection import Detection, Effort
from genlabel._errors import MediaError
from genlabel._key import Key
from genlabel._report import Layer
from genlabel._samples import Coding, Found, Samples
from genlabel.video._expectation import shortfall
from genlabel.video._files.audible import hear_label
from genlabel.video._files.container import Container, container_of
from genlabel.video._files.encoding import Encoding
from genlabel.video._files.label import find_label, overlay_of
from genlabel.video._files.mp4 import grafted
from genlabel.video._files.opening import opened
from genlabel.video._files.picture import Picture, decoder_of, main_stream, planes_of, probe
from genlabel.video._files.recode import Brush
from genlabel.video._files.search import Part, best, disagreements, search
from genlabel.video._files.transcode import Plan, transcode
from genlabel.video._label import Overlay

#: Frames from the beginning by which a marked film is compared with its source.
COMPARED_FRAMES = 250


@dataclass(slots=True)
class FilmSamples:
    """The pictures and sounds of a film; they are decoded when they are asked for.

    Parameters
    ----------
    path : Path
        The film.
    media_type : str
        Its type by content.
    name : str
        For messages.
    overlay : Overlay or None
        A label to draw into it.
    heard : list
        Where a label is heard in it, as soon as it is marked.
    carrying : list of str
        Its parts that carry the watermark, as soon as it is marked.
    """

    path: Path
    media_type: str
    name: str
    overlay: Overlay | None = None
    heard: list[list[float]] = field(default_factory=list)
    carrying: list[str] = field(default_factory=list)
    _parts: list[Part] = field(default_factory=list, init=False, repr=False)

    @property
    def kind(self) -> Container:
        """What the film is, to FFmpeg."""
        return container_of(self.media_type, self.path, self.name)

    def labelled(self, coding: Coding) -> tuple[FilmSamples, dict[str, Any] | None]:
        """Draw a label that people see, and tell where it is; when, as soon as it is marked."""
        told: dict[str, Any] | None = None
        labelled = FilmSamples(self.path, self.media_type, self.name)
        if coding.visible is not None:
            labelled.overlay = overlay_of(self._probed(), coding.visible)
            for planes, _ in self._frames(1):
                told = labelled.overlay.settle(planes)
        if coding.audible is not None:
            heard = {**coding.audible.to_dict(), "spans": labelled.heard}
            told = heard if told is None else {**told, "heard": heard}
        return labelled, told

    def marked(
        self, payload: bytes, key: Key, coding: Coding, scratch: Scratch
    ) -> tuple[Data, tuple[str, ...]]:
        """Give the film anew with watermarks in picture and sound, and what could not be kept."""
        embedders: list[video.Embedder] = []

        def brush(picture: Picture) -> Brush:
            """Give what marks the frames of a picture track."""
            embedder = video.Embedder(
                picture.width,
                picture.height,
                float(picture.rate),
                payload,
                key,
                strength=coding.strength,
                bit_depth=picture.bits,
                full_range=picture.full_range,
            )
            embedders.append(embedder)
            return embedder.push

        plan = Plan(
            brush,
            sound=(payload, key, coding.strength),
            sound_rate=None if coding.bitrate is None else round(1000 * coding.bitrate),
            encoding=coding.encoding or Encoding(),
            overlay=None if self.overlay is None else self.overlay.push,
            audible=coding.audible,
            keep_going=coding.keep_going,
            progress=coding.progress,
        )
        target = scratch.path()
        made = transcode(self.path, self.media_type, target, plan, name=self.name)
        seconds, needed = embedders[-1].seconds, embedders[-1].seconds_needed

        def carries() -> bool:
            written = FilmSamples(target, self.media_type, self.name)
            return bool(made.sounds) or written.search([key], "normal").detection.payload == payload

        hidden = shortfall(seconds, needed, carries=carries, name=self.name)
        warnings = (*made.warnings, *hidden)
        new = Mapped(target)
        self.carrying += made.carrying
        self.heard += [list(span) for span in next(iter(made.heard.values()), ())]
        if self.kind.demuxer != "mov":
            return new, warnings
        try:
            whole = joined(new, list(grafted(Mapped(self.path), new, self.name)), scratch)
        except MediaError as error:
            if not coding.keep_going:
                raise
            return new, (*warnings, f"tags of the source may be lost: {error.reason}")
        scratch.drop(new)
        return whole, warnings

    def search(self, keys: Sequence[Key], effort: Effort) -> Found:
        """Look for a watermark in the picture and in each sound."""
        if not keys:
            # To the first frame only: a film is too long to be decoded for nothing.
            self._probed()
            return Found(Detection(found=False))
        self._parts = search(self.path, self.kind, keys, effort, name=self.name)
        details = {"parts": [part.to_dict() for part in self._parts]}
        return Found(best(self._parts), details, disagreements(self._parts))

    def explicit(self) -> Layer:
        """Look for a label of genlabel's own in the first frame, and for one in the sound."""
        found = find_label(self._probed(), next((planes for planes, _ in self._frames(1)), ()))
        heard = hear_label(self.path, self.kind)
        if not found and not heard:
            return Layer("absent", {"searched": True})
        details: dict[str, Any] = {"searched": True}
        if found:
            details |= {"kind": "text", "count": len(found), **found[0].to_dict()}
        if heard:
            details |= {"heard": heard} if found else heard
        return Layer("present", details)

    def unread(self, before: Samples, key: Key, payload: bytes) -> tuple[str, ...]:
        """Name the parts that were marked and do not give the payload."""
        assert isinstance(before, FilmSamples)
        if not self._parts:
            self.search([key], "normal")
        return tuple(
            f"the {part.name} does not give the watermark back: "
            "too short, too calm or too coarsely coded"
            for part in self._parts
            if part.name in before.carrying and part.detection.payload != payload
        )

    def fidelity(self, before: Samples) -> dict[str, float]:
        """Compare the first frames' luma with the source's: ``psnr`` in dB."""
        assert isinstance(before, FilmSamples)
        errors = samples = 0.0
        peak = float((1 << self._probed().bits) - 1)
        overlay = None if before.overlay is None else before.overlay.anew()
        olds = before._frames(COMPARED_FRAMES, writable=overlay is not None)
        pairs = zip(self._frames(COMPARED_FRAMES), olds, strict=False)
        for (marked, _), (plain, seconds) in pairs:
            if overlay is not None:
                overlay.push(plain, seconds)
            new, old = marked[0], plain[0]
            if new.shape != old.shape:
                return {}
            errors += cv2.norm(new, old, cv2.NORM_L2SQR)
            samples += new.size
        return {"psnr": round(10 * math.log10(peak**2 * samples / errors), 2)} if errors else {}

    def _probed(self) -> Picture:
        try:
            with opened(self.path, self.kind) as film:
                return probe(film, self.name)
        except (av.FFmpegError, OSError) as error:
            raise MediaError(
                f"cannot be read: {error.strerror or error}", path=self.name
            ) from error

    def _frames(
        self, most: int, *, writable: bool = False
    ) -> Iterator[tuple[list[np.ndarray[Any, Any]], float]]:
        """Give the first frames' planes and their times."""
        with opened(self.path, self.kind) as film:
            stream = main_stream(film, self.name)
            context = decoder_of(stream)
            count = 0
            for packet in film.demux(stream):
                try:
                    frames = context.decode(packet if packet.size else None)
                except av.InvalidDataError:
                    continue
                for frame in frames:
                    if writable:
                        frame.make_writable()
                    yield planes_of(frame), float(frame.time or 0.0)
                    count += 1
                    if count == most:
                        return


def open_film_samples(data: Data, media_type: str, scratch: Scratch, *, name: str) -> FilmSamples:
    """Open a film; one that is in memory goes to the disk.

    Parameters
    ----------
    data : bytes or Mapped
        The film.
    media_type : str
        Its type by content.
    scratch : Scratch
        Where it goes.
    name : str
        For messages.
    """
    if isinstance(data, Mapped):
        # What its metadata were read from.
        forget(data, 0)
        return FilmSamples(data.path, media_type, name)
    path = scratch.path()
    path.write_bytes(data)
    return FilmSamples(path, media_type, name)
