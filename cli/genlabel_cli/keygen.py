"""``genlabel keygen``: make a key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from genlabel_cli._status import Status

_DESCRIPTION = """\
Make a 256-bit secret and write it to a file only you can read. Keep it: who
has it can find, forge and remove marks; who loses it finds none again.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "keygen", help="make a key", description=_DESCRIPTION
    )
    parser.add_argument("name", metavar="NAME", help="what verify will call it, e.g. acme-2026")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the key file")
    parser.add_argument("-f", "--force", action="store_true", help="replace an existing key file")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Make the key and say where it is."""
    import genlabel
    from genlabel_cli._console import say

    genlabel.Key.generate(args.name).save(args.output, overwrite=args.force)
    say(f"key {args.name} written to {args.output}")
    return Status.DONE
