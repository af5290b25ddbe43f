"""Film files: the picture and the sound encoded anew with a mark in them, everything else copied.

One pass, packet by packet: an hour takes no more memory than a second.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import av

from genlabel._errors import GenlabelError, MediaError, UnsupportedError
from genlabel._key import Key
from genlabel._message import Message
from genlabel.audio._audible.label import AudibleLabel
from genlabel.video._files.audible import cue_of
from genlabel.video._files.avi import keep_units
from genlabel.video._files.container import Container, container_of, output_options
from genlabel.video._files.copying import attach_cover, copied_stream, describe, describe_film
from genlabel.video._files.encoding import Encoding, encoder_for
from genlabel.video._files.opening import KEEP_GOING, opened
from genlabel.video._files.picture import Picture, is_cover, main_stream, probe
from genlabel.video._files.recode import Brush, Changes, Overlay, PictureTrack, hdr_is_kept
from genlabel.video._files.sound import plan_sound, sound_name
from genlabel.video._files.sound_coding import SoundChangesError, SoundPlan
from genlabel.video._files.soundtrack import SoundTrack

#: Says how much of a film is done, from 0 to 1.
Progress: TypeAlias = Callable[[float], None]

# A film may end this much sooner than it says, and still be whole.
_MISSING_SECONDS = 1.0
_MISSING_SHARE = 0.02
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
_NO_TEXT = b"\0\0"
_CHANGES = "its channels or its rate change on the way"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to a film.

    Parameters
    ----------
    brush : callable
        Makes the picture's brush, from what the picture is.
    sound : tuple of (bytes, Key, float) or None
        Payload, key and strength of the sound's mark.
    sound_rate : int or None
        Bits a second of lossy sound; None keeps the source's.
    encoding : Encoding
        How it is encoded.
    overlay : callable or None
        Draws on frames before they are marked.
    audible : AudibleLabel or None
        The label that is heard, laid over every sound that is encoded.
    keep_going : bool
        Whether what is damaged is left out.
    progress : callable or None
        Told how far it is.
    """

    brush: Callable[[Picture], Brush]
    sound: tuple[bytes, Key, float] | None = None
    sound_rate: int | None = None
    encoding: Encoding = field(default_factory=Encoding)
    overlay: Overlay | None = None
    audible: AudibleLabel | None = None
    keep_going: bool = False
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it.

    Parameters
    ----------
    picture : Picture
        What the picture is.
    frames : int
        How many were encoded.
    sounds : tuple of int
        Streams whose sound is marked.
    carrying : tuple of str
        The parts that are marked, by the names under which they are searched.
    heard : mapping of int to list of (float, float)
        Where the label that is heard lies, in seconds, by streams.
    warnings : tuple of str
        What could not be kept or marked.
    """

    picture: Picture
    frames: int
    sounds: tuple[int, ...]
    carrying: tuple[str, ...]
    heard: Mapping[int, list[tuple[float, float]]]
    warnings: tuple[str, ...]


def transcode(source: Path, media_type: str, target: Path, plan: Plan, *, name: str) -> Made:
    """Write a film anew, with changes to its picture and its sound.

    Parameters
    ----------
    source : Path
        The film.
    media_type : str
        Its type by content.
    target : Path
        A new file of the same type.
    plan : Plan
        What is done.
    name : str
        For messages.

    Raises
    ------
    MediaError
        The film is damaged or cut short.
    UnsupportedError
        It holds what cannot be kept or encoded.
    """
    kind = container_of(media_type, source, name)
    with _errors(name):
        with opened(source, kind) as film:
            picture = probe(film, name)
        covers = _covers(source, kind) if kind.demuxer == "matroska" else {}
        changing: set[int] = set()
        while True:
            try:
                sounds, warnings = _sounds(source, kind, plan, changing)
                _check_heard(sounds, plan, warnings, name)
                with opened(source, kind) as film, _created(target, kind, film) as out:
                    work = _Work(film, out, kind, picture, sounds, covers, plan, name)
                    work.run()
                    copies = work.copied_sounds()
                break
            except SoundChangesError as change:
                # Nothing says so beforehand: once more, and that sound is copied.
                changing.add(change.index)
        if kind.demuxer == "avi" and copies:
            keep_units(source, target, copies, name)
        warnings += work.warnings()
    return Made(
        picture,
        work.picture.counts.encoded,
        tuple(index for index, found in sounds.items() if found.carries),
        work.carrying,
        work.heard(),
        tuple(warnings),
    )


def _created(target: Path, kind: Container, film: Any) -> Any:
    options = output_options(kind, [stream.rate for stream in film.streams.audio if stream.rate])
    return av.open(f"file:{target}", "w", format=kind.muxer, options=options)


def _sounds(
    source: Path, kind: Container, plan: Plan, changing: set[int]
) -> tuple[dict[int, SoundPlan], list[str]]:
    """Listen to every sound track: which are marked, and why others are not."""
    plans: dict[int, SoundPlan] = {}
    warnings: list[str] = []
    with opened(source, kind) as film:
        indices = [stream.index for stream in film.streams.audio]
    if plan.sound is None or not plan.encoding.sound:
        return plans, warnings
    for number, index in enumerate(indices, 1):
        with opened(source, kind) as film:
            cue = None if plan.audible is None else cue_of(film, film.streams[index], plan.audible)
        with opened(source, kind) as film:
            stream = film.streams[index]
            found: SoundPlan | str = _CHANGES
            if index not in changing:
                found = plan_sound(film, stream, *plan.sound, bit_rate=plan.sound_rate, cue=cue)
        which = "the sound" if len(indices) == 1 else f"sound track {number}"
        if isinstance(found, str):
            warnings.append(f"{which} carries no watermark and stays as it was: {found}")
        else:
            plans[index] = found
            warnings += [f"{which}: {text}" for text in found.warnings]
    return plans, warnings


def _check_heard(
    sounds: Mapping[int, SoundPlan], plan: Plan, warnings: list[str], name: str
) -> None:
    """See that a label that was asked for is heard somewhere."""
    if plan.audible is None or any(found.cue is not None for found in sounds.values()):
        return
    text = "there is no sound that is encoded and long enough for a label to be heard in it"
    if plan.overlay is None:
        raise UnsupportedError(text, path=name)
    warnings.append(text)


def _covers(source: Path, kind: Container) -> dict[int, bytes]:
    """Read the pictures that stand for a film and are attached to it, as Matroska has them."""
    found: dict[int, bytes] = {}
    with opened(source, kind) as film:
        wanted = [stream for stream in film.streams.video if is_cover(stream)]
        for packet in film.demux(wanted) if wanted else ():
            if packet.size:
                found.setdefault(packet.stream_index, bytes(packet))
            if len(found) == len(wanted):
                break
    return found


class _Work:
    """All tracks of one film."""

    def __init__(
        self,
        film: Any,
        out: Any,
        kind: Container,
        picture: Picture,
        sounds: dict[int, SoundPlan],
        covers: dict[int, bytes],
        plan: Plan,
        name: str,
    ) -> None:
        self._film, self._out, self._plan, self._name = film, out, plan, name
        self._tracks: dict[int, PictureTrack | SoundTrack] = {}
        self._copies: dict[int, Any] = {}
        self._warnings: list[str] = []
        self._end = 0.0
        main = main_stream(film, name).index
        for stream in film.streams:
            if stream.index == main:
                changes = Changes(plan.brush(picture), plan.overlay, plan.keep_going)
                self.picture = PictureTrack(stream, picture, out, plan.encoding, changes, name)
                self._tracks[main] = self.picture
            elif stream.index in sounds:
                self._tracks[stream.index] = SoundTrack(
                    stream,
                    sounds[stream.index],
                    out,
                    plan.sound,  # type: ignore[arg-type]
                    keep_going=plan.keep_going,
                    name=name,
                )
            elif stream.index in covers:
                attach_cover(out, stream, covers[stream.index])
                continue
            else:
                self._copy(stream, kind)
                continue
            describe(out.streams[-1], stream, anew=True)
        describe_film(out, film)
        marked = [
            out.streams.audio.index(track.stream)
            for track in self._tracks.values()
            if isinstance(track, SoundTrack) and track.carries
        ]
        count = len(out.streams.audio)
        #: What is marked, by the names under which the new film is searched.
        self.carrying = ("picture", *(sound_name(number + 1, count) for number in marked))
        if not hdr_is_kept(picture, encoder_for(plan.encoding, picture.codec)):
            self._warnings.append("static HDR metadata cannot be kept by this encoder")

    def _copy(self, stream: Any, kind: Container) -> None:
        if kind.is_made_anew(stream.id):
            return
        # FFmpeg writes no data into MP4, and finds out too late.
        refused = stream.type == "data" and kind.demuxer == "mov"
        copy = None if refused else copied_stream(self._out, stream)
        if copy is None:
            known = kind.tracks.get(stream.id)
            coding = "" if known is None else f" ({known.coding.decode('latin-1')})"
            self._warnings.append(
                f"the {stream.type} track {stream.index + 1}{coding} cannot be kept"
            )
            return
        describe(copy, stream, anew=False)
        if stream.type != "attachment":
            self._copies[stream.index] = copy
        if stream.type == "video" and not stream.disposition & 0x400:
            self._warnings.append(f"the second picture, track {stream.index}, carries no watermark")

    def run(self) -> None:
        """Take every packet from the old film to the new one."""
        total = self._film.duration / av.time_base if self._film.duration else 0.0
        start = (self._film.start_time or 0) / av.time_base
        wanted = [self._film.streams[index] for index in sorted({*self._tracks, *self._copies})]
        for packet in self._film.demux(wanted):
            if not packet.size:
                continue
            track = self._tracks.get(packet.stream_index)
            if track is None:
                self._pass_on(packet)
                continue
            for made in track.push(packet):
                self._out.mux(made)
            if self._plan.progress is not None and total and track is self.picture:
                self._plan.progress(min((self.picture.counts.end - start) / total, 1.0))
        for track in self._tracks.values():
            for made in track.push(None):
                self._out.mux(made)
        counts = self.picture.counts
        if counts.encoded != counts.decoded:
            raise MediaError(
                f"was not encoded whole: {counts.encoded} of {counts.decoded} frames",
                path=self._name,
            )
        if not counts.encoded:
            raise MediaError("no picture can be decoded", path=self._name)
        self._check_end(total, start)
        if self._plan.progress is not None:
            self._plan.progress(1.0)

    def _pass_on(self, packet: Any) -> None:
        if packet.pts is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self._end = max(self._end, end)
        if packet.is_corrupt and not self._plan.keep_going:
            raise MediaError("is damaged: a packet is not whole", path=self._name)
        stream = self._copies[packet.stream_index]
        if stream.type == "subtitle" and bytes(packet) == _NO_TEXT:
            # Says that a text ends; the muxer says so by itself.
            return
        packet.stream = stream
        self._out.mux(packet)

    def _check_end(self, total: float, start: float) -> None:
        """See that the film is as long as it says."""
        end = self.picture.counts.end
        stream = main_stream(self._film, self._name)
        if stream.duration is not None:
            start = float((stream.start_time or 0) * stream.time_base)
            total = float(stream.duration * stream.time_base)
        else:
            # What lasts so long may be another track.
            others = [track.end for track in self._tracks.values() if isinstance(track, SoundTrack)]
            end = max(end, self._end, *others)
        if start + total - end <= max(_MISSING_SECONDS, _MISSING_SHARE * total):
            return
        text = f"is cut short: it ends at {end - start:.1f} of {total:.1f} s"
        if not self._plan.keep_going:
            raise MediaError(Message(text, KEEP_GOING), path=self._name)
        self._warnings.append(f"the source {text}")

    def copied_sounds(self) -> list[tuple[int, int]]:
        """Give the numbers of sounds that are copied, in the old film and in the new one."""
        copies = self._copies.items()
        return [(index, copy.index) for index, copy in copies if copy.type == "audio"]

    def heard(self) -> dict[int, list[tuple[float, float]]]:
        """Say where the label that is heard lies, in each sound that has it."""
        tracks = {i: t.heard for i, t in self._tracks.items() if isinstance(t, SoundTrack)}
        return {index: spans for index, spans in tracks.items() if spans}

    def warnings(self) -> list[str]:
        """Say what could not be kept or read."""
        damaged = self.picture.counts.damaged
        more = [f"{damaged} damaged frames were left out or concealed"] if damaged else []
        lost = sum(t.damaged for t in self._tracks.values() if isinstance(t, SoundTrack))
        more += [f"{lost} damaged packets of sound were left out"] if lost else []
        return [*self._warnings, *self.picture.warnings, *more]


@contextlib.contextmanager
def _errors(name: str) -> Iterator[None]:
    try:
        yield
    except GenlabelError:
        raise
    except (av.FFmpegError, OSError, ValueError, OverflowError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, (av.error.InvalidDataError, av.error.EOFError)):
            raise MediaError(f"cannot be read: {reason}", path=name) from error
        if getattr(error, "errno", None) in _FULL:
            raise MediaError(f"cannot be written: {reason}", path=name) from error
        raise UnsupportedError(f"cannot be written anew: {reason}", path=name) from error
