"""``genlabel verify``: what a file says of itself, and what its samples say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from genlabel_cli import _options
from genlabel_cli._status import Status

if TYPE_CHECKING:
    from genlabel import Report
    from genlabel_cli._console import Progress
    from genlabel_cli._inputs import Source

_DESCRIPTION = """\
Read every layer of each file, compare them, and say what follows. Exit
status 1 means that in one of them nothing was found, or a label is damaged or
contradicted by another layer. "Nothing found" never means "not generated".
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "verify",
        help="say what a file is, by all its layers",
        description=_DESCRIPTION,
    )
    _options.add_inputs(parser)
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="FILE",
        help="a key to look for; repeat it for more. Without one the samples are not searched",
    )
    parser.add_argument(
        "--trust", metavar="PEM", help="root certificates that make a C2PA signature trusted"
    )
    _options.add_sm2_trust(parser)
    parser.add_argument(
        "--effort",
        choices=("quick", "normal", "deep"),
        default="normal",
        help="how long to look for the watermark: quick finds it in files nobody cut, normal in "
        "cut, turned and bent ones too, deep also where its public tones were taken off",
    )
    _options.add_results(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Verify every input and print its report."""
    import genlabel
    from genlabel_cli._each import Outcome, for_each
    from genlabel_cli._inputs import find_sources
    from genlabel_cli._results import Results
    from genlabel_cli._text import report_text

    sources = find_sources(args)
    _options.check_files(args.trust, args.sm2_trust)
    keys = [genlabel.Key.load(path) for path in args.key]

    def verify_one(source: Source, _: Progress) -> Outcome:
        """Verify one file."""
        report = genlabel.verify(
            source.medium(),
            keys=keys,
            trust=args.trust,
            sm2_trust=args.sm2_trust,
            effort=args.effort,
        )
        return Outcome(report.to_dict(), lambda: report_text(report), status_of(report))

    return for_each(sources, verify_one, Results(args))


def status_of(report: Report) -> Status:
    """Tell a report that says "generated, and nothing speaks against it" from every other."""
    broken = any(layer.state in ("damaged", "conflicting") for layer in report.layers.values())
    sound = report.verdict != "none" and not report.conflicts and not broken
    return Status.DONE if sound else Status.NOT_FOUND
