"""Finding the labels that people see: recall after edits, and false alarms on real media.

``python -m benchmarks.image.visible`` prints both as Markdown.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.image import Pixels, compression, geometry, pictures
from benchmarks.results import table
from genlabel import CapacityError
from genlabel._wording import notices
from genlabel.visible import Drawn, FoundLabel, VisibleLabel, draw, find
from genlabel.visible._label import PLATES, POSITIONS, Plate

#: Name -> edit.
EDITS: dict[str, Callable[[Pixels], Pixels]] = {
    "as drawn": lambda pixels: pixels,
    "half the size": lambda pixels: geometry.resize(pixels, 0.5),
    "twice the size": lambda pixels: geometry.resize(pixels, 2.0),
    "JPEG 90": lambda pixels: compression.jpeg(pixels, 90),
    "JPEG 50": lambda pixels: compression.jpeg(pixels, 50),
    "half the size, JPEG 50": lambda pixels: compression.jpeg(geometry.resize(pixels, 0.5), 50),
    "1.4 times, JPEG 70": lambda pixels: compression.jpeg(geometry.resize(pixels, 1.4), 70),
}
#: Name -> edit of what has no label.
VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "whole": lambda pixels: pixels,
    "600 pixels": lambda pixels: geometry.long_side(pixels, 600),
    "JPEG 50": lambda pixels: compression.jpeg(pixels, 50),
    "the middle quarter": lambda pixels: _middle(pixels),
}
# Every so many frames of a film, so many of them.
_STEP, _FRAMES = 24, 10
_HEIGHTS = (0.05, 0.06, 0.08, 0.1)
_LONG_SIDE = 1600


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Parameters
    ----------
    tries, hits : Counter of (plate, edit)
        Labels drawn, and those found where they are.
    looks : Counter of str
        At what has no label of ours: views of pictures, and ``"frames of films"``.
    alarms : tuple of str
        What was found there.
    milliseconds : tuple of float
        Processor time of each search.
    """

    tries: Counter[tuple[str, str]]
    hits: Counter[tuple[str, str]]
    looks: Counter[str]
    alarms: tuple[str, ...]
    milliseconds: tuple[float, ...]


def measure(data: Path, limit: int | None = None) -> Figures:
    """Draw into every picture, in turn of language, height, place and plate, and look again."""
    tries: Counter[tuple[str, str]] = Counter()
    hits: Counter[tuple[str, str]] = Counter()
    looks: Counter[str] = Counter()
    alarms, times = [], []
    labels = _labels()
    sets = [name for name in pictures.SETS if name != "scikit"]
    for picture in pictures.load(sets, data=data, long_side=_LONG_SIDE, limit=limit):
        for view, edit in VIEWS.items():
            pixels = edit(picture.pixels)
            begin = time.process_time()
            found = find(pixels)
            times.append(1000 * (time.process_time() - begin))
            looks[view] += 1
            alarms += [f"{picture.name}, {view}: {one.text} ({one.score})" for one in found]
        for name, edit in EDITS.items():
            label = next(labels)
            try:
                pixels, drawn = draw(picture.pixels, label)
            except CapacityError:
                continue
            edited = edit(pixels)
            there = _is_there(find(edited), drawn, edited.shape[0] / pixels.shape[0])
            tries[label.plate, name] += 1
            hits[label.plate, name] += there
    for name, pixels in _frames(data, limit):
        looks["frames of films"] += 1
        alarms += [f"{name}: {one.text} ({one.score})" for one in find(pixels)]
    return Figures(tries, hits, looks, tuple(alarms), tuple(times))


def _frames(data: Path, limit: int | None) -> Iterator[tuple[str, Pixels]]:
    import av

    for path in sorted((data / "video").iterdir())[:limit]:
        if path.suffix == ".md":
            continue
        with av.open(str(path)) as film:
            for frame in itertools.islice(film.decode(video=0), 0, _STEP * _FRAMES, _STEP):
                yield path.name, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _middle(pixels: Pixels) -> Pixels:
    rows, columns = pixels.shape[0] // 4, pixels.shape[1] // 4
    return np.ascontiguousarray(pixels[rows:-rows, columns:-columns])


def _labels() -> Iterator[VisibleLabel]:
    languages = itertools.cycle(notices())
    # Counts without common divisors: every language comes in every height and plate.
    heights = itertools.cycle((*_HEIGHTS, _HEIGHTS[0]))
    plates: Iterator[Plate] = itertools.cycle(plate for plate in PLATES for _ in range(11))
    # The middle of the left and right edge twice as often, so that eleven come in turn.
    places = itertools.cycle((*POSITIONS, "left", "right"))
    for language, height, plate, place in zip(languages, heights, plates, places, strict=True):
        yield VisibleLabel(language=language, height=height, plate=plate, position=place)


def _is_there(found: tuple[FoundLabel, ...], drawn: Drawn, scale: float) -> bool:
    left, top, width, height = (scale * side for side in drawn.box)
    return any(
        left - height < one.box[0] + one.box[2] / 2 < left + width + height
        and top < one.box[1] + one.box[3] / 2 < top + height
        for one in found
    )


def report(figures: Figures) -> str:
    """Write the figures as Markdown."""
    found = [
        (name, *(f"{figures.hits[p, name]} of {figures.tries[p, name]}" for p in PLATES))
        for name in EDITS
    ]
    lines = [table(("", *(f"plate {plate}" for plate in PLATES)), found)]
    median, most = np.median(figures.milliseconds), max(figures.milliseconds)
    looks = ", ".join(f"{name} {count}" for name, count in figures.looks.items())
    lines.append(f"\nLooks at what has no label: {looks}; {len(figures.alarms)} alarms.")
    lines += [f"- {alarm}" for alarm in figures.alarms]
    lines.append(f"\nA search takes {median:.0f} ms (median), at most {most:.0f} ms.")
    return "\n".join(lines)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    parser.add_argument("--limit", type=int, help="pictures of each set")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(report(measure(options.data, options.limit)))


if __name__ == "__main__":
    main()
