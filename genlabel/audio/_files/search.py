"""The watermark of a sound file of any length: long ones are searched piece by piece."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from genlabel import audio
from genlabel._detection import FOUND_LOG10_P, Detection, Effort, Span
from genlabel._key import Key
from genlabel.audio._files.formats import blocks_of
from genlabel.audio._files.sound import Block, Sound

#: What is longer is marked and searched in pieces: 106 MB of stereo at 44.1 kHz, as floats.
PIECE_SECONDS = 300
#: Many channels at high rates make pieces shorter.
MAX_PIECE_SAMPLES = 1 << 26
# Pieces overlap, so that a short mark between two of them is whole in one.
_OVERLAP_SECONDS = 20
# Spans of one payload that are no further apart are one: a piece's edges are not placed exactly.
_JOIN_SECONDS = 5.0


def piece_frames(sound: Sound) -> int:
    """Tell how much of a sound is handled at once."""
    most = max(MAX_PIECE_SAMPLES // sound.channels, 2 * _OVERLAP_SECONDS * sound.rate)
    return min(PIECE_SECONDS * sound.rate, most)


def is_long(sound: Sound) -> bool:
    """Tell whether a sound is handled in pieces."""
    return sound.frames > piece_frames(sound)


def find_mark(sound: Sound, keys: Sequence[Key], effort: Effort) -> Detection:
    """Look for a mark in a sound file, and decode all of it.

    Parameters
    ----------
    sound : Sound
        The file.
    keys : sequence of Key
        The keys to try.
    effort : {"quick", "normal", "deep"}
        As `genlabel.audio.detect` takes.

    Returns
    -------
    Detection
        ``log10_p`` covers all pieces that were searched.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    if not is_long(sound):
        samples = joined(blocks_of(sound), sound.frames, sound.channels)
        return audio.detect(samples, sound.rate, keys, effort=effort)
    size = piece_frames(sound)
    step = size - _OVERLAP_SECONDS * sound.rate
    trials = math.ceil((sound.frames - size) / step) + 1
    found: list[Detection] = []
    for start, piece in _pieces(sound, size, step):
        detection = audio.detect(piece, sound.rate, keys, effort=effort)
        if detection.found:
            found.append(_moved(detection, start / sound.rate, math.log10(trials)))
    return _together([one for one in found if one.log10_p <= FOUND_LOG10_P])


def joined(blocks: Iterable[Block], frames: int, channels: int) -> Block:
    """Put blocks together, of which the length is known."""
    out: Block | None = None
    position = 0
    for block in blocks:
        if out is None:
            out = np.empty((frames, channels), block.dtype)
        out[position : position + len(block)] = block
        position += len(block)
    return np.empty((0, channels), np.float32) if out is None else out


def _pieces(sound: Sound, size: int, step: int) -> Iterator[tuple[int, Block]]:
    """Cut a sound into pieces that overlap; each is valid until the next is asked for."""
    buffer: Block | None = None
    overlap = size - step
    filled = start = 0
    for block in blocks_of(sound):
        if buffer is None:
            buffer = np.empty((size, sound.channels), block.dtype)
        while len(block):
            count = min(size - filled, len(block))
            buffer[filled : filled + count] = block[:count]
            block, filled = block[count:], filled + count
            if filled == size:
                yield start, buffer
                buffer[:overlap] = buffer[step:]
                filled, start = overlap, start + step
    if buffer is not None and filled > overlap:
        yield start, buffer[:filled]


def _moved(detection: Detection, seconds: float, chance: float) -> Detection:
    """Place what a piece holds in the whole, and count that others might have held it by chance."""
    spans = tuple(
        Span(span.start + seconds, span.end + seconds, span.payload, span.log10_p + chance)
        for span in detection.spans
    )
    return dataclasses.replace(detection, log10_p=detection.log10_p + chance, spans=spans)


def _together(found: Sequence[Detection]) -> Detection:
    if not found:
        return Detection(found=False)
    best = min(found, key=lambda one: one.log10_p)
    merged: list[Span] = []
    for span in sorted(
        (span for one in found for span in one.spans), key=lambda span: (span.payload, span.start)
    ):
        last = merged[-1] if merged else span
        if merged and last.payload == span.payload and span.start <= last.end + _JOIN_SECONDS:
            end, log10_p = max(last.end, span.end), min(last.log10_p, span.log10_p)
            merged[-1] = Span(last.start, end, last.payload, log10_p)
        else:
            merged.append(span)
    return dataclasses.replace(best, spans=tuple(sorted(merged, key=lambda span: span.start)))
