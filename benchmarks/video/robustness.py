"""Run a suite of attacks over clips of film.

::

    python -m benchmarks.video.robustness --suite table
    python -m benchmarks.video.robustness --clip bbb,film --attack crop-0.71+x264-30 --seconds 5

Every clip is marked and encoded once with x264 at CRF 20, as a published film is; attacks begin
there. Prints Markdown on standard output and writes the whole record as JSON.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.options import add_jobs, add_names, add_output
from benchmarks.processes import mapped
from benchmarks.results import OUTPUT, listed, page, table, write
from benchmarks.targets import below
from benchmarks.video import Film, clips, codecs
from benchmarks.video.attacks import Attack, attack
from benchmarks.video.clips import Clip
from benchmarks.video.suites import SUITES, Row
from genlabel.video import Embedder, detect, warmup

SCHEMA = "genlabel.bench.video-robustness/1"

#: x264's CRF at which films are published.
PUBLISHED = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the detector said of one clip after one attack.

    Parameters
    ----------
    clip, row, attack : str
        Which.
    seconds : float
        Of the film that was read.
    exact : bool
        Found, and every bit of the payload right.
    wrong : bool
        Found, but another payload.
    log10_p : float
        As in `Detection`.
    cpu : float
        Seconds of processor time that reading took.
    """

    clip: str
    row: str
    attack: str
    seconds: float
    exact: bool
    wrong: bool
    log10_p: float
    cpu: float


def marked(film: Film, payload: bytes, strength: float = 1.0) -> Film:
    """Mark a copy of a film."""
    planes = film.planes.copy()
    _, height, width = planes.shape
    embedder = Embedder(width, height, float(film.fps), payload, MARK_KEY, strength=strength)
    for luma in planes:
        embedder.push(luma)
    return film.with_planes(planes)


def read(clip: str, row: str, attack: Attack, film: Film) -> Reading:
    """Attack and read one film."""
    attacked = attack.apply(film)
    before = time.process_time()
    if attacked.data is None:
        detection = detect(iter(attacked.planes), MARK_KEY, fps=float(attacked.fps))
    else:
        detection = detect(attacked.data, MARK_KEY)
    cpu = time.process_time() - before
    exact = detection.payload == payload_of(clip)
    wrong = detection.found and not exact
    return Reading(clip, row, attack.name, attacked.seconds, exact, wrong, detection.log10_p, cpu)


def course(rows: Sequence[Row], strength: float, clip: Clip) -> list[Reading]:
    """Take one clip through all rows."""
    _warm_up()
    readings = []
    for seconds in dict.fromkeys(row.seconds for row in rows):
        film = marked(clip.film(seconds), payload_of(clip.name), strength)
        published = codecs.coded(film, "x264", PUBLISHED)
        for row in rows:
            if row.seconds == seconds:
                for one in row.attacks:
                    readings.append(read(clip.name, row.title, one, published))
                    print(readings[-1], file=sys.stderr, flush=True)
    return readings


def run(
    name: str,
    rows: Sequence[Row],
    names: Sequence[str],
    data: Path,
    *,
    strength: float = 1.0,
    jobs: int = 1,
    output: Path = OUTPUT,
) -> list[str]:
    """Run rows over clips, print the tables, write the record, and give the failures."""
    surroundings = environment.describe()
    work = functools.partial(course, rows, strength)
    readings = [one for some in mapped(work, clips.load(names, data), jobs) for one in some]
    problems = failures(rows, readings)
    print(markdown(name, surroundings, rows, readings, problems), flush=True)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "settings": {"suite": name, "clips": list(names), "strength": strength},
        "environment": surroundings,
        "readings": [asdict(one) for one in readings],
        "failures": problems,
    }
    write(record, f"robustness-video-{name}-x{strength:g}", output)
    return problems


def failures(rows: Sequence[Row], readings: Sequence[Reading]) -> list[str]:
    """Say what is below its target, and every false verdict; empty where all is well."""
    problems = [f"wrong payload: {one.clip} after {one.attack}" for one in readings if one.wrong]
    for row in rows:
        own = [one.exact for one in readings if one.row == row.title]
        problems += below(row.title, sum(own), len(own), row.target)
    return problems


def markdown(
    title: str,
    surroundings: dict[str, Any],
    rows: Sequence[Row],
    readings: Sequence[Reading],
    problems: Sequence[str],
) -> str:
    """Give the table: log10 p of every clip after every attack; a miss is a dash."""
    names = list(dict.fromkeys(one.clip for one in readings))
    lines = []
    for row in rows:
        own = [one for one in readings if one.row == row.title]
        exact = sum(one.exact for one in own)
        target = "" if row.target is None else f" (target {row.target:.0%})"
        share = f"**{exact}/{len(own)} = {exact / len(own):.0%}**{target}"
        by_clip = [_share([one for one in own if one.clip == name]) for name in names]
        lines.append((f"**{row.title}**", share, *by_clip))
        for step in row.attacks:
            cells = [
                f"{one.log10_p:.0f}" if one.exact else "WRONG" if one.wrong else "-"
                for name in names
                for one in own
                if one.clip == name and one.attack == step.name
            ]
            count = sum(one.exact for one in own if one.attack == step.name)
            lines.append((f"`{step.name}`", f"{count}/{len(cells)}", *cells))
    heads = ("attack", "exact", *names)
    found = listed(problems)
    legend = "Cells: log10 of the chance that it is none; a dash where nothing was found."
    parts = (f"## {title}", environment.one_line(surroundings), legend, table(heads, lines), found)
    return page(*parts)


def _share(readings: Sequence[Reading]) -> str:
    return f"{sum(one.exact for one in readings)}/{len(readings)}"


@functools.cache
def _warm_up() -> None:
    warmup()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed or a verdict is false."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.video.robustness", description=__doc__
    )
    parser.add_argument("--suite", choices=sorted(SUITES), default="table")
    parser.add_argument("--row", action="append", help="only rows whose title begins like this")
    parser.add_argument("--attack", type=attack, action="append", help="instead of a suite")
    parser.add_argument("--seconds", type=float, default=3.0, help="with --attack")
    add_names(parser, "--clip", clips.CLIPS, tuple(clips.CLIPS))
    parser.add_argument("--data", type=Path, default=clips.DEFAULT_DATA)
    parser.add_argument("--strength", type=float, default=1.0)
    add_jobs(parser)
    add_output(parser)
    options = parser.parse_args(arguments)
    if not clips.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    name, rows = options.suite, SUITES[options.suite]
    if options.row:
        rows = tuple(row for row in rows if row.title.startswith(tuple(options.row)))
    if options.attack:
        name, rows = "attacks", (Row("chosen", None, options.seconds, tuple(options.attack)),)
    problems = run(
        name,
        rows,
        options.clip,
        options.data,
        strength=options.strength,
        jobs=options.jobs,
        output=options.output,
    )
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
