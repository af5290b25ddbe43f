"""Marked sounds whose truth is known: what was put in, chip by chip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio import Sound, measure, sounds
from benchmarks.audio.scaling import speed
from benchmarks.audio.security.adversary import exposed
from benchmarks.audio.sounds import Clip, Form
from benchmarks.forgery import Message
from benchmarks.marking import MARK_KEY, payload_of
from genlabel import CapacityError, Key
from genlabel._payload import code_words, pack
from genlabel.audio import embed
from genlabel.audio._codeword import key_sums, mark_secrets, superframe_signs
from genlabel_kernels.audio.layout import layout

_KINDS = ("speech", "synthetic", "music", "other")
_PIECE_SECONDS = 5.0
#: Pieces are also played slower before they are marked: as many hosts again.
_SLOWER = 0.84
WHOLE = Form(seconds=15.0)
WHOLE_KINDS = ("speech", "joined-speech", "joined-synthetic", "music")


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked sound and what it carries.

    Parameters
    ----------
    host : Clip
        What was marked.
    sound : Sound
        Marked.
    payload : bytes
        8 bytes.
    message : (96,) uint8 array
        The bits sent: payload, salt and tag.
    chips : (n,) float32 array of -1 and +1
        As sent.
    """

    host: Clip
    sound: Sound = field(repr=False)
    payload: bytes
    message: Message = field(repr=False)
    chips: NDArray[np.float32] = field(repr=False)


Marking = Callable[[Sound, bytes, Key], Sound]


def file(sound: Sound, payload: bytes, key: Key) -> Sound:
    """Mark a whole sound, as files are."""
    samples = embed(sound.samples, sound.rate, payload, key)
    return Sound(np.asarray(samples, np.float32), sound.rate)


def stream(sound: Sound, payload: bytes, key: Key) -> Sound:
    """Mark a sound as a stream: always from the superframe's first row, in the first word."""
    assert key == MARK_KEY
    return measure.stream(sound, payload, 1.0)


def whole(data: Path, count: int) -> list[Clip]:
    """Open excerpts of 15 s, spread over the kinds."""
    clips = list(sounds.load(WHOLE_KINDS, data=data, form=WHOLE))
    return clips[:: max(1, len(clips) // count)][:count]


def pieces(data: Path) -> list[Clip]:
    """Cut every clip into pieces of 5 s, and once more played slower, in a fixed order."""
    cut = [piece for one in _clips(data) for piece in _cut(one)]
    order = np.random.default_rng(0).permutation(len(cut))
    return [cut[place] for place in order]


def _clips(data: Path) -> Iterator[Clip]:
    for clip in sounds.load(_KINDS, data=data):
        yield clip
        yield Clip(f"{clip.name} slower", clip.kind, speed(clip.sound, _SLOWER))


def _cut(clip: Clip) -> Iterator[Clip]:
    length = round(_PIECE_SECONDS * clip.sound.rate)
    for number in range(len(clip.sound.samples) // length):
        part = clip.sound.samples[number * length : (number + 1) * length]
        yield Clip(f"{clip.name}, {number}", clip.kind, Sound(part.copy(), clip.sound.rate))


def mark(
    host: Clip, payload: bytes | None, key: Key = MARK_KEY, marking: Marking = file
) -> Marked | None:
    """Mark a host, with a payload of its own where none is given; None where it bears no mark."""
    sent = payload or payload_of(host.name)
    try:
        sound = marking(host.sound, sent, key)
    except CapacityError:
        return None
    secrets = mark_secrets(key)
    words = code_words(sent, secrets.payload)
    salt = int(np.argmax(words @ key_sums(exposed(sound).tiles, [secrets])[0]))
    chips = superframe_signs(words[salt], secrets).reshape(-1)[layout().chips]
    return Marked(host, sound, sent, pack(sent, salt, secrets.payload), chips)
