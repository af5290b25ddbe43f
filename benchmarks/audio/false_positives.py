"""Show that "found" is honest for sound: many windows, many keys, and the statistic itself.

::

    python -m benchmarks.audio.false_positives            # every window: 1e5 trials and more
    python -m benchmarks.audio.false_positives --quick    # a look

A *trial* is one window read under one key. Every call of `detect` tries 200 keys, and searches as
long as it would for anybody: all its hypotheses are in the bound. Prints Markdown and writes JSON;
see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import environment
from benchmarks.audio import measure, sounds
from benchmarks.audio.null import GROUPS, LEVELS, Content, Examined, contents, examine
from benchmarks.options import add_jobs, add_output
from benchmarks.processes import mapped
from benchmarks.results import OUTPUT, listed, page, table, write
from genlabel._decoding import correlation_at
from genlabel.audio._spans import MEASUREMENTS
from genlabel_kernels.audio.layout import CODE_BITS

SCHEMA = "genlabel.bench.audio-false-positives/1"

# With fewer effective chips, T is not normal but keeps below the proven bound all the same.
_MANY_CHIPS = 300
# Chance findings of this probability are failures.
_SURPRISING = 1e-4
QUICK_EVERY = 12


@dataclass(frozen=True, slots=True)
class Group:
    """What the windows of one group gave together.

    Parameters
    ----------
    name : str
        Of `GROUPS`, or all of them.
    windows, trials, found : int
        Calls, calls times keys, and keys that were found: must be 0.
    correlations : int
        Values of T.
    distance, p : float
        Kolmogorov-Smirnov distance of their p-values from the uniform distribution, and its
        probability; of measurements of many chips, where T is normal.
    above : tuple of int
        How many T lie above what the proven bound gives for each of `LEVELS`.
    largest : float
        Largest T of any Reed-Muller word.
    """

    name: str
    windows: int
    trials: int
    found: int
    correlations: int
    distance: float
    p: float
    above: tuple[int, ...]
    largest: float


def summed(name: str, examined: Sequence[Examined]) -> Group:
    """Put the windows of a group together."""
    values = np.concatenate([np.zeros(0, np.float32), *(one.chosen for one in examined)])
    chips = np.concatenate([np.zeros(0, np.float32), *(one.chips for one in examined)])
    distance, p = uniform(values[chips >= _MANY_CHIPS])
    return Group(
        name,
        len(examined),
        sum(one.keys for one in examined),
        sum(one.found is not None for one in examined),
        len(values),
        distance,
        p,
        tuple(int((values >= correlation_at(-math.log(level))).sum()) for level in LEVELS),
        max((one.largest for one in examined), default=0.0),
    )


def uniform(values: NDArray[np.float32]) -> tuple[float, float]:
    """Test whether the p-values of T are uniform, that is T standard normal.

    References: Kolmogorov 1933; the series of his limiting distribution.
    """
    if not len(values):
        return 0.0, 1.0
    ranks = np.arange(len(values) + 1) / len(values)
    below = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in np.sort(values)])
    distance = float(max(np.abs(ranks[1:] - below).max(), np.abs(ranks[:-1] - below).max()))
    scaled = distance * math.sqrt(len(values))
    terms = [(-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101)]
    return distance, 1.0 if scaled < 0.2 else min(1.0, 2 * sum(terms))


def failures(groups: Sequence[Group], examined: Sequence[Examined]) -> list[str]:
    """Say what speaks against the bound; empty where nothing does."""
    problems = [f"found in {one.name}: {one.found}" for one in examined if one.found is not None]
    problems += [
        f"{one.name}: {one.measurements} measurements, {MEASUREMENTS} allowed for"
        for one in examined
        if one.measurements > MEASUREMENTS
    ]
    for group in groups:
        if group.p < _SURPRISING:
            problems.append(f"{group.name}: p-values not uniform, distance {group.distance:.4f}")
        for level, count in zip(LEVELS, group.above, strict=True):
            expected = group.correlations * level
            if count > expected + 4 * math.sqrt(expected) + 3:
                problems.append(f"{group.name}: {count} of {group.correlations} beyond {level:g}")
    return problems


def run(data: Path, *, every: int = 1, jobs: int = 1, output: Path = OUTPUT) -> list[str]:
    """Examine everything, print the tables, write the record, and give the failures."""
    surroundings = environment.describe()
    examined = []
    for one in _examined(data, every, jobs):
        examined.append(one)
        if len(examined) % 50 == 0:
            print(f"{len(examined)} windows", file=sys.stderr, flush=True)
    groups = [summed(name, [e for e in examined if e.group == name]) for name in GROUPS]
    groups.append(summed("all", examined))
    problems = failures(groups, examined)
    print(_markdown(surroundings, groups, examined, problems), flush=True)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "environment": surroundings,
        "allowed": MEASUREMENTS,
        "levels": LEVELS,
        "groups": [
            {name: getattr(group, name) for name in Group.__dataclass_fields__} for group in groups
        ],
        "windows": [
            {"name": one.name, "group": one.group, "keys": one.keys, "found": one.found,
             "measurements": one.measurements, "largest": one.largest}
            for one in examined
        ],
        "failures": problems,
    }  # fmt: skip
    write(record, "audio-false-positives", output)
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where anything speaks against the bound."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.false_positives",
        description="Complete readings of unmarked sound under many keys, and T under fresh ones.",
    )
    parser.add_argument("--quick", action="store_true", help="a look, not a table")
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    add_jobs(parser)
    add_output(parser)
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    every = QUICK_EVERY if options.quick else 1
    return 1 if run(options.data, every=every, jobs=options.jobs, output=options.output) else 0


def _examined(data: Path, every: int, jobs: int) -> Iterator[Examined]:
    chosen = contents(data, every=every)
    return mapped(_examine, chosen, jobs)


def _examine(content: Content) -> Examined:
    measure.warm_up()
    return examine(content)


def _markdown(
    surroundings: dict[str, Any],
    groups: Sequence[Group],
    examined: Sequence[Examined],
    problems: Sequence[str],
) -> str:
    heads = ("windows", "calls", "trials", "found", "T under fresh keys", "KS distance", "p")
    lines = [
        (
            group.name,
            str(group.windows),
            str(group.trials),
            str(group.found),
            str(group.correlations),
            f"{group.distance:.4f}",
            f"{group.p:.2f}",
            *(
                f"{count} ({group.correlations * level:.1f})"
                for level, count in zip(LEVELS, group.above, strict=True)
            ),
            f"{group.largest:.2f}",
        )
        for group in groups
    ]
    many = math.sqrt(2 * math.log(2 * CODE_BITS * groups[-1].correlations))
    most = max((one.measurements for one in examined), default=0)
    parts = [
        "## audio-false-positives",
        environment.one_line(surroundings),
        f"Trial: one window under one key. At most {most} measurements a call, {MEASUREMENTS} "
        "allowed for. In columns of levels: how many T exceed what the bound gives for the level "
        "(and how many may). Largest: of all Reed-Muller words; of so many independent normal ones "
        f"it would be about {many:.1f}.",
        table((*heads, *(f"{level:g}" for level in LEVELS), "largest T"), lines),
        listed(problems),
    ]
    return page(*parts)


if __name__ == "__main__":
    sys.exit(main())
