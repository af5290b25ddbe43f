"""Compare with the image marks that pip installs; see docs/peers.md.

::

    python -m benchmarks.image.peers                                        # 512 px squares
    python -m benchmarks.image.peers --long-side 1200 --without rivaGan     # whole pictures

Prints Markdown on standard output and writes the whole record as JSON. A peer that is not installed
is named and left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environment
from benchmarks.image import Pixels, geometry, measure, pictures
from benchmarks.image.attacks import Attack, attack
from benchmarks.image.peers import course, report
from benchmarks.image.peers.schemes import NAMES, OURS, Scheme, load
from benchmarks.image.peers.suite import SUITE
from benchmarks.image.pictures import Picture
from benchmarks.image.suites import Row
from benchmarks.marking import payload_of
from benchmarks.options import add_names, add_output
from benchmarks.results import OUTPUT, write

SETS = ("kodak", "photo", "illustration", "generated")

#: Shorter sides are left out: invisible-watermark takes no picture of less than 256 x 256 pixels,
#: and what a crop leaves must not be refused for the original's size.
_LEAST_SIDE = 512


@dataclass(frozen=True, slots=True)
class Settings:
    """What to run.

    Parameters
    ----------
    sets : tuple of str
        Names of `pictures.SETS`.
    data : Path
        Where the pictures are.
    rows : tuple of Row
        The attacks.
    schemes : tuple of str
        Names of `NAMES`.
    long_side : int or None
        Shrink whole pictures to it; None cuts the middle square, shrunk to 512 px.
    limit : int
        At most so many pictures of each set: the first in the manifest that are large enough.
    """

    sets: tuple[str, ...] = SETS
    data: Path = pictures.DEFAULT_DATA
    rows: tuple[Row, ...] = SUITE
    schemes: tuple[str, ...] = NAMES
    long_side: int | None = None
    limit: int = 3

    @property
    def title(self) -> str:
        """A name for tables and files."""
        size = f"{_LEAST_SIDE}px-squares" if self.long_side is None else f"{self.long_side}px"
        return f"peers-{size}"

    def to_dict(self) -> dict[str, Any]:
        """Give what the record keeps, as plain JSON types."""
        return {"sets": list(self.sets), "long_side": self.long_side, "limit": self.limit}


def run(settings: Settings, output: Path = OUTPUT) -> list[str]:
    """Run the comparison, print its tables, write its record, and give the failures.

    Raises
    ------
    FileNotFoundError
        The pictures are not there.
    """
    surroundings = environment.describe()
    schemes, missing = load(settings.schemes)
    for name, reason in missing.items():
        print(f"{name} is not run: {reason}", file=sys.stderr)
    _warm_up(schemes)
    cases = []
    for case in _cases(settings, schemes):
        cases.append(case)
        exact = [f"{c.scheme} {sum(r.exact for r in c.attacks)}" for c in case.courses]
        print(f"{case.picture}: {', '.join(exact)}", file=sys.stderr, flush=True)
    found = (settings.rows, schemes, missing, cases)
    print(report.markdown(settings.title, surroundings, *found), flush=True)
    record = report.record(settings.to_dict(), surroundings, *found)
    write(record, settings.title, output)
    return report.failures(cases)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a verdict of genlabel's is false."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.set != ["scikit"] and not pictures.are_there(options.data):
        parser.error(f"no pictures in {options.data}; --set scikit needs none")
    rows = (Row("chosen", None, tuple(options.attack)),) if options.attack else SUITE
    settings = Settings(
        tuple(options.set),
        options.data,
        rows,
        tuple(name for name in NAMES if name not in options.without),
        options.long_side,
        options.limit,
    )
    return 1 if run(settings, options.output) else 0


def _cases(settings: Settings, schemes: Sequence[Scheme]) -> Iterator[course.Case]:
    attacks: list[Attack] = [one for row in settings.rows for one in row.attacks]
    for name in settings.sets:
        yield from (course.run(picture, schemes, attacks) for picture in _pictures(name, settings))


def _pictures(name: str, settings: Settings) -> Iterator[Picture]:
    taken = 0
    for picture in pictures.load([name], data=settings.data):
        if min(picture.pixels.shape[:2]) < _LEAST_SIDE:
            continue
        if settings.long_side is None:
            pixels = _square(picture)
        else:
            pixels = geometry.long_side(picture.pixels, settings.long_side)
        yield Picture(picture.name, picture.kind, pixels)
        taken += 1
        if taken == settings.limit:
            return


def _square(picture: Picture) -> Pixels:
    """Shrink the short side to 512 px and cut the middle square."""
    height, width = picture.pixels.shape[:2]
    shrunk = geometry.resize(picture.pixels, _LEAST_SIDE / min(height, width))
    down, across = ((side - _LEAST_SIDE) // 2 for side in shrunk.shape[:2])
    return np.ascontiguousarray(shrunk[down:, across:][:_LEAST_SIDE, :_LEAST_SIDE])


def _warm_up(schemes: Sequence[Scheme]) -> None:
    """Load and compile everything, so that no figure contains it."""
    measure.warm_up()
    grain = np.random.default_rng(0).integers(64, 192, (256, 256, 3), dtype=np.uint8)
    for scheme in schemes:
        if scheme.name != OURS:
            scheme.read(scheme.embed(grain, payload_of("")[: scheme.payload_bytes]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.image.peers",
        description="Exact payloads, quality and times beside other image marks.",
    )
    add_names(parser, "--set", pictures.SETS, SETS)
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    parser.add_argument(
        "--long-side",
        type=int,
        metavar="PX",
        help=f"whole pictures, shrunk to it; default: middle squares of {_LEAST_SIDE} px",
    )
    parser.add_argument("--limit", type=int, default=3, metavar="N", help="pictures per set")
    parser.add_argument(
        "--without", action="append", choices=NAMES, default=[], help="may be repeated"
    )
    parser.add_argument(
        "--attack",
        type=attack,
        action="append",
        metavar="NAME",
        help="instead of the suite, e.g. crop-area-0.3+jpeg-60; may be repeated",
    )
    add_output(parser)
    return parser
