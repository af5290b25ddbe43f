"""The watermark of a film file: its picture and each of its sounds, each judged by itself."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from genlabel import audio, video
from genlabel._detection import FOUND_LOG10_P, Detection, Effort, Span
from genlabel._errors import GenlabelError, MediaError, UnsupportedError
from genlabel._key import Key
from genlabel.video._files.container import Container
from genlabel.video._files.listening import PIECE_SECONDS, pieces, places
from genlabel.video._files.opening import opened
from genlabel.video._files.sound import sound_name
from genlabel.video._files.stills import KEYFRAMES, still_marks

# What was played faster or slower was so all along: that is looked for in so many pieces of sound.
_SCALED_PIECES = 2
# Spans of one payload that are no further apart are one.
_JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a film holds.

    Parameters
    ----------
    name : str
        ``picture``, ``sound`` or ``sound 2``.
    detection : Detection
        Its watermark.
    problem : str or None
        Why it was not searched.
    still : bool
        Whether the mark is that of an image, as every frame of a marked animation has it.
    """

    name: str
    detection: Detection
    problem: str | None = None
    still: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the part as plain JSON types."""
        found = self.detection
        told: dict[str, Any] = {"part": self.name, "found": found.found}
        if found.payload is not None:
            spans = [span.to_dict() for span in found.spans]
            told |= {
                "payload": found.payload.hex(),
                "key": found.key,
                "log10_p": found.log10_p,
                "spans": spans,
            }
        if self.still:
            told["mark"] = "image"
        return told if self.problem is None else told | {"problem": self.problem}


def search(
    path: Path, kind: Container, keys: Sequence[Key], effort: Effort, *, name: str
) -> list[Part]:
    """Look for a mark in the picture and in every sound track.

    Where the picture has no mark of film, that of an image is looked for in its keyframes.

    Parameters
    ----------
    path : Path
        The film.
    kind : Container
        What it is.
    keys : sequence of Key
        The keys to try.
    effort : {"quick", "normal", "deep"}
        As `genlabel.video.detect` takes. Of the sound of a film of more than two minutes, only
        ``"deep"`` listens to all.
    name : str
        For messages.

    Returns
    -------
    list of Part
        The picture first. Their ``log10_p`` cover that all parts were searched, and the picture
        for either mark.

    Raises
    ------
    MediaError
        The film cannot be read.
    """
    try:
        with opened(path, kind) as film:
            sounds = [stream.index for stream in film.streams.audio]
            seconds = film.duration / av.time_base if film.duration else None
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot be read: {error.strerror or error}", path=name) from error
    trials = math.log10(2 + len(sounds))

    def listen(number: int, index: int) -> Part:
        """Search one sound track; what cannot be read is told, and not raised."""
        which = sound_name(number, len(sounds))
        try:
            heard = _hear(path, kind, index, keys, effort, seconds)
        except (GenlabelError, av.FFmpegError) as error:
            reason = error.reason if isinstance(error, GenlabelError) else error.strerror
            return Part(which, Detection(found=False), reason)
        return Part(which, _among(heard, trials))

    # One sound after the other, beside the picture.
    with ThreadPoolExecutor(1) as pool:
        listening = [pool.submit(listen, *one) for one in enumerate(sounds, 1)]
        try:
            seen = _seen(path, keys, effort, trials)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        return [seen, *(one.result() for one in listening)]


def best(parts: Sequence[Part]) -> Detection:
    """Give the film's detection: the picture's, or else that of a sound."""
    found = [part.detection for part in parts if part.detection.found]
    return found[0] if found else Detection(found=False)


def disagreements(parts: Sequence[Part]) -> tuple[str, ...]:
    """Say which parts carry different payloads."""
    found = [part for part in parts if part.detection.payload is not None]
    return tuple(
        f"the {one.name} carries {one.detection.payload.hex()}, the {other.name} "  # type: ignore[union-attr]
        f"{other.detection.payload.hex()}: one of them comes from another film"  # type: ignore[union-attr]
        for one, other in itertools.combinations(found, 2)
        if one.detection.payload != other.detection.payload
    )


def _seen(path: Path, keys: Sequence[Key], effort: Effort, trials: float) -> Part:
    found = _among(video.detect(path, keys, effort=effort), trials)
    if found.found:
        return Part("picture", found)
    each = trials + math.log10(KEYFRAMES)
    still = _together([_among(one, each) for one in still_marks(path, keys, effort)])
    return Part("picture", still, still=still.found)


def _hear(
    path: Path,
    kind: Container,
    index: int,
    keys: Sequence[Key],
    effort: Effort,
    seconds: float | None,
) -> Detection:
    track = _Listener(path, kind, index, keys)
    if seconds is None or effort == "deep":
        track.hear([0.0], effort, everything=True)
    elif seconds <= PIECE_SECONDS:
        track.hear([0.0], effort)
    else:
        starts = places(seconds)
        track.hear(starts, "quick", everything=len(starts) == 1)
        if effort != "quick" and not any(one.found for one in track.heard):
            room, count = seconds - PIECE_SECONDS, _SCALED_PIECES + 1
            track.hear([room * number / count for number in range(1, count)], effort)
    return track.detection()


class _Listener:
    """What was heard of one sound so far."""

    def __init__(self, path: Path, kind: Container, index: int, keys: Sequence[Key]) -> None:
        self._path, self._kind, self._index, self._keys = path, kind, index, keys
        self.heard: list[Detection] = []

    def hear(self, starts: Sequence[float], effort: Effort, *, everything: bool = False) -> None:
        """Listen to pieces that begin at given seconds, or to everything from there on."""
        for start in starts:
            with opened(self._path, self._kind) as film:
                stream = film.streams[self._index]
                if stream.codec_context is None:
                    raise UnsupportedError("its coding is not known")
                for at, piece in pieces(film, stream, start, everything=everything):
                    rate = stream.codec_context.sample_rate
                    found = audio.detect(piece, rate, self._keys, effort=effort)
                    self.heard.append(_moved(found, at))

    def detection(self) -> Detection:
        """Sum up: every piece might have given a chance hit."""
        trials = math.log10(max(len(self.heard), 1))
        return _together([_among(one, trials) for one in self.heard if one.found])


def _among(detection: Detection, trials: float) -> Detection:
    """Count that others might have given a chance hit as well."""
    if not detection.found or detection.log10_p + trials > FOUND_LOG10_P:
        return Detection(found=False)
    spans = tuple(
        dataclasses.replace(span, log10_p=span.log10_p + trials) for span in detection.spans
    )
    return dataclasses.replace(detection, log10_p=detection.log10_p + trials, spans=spans)


def _moved(detection: Detection, seconds: float) -> Detection:
    spans = tuple(
        dataclasses.replace(span, start=span.start + seconds, end=span.end + seconds)
        for span in detection.spans
    )
    return dataclasses.replace(detection, spans=spans)


def _together(found: Sequence[Detection]) -> Detection:
    """Put the pieces of one track together."""
    found = [one for one in found if one.found]
    if not found:
        return Detection(found=False)
    merged: list[Span] = []
    for span in sorted(
        (span for one in found for span in one.spans), key=lambda span: (span.payload, span.start)
    ):
        last = merged[-1] if merged else None
        if last and last.payload == span.payload and span.start <= last.end + _JOIN_SECONDS:
            end, log10_p = max(last.end, span.end), min(last.log10_p, span.log10_p)
            merged[-1] = Span(last.start, end, last.payload, log10_p)
        else:
            merged.append(span)
    spans = tuple(sorted(merged, key=lambda span: span.start))
    return dataclasses.replace(min(found, key=lambda one: one.log10_p), spans=spans)
