"""What the mark looks like, and whether it moves: crops of frames, differences, and time.

::

    python -m benchmarks.video.looks docs/visibility-video.jpg

Each column is the middle of one clip: as it was, marked, the difference 20 times as strong, the
same ten frames later, and one row of the difference through time, downwards. What flickers would
show as noise there, what crawls as slanted lines; what stays is upright.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.video import clips
from benchmarks.video.clips import Clip
from genlabel.video import Embedder

_CLIPS = ("bbb", "ship", "train", "crystal", "flower", "pdf", "room")
_SIDE = 192
_GAP = 6
_CAPTION = 16
_AMPLIFIED = 20
_SECONDS = 4.0
_LATER = 10
_ROWS = 5


def sheet(chosen: list[Clip]) -> Image.Image:
    """Draw all clips side by side."""
    width = _GAP + len(chosen) * (_SIDE + _GAP)
    out = Image.new("L", (width, _CAPTION + _ROWS * (_SIDE + _GAP)), "white")
    pen = ImageDraw.Draw(out)
    for index, clip in enumerate(chosen):
        left = _GAP + index * (_SIDE + _GAP)
        pen.text((left, 2), clip.name, fill="black")
        for row, tile in enumerate(_tiles(clip)):
            out.paste(Image.fromarray(tile), (left, _CAPTION + row * (_SIDE + _GAP)))
    return out


def _tiles(clip: Clip) -> list[NDArray[np.uint8]]:
    film = clip.film(_SECONDS)
    before = film.planes
    after = before.copy()
    height, width = before.shape[1:]
    embedder = Embedder(width, height, float(film.fps), payload_of(clip.name), MARK_KEY)
    for plane in after:
        embedder.push(plane)
    top, left = (height - _SIDE) // 2, (width - _SIDE) // 2
    window = np.s_[:, top : top + _SIDE, left : left + _SIDE]
    before, after = before[window], after[window]
    added = _AMPLIFIED * (after.astype(np.int16) - before) + 128
    difference = np.clip(added, 0, 255).astype(np.uint8)
    number = len(difference) // 2
    through_time = difference[:, _SIDE // 2]
    # As high as the others, whatever the frame rate; the nearest frame, so that none is blended.
    rows = np.arange(_SIDE) * len(through_time) // _SIDE
    later = difference[min(number + _LATER, len(difference) - 1)]
    return [before[number], after[number], difference[number], later, through_time[rows]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sheet to the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video.looks")
    parser.add_argument("file", type=Path, help="JPEG to write")
    options = parser.parse_args(arguments)
    sheet(list(clips.load(_CLIPS, clips.DEFAULT_DATA))).save(options.file, quality=88)
    return 0


if __name__ == "__main__":
    sys.exit(main())
