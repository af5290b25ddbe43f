"""``genlabel read``: the label in the metadata, no samples decoded."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from genlabel_cli import _options
from genlabel_cli._status import Status

if TYPE_CHECKING:
    from genlabel import Label
    from genlabel_cli._inputs import Source

_DESCRIPTION = """\
Print the label each picture's metadata declares, as it stands there. Exit
status 1 means that one of them declares none, or, with --check, breaks a rule.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "read", help="print the label in the metadata", description=_DESCRIPTION
    )
    _options.add_inputs(parser)
    parser.add_argument(
        "--check", action="store_true", help="say which rule of its standard a label breaks"
    )
    _options.add_results(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Read every input and print its label."""
    import genlabel
    from genlabel_cli._each import for_each
    from genlabel_cli._inputs import find_sources
    from genlabel_cli._results import Results
    from genlabel_cli._text import label_text

    def read_one(source: Source) -> Status:
        label = genlabel.read(source.medium())
        problem = broken_rule(label) if args.check and label is not None else None
        record = {
            "schema": "genlabel.label/1",
            "source": source.name,
            "label": None if label is None else label.to_dict(),
        }
        if args.check:
            record["problem"] = problem
        results.add(record, lambda: label_text(source.name, label, problem))
        return Status.DONE if label is not None and problem is None else Status.NOT_FOUND

    with Results(args) as results:
        return for_each(find_sources(args), read_one)


def broken_rule(label: Label) -> str | None:
    """Say which rule a declared label breaks first, or None where it keeps them all."""
    from dataclasses import replace

    from genlabel import LabelError

    try:
        # A declared label is unchecked; making it anew checks it.
        replace(label)
    except LabelError as error:
        return str(error)
    return None
