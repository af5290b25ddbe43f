"""HTML: ``meta`` elements in the head, found and written as text.

References
----------
HTML Living Standard, 4.2.5 (meta), 4.2.5.4 (the encoding declaration stands in the first 1024
bytes), 13.2.5 (tokenization).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from genlabel.labels.containers import coding, spans
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.spans import Span

#: Documents are looked through up to here.
MAX_CHARACTERS = 4 << 20
_MAX_TAG_CHARACTERS = 1 << 18
_DECLARATION_BYTES = 1024
_TAG = re.compile(
    r"""<(?P<slash>/?)(?P<name>[A-Za-z][^\s/>]*)"""
    r"""(?P<attributes>(?:=\s*+"[^"]*+"|=\s*+'[^']*+'|[^>])*+)>"""
)
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*("[^"]*+"|'[^']*+'|[^\s>"']+))?""")
_RAW = frozenset(
    ("script", "style", "title", "textarea", "noscript", "template", "xmp", "iframe")
    + ("noembed", "noframes", "plaintext")
)
# The body begins with whatever a head does not hold (13.2.6.4.4), tag or no tag.
_HEAD = frozenset(
    ("html", "head", "base", "basefont", "bgsound", "link", "meta", "title")
    + ("script", "style", "noscript", "template", "noframes")
)
# Also "<!-->" is a comment, and "--!>" the end of one (13.2.5.43 to 13.2.5.52).
_COMMENT_END = re.compile("--!?>")
_CHARSET = re.compile(rb"""<meta[^>]{0,256}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.I)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]{0,128}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})""")
# Atomic: a comment that is none may not be tried at every other end of a comment.
_PROLOGUE = r"(?:\s*+(?:<\?[^>]*+>|(?><!--.*?-->)))*+\s*+"
_START = re.compile(_PROLOGUE + r"(?:<!doctype\s+html\b|<html[\s>])", re.I | re.S)
_DOCTYPE = re.compile(_PROLOGUE + "<!doctype[^>]*>", re.I | re.S)
# What browsers read under these names (Encoding Standard, 4.2).
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "latin-1", "ascii": "latin-1"}
_PLACE = "HTML meta"


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag.

    Parameters
    ----------
    name : str
        In lower case.
    closing : bool
        Whether it is an end tag.
    start, end : int
        Where it stands.
    attributes : dict
        Names in lower case, and their values unescaped.
    """

    name: str
    closing: bool
    start: int
    end: int
    attributes: dict[str, str]


def is_html(head: str) -> bool:
    """Tell whether a text begins as an HTML document does.

    Parameters
    ----------
    head : str
        Its beginning.
    """
    return _START.match(head) is not None


def decode(data: bytes, *, name: str) -> coding.Coded:
    """Decode a document by its byte order mark or its own declaration.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is not text.
    """
    head = data[:_DECLARATION_BYTES]
    match = _CHARSET.search(head) or _XML_ENCODING.search(head)
    declared = None if match is None else match[1].decode().lower()
    # What declares itself as UTF-16 in letters of one byte each is none.
    if declared is not None and declared.startswith("utf-16"):
        declared = None
    return coding.decode(data, name=name, declared=_ALIASES.get(declared or "", declared))


def encode(coded: coding.Coded, text: str, *, name: str) -> bytes:
    """Store a document again, with character references for what its encoding lacks.

    Parameters
    ----------
    coded : Coded
        As `decode` gave it.
    text : str
        The new document.
    name : str
        For messages.
    """
    try:
        plain = text.encode(coded.encoding, "xmlcharrefreplace").decode(coded.encoding)
    except UnicodeError:
        plain = text
    return coded.encode(plain, name=name)


def tags(text: str, end: int | None = None) -> Iterator[Tag]:
    """Walk a document's tags; comments and the content of raw text elements are passed over.

    Parameters
    ----------
    text : str
        The document.
    end : int or None
        Where to stop.
    """
    at, end = 0, len(text) if end is None else min(end, len(text))
    while (at := text.find("<", at, end)) >= 0:
        if text.startswith("<!--", at):
            ended = _COMMENT_END.search(text, at + 2)
            at = -1 if ended is None else ended.end()
        elif text[at + 1 : at + 2] in ("!", "?"):
            at = _behind(text, ">", at)
        elif (match := _TAG.match(text, at)) is not None:
            tag = _tag(match)
            yield tag
            at = tag.end
            if tag.name in _RAW and not tag.closing and not match[0].endswith("/>"):
                closed = re.compile(f"</{tag.name}(?=[\\s/>])", re.I).search(text, at)
                at = -1 if closed is None else closed.start()
        elif text[at + 1 : at + 2].isalpha() or text.startswith("</", at):
            # A tag without end takes the rest with it.
            return
        else:
            at += 1
        if at < 0:
            return


def read(data: bytes, *, name: str) -> Contents:
    """Find the named ``meta`` elements.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is not text.
    """
    return spans.contents(_metas(decode(data, name=name).text)[0], _PLACE)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put ``meta`` elements into the head, behind the one that declares the encoding.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.
    """
    coded = decode(data, name=name)
    found, at = _metas(coded.text)
    text = spans.edited(coded.text, found, edits, at, _meta)
    return encode(coded, text, name=name), ()


def _metas(text: str) -> tuple[list[Span], int]:
    """Give the named elements, and where a new one goes."""
    found, at = [], _behind_prologue(text)
    declared = body = False
    for tag in tags(text, MAX_CHARACTERS):
        if tag.name not in _HEAD or (tag.name == "head" and tag.closing):
            body = True
        elif tag.closing:
            continue
        elif tag.name == "meta":
            named = tag.attributes.get("name")
            if named is not None:
                # Those in the body too: who asks a page for them by name gets them all.
                span = Span(named, tag.attributes.get("content", ""), tag.start, tag.end)
                found.append(span)
            elif not body and ("charset" in tag.attributes or "http-equiv" in tag.attributes):
                at, declared = tag.end, True
        elif tag.name in ("html", "head") and not body and not declared:
            at = tag.end
    return found, at


def _behind_prologue(text: str) -> int:
    match = _DOCTYPE.match(text, 0, MAX_CHARACTERS)
    return 0 if match is None else match.end()


def _meta(name: str, value: str) -> str:
    return f'<meta name="{escape(name)}" content="{escape(value)}" />'


def _tag(match: re.Match[str]) -> Tag:
    raw = match["attributes"]
    found: dict[str, str] = {}
    if len(raw) <= _MAX_TAG_CHARACTERS:
        for one in _ATTRIBUTE.finditer(raw):
            value = one[2] or ""
            if value[:1] in ("'", '"'):
                value = value[1:-1]
            found.setdefault(one[1].lower(), unescape(value))
    return Tag(match["name"].lower(), bool(match["slash"]), match.start(), match.end(), found)


def _behind(text: str, what: str, at: int) -> int:
    end = text.find(what, at)
    return -1 if end < 0 else end + len(what)
