"""Text as coverage: fonts by character, shaping, and how high the ink is.

The fonts that come along are parts of Noto. A text is cut into runs that one font can draw, so that
scripts mix on one line.
"""

from __future__ import annotations

import functools
import os
import statistics
import unicodedata
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, features

from genlabel._errors import MediaError, UnsupportedError
from genlabel._message import Message, Option

Coverage = npt.NDArray[np.uint8]

_SHIPPED = ("noto-sans-cjk.otf", "noto-sans.ttf", "noto-sans-devanagari.ttf")
_LATIN_FIRST = ("noto-sans.ttf", "noto-sans-cjk.otf", "noto-sans-devanagari.ttf")
#: Words that a font which comes along has as one glyph: their letters change shape by their
#: neighbours, which not every Pillow can do. The profiles' sentences have these.
WORDS = {"\ue000": "द्वारा", "\ue001": "निर्मित"}
_GLYPHS = {word: glyph for glyph, word in WORDS.items()}
_MAX_FONT_BYTES = 64 << 20
# A character that no font has, and the least coverage that counts as ink.
_NOWHERE = "\U0010ffff"
INK = 128
# What the height is measured on where the text has no such character itself.
_MODEL = "成"
_PROBE_SIZE = 40


class Run(NamedTuple):
    """A stretch of text that one font draws."""

    font: str
    text: str


def runs(text: str, font: str | os.PathLike[str] | None = None) -> tuple[Run, ...]:
    """Cut a line into runs.

    Parameters
    ----------
    text : str
        One line.
    font : path-like or None
        A font to prefer.

    Returns
    -------
    tuple of Run
        In order. Beside Chinese, Japanese or Korean even Latin letters come from their font.

    Raises
    ------
    UnsupportedError
        No font has a character, or a script has to be shaped and Pillow cannot do that here.
    MediaError
        The font cannot be used.
    """
    text = unicodedata.normalize("NFC", text)
    shipped = _SHIPPED if any(map(is_ideographic, text)) else _LATIN_FIRST
    fonts = (*(() if font is None else (os.fspath(font),)), *shipped)
    found: list[Run] = []
    lacking = ""
    for character in text:
        # A mark belongs to the letter before it, whose font shapes both; and so does a space.
        attached = bool(found) and unicodedata.category(character) in ("Mn", "Mc", "Cf", "Zs")
        choice = found[-1].font if attached else _first(fonts, character)
        if choice is None:
            lacking += character
        elif found and found[-1].font == choice:
            found[-1] = Run(choice, found[-1].text + character)
        else:
            found.append(Run(choice, character))
    if lacking:
        raise UnsupportedError(
            Message(
                f"no font here has {' '.join(dict.fromkeys(lacking))!r}: name one that has (",
                *(Option("VisibleLabel.font"), ")"),
            )
        )
    found = [
        Run(run.font, _whole_words(run.text)) if run.font in _SHIPPED else run for run in found
    ]
    if any(is_shaped(run.text) for run in found) and not features.check("raqm"):
        raise UnsupportedError(
            f"{text!r} has letters that change shape by their neighbours, for which Pillow needs "
            "the library FriBiDi, which is not installed"
        )
    return tuple(found)


def render(line: tuple[Run, ...], size: int) -> tuple[Coverage, int]:
    """Draw a line of text.

    Parameters
    ----------
    line : tuple of Run
        From `runs`.
    size : int
        Of the fonts, in pixels an em.

    Returns
    -------
    (H, W) uint8 array, int
        Coverage, as wide as the ink, and the row of the baseline in it. All lines of one size are
        equally high.
    """
    ascent, descent = round(1.1 * size), round(0.4 * size)
    loaded = [(_load(run.font, size, is_shaped(run.text)), run.text) for run in line]
    width = round(advance(line, size))
    # What overhangs at either side stays.
    image = Image.new("L", (width + 2 * size, ascent + descent))
    pen = ImageDraw.Draw(image)
    x = float(size)
    for font, text in loaded:
        pen.text((x, ascent), text, fill=255, font=font, anchor="ls")
        x += font.getlength(text)
    coverage = np.asarray(image)
    columns = np.flatnonzero(coverage.max(axis=0))
    if not len(columns):
        return coverage[:, :0], ascent
    return coverage[:, columns[0] : columns[-1] + 1], ascent


