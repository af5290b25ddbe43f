"""Encoding at the bitrate a file had: an encoder's setting is found by trying it.

Encoders that vary their rate take a quality, and what it costs depends on the sound. So the same
excerpts are weighed in the old file and in new ones, until they weigh the same.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from genlabel.audio._files.sound import Block, Sound

_EXCERPT_SECONDS = 60
_CLOSE = math.log(1.02)
_MAX_TRIALS = 7


@dataclass(frozen=True, slots=True)
class Weights:
    """How many bytes the samples before a frame take, without tags and framing.

    Parameters
    ----------
    frames : sequence of int
        Where packets, or groups of them, end; not descending.
    sizes : sequence of int
        Bytes up to there.
    """

    frames: Sequence[int] = field(repr=False)
    sizes: Sequence[int] = field(repr=False)

    def until(self, frame: int) -> float:
        """Count the bytes before a frame."""
        right = bisect.bisect_left(self.frames, frame)
        if right == len(self.frames):
            return float(self.sizes[-1]) if self.sizes else 0.0
        left_frame, left_size = (self.frames[right - 1], self.sizes[right - 1]) if right else (0, 0)
        step = self.frames[right] - left_frame
        share = (frame - left_frame) / step if step else 1.0
        return left_size + share * (self.sizes[right] - left_size)

    @property
    def total(self) -> int:
        """All bytes."""
        return self.sizes[-1] if self.sizes else 0


def excerpt(
    sound: Sound, blocks: Iterator[Block], weights: Weights, bitrate: float | None
) -> tuple[list[Block], float]:
    """Take what settings are tried on, and say what it is to weigh.

    It is the beginning, or all of a short file. Not stretches from here and there: an encoder that
    begins in the middle spends up to a fifth more, and keeps to it.

    Parameters
    ----------
    sound : Sound
        The file.
    blocks : iterator of ndarray, shape (frames, channels)
        Its samples.
    weights : Weights
        What they weigh as they are.
    bitrate : float or None
        Mean bits a second to aim at; None for the file's own.

    Returns
    -------
    list of ndarray
        The samples.
    float
        Bytes, 1 or more.
    """
    length = min(sound.frames, _EXCERPT_SECONDS * sound.rate)
    size = weights.until(length) if bitrate is None else bitrate / 8 * length / sound.rate
    return list(_cut(blocks, length)), max(size, 1.0)


def _cut(blocks: Iterator[Block], length: int) -> Iterator[Block]:
    for block in blocks:
        yield block[:length]
        length -= len(block)
        if length <= 0:
            return


def find_setting(
    weigh: Callable[[float], float], wanted: float, low: float, high: float, start: float
) -> float:
    """Find the setting of an encoder whose output weighs what is wanted.

    Parameters
    ----------
    weigh : callable
        Encodes with a setting and gives the bytes; the larger the setting, the fewer or the more.
    wanted : float
        Bytes, more than 0.
    low, high : float
        The least and the largest setting.
    start : float
        Where to begin.

    Returns
    -------
    float
        The best setting tried: within 2 % where the encoder can.
    """

    def excess(setting: float) -> float:
        """Give the logarithm of how many times too large a setting makes the excerpt."""
        return math.log(max(weigh(setting), 1.0) / wanted)

    tried = {start: excess(start)}
    # Most settings miss in one direction only, so the other end tells the slope.
    while len(tried) < _MAX_TRIALS and abs(min(tried.values(), key=abs)) > _CLOSE:
        setting = _next(tried, low, high)
        if setting is None:
            break
        tried[setting] = excess(setting)
    return min(tried, key=lambda setting: abs(tried[setting]))


def _next(tried: dict[float, float], low: float, high: float) -> float | None:
    above = {setting: value for setting, value in tried.items() if value > 0}
    below = {setting: value for setting, value in tried.items() if value <= 0}
    if not above or not below:
        ends = [end for end in (low, high) if end not in tried]
        best = min(tried, key=lambda setting: abs(tried[setting]))
        # Towards the nearer end first, where the start was a good guess.
        return min(ends, key=lambda end: abs(end - best)) if ends else None
    upper, lower = min(above, key=above.__getitem__), max(below, key=below.__getitem__)
    share = above[upper] / (above[upper] - below[lower])
    setting = upper + min(max(share, 0.1), 0.9) * (lower - upper)
    return None if setting in tried else setting
