"""Run a suite of attacks over clips of sound.

::

    python -m benchmarks.audio.robustness --suite foundation
    python -m benchmarks.audio.robustness --suite table --kind speech,music --jobs 2
    python -m benchmarks.audio.robustness --attack crop-5+mp3-64 --attack pitch--2 --kind synthetic

Prints Markdown on standard output and writes the whole record as JSON; see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.audio import measure, report, sounds
from benchmarks.audio.attacks import attack
from benchmarks.audio.measure import Course
from benchmarks.audio.sounds import Clip, Form
from benchmarks.audio.suites import SUITES, Row, Suite
from benchmarks.options import add_jobs, add_names, add_output
from benchmarks.processes import mapped
from benchmarks.results import OUTPUT, write


@dataclass(frozen=True, slots=True)
class Settings:
    """What to run.

    Parameters
    ----------
    name : str
        Of `SUITES`, or ``attacks`` for a list given by hand.
    suite : Suite
        The attacks, and what is made of the clips.
    kinds : tuple of str
        Names of `sounds.KINDS`.
    data : Path
        Where the clips are.
    strength : float
        As in `genlabel.audio.embed`.
    limit : int or None
        At most so many clips of each kind.
    jobs : int
        Processes. Times are only comparable with 1.
    marker : str
        One of `measure.MARKERS`: the sound marked as a whole, or as a stream.
    """

    name: str
    suite: Suite
    kinds: tuple[str, ...]
    data: Path
    strength: float = 1.0
    limit: int | None = None
    jobs: int = 1
    marker: str = "whole"

    @property
    def title(self) -> str:
        """A name for tables and files."""
        kinds = "" if self.kinds == self.suite.kinds else f"-{'-'.join(self.kinds)}"
        marker = "" if self.marker == "whole" else f"-{self.marker}"
        return f"audio-{self.name}{kinds}-x{self.strength:g}{marker}"

    def to_dict(self) -> dict[str, Any]:
        """Give what the record keeps, as plain JSON types."""
        form = self.suite.form
        return {
            "suite": self.name,
            "kinds": list(self.kinds),
            "seconds": form.seconds,
            "most_seconds": form.most_seconds,
            "rate": form.rate,
            "mono": form.mono,
            "strength": self.strength,
            "limit": self.limit,
            "jobs": self.jobs,
            "marker": self.marker,
        }


def run(settings: Settings, output: Path = OUTPUT) -> list[str]:
    """Run a suite, print its tables, write its record, and give the failures.

    Raises
    ------
    FileNotFoundError
        The clips are not there.
    """
    surroundings = environment.describe()
    courses = []
    for course in _courses(settings):
        courses.append(course)
        exact = sum(reading.exact for reading in course.attacks)
        verdict = course.refused or f"{exact}/{len(course.attacks)} exact"
        print(f"{course.clip}: {verdict}", file=sys.stderr, flush=True)
    rows = settings.suite.rows
    print(report.markdown(settings.title, surroundings, rows, courses), flush=True)
    record = report.record(settings.to_dict(), surroundings, rows, courses)
    write(record, f"robustness-{settings.title}", output)
    return report.failures(rows, courses)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed or a verdict is false."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    name, suite = options.suite, SUITES[options.suite]
    kinds = tuple(options.kind or suite.kinds)
    if options.attack:
        row = Row("chosen", None, tuple(options.attack), kinds, options.draws)
        form = replace(Form(), seconds=options.seconds, most_seconds=options.most_seconds)
        name, suite = "attacks", Suite((row,), form)
    settings = Settings(
        name,
        suite,
        kinds,
        options.data,
        strength=options.strength,
        limit=options.limit,
        jobs=options.jobs,
        marker=options.marker,
    )
    return 1 if run(settings, options.output) else 0


def _courses(settings: Settings) -> Iterator[Course]:
    course = partial(
        _course, settings.suite.rows, settings.data, settings.strength, settings.marker
    )
    chosen = sounds.load(
        settings.kinds, data=settings.data, form=settings.suite.form, limit=settings.limit
    )
    return mapped(course, chosen, settings.jobs)


def _course(rows: Sequence[Row], data: Path, strength: float, marker: str, clip: Clip) -> Course:
    measure.warm_up()
    return measure.run(clip, rows, sounds.others(clip.name, data), strength, marker)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.robustness",
        description="Exact payloads, false alarms, quality and times under named attacks.",
    )
    parser.add_argument("--suite", choices=sorted(SUITES), default="foundation")
    parser.add_argument(
        "--attack",
        type=attack,
        action="append",
        metavar="NAME",
        help="instead of a suite, e.g. crop-5+mp3-64; may be repeated",
    )
    parser.add_argument("--draws", type=int, default=1, help="of each --attack and clip")
    parser.add_argument("--seconds", type=float, help="with --attack: excerpts of this length")
    parser.add_argument(
        "--most-seconds", type=float, default=60.0, help="with --attack: cut longer clips to it"
    )
    add_names(parser, "--kind", sounds.KINDS)
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--marker", choices=sorted(measure.MARKERS), default="whole")
    parser.add_argument("--limit", type=int, metavar="N", help="clips per kind")
    add_jobs(parser, "; times need 1")
    add_output(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
