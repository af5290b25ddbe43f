"""Show that "found" is honest: what the decision rests on, measured where nothing is to be found.

::

    python -m benchmarks.image.false_positives            # half an hour of CPU
    python -m benchmarks.image.false_positives --quick    # a look

Prints Markdown on standard output and writes the record as JSON; see docs/false-positives.md.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.image import pictures
from benchmarks.image.null import Examined, Plan, examine
from benchmarks.image.null_report import failures, markdown, record
from benchmarks.image.payloads import at_the_edge, strengths
from benchmarks.image.unmarked import contents
from benchmarks.options import add_jobs, add_output
from benchmarks.processes import mapped
from benchmarks.results import OUTPUT, write

_MARKED = 40


@dataclass(frozen=True, slots=True)
class Settings:
    """What to run.

    Parameters
    ----------
    plan : Plan
        How often each thing is done with each content.
    every : int
        Take every so manieth content only.
    edge : int
        Marks at the edge.
    data : Path
        Where the pictures are.
    jobs : int
        Processes.
    """

    plan: Plan = Plan()
    every: int = 1
    edge: int = 600
    data: Path = pictures.DEFAULT_DATA
    jobs: int = 1


QUICK = Settings(Plan(keys=1000, union_keys=200, decodings=20, calls=(1, 3)), every=12, edge=40)


def run(settings: Settings, output: Path = OUTPUT) -> list[str]:
    """Run everything, print the tables, write the record, and give the failures."""
    surroundings = environment.describe()
    started, cpu = time.perf_counter(), _cpu_seconds()
    examined = []
    for one in _examined(settings):
        examined.append(one)
        print(f"{one.name}: {one.measurements} measurements", file=sys.stderr, flush=True)
    real = (c for c in contents(settings.data, every=settings.every) if c.group == "real")
    differences = strengths(list(itertools.islice(real, _MARKED)))
    edge = list(at_the_edge(settings.edge))
    spent = {"wall": time.perf_counter() - started, "cpu": _cpu_seconds() - cpu}
    whole = record(examined, differences, edge)
    whole |= {"environment": surroundings, "seconds": spent, "settings": _described(settings)}
    print(markdown(whole), flush=True)
    write(whole, "false-positives", output)
    return failures(whole)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where anything speaks against the bound."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.image.false_positives",
        description="The detector's null distribution, and complete readings of unmarked pictures.",
    )
    parser.add_argument("--quick", action="store_true", help="a look, not a table")
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    add_jobs(parser)
    add_output(parser)
    options = parser.parse_args(arguments)
    chosen = QUICK if options.quick else Settings()
    return 1 if run(replace(chosen, data=options.data, jobs=options.jobs), options.output) else 0


def _examined(settings: Settings) -> Iterator[Examined]:
    work = partial(examine, plan=settings.plan)
    chosen = contents(settings.data, every=settings.every)
    return mapped(work, chosen, settings.jobs)


def _cpu_seconds() -> float:
    """CPU time of this process and of its finished children."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _described(settings: Settings) -> dict[str, Any]:
    plan = settings.plan
    return {
        "every": settings.every,
        "edge": settings.edge,
        "keys": plan.keys,
        "union_keys": plan.union_keys,
        "decodings": plan.decodings,
        "calls": plan.calls,
    }


if __name__ == "__main__":
    sys.exit(main())
