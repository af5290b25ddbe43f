"""One clip through the whole course: mark, listen, attack, read, and the controls."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import soundfile

from benchmarks.audio import Samples, Sound, quality
from benchmarks.audio.attacks import random_for
from benchmarks.audio.sounds import Clip
from benchmarks.audio.suites import Row
from benchmarks.audio.timing import TooShortError
from benchmarks.marking import MARK_KEY, OTHER_KEY, payload_of
from benchmarks.spread import Seconds, clock
from genlabel import CapacityError, Key
from genlabel.audio import Embedder, detect, embed, warmup

_EMBED_REPEATS = 3
_CODEC_REPEATS = 3
_BLOCK_SECONDS = 0.02
#: PEAQ and PESQ are for excerpts: a longer sound's worst ten seconds would drown in its mean.
_LISTENING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the detector said of one clip in one state.

    Parameters
    ----------
    name : str
        The attack, or the control.
    draw : int
        Which of the attack's draws.
    payload_bytes : int
        Length of the payload that the clip was marked with.
    found : bool
        As in `Detection`.
    exact : bool
        Found, and every bit of the payload right.
    log10_p : float
        As in `Detection`.
    duration : float
        Of what was read, seconds.
    seconds : Seconds
        Of `detect`.
    """

    name: str
    draw: int
    payload_bytes: int
    found: bool
    exact: bool
    log10_p: float
    duration: float
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Course:
    """All figures of one clip.

    Parameters
    ----------
    clip, kind : str
        From the manifest.
    rate, channels : int
        As marked.
    duration : float
        As marked, seconds.
    refused : str or None
        Why the clip could not be marked with 8 bytes; everything below is then empty.
    snr, si_snr : float
        Marked against original, dB.
    odg, pesq : float or None
        PEAQ's and PESQ's grades of the worst excerpt; None where undefined or not installed.
    added_in_silence : float
        Largest sample where the original is digitally silent.
    embed, codec : tuple of Seconds
        Marking; and a FLAC encoding and decoding of the same clip, the unit in which speeds are
        compared between machines.
    attacks : tuple of Reading
        One per attack, draw and length of payload.
    left_out : tuple of str
        Attacks that the clip is too short for, or that mix in what is not there, and payloads that
        it cannot carry.
    controls : tuple of Reading
        The unmarked clip, and the marked one read with another key: nothing may be found.
    """

    clip: str
    kind: str
    rate: int
    channels: int
    duration: float
    refused: str | None = None
    snr: float = 0.0
    si_snr: float = 0.0
    odg: float | None = None
    pesq: float | None = None
    added_in_silence: float = 0.0
    embed: tuple[Seconds, ...] = ()
    codec: tuple[Seconds, ...] = ()
    attacks: tuple[Reading, ...] = ()
    left_out: tuple[str, ...] = ()
    controls: tuple[Reading, ...] = ()


def run(
    clip: Clip,
    rows: Sequence[Row],
    others: Mapping[str, Sound],
    strength: float = 1.0,
    marker: str = "whole",
) -> Course:
    """Take one clip through mark, attacks and controls; `marker` is one of `MARKERS`."""
    mark = MARKERS[marker]
    sound = clip.sound
    told = (clip.name, clip.kind, sound.rate, sound.samples.shape[1], sound.seconds)
    try:
        marked = mark(sound, payload_of(clip.name), strength)
    except CapacityError as refusal:
        return Course(*told, refused=str(refusal))
    readings: list[Reading] = []
    left_out: list[str] = []
    for row in rows:
        if clip.kind in row.kinds:
            _row(clip, row, others, partial(mark, strength=strength), readings, left_out)
    odg, pesq = grades(sound, marked)
    return Course(
        *told,
        snr=quality.snr(sound.samples, marked.samples),
        si_snr=quality.si_snr(sound.samples, marked.samples),
        odg=odg,
        pesq=pesq,
        added_in_silence=quality.added_in_silence(sound.samples, marked.samples, sound.rate),
        embed=tuple(
            clock(lambda: mark(sound, payload_of(clip.name), strength))[1]
            for _ in range(_EMBED_REPEATS)
        ),
        codec=tuple(clock(lambda: flac_round_trip(sound))[1] for _ in range(_CODEC_REPEATS)),
        attacks=tuple(readings),
        left_out=tuple(dict.fromkeys(left_out)),
        controls=(
            _read("unmarked", sound, payload_of(clip.name), MARK_KEY),
            _read("another key", marked, payload_of(clip.name), OTHER_KEY),
        ),
    )


