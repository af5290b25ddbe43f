"""Plain text and Markdown: a label is a line of its own, apart from the rest by blank lines.

References
----------
GB 45438-2025, 5.1; CommonMark 0.31, 4.5 (fenced code) and 5.1 (block quotes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from genlabel._errors import UnsupportedError
from genlabel.labels.containers.documents.markdown import end_of_front_matter
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Place, Trace

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# A blank line before these may stand inside a list, a quotation or a table.
_INSIDE = re.compile(r"[ \t>|]|[-+*][ \t]|\d{1,9}[.)]")
_MARKDOWN_SPECIALS = re.compile(r"([\\`*_\[\]<>&#~|$])")


def insert_plain(text: str, notice: Notice, newline: str) -> str:
    """Put a label into plain text.

    Parameters
    ----------
    text : str
        The text.
    notice : Notice
        The label.
    newline : str
        The text's line ending.
    """
    return _insert(text, notice.text, notice.at, newline, begin=0, markdown=False)


def insert_markdown(text: str, notice: Notice, newline: str) -> str:
    """Put a label into Markdown, as a quotation behind the front matter.

    Parameters
    ----------
    text : str
        The text.
    notice : Notice
        The label.
    newline : str
        The text's line ending.
    """
    line = "> " + _MARKDOWN_SPECIALS.sub(r"\\\1", notice.text)
    begin = end_of_front_matter(text)
    return _insert(text, line, notice.at, newline, begin=begin, markdown=True)


def find_lines(text: str, *, markdown: bool = False) -> Iterator[Trace]:
    """Find lines that are nothing but a known label.

    Parameters
    ----------
    text : str
        The text.
    markdown : bool
        Whether fenced code and headings are none, and escapes are undone.
    """
    for number, (line, _, fenced) in enumerate(_lines(text, markdown=markdown), 1):
        words = line.strip()
        if markdown:
            if fenced or words.startswith("#"):
                continue
            words = re.sub(r"\\([^\w\s])", r"\1", words)
        if words and is_known(words):
            yield Trace(words.lstrip("> "), f"line {number}", own=False)


def _insert(
    text: str, line: str, at: tuple[Place, ...], newline: str, *, begin: int, markdown: bool
) -> str:
    for place in at:
        body = text[begin:]
        rows = body.strip("\r\n \t").replace("\r", "\n").split("\n")
        if place == "start" and rows[0] != line:
            lead = newline if begin and text[begin - 1 : begin] not in "\r\n" else ""
            gap = newline if begin else ""
            chunk = f"{lead}{gap}{line}{newline}{'' if begin else newline}"
            text = text[:begin] + chunk + text[begin:]
        elif place == "end" and rows[-1] != line:
            ended = text.endswith(("\n", "\r")) or not text
            text += f"{newline}{line}{newline}" if ended else f"{newline * 2}{line}"
        elif place == "middle" and line not in rows[1:-1]:
            cut = _middle(text, begin, markdown=markdown)
            text = f"{text[:cut]}{line}{newline * 2}{text[cut:]}"
    return text


def _middle(text: str, begin: int, *, markdown: bool) -> int:
    """Give the beginning of the paragraph that is nearest to the middle."""
    found, blank, position = [], False, 0
    for line, end, fenced in _lines(text, markdown=markdown):
        inside = fenced or (markdown and _INSIDE.match(line))
        if blank and line.strip() and position > begin and not inside:
            found.append(position)
        blank, position = not line.strip(), end
    if not found:
        raise UnsupportedError("has no place between two paragraphs for a label in its middle")
    middle = begin + (len(text) - begin) // 2
    return min(found, key=lambda cut: abs(cut - middle))


def _lines(text: str, *, markdown: bool) -> Iterator[tuple[str, int, bool]]:
    """Give every line, where it ends with its ending, and whether it is fenced code."""
    fence = ""
    for match in _LINE.finditer(text):
        line = match[0].rstrip("\r\n")
        mark = _FENCE.match(line) if markdown else None
        yield line, match.end(), bool(fence)
        if mark is not None and not fence:
            fence = mark[1]
        elif mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        if match.end() == len(text):
            return
