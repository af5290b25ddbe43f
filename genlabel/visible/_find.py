"""Finding the labels that people see: the sentences genlabel writes, in its letters, near an edge.

Their beginnings are looked for at small scale, at every height a label is likely to have, along the
upper and the lower edge; the best places are compared with the first words at a finer scale.
Letters may be dark or bright. Every window is compared by its correlation coefficient with the
template, so that brightness and contrast do not matter.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from genlabel._errors import UnsupportedError
from genlabel._wording import notices
from genlabel.visible._fonts import render, runs, size_for
from genlabel.visible._label import SHORT
from genlabel.visible._place import Box, Pixels, shown

#: Heights of the ink that are looked for, as parts of the shortest side.
HEIGHTS = tuple(0.046 * 1.09**step for step in range(11))

Plane = npt.NDArray[np.float32]

# Shortest side of what is searched, and the parts of it that labels are in: bands along the upper
# and lower edge, of wide pictures their ends and middle.
_SIDE, _BAND, _WINDOW = 512, 0.3, 1.4
# Nobody reads smaller letters, and much looks like them: their ink in pixels.
_LEAST_INK = 6.0
# Heights of the ink in pixels: where candidates are found, at most where they are compared, and at
# which templates are drawn.
_INK, _FINE_INK, _DRAWN_INK = 8, 20, 40
# Template of a beginning, in pixels at the first of these; and least of the words, in heights.
_ROWS, _COLUMNS = 12, 26
_LEAST_WORDS = 3.5
# Above and below the baseline, and beside the letters, in heights.
_ABOVE, _BELOW, _BESIDE = 1.12, 0.38, 0.2
# Coefficients: of a candidate, and of a find. The benchmark `visible` says what they cost.
_CANDIDATE, _FOUND = 0.6, 0.72
_CANDIDATES, _KEPT_PER_BAND, _TEMPLATES = 6, 24, 2
# Standard deviation, of 255, below which a window counts as flat.
_FLAT = 4.0
_ALIKE = 0.9
_FINER = np.geomspace(0.94, 1.06, 5)


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label that was found.

    Parameters
    ----------
    text : str
        The sentence that begins there.
    box : tuple of (int, int, int, int)
        Left, top, width and height of its first words, in pixels.
    score : float
        Coefficient of their correlation with the template, at most 1.
    """

    text: str
    box: Box
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON types."""
        return {"text": self.text, "box": list(self.box), "score": self.score}


class _Candidate(NamedTuple):
    score: float
    ink: float
    left: float
    top: float
    templates: tuple[int, ...]


def find(pixels: Pixels) -> tuple[FoundLabel, ...]:
    """Look for labels that genlabel draws, with texts of its own.

    Parameters
    ----------
    pixels : ndarray
        (H, W), (H, W, 3) or (H, W, 4); uint8, uint16, or float32 in 0..1; upright.

    Returns
    -------
    tuple of FoundLabel
        The likeliest first. Others' words are not read, but what begins as one of ours does, in
        letters much like these, is found as well.
    """
    picture = shown(pixels)
    rows, columns = picture.shape[:2]
    if HEIGHTS[-1] * min(rows, columns) < _LEAST_INK:
        return ()
    scale = min(1.0, _SIDE / min(rows, columns))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bytewise = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small
    grey: Plane = np.asarray(bytewise, np.float32)
    compared = [_compared(grey, candidate, scale) for candidate in _candidates(grey)]
    found: list[FoundLabel] = []
    for one in sorted((one for one in compared if one), key=lambda one: -one.score):
        if not any(_overlap(one.box, other.box) for other in found):
            found.append(one)
    return tuple(found)


def _candidates(grey: Plane) -> list[_Candidate]:
    """Find the places where a sentence may begin."""
    short = min(grey.shape)
    found: list[_Candidate] = []
    for left, top, part in _bands(grey):
        for height in HEIGHTS:
            ink = height * short
            if ink < _LEAST_INK:
                continue
            factor = _INK / ink
            found += [
                one._replace(left=left + one.left / factor, top=top + one.top / factor, ink=ink)
                for one in _in_band(_resized(part, factor))
            ]
    kept: list[_Candidate] = []
    for one in sorted(found, reverse=True):
        if one.score < _CANDIDATE or len(kept) == _CANDIDATES:
            break
        near = 0.5 * one.ink
        if not any(
            abs(one.left - other.left) < near and abs(one.top - other.top) < near for other in kept
        ):
            kept.append(one)
    return kept


def _bands(grey: Plane) -> list[tuple[int, int, Plane]]:
    rows, columns = grey.shape
    short = min(rows, columns)
    band, window = round(_BAND * short), round(_WINDOW * short)
    lefts = [0]
    if columns > 3 * window:
        lefts = [0, (columns - window) // 2, columns - window]
    else:
        window = columns
    tops = [0, rows - band]
    return [
        (left, top, grey[top : top + band, left : left + window]) for top in tops for left in lefts
    ]


def _in_band(band: Plane) -> list[_Candidate]:
    """Compare every window with every beginning: candidates in the band's own pixels."""
    if band.shape[0] < _ROWS or band.shape[1] < _COLUMNS:
        return []
    matrix, _ = _beginnings()
    size = _ROWS * _COLUMNS
    windows = np.lib.stride_tricks.sliding_window_view(band, (_ROWS, _COLUMNS))
    across = windows.shape[1]
    flat = windows.reshape(-1, size)
    energy = np.einsum("ij,ij->i", flat, flat) - np.square(flat.sum(axis=1)) / size
    scores = np.abs(flat @ matrix)
    scores /= np.sqrt(np.maximum(energy, size * _FLAT**2))[:, None]
    best = scores.max(axis=1)
    count = min(_KEPT_PER_BAND, len(best))
    places = np.argpartition(-best, count - 1)[:count]
    return [
        _Candidate(
            float(best[place]),
            0.0,
            float(place % across),
            float(place // across),
            tuple(map(int, scores[place].argsort()[: -_TEMPLATES - 1 : -1])),
        )
        for place in places
    ]


def _compared(grey: Plane, candidate: _Candidate, scale: float) -> FoundLabel | None:
    """Compare the first words of every sentence with such a beginning, a little finer."""
    _, texts = _beginnings()
    ink = min(_FINE_INK, candidate.ink)
    factor = ink / candidate.ink
    room = round(0.6 * candidate.ink)
    left, top = max(round(candidate.left) - room, 0), max(round(candidate.top) - room, 0)
    bottom = round(candidate.top + (_ABOVE + _BELOW) * candidate.ink) + room
    best: FoundLabel | None = None
    for text in (text for index in candidate.templates for text in texts[index]):
        words = _words(text)
        right = round(candidate.left + words.shape[1] / _DRAWN_INK * candidate.ink) + room
        part = _resized(grey[top:bottom, left:right], factor)
        for finer in _FINER:
            template = _resized(words, ink * finer / _DRAWN_INK)
            if template.shape[0] > part.shape[0] or template.shape[1] > part.shape[1]:
                continue
            scores = cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED)
            least, most, dark, bright = cv2.minMaxLoc(np.nan_to_num(scores, posinf=0, neginf=0))
            score, place = max((most, bright), (-least, dark))
            if score >= max(_FOUND, 0.0 if best is None else best.score + 1e-9):
                across = (left + place[0] / factor) / scale, template.shape[1] / factor / scale
                down = (top + place[1] / factor) / scale, template.shape[0] / factor / scale
                box = round(across[0]), round(down[0]), round(across[1]), round(down[1])
                best = FoundLabel(text, box, round(float(score), 3))
    return best


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _resized(plane: Plane, factor: float) -> Plane:
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    size = max(1, round(plane.shape[1] * factor)), max(1, round(plane.shape[0] * factor))
    return np.asarray(cv2.resize(plane, size, interpolation=method), np.float32)


