"""A sound file's samples for the journeys: marked, searched and compared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel import audio
from genlabel._detection import Detection, Effort
from genlabel._errors import MediaError
from genlabel._key import Key
from genlabel._report import Layer
from genlabel._samples import Coding, Found, Samples
from genlabel.audio._file import blocks_of, mark, open_sound
from genlabel.audio._file_sound import Block, Sound
from genlabel.audio._label import AudibleLabel, Labeller
from genlabel.audio._label_find import find_rhythms
from genlabel.audio._label_loudness import Loudness

#: Decoded sound is kept as a whole for marking and searching: 4 GiB of it at most, which is an hour
#: and a half of stereo at 96 kHz.
MAX_SAMPLES = 1 << 30


@dataclass(frozen=True, slots=True)
class SoundSamples:
    """The samples of a sound file; they are decoded when they are asked for.

    Parameters
    ----------
    sound : Sound
        The file.
    """

    sound: Sound

    def marked(self, payload: bytes, key: Key, coding: Coding) -> tuple[bytes, tuple[str, ...]]:
        """Give the file anew with a watermark in its samples, and what could not be kept."""
        sound, label = self.sound, coding.audible
        labeller = None if label is None else _labeller(sound, label)

        def process(sound: Sound) -> Iterator[Block]:
            samples = whole(sound)
            if labeller is not None:
                # First: the watermark is in what is heard of the label, too.
                parts = (labeller.push(samples), labeller.flush())
                samples = np.concatenate(parts, dtype=samples.dtype)
            yield audio.embed(samples, sound.rate, payload, key, strength=coding.strength)

        added = 0 if labeller is None else labeller.added_frames
        warnings = sound.warnings
        if added:
            seconds = added / sound.rate
            warnings += (f"the audible label makes the sound {seconds:.2f} s longer",)
        bitrate = None if coding.bitrate is None else 1000 * coding.bitrate
        new = mark(sound, process, bitrate=bitrate, frames=sound.frames + added)
        return new, warnings

    def search(self, keys: Sequence[Key], effort: Effort) -> Found:
        """Look for a watermark, and decode everything even where there is no key."""
        details: dict[str, Any] = {"seconds": round(self.sound.seconds, 3)}
        if not keys:
            for _ in blocks_of(self.sound):
                pass
            return Found(Detection(found=False), details)
        detection = audio.detect(whole(self.sound), self.sound.rate, keys, effort=effort)
        if detection.found:
            details["spans"] = len(detection.spans)
        return Found(detection, details)

    def explicit(self) -> Layer:
        """Look for rhythm labels; a spoken one is not understood."""
        found = find_rhythms(blocks_of(self.sound), self.sound.rate)
        if not found:
            return Layer("absent", {"searched": True})
        details = {"kind": "rhythm", "count": len(found), **dataclasses.asdict(found[0])}
        return Layer("present", {"searched": True, **details})

    def unread(self, key: Key, payload: bytes) -> tuple[str, ...]:
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
    meter = Loudness(sound.rate, sound.channels)
    for block in blocks_of(sound):
        meter.push(block)
    return Labeller(
        sound.rate, sound.channels, label, frames=sound.frames, loudness=meter.integrated
    )


def open_sound_samples(data: bytes, *, name: str) -> SoundSamples:
    """Open a sound file.

    Raises
    ------
    MediaError
        The file is damaged or cut short.
    UnsupportedError
        It is one of an unusual coding.
    """
    return SoundSamples(open_sound(data, name=name))


def whole(sound: Sound) -> Block:
    """Decode a file at once.

    Raises
    ------
    MediaError
        It is damaged, or too long.
    """
    if sound.frames * sound.channels > MAX_SAMPLES:
        raise MediaError(
            f"is too long: {sound.seconds / 3600:.1f} hours of {sound.channels} channels",
            path=sound.name,
        )
    out: Block | None = None
    position = 0
    for block in blocks_of(sound):
        if out is None:
            out = np.empty((sound.frames, sound.channels), block.dtype)
        out[position : position + len(block)] = block
        position += len(block)
    assert out is not None
    return out


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
