"""Results as tables: for reading, and for the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

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
        lines = [self.heads, ["---"] * len(self.heads)]
        lines += [[_printed(cell) for cell in row] for row in self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        problems = "".join(f"\n- FAILURE: {problem}" for problem in self.failures)
        return f"### {self.title}\n\n{self.note}\n\n{table}\n{problems}"


def mean(values: Sequence[float]) -> float:
    """Give the mean, as a float that JSON takes."""
    return float(sum(values) / len(values))


def _printed(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
    return str(cell)
