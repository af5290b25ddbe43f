"""How results are printed: text for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any


class Results:
    """Prints each result as it comes, so that a long run shows and holds no more than one.

    Parameters
    ----------
    args : Namespace
        Parsed with `genlabel_cli._options.add_results` and `add_inputs`.
    to_stderr : bool
        The standard output carries a file.
    """

    def __init__(self, args: Namespace, *, to_stderr: bool = False) -> None:
        self._stream = sys.stderr if to_stderr else sys.stdout
        self._json: bool = args.json or args.jsonl
        # What was asked decides the shape, never how many files a folder happens to hold.
        many = len(args.inputs) != 1 or args.recursive or args.files_from is not None
        self._list: bool = args.json and many
        self._indent = 2 if args.json else None
        self._count = 0

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        if kind is None and self._list:
            self._stream.write("\n]\n" if self._count else "[]\n")

    def add(self, record: Mapping[str, Any], text: Callable[[], str]) -> None:
        """Print one result.

        Parameters
        ----------
        record : mapping
            Plain JSON types.
        text : callable
            Makes the same for people; called only where it is printed.
        """
        if self._list:
            self._stream.write(",\n" if self._count else "[\n")
            self._stream.write(self._dump(record))
        elif self._json:
            self._stream.write(self._dump(record) + "\n")
        else:
            self._stream.write(("\n" if self._count else "") + text() + "\n")
        self._stream.flush()
        self._count += 1

    @property
    def for_people(self) -> bool:
        """Whether text is printed."""
        return not self._json

    def _dump(self, record: Mapping[str, Any]) -> str:
        # Escapes keep the JSON valid where the terminal's encoding cannot hold the characters.
        unicode = (self._stream.encoding or "").lower().replace("-", "") == "utf8"
        return json.dumps(record, ensure_ascii=not unicode, indent=self._indent, allow_nan=False)
