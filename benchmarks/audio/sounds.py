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
from benchmarks.environment import ROOT

#: Beside the repository: the media are too large, and differently licensed, to be part of it.
DEFAULT_DATA = ROOT.parent / "shared" / "data"

#: Kind of a clip here -> kinds of the manifest. Files marked by others are not hosts.
_KINDS = {
    "speech": ("speech", "speech_silence"),
    "synthetic": ("synthetic_tts",),
    "music": (
        "music_8k",
        "music_ambient",
        "music_classical",
        "music_electronic",
        "music_folk_vocal",
        "music_orchestral",
        "music_rock",
        "music_solo",
    ),
    "other": ("ambient", "environment", "noise"),
}

#: Short clips of one rate played after one another, for rows that want more seconds than each has.
_JOINED = {
    "joined-speech": (
        "198-209-0000.hq.ogg",
        "librispeech-1995-1837-0001.wav",
        "sense_and_sensibility_01_austen_64kb-0870.wav",
        "aishell-BAC009S0724W0121.wav",
    ),
    "joined-synthetic": (
        "espeak_cmn_weather.wav",
        "espeak_en_female.wav",
        "espeak_de.wav",
        "fischers_fritze_fischt.wav",
    ),
}

#: What attacks mix in, and what they take where that is the clip itself.
_OTHERS = {
    "music": ("etr_race1-jt.ogg", "singularity_Chimes_They_Fade.ogg"),
    "environment": ("wesnoth_ship.ogg", "glacier-bay-humpback.hq.ogg"),
}

KINDS = (*_KINDS, *_JOINED)


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
        fitting = (formed(clip, form) for clip in _clips(kind, data))
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
    """Give the sounds that attacks on a clip mix in: never the clip itself."""
    folder = data / "audio"
    chosen = {name: next(file for file in files if file != clip) for name, files in _OTHERS.items()}
    return {name: open_sound(folder / file) for name, file in chosen.items()}


def are_there(data: Path) -> bool:
    """Whether `data` is a folder `load` can read."""
    return _manifest(data).is_file()


def open_sound(path: Path) -> Sound:
    """Read a file as float samples at its own rate, all channels."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Sound(samples, rate)


def _clips(kind: str, data: Path) -> Iterator[Clip]:
    folder = data / "audio"
    if kind in _JOINED:
        sounds = [open_sound(folder / file) for file in _JOINED[kind]]
        samples = np.concatenate([sound.samples for sound in sounds])
        yield Clip(kind, kind, Sound(samples, sounds[0].rate))
        return
    with open(_manifest(data), newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if row["kind"] in _KINDS[kind]:
            yield Clip(row["file"], kind, open_sound(folder / row["file"]))


def _manifest(data: Path) -> Path:
    return data / "audio" / "MANIFEST.csv"
