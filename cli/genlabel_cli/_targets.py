"""Where each result goes."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from typing import BinaryIO

from genlabel import MediaError
from genlabel_cli._inputs import STREAM, Source
from genlabel_cli._status import UsageError


def plan_targets(args: Namespace, sources: list[Source]) -> dict[Source, str]:
    """Give every input its output, before any work is done.

    Parameters
    ----------
    args : Namespace
        Parsed with `genlabel_cli._options.add_outputs`.
    sources : list of Source
        The inputs.

    Raises
    ------
    UsageError
        Two inputs would become one file, or the arguments do not fit together.
    MediaError
        The output folder cannot be one.
    """
    if args.output is None:
        _check_folder(args.out_dir)
        return _under(args.out_dir, sources)
    if len(sources) != 1:
        raise UsageError(f"-o names one file and there are {len(sources)} inputs; use --out-dir")
    if os.path.isdir(args.output):
        raise UsageError(f"-o {args.output} is a folder; use --out-dir")
    if args.output == STREAM and sys.stdout.isatty():
        raise UsageError("-o - would write a file's bytes to the terminal")
    return {sources[0]: args.output}


def _check_folder(folder: str) -> None:
    # The folder is made, and what belongs below it; a mistyped path to it makes no tree of folders.
    place = os.path.realpath(folder)
    if os.path.lexists(place) and not os.path.isdir(place):
        raise MediaError("cannot be written to: it is no folder", path=folder)
    if not os.path.isdir(os.path.dirname(place)):
        raise MediaError("cannot be made: its own folder does not exist", path=folder)


def _under(folder: str, sources: list[Source]) -> dict[Source, str]:
    targets: dict[Source, str] = {}
    taken: dict[str, Source] = {}
    for source in sources:
        if source.problem is not None:
            continue
        if source.is_stream:
            raise UsageError("the standard input has no name to keep in --out-dir; use -o")
        target = os.path.join(folder, source.relative)
        place = os.path.normcase(os.path.realpath(target))
        if place in taken:
            raise UsageError(f"{taken[place].name} and {source.name} would both become {target}")
        taken[place] = source
        targets[source] = target
    return targets


def open_target(args: Namespace, target: str) -> str | BinaryIO:
    """Give what the SDK writes to: a path, under the output folder one whose folder exists.

    Parameters
    ----------
    args : Namespace
        Parsed with `genlabel_cli._options.add_outputs`.
    target : str
        From `plan_targets`.
    """
    if target == STREAM:
        return sys.stdout.buffer
    if args.out_dir is not None:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    return target
