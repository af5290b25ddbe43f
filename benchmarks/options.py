"""Options that many benchmarks share."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.results import OUTPUT


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the records' folder."""
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the JSON")


def add_jobs(parser: argparse.ArgumentParser, note: str = "") -> None:
    """Add the option that says how many processes to use; ``note`` ends its help."""
    parser.add_argument("--jobs", type=int, default=1, help=f"processes{note}")


def add_names(
    parser: argparse.ArgumentParser,
    option: str,
    known: Collection[str],
    default: Sequence[str] | None = None,
) -> None:
    """Add an option that takes names of what is known, with commas between them."""

    def names(text: str) -> list[str]:
        given = text.split(",")
        unknown = [name for name in given if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return given

    told = "all asked for" if default is None else ",".join(default)
    parser.add_argument(
        option,
        type=names,
        default=None if default is None else list(default),
        metavar="NAMES",
        help=f"comma-separated, of {', '.join(known)}; default: {told}",
    )
