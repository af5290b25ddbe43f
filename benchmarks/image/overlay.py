"""Edits that cover a picture or put it into another."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.image import Pixels

_PAGE = (246, 247, 249)
_INK = (40, 44, 52)
_BAR = (222, 226, 232)
_ACCENT = (214, 60, 45)
_TEXT = "Seen in a feed: the picture is shown unscaled, with other people's words around it. "


def logo(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Paste an opaque logo of `share` of the width, a third as high, at a random place."""
    picture = Image.fromarray(pixels)
    width = max(12, round(picture.width * share))
    height = max(4, width // 3)
    left = int(rng.integers(0, max(1, picture.width - width)))
    top = int(rng.integers(0, max(1, picture.height - height)))
    draw = ImageDraw.Draw(picture)
    box = (left, top, left + width, top + height)
    draw.rounded_rectangle(box, radius=height // 4, fill=_ACCENT)
    centre = (left + width // 2, top + height // 2)
    draw.text(centre, "LOGO", fill="white", font=_font(height * 0.6), anchor="mm")
    return np.array(picture)


def screenshot(pixels: Pixels, ratio: float, rng: np.random.Generator) -> Pixels:
    """Paste unscaled, at a random place, into a page `ratio` times as wide and high."""
    height, width = pixels.shape[:2]
    page = Image.new("RGB", (round(width * ratio), round(height * ratio)), _PAGE)
    draw = ImageDraw.Draw(page)
    bar = max(2, round(page.height * 0.04))
    step = max(10, round(page.height * 0.03))
    line = _TEXT * (page.width // (step * 20) + 1)
    for row in range(bar, page.height, step):
        draw.text((bar, row), line[row % 40 :], fill=_INK, font=_font(step * 0.6))
    draw.rectangle((0, 0, page.width, bar), fill=_BAR)
    left = int(rng.integers(0, page.width - width + 1))
    top = int(rng.integers(min(bar, page.height - height), page.height - height + 1))
    page.paste(Image.fromarray(pixels), (left, top))
    return np.array(page)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(6.0, size))
