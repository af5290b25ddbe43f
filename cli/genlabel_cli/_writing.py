"""What ``mark`` and ``label`` share: inputs, outputs, one label and one receipt per file."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from genlabel_cli._console import Progress, say
from genlabel_cli._each import Outcome, for_each
from genlabel_cli._flags import in_flags
from genlabel_cli._inputs import STREAM, Source, find_sources
from genlabel_cli._options import label_maker
from genlabel_cli._results import Results
from genlabel_cli._status import Status
from genlabel_cli._targets import open_target, plan_targets
from genlabel_cli._text import receipt_text

if TYPE_CHECKING:
    from genlabel import Label, Receipt

Medium: TypeAlias = str | BinaryIO


def write_each(
    args: Namespace, write: Callable[[Medium, Medium, Label, Progress], Receipt]
) -> Status:
    """Write one output per input and print the receipts.

    Parameters
    ----------
    args : Namespace
        Parsed with the inputs, outputs, label fields and results of `genlabel_cli._options`.
    write : callable
        Takes the source, the target and the label of one file, and what is told how far it is;
        returns its receipt.
    """
    if args.output is not None and args.output.endswith(os.sep):
        args.output, args.out_dir = None, args.output
    sources = find_sources(args, skip=args.out_dir)
    targets = plan_targets(args, sources)
    make_label = label_maker(args, inputs=len(sources))
    warned: set[str] = set()

    results = Results(args, to_stderr=args.output == STREAM)

    def write_one(source: Source, progress: Progress) -> Outcome:
        """Write the target of one source."""
        receipt = write(source.medium(), open_target(args, targets[source]), make_label(), progress)
        warnings = [in_flags(warning) for warning in receipt.warnings]
        for warning in warnings:
            # Once for all files: a thousand of the same kind say no more than one.
            if results.for_people and warning not in warned:
                say(f"warning: {warning}")
            warned.add(warning)
        return Outcome(receipt.to_dict() | {"warnings": warnings}, lambda: receipt_text(receipt))

    return for_each(sources, write_one, results)
