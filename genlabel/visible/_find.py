"""Finding the labels that people see: the sentences genlabel writes, in its letters.

Their beginnings are looked for at small scale, at every height a label is likely to have; the best
places are compared with the first words at a finer scale. A window is compared by its correlation
coefficient with the template, so that brightness and contrast do not matter and letters may be dark
or bright; of the window only what is near the letters counts, where a label has its plate or its
outline. What is behind a label without a plate is of no account then.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np

from genlabel.visible._place import Box, Pixels, shown
from genlabel.visible._templates import (
    ABOVE,
    BEGINNING_INK,
    BELOW,
    COLUMNS,
    DRAWN_INK,
    ROWS,
    Plane,
    Template,
    beginnings,
    resized,
    words_of,
)

#: Heights of the ink that are looked for, as parts of the shortest side.
HEIGHTS = tuple(0.046 * 1.09**step for step in range(11))

# Shortest side of what is searched. Of a picture that is longer than so many times that, both ends
# and the middle are searched, each of so many times.
_SIDE, _LONG, _END = 512, 4.0, 1.4
# Nobody reads smaller letters, and much looks like them; and at most that of the words where they
# are compared: height of the ink in pixels.
_LEAST_INK, _FINE_INK = 6.0, 20
# Coefficients: of a candidate; of a find where the whole sentence was compared, and where it was
# its first words, which may begin other sentences too. The benchmark `visible` says what they cost.
_CANDIDATE, _FOUND, _FOUND_PART = 0.5, 0.65, 0.75
_CANDIDATES, _KEPT_PER_HEIGHT, _LIKELIEST, _TEMPLATES = 12, 24, 2, 4
# Standard deviation, of 255, of letters with what is near them: half of what labels have as drawn.
_FLAT = 25.0
_FINER = np.geomspace(0.93, 1.06, 10)


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
    for left, top, part in _parts(grey):
        for height in HEIGHTS:
            ink = height * short
            if ink < _LEAST_INK:
                continue
            factor = BEGINNING_INK / ink
            found += [
                one._replace(left=left + one.left / factor, top=top + one.top / factor, ink=ink)
                for one in _beginning(resized(part, factor))
            ]
    kept: list[_Candidate] = []
    for one in sorted(found, reverse=True):
        near = 0.5 * one.ink
        same = (
            number
            for number, other in enumerate(kept)
            if abs(one.left - other.left) < near and abs(one.top - other.top) < near
        )
        number = next(same, None)
        if number is not None:
            # Half a pixel to and fro another beginning may be the likeliest.
            templates = dict.fromkeys((*kept[number].templates, one.templates[0]))
            kept[number] = kept[number]._replace(templates=tuple(templates)[:_TEMPLATES])
        elif len(kept) < _CANDIDATES:
            kept.append(one)
    return kept


def _parts(grey: Plane) -> Iterator[tuple[int, int, Plane]]:
    """Give what is searched, with its left and top: all but what is far from any label."""
    short = min(grey.shape)

    def along(length: int) -> list[slice]:
        """Give the slices of one side: all of it, or both ends and the middle."""
        if length <= _LONG * short:
            return [slice(0, length)]
        end = round(_END * short)
        return [slice(start, start + end) for start in (0, (length - end) // 2, length - end)]

    for rows in along(grey.shape[0]):
        for columns in along(grey.shape[1]):
            yield columns.start, rows.start, grey[rows, columns]


def _beginning(part: Plane) -> list[_Candidate]:
    """Compare every window with every beginning: candidates in the part's own pixels."""
    if part.shape[0] < ROWS or part.shape[1] < COLUMNS:
        return []
    bank = beginnings()
    windows = np.lib.stride_tricks.sliding_window_view(part, (ROWS, COLUMNS))
    # Most windows are too calm for letters: they are left out before anything is copied.
    down, across = np.nonzero(_deviation(part) >= _FLAT)
    flat = windows[down, across].reshape(len(down), ROWS * COLUMNS)
    products = np.abs(flat @ bank.letters)
    # At its faintest a label has this deviation: what is no candidate then is none.
    likely = np.flatnonzero((products >= _CANDIDATE * _FLAT * bank.spans).any(axis=1))
    flat, products = flat[likely], products[likely]
    sums = flat @ bank.weights
    energies = np.square(flat) @ bank.weights - np.square(sums) / bank.areas
    scores = products / (
        bank.norms * np.sqrt(np.maximum(energies, bank.areas * np.float32(_FLAT**2)))
    )
    best = scores.max(axis=1, initial=0)
    places = np.flatnonzero(best >= _CANDIDATE)
    places = places[np.argsort(-best[places], kind="stable")[:_KEPT_PER_HEIGHT]]
    return [
        _Candidate(
            float(best[place]),
            0.0,
            float(across[likely[place]]),
            float(down[likely[place]]),
            tuple(map(int, scores[place].argsort()[: -_LIKELIEST - 1 : -1])),
        )
        for place in places
    ]