@functools.cache
def warm_up() -> None:
    """Compile and load everything, once per process, so that no figure contains it."""
    warmup()
    detect(np.zeros(16_000, np.float32), 16_000, [MARK_KEY])


def mark(sound: Sound, payload: bytes, strength: float) -> Sound:
    """Embed a payload under the benchmark's key."""
    samples = embed(sound.samples, sound.rate, payload, MARK_KEY, strength=strength)
    return Sound(np.asarray(samples, np.float32), sound.rate)


def stream(sound: Sound, payload: bytes, strength: float) -> Sound:
    """Embed a payload as a stream in blocks of 20 ms, which sees nothing of what comes later."""
    embedder = Embedder(sound.rate, sound.samples.shape[1], payload, MARK_KEY, strength)
    block = max(1, round(_BLOCK_SECONDS * sound.rate))
    parts = [
        embedder.push(sound.samples[start : start + block])
        for start in range(0, len(sound.samples), block)
    ]
    samples = np.concatenate([*parts, embedder.flush()]).reshape(sound.samples.shape)
    return Sound(np.asarray(samples, np.float32), sound.rate)


#: Ways of marking, by name.
MARKERS = {"whole": mark, "stream": stream}


def grades(before: Sound, after: Sound) -> tuple[float | None, float | None]:
    """Give PEAQ's and PESQ's grades of the worst excerpt of 20 s."""
    odg, pesq = [], []
    for span in _excerpts(before):
        pair = before.samples[span], after.samples[span]
        odg.append(quality.peaq_odg(*pair, before.rate))
        try:
            pesq.append(quality.pesq_wb(*pair, before.rate))
        except ModuleNotFoundError:
            pesq.append(math.nan)
    return _least(odg), _least(pesq)


def flac_round_trip(sound: Sound) -> Samples:
    """Write as 16-bit FLAC and read: the unit of time."""
    buffer = io.BytesIO()
    soundfile.write(buffer, sound.samples, sound.rate, format="FLAC", subtype="PCM_16")
    buffer.seek(0)
    return np.asarray(soundfile.read(buffer, dtype="float32", always_2d=True)[0])


def _row(
    clip: Clip,
    row: Row,
    others: Mapping[str, Sound],
    mark: Callable[[Sound, bytes], Sound],
    readings: list[Reading],
    left_out: list[str],
) -> None:
    payload = payload_of(clip.name, row.payload_bytes)
    try:
        marked = mark(clip.sound, payload)
    except CapacityError:
        left_out.append(f"{row.payload_bytes} bytes")
        return
    done = {(one.name, one.draw, one.payload_bytes) for one in readings}
    for attack in row.attacks:
        for draw in range(row.draws):
            if (attack.name, draw, row.payload_bytes) in done:
                continue
            try:
                attacked = attack.apply(marked, random_for(clip.name, attack.name, draw), others)
            except (TooShortError, KeyError):
                left_out.append(attack.name)
                break
            readings.append(_read(attack.name, attacked, payload, MARK_KEY, draw))


def _read(name: str, sound: Sound, payload: bytes, key: Key, draw: int = 0) -> Reading:
    detection, seconds = clock(lambda: detect(sound.samples, sound.rate, [key]))
    return Reading(
        name,
        draw,
        len(payload),
        detection.found,
        detection.found and detection.payload == payload,
        detection.log10_p,
        sound.seconds,
        seconds,
    )


def _excerpts(sound: Sound) -> Iterator[slice]:
    length = round(_LISTENING_SECONDS * sound.rate)
    count = max(1, len(sound.samples) // length)
    # The last takes the rest, so that none is too short to be graded.
    for number in range(count):
        end = len(sound.samples) if number == count - 1 else (number + 1) * length
        yield slice(number * length, end)


def _least(values: Sequence[float]) -> float | None:
    """Leave out what is undefined: an excerpt of silence."""
    return min((value for value in values if not math.isnan(value)), default=None)
