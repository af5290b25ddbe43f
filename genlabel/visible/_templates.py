"""What labels that are looked for look like: the sentences genlabel writes, in its letters."""

from __future__ import annotations

import functools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from genlabel._wording import notices
from genlabel.visible._fonts import render, runs, size_for
from genlabel.visible._label import SHORT

Plane = npt.NDArray[np.float32]

# Heights of the ink in pixels: at which beginnings are compared, and at which all are drawn.
BEGINNING_INK, DRAWN_INK = 8, 40
# A beginning, in pixels at the first of these; and at most of the words, in heights: what fits on
# one line of a square picture, at 10 % of its side.
ROWS, COLUMNS = 12, 26
_MOST_WORDS = 9.0
# Above and below the baseline, beside the letters, and round them, in heights.
ABOVE, BELOW, _BESIDE, _NEAR = 1.12, 0.38, 0.2, 0.1
_ALIKE = 0.9


class Template(NamedTuple):
    """Letters, and what is near them, where a label has its plate or its outline: 0..255, 0..1."""

    letters: Plane
    near: Plane

    def resized(self, factor: float) -> Template:
        """Give the template at another size: so many times as high and wide."""
        return Template(resized(self.letters, factor), resized(self.near, factor))


class Bank(NamedTuple):
    """All beginnings, one a column, and the sentences that begin so.

    Of a template's letters t and its weights w: w (t - mean), w, the sum of w, the root of the
    weighted energy of t - mean, and of both the product.
    """

    letters: Plane
    weights: Plane
    areas: Plane
    norms: Plane
    spans: Plane
    texts: tuple[tuple[str, ...], ...]


@functools.cache
def beginnings() -> Bank:
    """Draw the beginnings of all sentences, those once that look alike."""
    templates: list[Template] = []
    texts: list[list[str]] = []
    known = dict.fromkeys((*SHORT.values(), *notices().values()))
    # One that begins with another is found as that one.
    sentences = [text for text in known if not any(text.startswith(f"{one} ") for one in known)]
    for text in sentences:
        whole = _line(text).resized(BEGINNING_INK / DRAWN_INK)
        drawn = Template(_cut(whole.letters), _cut(whole.near))
        alike = [
            number
            for number, one in enumerate(templates)
            if np.corrcoef(one.letters, drawn.letters)[0, 1] > _ALIKE
        ]
        if alike:
            texts[alike[0]].append(text)
        else:
            templates.append(drawn)
            texts.append([text])
    letters = np.stack([one.letters for one in templates], axis=1)
    weights = np.stack([one.near for one in templates], axis=1)
    areas = weights.sum(axis=0)
    weighted = weights * (letters - (weights * letters).sum(axis=0) / areas)
    norms = np.sqrt((weighted * letters).sum(axis=0))
    return Bank(weighted, weights, areas, norms, norms * np.sqrt(areas), tuple(map(tuple, texts)))


def _cut(plane: Plane) -> Plane:
    part = plane[:ROWS, :COLUMNS]
    return np.pad(part, ((0, 0), (0, COLUMNS - part.shape[1]))).ravel()


@functools.cache
def words_of(text: str) -> tuple[Template, bool]:
    """Draw the first words of a sentence, which stay together where it takes several lines.

    Parameters
    ----------
    text : str
        The sentence.

    Returns
    -------
    Template, bool
        The words, at `DRAWN_INK`, and whether they are all.
    """
    first, *others = text.split(" ")
    drawn, words = _line(first), first
    for word in others:
        words = f"{words} {word}"
        longer = _line(words)
        if longer.letters.shape[1] > _MOST_WORDS * DRAWN_INK:
            return drawn, False
        drawn = longer
    return drawn, True


def _line(text: str) -> Template:
    line = runs(text)
    coverage, baseline = render(line, size_for(line, DRAWN_INK))
    top, bottom = baseline - round(ABOVE * DRAWN_INK), baseline + round(BELOW * DRAWN_INK)
    beside = round(_BESIDE * DRAWN_INK)
    rows = np.pad(coverage[max(top, 0) : bottom], ((max(-top, 0), 0), (beside, beside)))
    radius = round(_NEAR * DRAWN_INK)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    near = np.asarray(cv2.dilate(rows, brush), np.float32) / np.float32(255)
    return Template(rows.astype(np.float32), near)


def resized(plane: Plane, factor: float) -> Plane:
    """Scale samples, by their mean where they become fewer."""
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    size = max(1, round(plane.shape[1] * factor)), max(1, round(plane.shape[0] * factor))
    return np.asarray(cv2.resize(plane, size, interpolation=method), np.float32)
