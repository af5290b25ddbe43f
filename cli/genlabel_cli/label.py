"""``genlabel label``: write metadata only, the samples untouched bit for bit."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from genlabel_cli import _options

if TYPE_CHECKING:
    from genlabel_cli._console import Progress

_DESCRIPTION = """\
Write the label into the metadata and leave the samples untouched bit for bit.
There is no watermark then: who strips the metadata strips the label.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "label", help="write metadata only, samples untouched", description=_DESCRIPTION
    )
    _options.add_inputs(parser)
    _options.add_outputs(parser)
    _options.add_label_fields(parser)
    _options.add_results(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Label every input and print its receipt."""
    import genlabel
    from genlabel_cli._writing import Medium, write_each

    signer = _options.load_signer(args)
    regimes = _options.regimes(args)

    def write(
        source: Medium, target: Medium, label: genlabel.Label, _: Progress
    ) -> genlabel.Receipt:
        """Label one file."""
        return genlabel.label(
            source, target, label=label, profiles=regimes, signer=signer, overwrite=args.force
        )

    return write_each(args, write)
