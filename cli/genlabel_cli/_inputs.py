"""Which files a command is asked to process."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from genlabel_cli._console import say
from genlabel_cli._status import UsageError

#: What a folder is searched for. A file that is named is taken as it is, whatever its name.
EXTENSIONS = (
    *(".png", ".apng", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif", ".hif", ".jxl", ".svg", ".bmp"),
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a"),
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv"),
    # Bare text has to be named: a folder's notes are not what was generated.
    *(".pdf", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"),
)
STREAM = "-"
_KINDS_NAMED = 8


class Source(NamedTuple):
    """One input.

    Parameters
    ----------
    name : str
        As given or found.
    relative : str
        Where its result belongs under an output folder.
    problem : str or None
        Why it cannot even be opened.
    is_stream : bool
        Whether it is the standard input: a list may name a file that is called ``-``.
    """

    name: str
    relative: str
    problem: str | None = None
    is_stream: bool = False

    def medium(self) -> str | BinaryIO:
        """Give what the SDK takes: a path, or the standard input's bytes."""
        return sys.stdin.buffer if self.is_stream else self.name


def find_sources(args: Namespace, *, skip: str | None = None) -> list[Source]:
    """List the inputs of a command in the order given, folders sorted.

    Parameters
    ----------
    args : Namespace
        Parsed with `genlabel_cli._options.add_inputs`.
    skip : str or None
        A folder not to search: the one the results go to.

    Raises
    ------
    UsageError
        There are none, or the standard input is asked for twice.
    OSError
        The list of files cannot be read.
    """
    if args.null and args.files_from is None:
        raise UsageError("-0 says how --files-from is separated; there is none")
    if (args.inputs + [args.files_from]).count(STREAM) > 1:
        raise UsageError("the standard input can be used once only")
    listed = [] if args.files_from is None else _read_list(args.files_from, null=args.null)
    if not args.inputs and args.files_from is None:
        raise UsageError("no input files")
    sources: list[Source] = []
    for name in args.inputs:
        if name == STREAM:
            sources.append(Source(name, STREAM, is_stream=True))
        else:
            sources.extend(_expand(name, recursive=args.recursive, skip=skip))
    for name in listed:
        sources.extend(_expand(name, recursive=args.recursive, skip=skip))
    return sources


def _read_list(name: str, *, null: bool) -> list[str]:
    if name == STREAM:
        data = sys.stdin.buffer.read()
    else:
        with open(name, "rb") as stream:
            data = stream.read()
    rows = data.split(b"\0") if null else data.replace(b"\r\n", b"\n").split(b"\n")
    return [os.fsdecode(row) for row in rows if row]


def _expand(name: str, *, recursive: bool, skip: str | None) -> Iterator[Source]:
    if not os.path.isdir(name):
        yield Source(name, os.path.basename(name))
    elif not recursive:
        yield Source(name, name, "is a folder (search it with -r)")
    else:
        names = list(_search(name, skip))
        taken = [path for path in names if path.lower().endswith(EXTENSIONS)]
        _name_others(name, set(names).difference(taken))
        for path in taken:
            yield Source(path, os.path.relpath(path, name))
        if not taken:
            yield Source(name, name, f"holds no {' '.join(EXTENSIONS)} file")


def _search(folder: str, skip: str | None) -> Iterator[str]:
    skipped = None if skip is None else os.path.realpath(skip)
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if os.path.realpath(os.path.join(where, name)) != skipped
        )
        yield from (os.path.join(where, name) for name in sorted(files))


def _name_others(folder: str, others: set[str]) -> None:
    """Say what a folder holds that nothing is done with, but for what stands beside a file."""
    kinds = [os.path.splitext(os.path.basename(path))[1].lower() for path in others]
    kinds = [kind or "no ending" for kind in kinds if kind != ".c2pa"]
    if kinds:
        which = ", ".join(sorted(set(kinds))[:_KINDS_NAMED])
        say(f"{folder}: {len(kinds)} files of other kinds are left out ({which})")
