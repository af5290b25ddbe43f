"""Which kind of document a file is: packages by content, bare text by its name as well.

Plain text and Markdown have no signature: what could as well be a program or a table is left alone
unless its name says otherwise.
"""

from __future__ import annotations

import os
import re

from genlabel._errors import GenlabelError
from genlabel.labels.containers import coding
from genlabel.labels.containers.contents import Contents, Edits, Unreadable
from genlabel.labels.containers.documents import (
    epub,
    html,
    markdown,
    ooxml,
    opendocument,
    pdf,
    subtitles,
)
from genlabel.labels.containers.documents.types import EPUB, ODF, OOXML, SUFFIXES
from genlabel.labels.containers.documents.zip_parts import Package, open_package

_MIMETYPE = "mimetype"
_MAX_MIMETYPE_BYTES = 128
_HEAD_BYTES = 4096
_CUE = re.compile(r"\s*\d{1,9}[ \t]*(?:\r\n|\n|\r)\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")


def sniff_document(data: bytes, name: str) -> str | None:
    """Recognise a document.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Its name, which decides where the content is bare text.

    Returns
    -------
    str or None
        A key of `genlabel.labels.containers.MEDIA_TYPES`; None for anything else.
    """
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\3\4"):
        return _package_kind(data)
    suffix = os.path.splitext(name)[1].lower()
    if suffix:
        return SUFFIXES.get(suffix)
    head = coding.head(data[:_HEAD_BYTES])
    if subtitles.SIGNATURE.match(head):
        return "vtt"
    if _CUE.match(head):
        return "srt"
    if html.is_html(head):
        return "html"
    return "md" if markdown.has_front_matter(head) else None


def read_bare(data: bytes, *, name: str) -> Contents:
    """Read what has no place for metadata: plain text and SubRip.

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
    coding.decode(data, name=name)
    return Contents(carrier=False)


def write_bare(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Give a text without metadata as it is.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The file, and no warnings: its contents say that there is no carrier.
    """
    return data, ()


READERS = {
    "txt": read_bare,
    "srt": read_bare,
    "md": markdown.read,
    "html": html.read,
    "vtt": subtitles.read,
    "epub": epub.FORM.read,
    "pdf": pdf.read,
    **dict.fromkeys(OOXML, ooxml.FORM.read),
    **dict.fromkeys(ODF, opendocument.FORM.read),
}
WRITERS = {
    "txt": write_bare,
    "srt": write_bare,
    "md": markdown.write,
    "html": html.write,
    "vtt": subtitles.write,
    "epub": epub.FORM.write,
    "pdf": pdf.write,
    **dict.fromkeys(OOXML, ooxml.FORM.write),
    **dict.fromkeys(ODF, opendocument.FORM.write),
}


def _package_kind(data: bytes) -> str | None:
    try:
        package = open_package(data, name="")
        named = package.find(_MIMETYPE)
        if named is None:
            return _ooxml_kind(package)
        text = package.content(named, _MAX_MIMETYPE_BYTES).decode("latin-1").strip()
    except (GenlabelError, Unreadable):
        return None
    kinds = {media_type: kind for kind, media_type in ODF.items()} | {EPUB: "epub"}
    return kinds.get(text)


def _ooxml_kind(package: Package) -> str | None:
    part = package.find(ooxml.TYPES_PART)
    if part is None:
        return None
    xml = package.content(part)
    for kind, content_type in OOXML.items():
        if f'"{content_type}.main+xml"'.encode() in xml:
            return kind
    return None
