"""Attacks on the mark of any medium: their options, their tables, their record."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.options import add_output
from benchmarks.results import table, write

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """One experiment's figures.

    Parameters
    ----------
    title : str
        What was asked.
    note : str
        How it was done, with parameters.
    heads : tuple of str
        Column names.
    rows : sequence of sequences of cells
        One per condition; floats are printed with two digits after the point or fewer.
    failures : tuple of str
        What must not be, and was.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    failures: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the table as plain JSON types."""
        return asdict(self)

    def markdown(self) -> str:
        """Give the table as Markdown under its title."""
        cells = table(self.heads, [[_printed(cell) for cell in row] for row in self.rows])
        problems = "".join(f"\n- FAILURE: {problem}" for problem in self.failures)
        return f"### {self.title}\n\n{self.note}\n\n{cells}\n{problems}"


def add_options(parser: argparse.ArgumentParser, data: Path, trials: Sequence[str]) -> None:
    """Add what every medium's attacks can be told: where media are, which trials, where to."""
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--only", action="append", choices=trials, help="may be repeated")
    add_output(parser)


def run(
    name: str,
    title: str,
    settings: Mapping[str, Any],
    trials: Mapping[str, Callable[[], Table]],
    options: argparse.Namespace,
) -> int:
    """Run the trials that are asked for, print their tables, and write the record.

    Parameters
    ----------
    name : str
        Of the record, and of its schema.
    title : str
        What is attacked.
    settings : mapping
        What the record says of them, as plain JSON types.
    trials : mapping of str to callable
        All there are.
    options : Namespace
        As `add_options` reads them.

    Returns
    -------
    int
        1 where a forgery was accepted, else 0.
    """
    surroundings = environment.describe()
    print(f"## {title}\n\n{environment.one_line(surroundings)}\n", flush=True)
    tables = []
    for one, trial in trials.items():
        if not options.only or one in options.only:
            tables.append(trial())
            print(tables[-1].markdown(), flush=True)
    record = {
        "schema": f"genlabel.bench.{name}/1",
        "settings": dict(settings),
        "environment": surroundings,
        "tables": [each.to_dict() for each in tables],
    }
    write(record, name, options.output)
    return int(any(each.failures for each in tables))


def mean(values: Sequence[float]) -> float:
    """Give the mean, as a float that JSON takes."""
    return float(sum(values) / len(values))


def _printed(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
    return str(cell)
