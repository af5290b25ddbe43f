"""``genlabel read``: the label in the metadata, no samples decoded."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, BinaryIO

from genlabel_cli import _options
from genlabel_cli._status import Status

if TYPE_CHECKING:
    from genlabel import Label
    from genlabel_cli._console import Progress
    from genlabel_cli._inputs import Source

_DESCRIPTION = """\
Print the label each file's metadata declares, as it stands there. Exit
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
    from genlabel_cli._each import Outcome, for_each
    from genlabel_cli._inputs import find_sources
    from genlabel_cli._results import Results
    from genlabel_cli._text import label_text

    def read_one(source: Source, _: Progress) -> Outcome:
        label, problem = declared(source.medium(), check=args.check)
        record = {
            "schema": "genlabel.label/1",
            "source": source.name,
            "label": None if label is None else label.to_dict(),
            "problem": problem,
        }
        sound = label is not None and problem is None
        return Outcome(
            record,
            lambda: label_text(source.name, label, problem),
            Status.DONE if sound else Status.NOT_FOUND,
        )

    return for_each(find_sources(args), read_one, Results(args))


def declared(medium: str | BinaryIO, *, check: bool) -> tuple[Label | None, str | None]:
    """Read a label, and say what is wrong with it.

    Parameters
    ----------
    medium : str or binary file object
        The file.
    check : bool
        Whether to compare a readable label with the rules of its standard too.

    Returns
    -------
    (Label or None, str or None)
        What is declared, and the first rule it breaks or why it cannot be read.
    """
    import dataclasses

    import genlabel

    try:
        label = genlabel.read(medium)
    except genlabel.LabelError as error:
        # Damage is an answer, not a failure to give one.
        return None, error.reason
    if label is not None and check:
        try:
            # What a file declares comes unchecked; made anew it is checked.
            dataclasses.replace(label)
        except genlabel.LabelError as error:
            return label, str(error)
    return label, None
