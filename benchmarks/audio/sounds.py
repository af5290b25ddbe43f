"""The clips that figures are given for, by kind."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.audio import Sound
from benchmarks.audio.scaling import at_rate
from benchmarks.audio.tones import tones
from benchmarks.environment import ROOT

#: Beside the repository: the media are too large, and differently licensed, to be part of it.
DEFAULT_DATA = ROOT.parent / "shared" / "data"

#: Kind of a clip here -> how its kind in the manifest begins.
_BEGINNINGS = {"speech": "speech", "synthetic": "synthetic", "music": "music"}
#: Files that others have marked are no hosts.
_MARKED = "labelled"
_OTHER = "other"
#: Made by formula, wherever the data are.
_TONES = "tones"
#: Kinds whose short clips are also played after one another, for rows that want more seconds.
_JOINED = {f"joined-{kind}": kind for kind in ("speech", "synthetic")}
_SHORT_SECONDS = 15.0

KINDS = (*_BEGINNINGS, _OTHER, _TONES, *_JOINED)


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip.

    Parameters
    ----------
    name : str
        File name without folder, or that of the kind for joined clips; seeds payload and attacks.
    kind : str
        One of `KINDS`.
    sound : Sound
        Its samples.
    """

    name: str
    kind: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Form:
    """What is made of a clip before it is marked.

    Parameters
    ----------
    seconds : float or None
        Length of the excerpt, from the middle of the file; shorter clips are left out.
    most_seconds : float or None
        Longer clips are cut to this, from the middle of the file.
    rate : int or None
        Resampled to it; clips of a lower rate are left out.
    mono : bool
        Channels mixed.
    """

    seconds: float | None = None
    most_seconds: float | None = None
    rate: int | None = None
    mono: bool = False


AS_IT_IS = Form()


def load(
    kinds: Sequence[str], *, data: Path, form: Form = AS_IT_IS, limit: int | None = None
) -> Iterator[Clip]:
    """Open the clips of some kinds, one at a time, in the manifest's order.

    Parameters
    ----------
    kinds : sequence of str
        Names of `KINDS`.
    data : Path
        Folder with ``audio/MANIFEST.csv``.
    form : Form
        What is made of each.
    limit : int or None
        At most so many clips of each kind.

    Raises
    ------
    FileNotFoundError
        The manifest, or a file it names, is not there.
    """
    for kind in kinds:
        clips = _of_kind(kind, data)
        fitting = (formed(clip, form) for clip in clips)
        for number, clip in enumerate(clip for clip in fitting if clip is not None):
            if number == limit:
                break
            yield clip


def formed(clip: Clip, form: Form) -> Clip | None:
    """Bring a clip into a form; None where it is too short or its rate too low."""
    sound = clip.sound
    if form.rate is not None and sound.rate < form.rate:
        return None
    if form.seconds is not None and sound.seconds < form.seconds:
        return None
    wanted = form.seconds or form.most_seconds
    if wanted is not None and sound.seconds > wanted:
        length = round(wanted * sound.rate)
        start = (len(sound.samples) - length) // 2
        sound = Sound(sound.samples[start : start + length], sound.rate)
    if form.mono:
        sound = Sound(sound.samples.mean(axis=1, keepdims=True), sound.rate)
    if form.rate is not None:
        sound = at_rate(sound, form.rate)
    return replace(clip, sound=Sound(np.ascontiguousarray(sound.samples), sound.rate))


def others(clip: str, data: Path) -> dict[str, Sound]:
    """Give what attacks on a clip mix in: the longest clip of a kind, never itself."""
    chosen = {}
    for name, kind in (("music", "music"), ("environment", _OTHER)):
        paths = [path for path in _files(kind, data) if path.name != clip]
        if paths:
            chosen[name] = open_sound(max(paths, key=lambda path: soundfile.info(path).duration))
    return chosen


def are_there(data: Path) -> bool:
    """Whether `data` is a folder `load` can read."""
    return _manifest(data).is_file()


def open_sound(path: Path) -> Sound:
    """Read a file as float samples at its own rate, all channels."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Sound(samples, rate)


def _of_kind(kind: str, data: Path) -> Iterator[Clip]:
    if kind == _TONES:
        return (Clip(name, kind, sound) for name, sound in tones())
    return _joined(kind, data) if kind in _JOINED else _clips(kind, data)


def _clips(kind: str, data: Path) -> Iterator[Clip]:
    for path in _files(kind, data):
        yield Clip(path.name, kind, open_sound(path))


def _joined(name: str, data: Path) -> Iterator[Clip]:
    """Join the short clips of one rate: of the rate at which they last longest."""
    by_rate: dict[tuple[int, int], list[Sound]] = {}
    for clip in _clips(_JOINED[name], data):
        form = clip.sound.rate, clip.sound.samples.shape[1]
        if clip.sound.seconds < _SHORT_SECONDS:
            by_rate.setdefault(form, []).append(clip.sound)
    if by_rate:
        chosen = max(by_rate.values(), key=lambda some: sum(sound.seconds for sound in some))
        samples = np.concatenate([sound.samples for sound in chosen])
        yield Clip(name, name, Sound(samples, chosen[0].rate))


def _files(kind: str, data: Path) -> list[Path]:
    with open(_manifest(data), newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [data / "audio" / row["file"] for row in rows if _kind(row["kind"]) == kind]


def _kind(of_manifest: str) -> str | None:
    if of_manifest.startswith(_MARKED):
        return None
    for kind, beginning in _BEGINNINGS.items():
        if of_manifest.startswith(beginning):
            return kind
    return _OTHER


def _manifest(data: Path) -> Path:
    return data / "audio" / "MANIFEST.csv"