@functools.cache
def _beginnings() -> tuple[Plane, tuple[tuple[str, ...], ...]]:
    """Give the templates of all beginnings as columns, and the sentences that begin so."""
    templates: list[Plane] = []
    texts: list[list[str]] = []
    known = dict.fromkeys((*SHORT.values(), *notices().values()))
    # One that begins with another is found as that one.
    sentences = [text for text in known if not any(text.startswith(f"{one} ") for one in known)]
    for text in sentences:
        try:
            drawn = _resized(_line(text), _INK / _DRAWN_INK)[:_ROWS, :_COLUMNS]
        except UnsupportedError:
            # Nobody can have drawn it here, and elsewhere it has another template.
            continue
        padded = np.pad(drawn, ((0, 0), (0, _COLUMNS - drawn.shape[1]))).ravel()
        padded = padded - padded.mean()
        padded /= np.linalg.norm(padded)
        alike = [index for index, one in enumerate(templates) if float(one @ padded) > _ALIKE]
        if alike:
            texts[alike[0]].append(text)
        else:
            templates.append(padded)
            texts.append([text])
    return np.stack(templates, axis=1), tuple(map(tuple, texts))


@functools.cache
def _words(text: str) -> Plane:
    """Draw the first words of a sentence, which stay together where it takes several lines."""
    words = ""
    for word in text.split(" "):
        words = f"{words} {word}".strip()
        drawn = _line(words)
        if drawn.shape[1] >= _LEAST_WORDS * _DRAWN_INK:
            return drawn
    return drawn


def _line(text: str) -> Plane:
    line = runs(text)
    coverage, baseline = render(line, size_for(line, _DRAWN_INK))
    top, bottom = baseline - round(_ABOVE * _DRAWN_INK), baseline + round(_BELOW * _DRAWN_INK)
    beside = round(_BESIDE * _DRAWN_INK)
    rows = coverage[max(top, 0) : bottom].astype(np.float32)
    return np.pad(rows, ((max(-top, 0), 0), (beside, beside)))
