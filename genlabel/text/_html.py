"""HTML: a label is a paragraph with the role of a note, and the language of its words.

References
----------
HTML Living Standard, 4.4.1 (p) and 3.2.6.6 (data-*); WAI-ARIA 1.2, note; GB 45438-2025, 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from genlabel._errors import UnsupportedError
from genlabel._wording import SEPARATOR
from genlabel.labels.containers.documents.html import Tag, tags
from genlabel.text._known import is_known
from genlabel.text._label import Notice, Place, Trace

_MAX_CHARACTERS = 2000
_OWN = re.compile(r'<p role="note" data-genlabel="notice"[^>]{0,80}>(.{0,800}?)</p>', re.S)
# Elements whose text may be a label when it is nothing else.
_BEARERS = frozenset(
    ("aside", "b", "blockquote", "body", "div", "em", "figcaption", "footer")
    + ("mark", "p", "section", "small", "span", "strong")
)


def insert_html(text: str, notice: Notice, newline: str) -> str:
    """Put a label into a document, in place of one that genlabel has put there.

    Parameters
    ----------
    text : str
        The document.
    notice : Notice
        The label.
    newline : str
        Not used: the label stands between two tags.
    """
    text = _OWN.sub("", text)
    found = list(tags(text))
    cuts = sorted({_cut(text, found, place) for place in notice.at}, reverse=True)
    for cut in cuts:
        text = text[:cut] + _element(notice) + text[cut:]
    return text


def find_html(text: str) -> Iterator[Trace]:
    """Find labels of ours, and texts between two tags that are nothing but a known label.

    Parameters
    ----------
    text : str
        The document.
    """
    for match in _OWN.finditer(text):
        yield Trace(_words(match[1]), f"character {match.start()}", own=True)
    bearer, at = "", 0
    for tag in tags(text):
        if bearer in _BEARERS and tag.start - at < _MAX_CHARACTERS:
            words = _words(text[at : tag.start])
            if words and is_known(words):
                yield Trace(words, f"character {at}", own=False)
        own = tag.attributes.get("data-genlabel") == "notice"
        bearer, at = ("" if tag.closing or own else tag.name), tag.end


def _element(notice: Notice) -> str:
    if len(notice.parts) == 1:
        tag, words = notice.parts[0]
        language = f' lang="{escape(tag)}"' if tag else ""
        return f'<p role="note" data-genlabel="notice"{language}>{escape(words, quote=False)}</p>'
    spans = SEPARATOR.join(
        f'<span lang="{escape(tag)}">{escape(words, quote=False)}</span>'
        for tag, words in notice.parts
    )
    return f'<p role="note" data-genlabel="notice">{spans}</p>'


def _cut(text: str, found: list[Tag], place: Place) -> int:
    opened = [tag.end for tag in found if tag.name == "body" and not tag.closing]
    closed = [tag.start for tag in found if tag.name == "body" and tag.closing]
    if place == "start":
        return opened[0] if opened else _behind_head(found)
    if place == "end":
        ends = [tag.start for tag in found if tag.name == "html" and tag.closing]
        return (closed or ends or [len(text)])[-1]
    begin = opened[0] if opened else 0
    between = [tag.start for tag in found if tag.name == "p" and not tag.closing][1:]
    if not between:
        raise UnsupportedError("has no place between two paragraphs for a label in its middle")
    middle = begin + (len(text) - begin) // 2
    return min(between, key=lambda cut: abs(cut - middle))


def _behind_head(found: list[Tag]) -> int:
    """Give where the content begins of a document that does not say so."""
    cut = 0
    for tag in found:
        if tag.name in ("html", "head", "title", "meta", "link", "style", "script", "base"):
            cut = tag.end
        else:
            break
    return cut


def _words(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", markup)).split())