def _deviation(part: Plane) -> Plane:
    """Compute the standard deviation of every window."""
    size, middle = (COLUMNS, ROWS), (0, 0)
    mean = cv2.boxFilter(part, cv2.CV_32F, size, anchor=middle)
    square = cv2.sqrBoxFilter(part, cv2.CV_32F, size, anchor=middle)
    inside = np.s_[: part.shape[0] - ROWS + 1, : part.shape[1] - COLUMNS + 1]
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0))[inside], np.float32)


def _compared(grey: Plane, candidate: _Candidate, scale: float) -> FoundLabel | None:
    """Compare the first words of every sentence with such a beginning, a little finer."""
    texts = beginnings().texts
    ink = min(_FINE_INK, candidate.ink)
    factor = ink / candidate.ink
    room = round(0.6 * candidate.ink)
    left, top = max(round(candidate.left) - room, 0), max(round(candidate.top) - room, 0)
    bottom = round(candidate.top + (ABOVE + BELOW) * candidate.ink) + room
    best: FoundLabel | None = None
    for text in (text for index in candidate.templates for text in texts[index]):
        words, whole = words_of(text)
        least = _FOUND if whole else _FOUND_PART
        right = round(candidate.left + words.letters.shape[1] / DRAWN_INK * candidate.ink) + room
        part = resized(grey[top:bottom, left:right], factor)
        for finer in _FINER:
            template = words.resized(ink * finer / DRAWN_INK)
            rows, columns = template.letters.shape
            if rows > part.shape[0] or columns > part.shape[1]:
                continue
            score, place = _most_alike(part, template)
            if score >= max(least, 0.0 if best is None else best.score + 1e-9):
                across = (left + place[0] / factor) / scale, columns / factor / scale
                down = (top + place[1] / factor) / scale, rows / factor / scale
                box = round(across[0]), round(down[0]), round(across[1]), round(down[1])
                best = FoundLabel(text, box, round(float(score), 3))
    return best


def _most_alike(part: Plane, template: Template) -> tuple[float, tuple[int, int]]:
    """Find where in a part a template fits best: its coefficient, column and row."""
    letters, near = template.letters, template.near
    area = float(near.sum())
    weighted = near * (letters - float((near * letters).sum()) / area)
    norm = math.sqrt(float((weighted * letters).sum()))
    products = cv2.matchTemplate(part, weighted, cv2.TM_CCORR)
    sums = cv2.matchTemplate(part, near, cv2.TM_CCORR)
    energies = cv2.matchTemplate(part * part, near, cv2.TM_CCORR) - sums * sums / area
    scores = np.abs(products) / (norm * np.sqrt(np.maximum(energies, area * _FLAT**2)))
    _, most, _, place = cv2.minMaxLoc(scores)
    return most, (place[0], place[1])


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
