"""A label as a stamp: the coverage of its text, icon and plate, laid out for one picture's size."""

from __future__ import annotations

import functools
import math
import os
import re
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from genlabel._errors import CapacityError, MediaError
from genlabel.visible._fonts import (
    Coverage,
    advance,
    is_ideographic,
    render,
    runs,
    size_for,
)
from genlabel.visible._label import ICONS, VisibleLabel

#: Below it nobody reads a Chinese character.
LEAST_INK = 10

# In heights of the ink.
_PAD_ACROSS, _PAD_DOWN, _RADIUS, _GAP, _LEADING = 0.5, 0.38, 0.4, 0.4, 0.35
_BADGE_STROKE, _BADGE_PAD, _BADGE_HEIGHT = 0.1, 0.34, 1.5
# Of the icons' wider words: size beside AI's, space between letters, and to AI, in its heights.
_BADGE_WORD, _BADGE_SPACING, _BADGE_GAP = 0.8, 0.14, 0.6
# A label that covers more of a picture's height or width than that is refused.
_MOST_HEIGHT = 0.4
_FINER = 4
_MAX_ICON_PIXELS = 16_000_000
_WORDS = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """What is drawn, without its colours.

    Parameters
    ----------
    glyphs : (H, W) uint8 array
        Coverage of text and icon.
    plate : (H, W) uint8 array
        Coverage of the plate: all of the stamp but its rounded corners.
    ink : int
        Height of the text's ink in pixels.
    margin : int
        To the edges of the picture, in pixels.
    """

    glyphs: Coverage = field(repr=False)
    plate: Coverage = field(repr=False)
    ink: int
    margin: int


@functools.lru_cache(maxsize=16)
def make_stamp(label: VisibleLabel, height: int, width: int) -> Stamp:
    """Lay a label out for a picture.

    Parameters
    ----------
    label : VisibleLabel
        As `VisibleLabel.settled` gave it.
    height, width : int
        Of the picture as it is shown, in pixels.

    Returns
    -------
    Stamp
        Of at most the picture's width less its margins.

    Raises
    ------
    CapacityError
        It does not fit.
    UnsupportedError, MediaError
        The text cannot be drawn, or font or icon not be used.
    """
    short = min(height, width)
    ink = max(LEAST_INK, math.ceil(label.height * short))
    margin = round(label.margin * short)
    across, down = round(_PAD_ACROSS * ink), round(_PAD_DOWN * ink)
    if label.is_badge:
        return _badge(label, ink, margin, (height, width))
    room = width - 2 * margin - 2 * across
    parts = []
    if label.icon is not None:
        parts.append(_icon(label.icon, ink))
    if label.text is not None:
        taken = sum(part.shape[1] for part in parts) + (round(_GAP * ink) if parts else 0)
        parts.append(_text(label.text, label.font, ink, (room - taken, int(_MOST_HEIGHT * height))))
    glyphs = np.pad(_side_by_side(parts, round(_GAP * ink)), ((down, down), (across, across)))
    rows, columns = glyphs.shape
    if columns > width - 2 * margin or rows > _MOST_HEIGHT * height:
        raise _too_large(columns, rows, width, height)
    return Stamp(glyphs, _rounded(rows, columns, round(_RADIUS * ink)), ink, margin)


def _text(
    text: str, font: str | os.PathLike[str] | None, ink: int, room: tuple[int, int]
) -> Coverage:
    """Draw a text, on as many lines as it needs, in so many columns and rows."""
    columns, rows = room
    size, pitch = size_for(runs(text, font), ink), ink + round(_LEADING * ink)
    lines = [runs(line, font) for line in _lines(text, font, size, columns)]
    # Before anything is drawn: large letters on many lines take much memory.
    widest = max(advance(line, size) for line in lines)
    if widest > columns + ink or pitch * (len(lines) - 1) > rows:
        raise _too_large(round(widest), pitch * len(lines), columns, rows)
    drawn = [render(line, size)[0] for line in lines]
    height = drawn[0].shape[0] + pitch * (len(lines) - 1)
    block = np.zeros((height, max(line.shape[1] for line in drawn)), np.uint8)
    for index, line in enumerate(drawn):
        place = block[index * pitch : index * pitch + len(line), : line.shape[1]]
        np.maximum(place, line, out=place)
    return _trimmed(block)


def _too_large(columns: int, rows: int, width: int, height: int) -> CapacityError:
    return CapacityError(
        f"a label of {columns} x {rows} pixels does not fit on {width} x {height}",
        required="a larger picture, or a shorter text",
    )


