"""Sound in which no tried key has a mark, and what the detector's decision rests on there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio import Sound, measure, sounds
from benchmarks.audio.attacks import attack, random_for
from benchmarks.audio.sounds import Form
from benchmarks.marking import MARK_KEY, payload_of
from genlabel import CapacityError, Detection, Key
from genlabel._payload import code_words
from genlabel.audio import _spans, detect
from genlabel.audio._codeword import key_sums, mark_secrets
from genlabel_kernels.audio.layout import CODE_BITS, FRAME, FRAMES, RATE, layout
from genlabel_kernels.chips import signs

Plane = NDArray[np.float32]

GROUPS = ("real", "other key", "looped", "drawn")
#: Probabilities at which tails are counted.
LEVELS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
#: Keys that one call tries.
KEYS = 200

_WINDOW_SECONDS, _STEP_SECONDS = 5.0, 2.5
_SUPERFRAME_SECONDS = FRAME * FRAMES / RATE
#: What happened to windows that another key marked: each sends the detector another way.
_FATES = ("none", "mp3-64", "speed-1.1", "tempo-0.9", "cut-1", "white-20", "telephone")


@dataclass(frozen=True, slots=True)
class Content:
    """One window in which no key that is tried has a mark.

    Parameters
    ----------
    name : str
        What it is; seeds what is random.
    group : str
        Of `GROUPS`.
    sound : Sound
        The window.
    """

    name: str
    group: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Examined:
    """What one window gave.

    Parameters
    ----------
    name, group : str
        The content's.
    keys : int
        Keys of the complete call.
    found : str or None
        The key that was found: must be None.
    measurements : int
        Superframes that the call summed up.
    chosen : (n,) float32 array
        T of one fixed code word under a fresh key each, measurements in turn.
    chips : (n,) float32 array
        The effective number of chips of that measurement, 1 / sum of fourth powers: T is standard
        normal where it is large, and below the bound always.
    largest : float
        Largest T of any of a code's first-order Reed-Muller words, and of none where nothing was
        measured.
    """

    name: str
    group: str
    keys: int
    found: str | None
    measurements: int
    chosen: Plane
    chips: Plane
    largest: float


def contents(data: Path, *, every: int = 1) -> Iterator[Content]:
    """Give the contents, one at a time.

    Parameters
    ----------
    data : Path
        Folder with ``audio/MANIFEST.csv``.
    every : int
        Only each so manieth.
    """
    for number, content in enumerate(_contents(data)):
        if number % every == 0:
            yield content


def examine(content: Content, fresh: int = 100) -> Examined:
    """Read one window with many keys, and correlate what was looked at under fresh ones."""
    keys = [key_of(content.name, number) for number in range(KEYS)]
    seen, detection = observed_detect(content.sound, keys)
    told = content.name, content.group, len(keys), detection.key, len(seen)
    return Examined(*told, *_correlated(content.name, seen, fresh))


def key_of(content: str, number: int) -> Key:
    """Give one of a window's keys; nobody marks with it."""
    text = f"{content}\n{number}"
    return Key(f"key {number}", hashlib.sha256(text.encode()).digest())


def observed_detect(sound: Sound, keys: Sequence[Key]) -> tuple[list[Plane], Detection]:
    """Call `detect`, and give the superframes that it summed up along with what it said."""
    seen: list[Plane] = []

    def watch(tiles: Plane, secrets: Sequence[Any]) -> Plane:
        seen.append(tiles.copy())
        return key_sums(tiles, secrets)

    with mock.patch.object(_spans, "key_sums", watch):
        detection = detect(sound.samples, sound.rate, keys)
    return seen, detection


