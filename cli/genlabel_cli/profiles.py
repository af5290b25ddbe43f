"""``genlabel profiles``: what each regime asks for and how it is met."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from genlabel_cli._status import Status


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "profiles",
        help="say what each regime asks for and how it is met",
        description="List the regimes, or say what one of them asks for and how it is met.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="one of the listed names")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the list, or one profile."""
    import json

    from genlabel import profiles
    from genlabel_cli._text import profile_text, profiles_text

    found = [profiles.load(name) for name in ([args.name] if args.name else profiles.names())]
    if args.json:
        records = [profile.to_dict() for profile in found]
        print(json.dumps(records[0] if args.name else records, indent=2))
    else:
        print(profile_text(found[0]) if args.name else profiles_text(found))
    return Status.DONE
