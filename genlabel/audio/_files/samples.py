"""A sound file's samples for the journeys: marked, searched and compared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genlabel import audio
from genlabel._data import Data, Scratch
from genlabel._detection import Detection, Effort
from genlabel._key import Key
from genlabel._report import Layer
from genlabel._samples import Coding, Found, Samples
from genlabel.audio._audible.find_rhythm import find_rhythms
from genlabel.audio._audible.find_spoken import find_spoken
from genlabel.audio._audible.label import AudibleLabel, Labeller
from genlabel.audio._audible.loudness import Loudness
from genlabel.audio._audible.rhythm import LEAST_RATE, check_label_rate
from genlabel.audio._files.formats import blocks_of, mark, open_sound
from genlabel.audio._files.search import find_mark, is_long, joined
from genlabel.audio._files.sound import Block, Material, Sound


@dataclass(frozen=True, slots=True)
class SoundSamples:
    """The samples of a sound file; they are decoded when they are asked for.

    Parameters
    ----------
    sound : Sound
        The file.
    told : dict
        Where its label is heard, as soon as it is marked.
    """

    sound: Sound
    told: dict[str, Any] = field(default_factory=dict)

    def labelled(self, coding: Coding) -> tuple[SoundSamples, dict[str, Any] | None]:
        """Tell of a label that people hear; where it is, as soon as it is marked."""
        if coding.audible is None:
            return self, None
        told = {**coding.audible.to_dict(), "spans": []}
        return SoundSamples(self.sound, told), told

    def marked(
        self, payload: bytes, key: Key, coding: Coding, scratch: Scratch
    ) -> tuple[Data, tuple[str, ...]]:
        """Give the file anew with a watermark in its samples, and what could not be kept."""
        sound, label = self.sound, coding.audible
        labeller = None if label is None else _labeller(sound, label)

        def process(sound: Sound) -> Iterator[Block]:
            """Give the samples with the label, if there is one, and the watermark in them."""
            # The label first: the watermark is in what is heard of it, too.
            heard = blocks_of(sound) if labeller is None else _with_label(sound, labeller)
            if is_long(sound):
                return _marked_stream(heard, sound, payload, key, coding.strength)
            samples = joined(heard, sound.frames + added, sound.channels)
            return iter([audio.embed(samples, sound.rate, payload, key, coding.strength)])

        added = 0 if labeller is None else labeller.added_frames
        warnings = sound.warnings
        if added:
            seconds = added / sound.rate
            warnings += (f"the audible label makes the sound {seconds:.2f} s longer",)
        bitrate = None if coding.bitrate is None else 1000 * coding.bitrate
        frames = sound.frames + added
        new = mark(sound, process, bitrate=bitrate, frames=frames, scratch=scratch)
        if labeller is not None:
            self.told["spans"] = [list(span) for span in labeller.spans]
        return new, warnings

    def search(self, keys: Sequence[Key], effort: Effort) -> Found:
        """Look for a watermark, and decode everything even where there is no key."""
        details: dict[str, Any] = {"seconds": round(self.sound.seconds, 3)}
        if not keys:
            for _ in blocks_of(self.sound):
                pass
            return Found(Detection(found=False), details)
        detection = find_mark(self.sound, keys, effort)
        if detection.found:
            details["spans"] = len(detection.spans)
        return Found(detection, details)

    def explicit(self) -> Layer:
        """Look for rhythm labels and genlabel's spoken ones; no other words are understood."""
        if self.sound.rate < LEAST_RATE:
            return Layer("absent", {"searched": False})
        for kind, find in (("rhythm", find_rhythms), ("clip", find_spoken)):
            found = find(blocks_of(self.sound), self.sound.rate)
            if found:
                details = {"kind": kind, "count": len(found), **dataclasses.asdict(found[0])}
                return Layer("present", {"searched": True, **details})
        return Layer("absent", {"searched": True})

    def unread(self, before: Samples, key: Key, payload: bytes) -> tuple[str, ...]:
        """Name nothing: a sound is read as a whole."""
        return ()

    def fidelity(self, before: Samples) -> dict[str, float]:
        """Compare with the source: signal-to-noise ratio, ``snr``, in dB."""
        assert isinstance(before, SoundSamples)
        if self.sound.frames != before.sound.frames:
            return {}
        signal = noise = 0.0
        for new, old in _together(blocks_of(self.sound), blocks_of(before.sound)):
            old = old.astype(np.float64)
            signal += float(np.square(old).sum())
            noise += float(np.square(new - old).sum())
        return {"snr": round(10 * math.log10(signal / noise), 2)} if signal and noise else {}


def _labeller(sound: Sound, label: AudibleLabel) -> Labeller:
    check_label_rate(sound.rate)
    meter = Loudness(sound.rate, sound.channels)
    for block in blocks_of(sound):
        meter.push(block)
    return Labeller(
        sound.rate, sound.channels, label, frames=sound.frames, loudness=meter.integrated
    )


def open_sound_samples(material: Material, *, name: str) -> SoundSamples:
    """Open a sound file.

    Raises
    ------
    MediaError
        The file is damaged or cut short.
    UnsupportedError
        It is one of an unusual coding.
    """
    return SoundSamples(open_sound(material, name=name))


def _with_label(sound: Sound, labeller: Labeller) -> Iterator[Block]:
    for block in blocks_of(sound):
        yield labeller.push(block)
    yield labeller.flush()


def _marked_stream(
    blocks: Iterator[Block], sound: Sound, payload: bytes, key: Key, strength: float
) -> Iterator[Block]:
    """Mark a long sound as it goes by: it has room enough without being known beforehand."""
    embedder = audio.Embedder(sound.rate, sound.channels, payload, key, strength)
    for block in blocks:
        yield embedder.push(block).reshape(-1, sound.channels)
    yield embedder.flush().reshape(-1, sound.channels)


def _together(one: Iterator[Block], other: Iterator[Block]) -> Iterator[tuple[Block, Block]]:
    """Give two sounds of one length in blocks of the same lengths."""
    left = right = np.empty((0, 1))
    while True:
        left = left if len(left) else next(one, left)
        right = right if len(right) else next(other, right)
        count = min(len(left), len(right))
        if not count:
            return
        yield left[:count], right[:count]
        left, right = left[count:], right[count:]
