"""``genlabel read``: the label in the metadata, no samples decoded."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from genlabel_cli import _options
from genlabel_cli._status import Status, UsageError

if TYPE_CHECKING:
    from genlabel import Label
    from genlabel._report import Layer
    from genlabel_cli._console import Progress
    from genlabel_cli._inputs import Source

_DESCRIPTION = """\
Print the label each file's metadata declares, as it stands there. Exit
status 1 means that one of them declares none, or, with --check, breaks a rule.
"""
_DECLARING = ("aigc", "xmp", "c2pa")


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: ArgumentParser = subparsers.add_parser(
        "read", help="print the label in the metadata", description=_DESCRIPTION
    )
    _options.add_inputs(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="list everything in which labels depart from their standards, with its clause",
    )
    _options.add_sm2_trust(parser)
    _options.add_results(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Read every input and print its label."""
    import genlabel
    from genlabel_cli._each import Outcome, for_each
    from genlabel_cli._inputs import find_sources
    from genlabel_cli._results import Results
    from genlabel_cli._text import label_text

    if args.sm2_trust is not None and not args.check:
        raise UsageError("--sm2-trust: with --check")
    _options.check_files(args.sm2_trust)

    def read_one(source: Source, _: Progress) -> Outcome:
        """Say what one file declares."""
        layers: Mapping[str, Layer] = {}
        if args.check:
            report = genlabel.verify(source.medium(), sm2_trust=args.sm2_trust, samples=False)
            label, layers = report.label, {name: report.layers[name] for name in _DECLARING}
            problem = next(iter(departures(layers)), None)
        else:
            label, problem = declared(source.medium())
        record = {
            "schema": "genlabel.label/1",
            "source": source.name,
            "label": None if label is None else label.to_dict(),
            "problem": problem,
        }
        if args.check:
            record["layers"] = {name: layer.to_dict() for name, layer in layers.items()}
        sound = label is not None and problem is None
        return Outcome(
            record,
            lambda: label_text(source.name, label, problem, layers),
            Status.DONE if sound else Status.NOT_FOUND,
        )

    return for_each(find_sources(args), read_one, Results(args))


def declared(medium: str | BinaryIO) -> tuple[Label | None, str | None]:
    """Read a label, or say why it cannot be read.

    Parameters
    ----------
    medium : str or binary file object
        The file.

    Returns
    -------
    (Label or None, str or None)
        What is declared, and why it cannot be read.
    """
    import genlabel

    try:
        return genlabel.read(medium), None
    except genlabel.LabelError as error:
        # Damage is an answer, not a failure to give one.
        return None, error.reason


def departures(layers: Mapping[str, Layer]) -> list[str]:
    """List what breaks a rule.

    Parameters
    ----------
    layers : mapping of str to Layer
        What a file declares; of a manifest only that it is damaged, as whom to trust is no rule.

    Returns
    -------
    list of str
        In the order of the layers.
    """
    return [
        problem
        for name, layer in layers.items()
        if name != "c2pa" or layer.state == "damaged"
        for problem in layer.problems
    ]
