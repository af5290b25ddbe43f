"""Which stretches of a film carry which payload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genlabel._detection import Span
from genlabel.video._codeword import word_chips
from genlabel.video._pictures import Picture, chips_of
from genlabel.video._reading import Word

#: Correlation of a picture that carries a word, at least, in standard deviations; and of a stretch.
LEAST = 3.0
_SURE = 5.0
# What tells how strongly pictures are marked. A word is chosen because a picture favours it, and
# unmarked pictures of a scene that stands still may reach 4.
_STRONG = 4.5
# What a beginning or an end costs, in nats; and what one picture says for or against, at most.
_CHANGE = 6.0
_FIRM = 40.0
# Spans of one payload that lie closer are one, in seconds.
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class Found:
    """A span, and the word that it carries.

    Parameters
    ----------
    span : Span
        Where, and what.
    word : Word
        As read.
    """

    span: Span
    word: Word


def correlations(pictures: Sequence[Picture], word: Word) -> NDArray[np.float64]:
    """Correlate every picture with a word, in standard deviations of noise."""
    signs = word_chips(word.decoded.word, word.secrets)
    out = np.zeros(len(pictures))
    for index, picture in enumerate(pictures):
        chips = chips_of(picture.measured(word.placed))
        norm = float(np.linalg.norm(chips))
        out[index] = float(chips @ signs) / norm if norm > 0 else 0.0
    return out


def carrying(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """List the stretches of successive pictures that carry a word, by correlations with it.

    The likeliest path between two states: marked pictures have a mean, unmarked ones have zero.

    Parameters
    ----------
    values : (n,) float64 array
        In standard deviations of noise.

    Returns
    -------
    list of (int, int)
        First and last of each, the last excluded.
    """
    strong = values[values > _STRONG]
    mean = max(float(np.median(strong)) if len(strong) else LEAST, LEAST)
    gain = np.clip(mean * values - 0.5 * mean * mean, -_FIRM, _FIRM)
    best = np.array([0.0, -_CHANGE])
    came = np.zeros((len(values), 2), np.int64)
    for index, value in enumerate(gain):
        moves = np.array([[best[0], best[1] - _CHANGE], [best[0] - _CHANGE, best[1]]])
        came[index] = moves.argmax(axis=1)
        best = moves.max(axis=1) + np.array([0.0, value])
    state, states = int(best.argmax()), np.zeros(len(values) + 2, np.int8)
    for index in range(len(values) - 1, -1, -1):
        states[index + 1] = state
        state = int(came[index, state])
    runs = np.flatnonzero(np.diff(states)).reshape(-1, 2).tolist()
    return [
        (first, last)
        for first, last in runs
        if values[first:last].sum() >= _SURE * np.sqrt(last - first)
    ]


def spans_of(pictures: Sequence[Picture], values: NDArray[np.float64], word: Word) -> list[Found]:
    """List the spans of successive pictures that carry a word."""
    decoded = word.decoded
    ends = (
        (pictures[first].moment.start, pictures[last - 1].moment.end)
        for first, last in carrying(values)
    )
    return [Found(Span(*pair, decoded.payload, decoded.log10_p), word) for pair in ends]


def joined(found: Sequence[Found]) -> list[Found]:
    """Join spans of one payload and key that touch, in order of time."""
    joint: list[Found] = []
    for one in sorted(found, key=lambda one: one.span.start):
        for index, other in enumerate(joint):
            same = other.span.payload == one.span.payload
            same &= other.word.secrets.name == one.word.secrets.name
            if same and one.span.start <= other.span.end + _GAP:
                likelier = min(other, one, key=lambda each: each.span.log10_p)
                span = replace(
                    likelier.span, start=other.span.start, end=max(other.span.end, one.span.end)
                )
                joint[index] = Found(span, likelier.word)
                break
        else:
            joint.append(one)
    return joint
