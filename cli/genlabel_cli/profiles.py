"""``genlabel profiles``: what each regime asks for, how it is met, and notices for pages."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from genlabel_cli._status import Status, UsageError


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "profiles",
        help="say what each regime asks for and how it is met",
        description="List the regimes, or say what one of them asks for and how it is met.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="one of the listed names")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--assets",
        metavar="DIR",
        help="write the notice texts by language, and SVG badges, for pages and apps of your own",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace existing files")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the list, or one profile, or write its assets.

    Raises
    ------
    UsageError
        Assets were asked for, and no profile was named.
    """
    import json

    from genlabel import profiles
    from genlabel_cli._console import one_line
    from genlabel_cli._text import profile_text, profiles_text

    if args.assets is not None:
        if args.name is None:
            raise UsageError("--assets writes those of one profile: name it")
        profile = profiles.load(args.name)
        written = profiles.write_assets(profile, args.assets, overwrite=args.force)
        print(json.dumps(written, indent=2) if args.json else "\n".join(map(one_line, written)))
        return Status.DONE
    found = [profiles.load(name) for name in ([args.name] if args.name else profiles.names())]
    if args.json:
        records = [profile.to_dict() for profile in found]
        print(json.dumps(records[0] if args.name else records, indent=2))
    else:
        print(profile_text(found[0]) if args.name else profiles_text(found))
    return Status.DONE
