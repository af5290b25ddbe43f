"""The terminal: one-line messages on stderr, a progress line, colours where they are wanted."""

from __future__ import annotations

import os
import sys
import time
from typing import IO, Any

from genlabel import GenlabelError
from genlabel_cli._flags import in_flags

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_CLEAR_LINE = "\r\x1b[K"
_PERIOD_SECONDS = 0.2


def make_streams_safe() -> None:
    """Let names that are no valid text, and any character, reach streams of any encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def one_line(text: str) -> str:
    """Escape what would break a line or drive a terminal: file names come from anywhere."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def say(message: str) -> None:
    """Write one line to stderr, in front of which the program names itself."""
    if sys.stderr.isatty():
        sys.stderr.write(_CLEAR_LINE)
    sys.stderr.write(f"genlabel: {one_line(message)}\n")
    sys.stderr.flush()


def complain(error: GenlabelError | OSError, name: str | None = None) -> None:
    """Report an error as ``genlabel: <file>: <reason>``.

    Parameters
    ----------
    error : GenlabelError or OSError
        What went wrong.
    name : str or None
        The file being processed; printed where the error names none itself.
    """
    if isinstance(error, GenlabelError):
        error.reason = in_flags(error.reason)
        path, reason = error.path, str(error)
    else:
        path, reason = error.filename, error.strerror or str(error) or type(error).__name__
        if path is not None:
            reason = f"{os.fsdecode(path) if not isinstance(path, int) else path}: {reason}"
    say(reason if path is not None or name is None else f"{name}: {reason}")


def paint(text: str, style: str, stream: IO[str] | None = None) -> str:
    """Colour a text if the stream is a terminal and nobody asked for none (no-color.org)."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


class Progress:
    """A line on stderr that says which of many files is being processed; silent off a terminal.

    Parameters
    ----------
    total : int
        Number of files.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._written = False
        self._line = ""
        self._told = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        self.clear()

    def show(self, number: int, name: str) -> None:
        """Show that file `number`, counted from 1, is being processed."""
        self._line = f"[{number}/{self._total}] {one_line(name)}"
        if self._total > 1:
            self._write(self._line)

    def share(self, done: float) -> None:
        """Show how much of the file is done, from 0 to 1, a few times a second at most."""
        now = time.monotonic()
        if now - self._told > _PERIOD_SECONDS:
            self._told = now
            self._write(f"{done:4.0%} {self._line}")

    def clear(self) -> None:
        """Take the line away, before anything else is printed."""
        self._write("")

    def _write(self, line: str) -> None:
        if self._terminal and (line or self._written):
            self._written = bool(line)
            # A terminal that knows no size says 0.
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            sys.stderr.write(f"{_CLEAR_LINE}{line[: max(width - 1, 1)]}")
            sys.stderr.flush()
