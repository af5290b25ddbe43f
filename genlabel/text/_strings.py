"""Labels in texts that are strings: for pipelines that never touch a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal, TypeAlias

from genlabel._errors import UnsupportedError
from genlabel._wording import check_wording
from genlabel.text import _cues, _html, _lines
from genlabel.text._label import Notice, Place, Trace, check_places

#: Kinds of text.
Kind: TypeAlias = Literal["txt", "md", "html", "srt", "vtt"]

_INSERT: dict[str, Callable[[str, Notice, str], str]] = {
    "txt": _lines.insert_plain,
    "md": _lines.insert_markdown,
    "html": _html.insert_html,
    "srt": _cues.insert_srt,
    "vtt": _cues.insert_vtt,
}
_FIND: dict[str, Callable[[str], Iterator[Trace]]] = {
    "txt": _lines.find_lines,
    "md": partial(_lines.find_lines, markdown=True),
    "html": _html.find_html,
    "srt": _cues.find_cues,
    "vtt": _cues.find_cues,
}


def insert(
    text: str, kind: Kind, words: str, *, language: str = "", at: tuple[Place, ...] = ("start",)
) -> str:
    """Put a label that people read into a text; twice is once.

    Parameters
    ----------
    text : str
        The text.
    kind : {"txt", "md", "html", "srt", "vtt"}
        What it is.
    words : str
        The label, one line.
    language : str
        Its language tag, which HTML says to those who listen.
    at : tuple of {"start", "middle", "end"}
        Where it goes.

    Returns
    -------
    str
        The text with the label in it, all else unchanged.

    Raises
    ------
    UnsupportedError
        There is no such kind or place, or the text has no middle.
    LabelError
        `words` is empty or more than one line.

    Examples
    --------
    >>> insert("<p>Once upon a time.</p>", "html", "AI-generated", language="en")
    '<p role="note" data-genlabel="notice" lang="en">AI-generated</p><p>Once upon a time.</p>'
    """
    check_wording(words, ())
    check_places(at)
    return insert_notice(text, kind, Notice(((language, words),), at))


def find(text: str, kind: Kind) -> list[Trace]:
    """Find labels that people read in a text.

    Parameters
    ----------
    text : str
        The text.
    kind : {"txt", "md", "html", "srt", "vtt"}
        What it is.

    Returns
    -------
    list of Trace
        Markup of ours, and lines, paragraphs and cues that are nothing but a known label. Mentions
        in a sentence, headings and links are none.

    Raises
    ------
    UnsupportedError
        There is no such kind.
    """
    return find_kind(text, kind)


def find_kind(text: str, kind: str) -> list[Trace]:
    """Find labels in a text; as `find`."""
    return list(_FIND[_checked(kind)](text))


def insert_notice(text: str, kind: str, notice: Notice) -> str:
    """Put a label into a text, its words settled."""
    newline = re.search("\r\n|\n|\r", text)
    return _INSERT[_checked(kind)](text, notice, newline[0] if newline else "\n")


def _checked(kind: str) -> str:
    if kind not in _INSERT:
        raise UnsupportedError(f"kind is one of {', '.join(_INSERT)}, not {kind!r}")
    return kind