def _contents(data: Path) -> Iterator[Content]:
    yield from _drawn()
    form = Form(most_seconds=60)
    fate = 0
    for clip in sounds.load(tuple(sounds.KINDS), data=data, form=form):
        if clip.kind.startswith("joined"):
            continue
        try:
            marked = measure.mark(clip.sound, payload_of(clip.name), 1.0)
        except CapacityError:
            marked = clip.sound
        length = round(_WINDOW_SECONDS * clip.sound.rate)
        step = round(_STEP_SECONDS * clip.sound.rate)
        for start in range(0, len(clip.sound.samples) - length + 1, step):
            span = slice(start, start + length)
            name = f"{clip.name} from {start / clip.sound.rate:.1f} s"
            yield Content(name, "real", Sound(clip.sound.samples[span], clip.sound.rate))
            window = Sound(marked.samples[span], clip.sound.rate)
            recipe = _FATES[fate % len(_FATES)]
            fate += 1
            changed = attack(recipe).apply(window, random_for(name, recipe))
            yield Content(f"{name}, another key's, {recipe}", "other key", changed)
            if fate % 3 == 0:
                yield Content(f"{name}, looped", "looped", _looped(window))


def _looped(sound: Sound) -> Sound:
    """Repeat a window's start with the superframe's own period, 12 times: one measurement, summed.

    Whoever counts the tiles of a repeating sound as independent finds marks in it.
    """
    length = round(_SUPERFRAME_SECONDS * sound.rate)
    return Sound(np.tile(sound.samples[:length], (12, 1)), sound.rate)


def _drawn() -> Iterator[Content]:
    rate, count = 16_000, 30 * 16_000
    time = np.arange(count) / rate
    rng = np.random.default_rng(0)
    beat = round(_SUPERFRAME_SECONDS * rate / 8)
    clicks = np.zeros(count)
    clicks[::beat] = 1
    shapes = {
        "silence": np.zeros(count),
        "white noise": rng.normal(0, 0.1, count),
        "a tone": 0.3 * np.sin(2 * np.pi * 1000 * time),
        "a chord": sum(0.1 * np.sin(2 * np.pi * f * time) for f in (523.0, 659.0, 784.0, 1047.0)),
        "clicks, eight in a superframe": clicks,
        "a sweep": 0.3 * np.sin(2 * np.pi * (100 + 60 * time) * time),
        "bursts": rng.normal(0, 0.1, count) * (np.sin(2 * np.pi * 3 * time) > 0.5),
        "noise, then silence": rng.normal(0, 0.1, count) * (time < 10),
        "one sample": np.eye(1, count, count // 2)[0],
        "full scale, two levels": np.sign(rng.normal(0, 1, count)),
    }
    for name, samples in shapes.items():
        yield Content(name, "drawn", Sound(np.asarray(samples, np.float32)[:, None], rate))


def _correlated(name: str, seen: Sequence[Plane], count: int) -> tuple[Plane, Plane, float]:
    """Correlate measurements with code words under signs that no call has tried."""
    rows = [tiles.reshape(-1)[layout().chips].astype(np.float64) for tiles in seen]
    rows = [row / np.linalg.norm(row) for row in rows if row.any()]
    if not rows:
        return np.zeros(0, np.float32), np.zeros(0, np.float32), 0.0
    turns = np.arange(count) % len(rows)
    drawn = np.stack(
        [signs(f"{name}\nfresh {number}".encode(), len(rows[0])) for number in range(count)]
    )
    products = (drawn * np.array(rows)[turns]).astype(np.float32)
    word = code_words(payload_of(name), mark_secrets(MARK_KEY).payload)[0][layout().bit_of_chip]
    sums = [np.bincount(layout().bit_of_chip, row, CODE_BITS) for row in products]
    chips = np.array([1 / (row**4).sum() for row in rows], np.float32)[turns]
    largest = float(np.abs(_walsh(np.array(sums, np.float32))).max())
    return np.asarray(products @ word, np.float32), chips, largest


def _walsh(rows: Plane) -> Plane:
    """Correlate rows with all Walsh functions: the words of the code's Reed-Muller part."""
    size = 1
    while size < rows.shape[1]:
        pairs = rows.reshape(len(rows), -1, 2, size)
        rows = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2)
        rows = rows.reshape(len(rows), -1)
        size *= 2
    return rows