def advance(line: tuple[Run, ...], size: int) -> float:
    """Measure how far a line reaches, in pixels, without drawing it."""
    fonts = (_load(run.font, size, is_shaped(run.text)) for run in line)
    return sum(font.getlength(run.text) for font, run in zip(fonts, line, strict=True))


def size_for(line: tuple[Run, ...], ink: int) -> int:
    """Find the least size at which the ink of a line's characters is so high.

    Parameters
    ----------
    line : tuple of Run
        From `runs`.
    ink : int
        Pixels, measured from the first to the last row that a character covers by half. The
        middle one of the line's Chinese, Japanese and Korean characters counts, kana not; where
        there is none, such a character of that size beside them.
    """
    measured = [Run(run.font, c) for run in line for c in run.text if ord(c) >= 0x3400]
    measured = [one for one in measured if is_ideographic(one.text)]
    characters = measured or [Run(_SHIPPED[0], _MODEL)]
    size = ink
    while statistics.median_low(_ink_height(one, size) for one in characters) < ink:
        size += 1
    return size


def is_ideographic(character: str) -> bool:
    """Tell whether a character is Chinese, Japanese or Korean."""
    code = ord(character)
    return 0x3040 <= code < 0x3100 or 0x3400 <= code < 0xA000 or 0xAC00 <= code < 0xD7B0


@functools.lru_cache(maxsize=256)
def _ink_height(one: Run, size: int) -> int:
    coverage, _ = render((one,), size)
    rows = np.flatnonzero((coverage >= INK).any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def _whole_words(text: str) -> str:
    return " ".join(_GLYPHS.get(word, word) for word in text.split(" "))


def _first(fonts: tuple[str, ...], character: str) -> str | None:
    return next((font for font in fonts if _has(font, character)), None)


@functools.lru_cache(maxsize=4096)
def _has(font: str, character: str) -> bool:
    if character.isspace():
        return True
    loaded = _load(font, _PROBE_SIZE, False)
    # Pillow tells nothing of a font's characters; what it lacks is drawn as one and the same box.
    drawn, lacking = loaded.getmask(character), loaded.getmask(_NOWHERE)
    return (drawn.size, bytes(drawn)) != (lacking.size, bytes(lacking))


def is_shaped(text: str) -> bool:
    """Tell whether letters change by their neighbours or run from right to left.

    Parameters
    ----------
    text : str
        Any text.
    """
    return any(
        unicodedata.category(c) in ("Mn", "Mc") or unicodedata.bidirectional(c) in ("R", "AL")
        for c in text
    )


@functools.lru_cache(maxsize=32)
def _load(font: str, size: int, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    try:
        return ImageFont.truetype(BytesIO(font_data(font)), size, layout_engine=engine)
    except OSError as error:
        raise MediaError(f"is no font that can be used: {error}", path=font) from error


@functools.lru_cache(maxsize=8)
def font_data(font: str) -> bytes:
    """Give a font's file, by its name among those that come along or by its path.

    Parameters
    ----------
    font : str
        As in `Run`.

    Raises
    ------
    MediaError
        It cannot be read, or is too large.
    """
    if font in _SHIPPED:
        return files("genlabel.visible").joinpath("fonts", font).read_bytes()
    try:
        if os.path.getsize(font) > _MAX_FONT_BYTES:
            raise MediaError(f"is no font: larger than {_MAX_FONT_BYTES >> 20} MiB", path=font)
        with open(font, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror or error}", path=font) from error
