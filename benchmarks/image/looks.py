"""What a mark looks like where it would be seen first: crops at 100 %, and the difference.

::

    python -m benchmarks.image.looks docs/visibility.jpg

Each column is one place of one picture: as it was, marked, and the difference 20 times as strong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.image import Pixels
from benchmarks.image.pictures import DEFAULT_DATA, open_picture
from benchmarks.marking import MARK_KEY, payload_of
from genlabel.image import embed

_SIDE = 192
_GAP = 6
_CAPTION = 16
_AMPLIFIED = 20
_PAGE = (1024, 768)


@dataclass(frozen=True, slots=True)
class Place:
    """A square of a picture.

    Parameters
    ----------
    caption : str
        As printed.
    file : str or None
        Of the test data; None for a drawn page.
    top, left : float
        Where it lies, as shares of the picture's height and width without the square.
    """

    caption: str
    file: str | None
    top: float
    left: float


PLACES = (
    Place("sky", "kodim21.png", 0.0, 0.25),
    Place("bokeh", "kodim23.png", 0.0, 0.6),
    Place("plain background", "kodim15.png", 0.3, 0.0),
    Place("dark skin", "kodim15.png", 0.45, 0.62),
    Place("fair skin", "kodim04.png", 0.38, 0.6),
    Place("texture", "kodim13.png", 0.9, 0.5),
    Place("text and lines", None, 0.1, 0.1),
)


def sheet(places: tuple[Place, ...] = PLACES, data: Path = DEFAULT_DATA) -> Image.Image:
    """Draw all places side by side."""
    width = _GAP + len(places) * (_SIDE + _GAP)
    out = Image.new("RGB", (width, _CAPTION + 3 * (_SIDE + _GAP)), "white")
    pen = ImageDraw.Draw(out)
    for index, place in enumerate(places):
        left = _GAP + index * (_SIDE + _GAP)
        pen.text((left, 2), place.caption, fill="black")
        for row, tile in enumerate(_tiles(place, data)):
            out.paste(Image.fromarray(tile), (left, _CAPTION + row * (_SIDE + _GAP)))
    return out


def _tiles(place: Place, data: Path) -> list[Pixels]:
    pixels = _page() if place.file is None else open_picture(data / "images" / place.file)
    marked = embed(pixels, payload_of(place.caption), MARK_KEY)
    height, width = pixels.shape[:2]
    top, left = round(place.top * (height - _SIDE)), round(place.left * (width - _SIDE))
    window = np.s_[top : top + _SIDE, left : left + _SIDE]
    before, after = pixels[window], marked[window]
    difference = 128 + _AMPLIFIED * (after.astype(np.int32) - before)
    return [before, after, np.clip(difference, 0, 255).astype(np.uint8)]


def _page() -> Pixels:
    """Draw what an office program prints: text, a frame, a bar chart."""
    page = Image.new("RGB", _PAGE, "white")
    pen = ImageDraw.Draw(page)
    for line in range(30):
        pen.text((40, 30 + 20 * line), "Generated content carries a mark. " * 4, fill="black")
    pen.rectangle((60, 80, 250, 240), fill="white", outline="black", width=2)
    for bar, height in enumerate((30, 80, 55, 110)):
        pen.rectangle((80 + 40 * bar, 225 - height, 105 + 40 * bar, 225), fill=(40, 90, 180))
    return np.asarray(page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sheet to the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image.looks")
    parser.add_argument("file", type=Path, help="JPEG to write")
    options = parser.parse_args(arguments)
    sheet().save(options.file, quality=92, subsampling=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