def _lines(text: str, font: str | os.PathLike[str] | None, size: int, room: int) -> list[str]:
    def fits(line: str) -> bool:
        """Tell whether a line is no wider than the room."""
        return advance(runs(line.rstrip(), font), size) <= room

    if fits(text):
        return [text]
    lines: list[str] = []
    for word in _pieces(text):
        if lines and fits(lines[-1] + word):
            lines[-1] += word
        else:
            lines.append(word)
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: behind spaces, and between ideographs."""
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        begin = 0
        for index in range(1, len(word)):
            if is_ideographic(word[index]) and is_ideographic(word[index - 1]):
                pieces.append(word[begin:index])
                begin = index
        pieces.append(word[begin:])
    return pieces


def _icon(icon: str | os.PathLike[str], ink: int) -> Coverage:
    """Draw an icon that stands before a text: a badge as an outline, or the shape of a file."""
    if os.fspath(icon) not in ICONS:
        return _shape_of(os.fspath(icon), round(_BADGE_HEIGHT * ink))
    letters = _badge_letters(os.fspath(icon), round(0.8 * ink))
    pad, stroke = round(_BADGE_PAD * ink), max(2, round(_BADGE_STROKE * ink))
    rows, columns = letters.shape
    height = rows + 2 * (pad + stroke)
    width = max(columns + 2 * (pad + stroke), height)
    outer = _rounded(height, width, height // 2)
    inner = _rounded(height - 2 * stroke, width - 2 * stroke, height // 2 - stroke)
    return np.maximum(_centred(letters, height, width), outer - np.pad(inner, stroke))


def _badge(label: VisibleLabel, ink: int, margin: int, size: tuple[int, int]) -> Stamp:
    """Draw an icon that stands alone: its plate is its shape, a circle or a pill."""
    letters = _badge_letters(os.fspath(label.icon or ""), ink)
    rows, columns = letters.shape
    height = rows + 2 * round(0.75 * ink)
    width = height if label.icon == "ai" else columns + height - rows // 2
    if width > size[1] - 2 * margin or height > _MOST_HEIGHT * size[0]:
        raise _too_large(width, height, size[1], size[0])
    plate = _rounded(height, width, height // 2)
    return Stamp(_centred(letters, height, width), plate, ink, margin)


def _badge_letters(icon: str, ink: int) -> Coverage:
    """Draw an icon's words: AI, and beside it smaller, spaced letters."""
    size = size_for(runs(ICONS["ai"]), ink)
    parts = [_trimmed(render(runs(ICONS["ai"]), size)[0])]
    for word in ICONS[icon].split(" ")[1:]:
        small = round(_BADGE_WORD * size)
        letters = [_trimmed(render(runs(letter), small)[0]) for letter in word]
        parts.append(_side_by_side(letters, max(1, round(_BADGE_SPACING * ink))))
    return _side_by_side(parts, round(_BADGE_GAP * ink))


def _centred(coverage: Coverage, height: int, width: int) -> Coverage:
    rows, columns = coverage.shape
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.pad(coverage, ((top, height - rows - top), (left, width - columns - left)))


def _shape_of(path: str, height: int) -> Coverage:
    """Read an icon's shape: its alpha, or how dark it is."""
    try:
        with Image.open(path) as image:
            if image.width * image.height > _MAX_ICON_PIXELS:
                raise MediaError("is no icon: too large", path=path)
            plain = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MediaError(f"is no icon that can be used: {reason}", path=path) from error
    alpha = plain.getchannel("A")
    opaque = alpha.getextrema() == (255, 255)
    shape = plain.convert("L").point(lambda value: 255 - value) if opaque else alpha
    width = max(1, round(shape.width * height / shape.height))
    return np.asarray(shape.resize((width, height), Image.Resampling.LANCZOS))


def _side_by_side(parts: list[Coverage], gap: int) -> Coverage:
    height = max(part.shape[0] for part in parts)
    width = sum(part.shape[1] for part in parts) + gap * (len(parts) - 1)
    out = np.zeros((height, width), np.uint8)
    left = 0
    for part in parts:
        top = (height - part.shape[0]) // 2
        out[top : top + part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1] + gap
    return out


def _trimmed(coverage: Coverage) -> Coverage:
    rows = np.flatnonzero(coverage.max(axis=1, initial=0))
    return coverage[rows[0] : rows[-1] + 1] if len(rows) else coverage


def _rounded(rows: int, columns: int, radius: int) -> Coverage:
    image = Image.new("L", (columns * _FINER, rows * _FINER))
    box = (0, 0, columns * _FINER - 1, rows * _FINER - 1)
    ImageDraw.Draw(image).rounded_rectangle(box, radius * _FINER, fill=255)
    return np.asarray(image.reduce(_FINER))
