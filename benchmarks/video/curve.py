"""The curve of row 3: darkened and cropped films over compression, length and strength.

::

    python -m benchmarks.video.curve --jobs 2

Each cell: how many clips gave the exact payload, and the median correlation T over all clips, in
standard deviations of noise; those in which nothing was found lie below what is needed. Prints
Markdown on standard output.
"""

from __future__ import annotations

import argparse
import functools
import math
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import environment
from benchmarks.options import add_jobs, add_names
from benchmarks.processes import mapped
from benchmarks.results import table
from benchmarks.video import clips
from benchmarks.video.attacks import attack
from benchmarks.video.robustness import Reading, course
from benchmarks.video.suites import Row
from genlabel._decoding import correlation_at

#: x264's CRF, seconds, and strengths; all of the first two at the first strength only.
CRFS = (23, 28, 30, 34, 40)
SECONDS = (5.0, 10.0)
STRENGTHS = (1.0, 1.41, 2.0)
_STRONGER_CRFS, _STRONGER_SECONDS = (30, 34, 40), (5.0,)
_ATTACK = "brightness-0.5+crop-0.71+x264-{}"
# Nats that the first measurement which shows tones must pay for: 72 bits of message, three lengths
# of payload, and its quarter of the risk.
_NATS = 72 * math.log(2.0) + math.log(3 * 4)


def rows(seconds: Sequence[float], crfs: Sequence[int]) -> list[Row]:
    """Make a row of attacks for each length."""
    steps = tuple(attack(_ATTACK.format(crf)) for crf in crfs)
    return [Row(f"{length:g} s", None, length, steps) for length in seconds]


def correlation(reading: Reading) -> float:
    """Give the correlation that a log10 p stands for; 0 where nothing was found."""
    if not reading.exact:
        return 0.0
    return correlation_at(_NATS - math.log(10.0) * reading.log10_p)


def cell(readings: Sequence[Reading]) -> str:
    """Sum up what was read of all clips after one attack."""
    middle = statistics.median(correlation(one) for one in readings)
    needed = correlation_at(_NATS + 9.0 * math.log(10.0))
    median = f"{middle:.1f}" if middle else f"< {needed:.0f}"
    return f"{sum(one.exact for one in readings)}/{len(readings)}, T {median}"


def lines(
    readings: Sequence[Reading], strength: float, chosen: Sequence[Row], crfs: Sequence[int]
) -> list[tuple[str, ...]]:
    """Give the lines of the table for one strength."""
    made = []
    for row in chosen:
        cells = []
        for crf in CRFS:
            name = _ATTACK.format(crf)
            own = [one for one in readings if (one.row, one.attack) == (row.title, name)]
            cells.append(cell(own) if crf in crfs else "")
        made.append((f"{strength:g}", row.title, *cells))
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video.curve", description=__doc__)
    add_names(parser, "--clip", clips.CLIPS, tuple(clips.CLIPS))
    parser.add_argument("--data", type=Path, default=clips.DEFAULT_DATA)
    add_jobs(parser)
    options = parser.parse_args(arguments)
    chosen = list(clips.load(options.clip, options.data))
    body = []
    for strength in STRENGTHS:
        stronger = strength != STRENGTHS[0]
        crfs = _STRONGER_CRFS if stronger else CRFS
        own = rows(_STRONGER_SECONDS if stronger else SECONDS, crfs)
        work = functools.partial(course, own, strength)
        readings = [one for some in mapped(work, chosen, options.jobs) for one in some]
        body += lines(readings, strength, own, crfs)
    heads = ("strength", "seconds", *(f"CRF {crf}" for crf in CRFS))
    print(environment.one_line(environment.describe()), table(heads, body), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
