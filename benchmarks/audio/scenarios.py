"""Files that are put together after marking, and sounds that cannot be marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.audio import Samples, Sound, measure
from benchmarks.audio.attacks import random_for
from benchmarks.audio.sounds import Clip
from benchmarks.marking import payload_of
from genlabel import CapacityError

#: Longest file about an island.
AROUND_SECONDS = 60.0
_ISLAND_SECONDS, _LEAST_AROUND_SECONDS = 5.0, 25.0
_JOINED_SECONDS = 24.0


@dataclass(frozen=True, slots=True)
class Place:
    """A marked stretch: from, to (seconds), and its payload."""

    start: float
    end: float
    payload: bytes


@dataclass(frozen=True, slots=True)
class Scenario:
    """How files of one sort are put together.

    Parameters
    ----------
    name : str
        For the table.
    text : str
        The recipe in words.
    target : float
        Share of files whose payloads must all be read.
    placed : bool
        Whether the places have to be right as well.
    stage : callable
        ``stage(clip)``, giving the file and its marked stretches, or None where the clip is too
        short.
    """

    name: str
    text: str
    target: float
    placed: bool
    stage: Callable[[Clip], tuple[Sound, tuple[Place, ...]] | None]


def island(clip: Clip) -> tuple[Sound, tuple[Place, ...]] | None:
    """Put 5 s of the marked clip where they belong in up to 60 s of the unmarked one."""
    sound = clip.sound
    if sound.seconds < _LEAST_AROUND_SECONDS:
        return None
    length = round(_ISLAND_SECONDS * sound.rate)
    rng = random_for(clip.name, "island")
    # Not at the very ends, where a border would be nothing to find.
    margin = 2 * sound.rate
    start = int(rng.integers(margin, len(sound.samples) - length - margin))
    payload = payload_of(clip.name)
    marked = measure.mark(sound, payload, 1.0)
    samples = sound.samples.copy()
    samples[start : start + length] = marked.samples[start : start + length]
    place = Place(start / sound.rate, (start + length) / sound.rate, payload)
    return Sound(samples, sound.rate), (place,)


def chunks(seconds: float) -> Callable[[Clip], tuple[Sound, tuple[Place, ...]] | None]:
    """Mark pieces of so many seconds one by one, as a speech service does, and join them."""

    def stage(clip: Clip) -> tuple[Sound, tuple[Place, ...]] | None:
        sound, length = clip.sound, round(seconds * clip.sound.rate)
        count = int(min(sound.seconds, _JOINED_SECONDS) / seconds)
        if count * seconds < _JOINED_SECONDS / 2:
            return None
        payload = payload_of(clip.name)
        pieces: list[Samples] = [
            _marked_alone(
                Sound(sound.samples[number * length : (number + 1) * length], sound.rate), payload
            ).samples
            for number in range(count)
        ]
        joined = Sound(np.concatenate(pieces), sound.rate)
        return joined, (Place(0.0, joined.seconds, payload),)

    return stage


def _marked_alone(sound: Sound, payload: bytes) -> Sound:
    """Mark a piece as a file; as a stream where it is too short to be read alone."""
    try:
        return measure.mark(sound, payload, 1.0)
    except CapacityError:
        return measure.stream(sound, payload, 1.0)


def two_marks(clip: Clip) -> tuple[Sound, tuple[Place, ...]] | None:
    """Mark both halves of up to 24 s with payloads of their own."""
    sound = clip.sound
    if sound.seconds < _JOINED_SECONDS / 2:
        return None
    half = round(min(sound.seconds, _JOINED_SECONDS) * sound.rate) // 2
    payloads = payload_of(clip.name), payload_of(clip.name + ", second half")
    pieces = [
        measure.mark(
            Sound(sound.samples[number * half : (number + 1) * half], sound.rate), payload, 1.0
        ).samples
        for number, payload in enumerate(payloads)
    ]
    middle = half / sound.rate
    places = Place(0.0, middle, payloads[0]), Place(middle, 2 * middle, payloads[1])
    return Sound(np.concatenate(pieces), sound.rate), places


_CHUNKS = "marked one by one, streamed where too short, joined to 12 to 24 s"

SCENARIOS = (
    Scenario("5b island", "5 s marked within 25 to 60 s unmarked", 1.0, True, island),
    *(
        Scenario(f"5c chunks of {seconds:g} s", _CHUNKS, 1.0, False, chunks(seconds))
        for seconds in (1.5, 2.0, 4.0)
    ),
    Scenario("5d two marks", "halves of 12 to 24 s, two payloads", 1.0, False, two_marks),
)


def unmarkable() -> dict[str, Sound]:
    """Give sounds that can carry no mark, or hardly."""
    rate = 44_100
    time = np.arange(10 * rate) / rate
    noise = np.random.default_rng(0).normal(0, 0.1, (10 * rate, 1))
    bass = 0.5 * np.sin(2 * np.pi * 55 * time)[:, None]
    return {
        name: Sound(np.asarray(samples, np.float32), rate)
        for name, samples in {
            "10 s of digital silence": np.zeros((10 * rate, 2)),
            "10 s of bass, 55 Hz": bass,
            "10 s at -110 dB of full scale": noise * 3e-5,
            "0.3 s of noise": noise[: round(0.3 * rate)],
            "1 s of noise": noise[:rate],
            "10 ms of noise": noise[: rate // 100],
            "no sample": noise[:0],
        }.items()
    }
