"""Run a suite of attacks over sets of pictures.

::

    python -m benchmarks.image.robustness --suite foundation --set kodak
    python -m benchmarks.image.robustness --suite table --set kodak,photo --long-side 1280 --jobs 2
    python -m benchmarks.image.robustness --attack rotate-38 --attack jpeg-30 --set generated

Prints Markdown on standard output and writes the whole record as JSON; see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.image import measure, pictures, report
from benchmarks.image.attacks import Attack, attack
from benchmarks.image.measure import Course
from benchmarks.image.pictures import Picture
from benchmarks.image.suites import SUITES, Row
from benchmarks.options import add_jobs, add_names, add_output
from benchmarks.processes import mapped
from benchmarks.results import OUTPUT, write


@dataclass(frozen=True, slots=True)
class Settings:
    """What to run.

    Parameters
    ----------
    suite : str
        Name of `SUITES`, or ``attacks`` for a list given by hand.
    rows : tuple of Row
        The attacks.
    sets : tuple of str
        Names of `pictures.SETS`.
    data : Path
        Where the pictures are.
    long_side : int or None
        Shrink to it; None leaves every picture as it is.
    strength : float
        As in `genlabel.image.embed`.
    limit : int or None
        At most so many pictures of each set.
    jobs : int
        Processes. Times are only comparable with 1.
    payload_bytes : int
        8, 16 or 32.
    megapixels : float
        Leave out pictures that are smaller than this as they come.
    """

    suite: str
    rows: tuple[Row, ...]
    sets: tuple[str, ...]
    data: Path
    long_side: int | None = None
    strength: float = 1.0
    limit: int | None = None
    jobs: int = 1
    payload_bytes: int = 8
    megapixels: float = 0.0

    @property
    def title(self) -> str:
        """A name for tables and files."""
        size = "native" if self.long_side is None else f"{self.long_side}px"
        size += f"-of-{self.megapixels:g}mp" if self.megapixels else ""
        bits = f"-{8 * self.payload_bytes}bit" if self.payload_bytes != 8 else ""
        return f"{self.suite}-{'-'.join(self.sets)}-{size}-x{self.strength:g}{bits}"

    def to_dict(self) -> dict[str, Any]:
        """Give what the record keeps, as plain JSON types."""
        return {
            "suite": self.suite,
            "sets": list(self.sets),
            "long_side": self.long_side,
            "strength": self.strength,
            "limit": self.limit,
            "jobs": self.jobs,
            "payload_bytes": self.payload_bytes,
            "megapixels": self.megapixels,
        }


def run(settings: Settings, output: Path = OUTPUT) -> list[str]:
    """Run a suite, print its tables, write its record, and give the failures.

    Raises
    ------
    FileNotFoundError
        The pictures are not there.
    """
    surroundings = environment.describe()
    courses = []
    for course in _courses(settings):
        courses.append(course)
        exact = sum(reading.exact for reading in course.attacks)
        verdict = course.refused or f"{exact}/{len(course.attacks)} exact"
        print(f"{course.picture}: {verdict}", file=sys.stderr, flush=True)
    print(report.markdown(settings.title, surroundings, settings.rows, courses), flush=True)
    record = report.record(settings.to_dict(), surroundings, settings.rows, courses)
    write(record, f"robustness-{settings.title}", output)
    return report.failures(settings.rows, courses)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed or a verdict is false."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.set != ["scikit"] and not pictures.are_there(options.data):
        parser.error(f"no pictures in {options.data}; --set scikit needs none")
    rows = SUITES[options.suite]
    suite = options.suite
    if options.attack:
        rows, suite = (Row("chosen", None, tuple(options.attack)),), "attacks"
    settings = Settings(
        suite,
        rows,
        tuple(options.set),
        options.data,
        long_side=options.long_side,
        strength=options.strength,
        limit=options.limit,
        jobs=options.jobs,
        payload_bytes=options.payload_bytes,
        megapixels=options.megapixels,
    )
    return 1 if run(settings, options.output) else 0


def _courses(settings: Settings) -> Iterator[Course]:
    attacks = _distinct(settings.rows)
    course = partial(_course, attacks, settings.strength, settings.payload_bytes)
    chosen = pictures.load(
        settings.sets,
        data=settings.data,
        long_side=settings.long_side,
        limit=settings.limit,
        megapixels=settings.megapixels,
    )
    return mapped(course, chosen, settings.jobs)


def _course(
    attacks: Sequence[Attack], strength: float, payload_bytes: int, picture: Picture
) -> Course:
    measure.warm_up()
    return measure.run(picture, attacks, strength, payload_bytes)


def _distinct(rows: Sequence[Row]) -> list[Attack]:
    return list({one.name: one for row in rows for one in row.attacks}.values())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.image.robustness",
        description="Exact payloads, false alarms, quality and times under named attacks.",
    )
    parser.add_argument("--suite", choices=sorted(SUITES), default="foundation")
    parser.add_argument(
        "--attack",
        type=attack,
        action="append",
        metavar="NAME",
        help="instead of a suite, e.g. crop-area-0.3+jpeg-60; may be repeated",
    )
    add_names(parser, "--set", pictures.SETS, ("kodak",))
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    parser.add_argument("--long-side", type=int, metavar="PX", help="shrink; default: native size")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--payload-bytes", type=int, choices=(8, 16, 32), default=8)
    parser.add_argument("--limit", type=int, metavar="N", help="pictures per set")
    parser.add_argument(
        "--megapixels", type=float, default=0.0, metavar="MP", help="leave out smaller originals"
    )
    add_jobs(parser, "; times need 1")
    add_output(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
