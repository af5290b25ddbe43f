"""Labels that people read in files: which kinds can hold one, and how each is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from genlabel._errors import MediaError, UnsupportedError
from genlabel._report import Layer
from genlabel.labels.containers import coding
from genlabel.labels.containers.documents import html
from genlabel.labels.containers.documents.types import DOCUMENT_TYPES
from genlabel.text import _epub, _opendocument, _pdf, _slides, _strings, _word
from genlabel.text._label import Notice, Trace

_KINDS = {media_type: kind for kind, media_type in DOCUMENT_TYPES.items()}
_BARE = ("txt", "md", "html", "srt", "vtt")
_WORD = ("docx", "dotx", "docm", "dotm")
_SLIDES = ("pptx", "potx", "ppsx", "pptm", "potm", "ppsm")
_ODT = ("odt", "ott")
_PDF, _EPUB = "pdf", "epub"
_INSERT: dict[str, Callable[..., bytes]] = {
    **dict.fromkeys(_WORD, _word.insert_docx),
    **dict.fromkeys(_SLIDES, _slides.insert_pptx),
    **dict.fromkeys(_ODT, _opendocument.insert_odt),
    _EPUB: _epub.insert_epub,
    _PDF: _pdf.insert_pdf,
}
_FIND: dict[str, Callable[..., Iterable[Trace]]] = {
    **dict.fromkeys(_WORD, _word.find_docx),
    **dict.fromkeys(_SLIDES, _slides.find_pptx),
    **dict.fromkeys(_ODT, _opendocument.find_odt),
    _EPUB: _epub.find_epub,
    _PDF: _pdf.find_pdf,
}
_MAX_LISTED = 16


def holds_label(media_type: str) -> bool:
    """Tell whether a label that people read can be put into files of a type."""
    return _KINDS.get(media_type) in (*_BARE, *_INSERT)


def insert_notice(data: bytes, media_type: str, notice: Notice, *, name: str) -> bytes:
    """Put a label into a file; twice is once.

    Raises
    ------
    MediaError
        The file is damaged.
    UnsupportedError
        Files of this type cannot hold one, its encoding lacks a character of the label, or it is
        signed.
    """
    kind = _KINDS.get(media_type, "")
    if kind in _INSERT:
        return _INSERT[kind](data, notice, name=name)
    if kind not in _BARE:
        raise UnsupportedError(f"this version puts no label into {media_type}", path=name)
    coded = _decoded(data, kind, name)
    try:
        text = _strings.insert_notice(coded.text, kind, notice)
    except UnsupportedError as error:
        error.path = name
        raise
    if kind == "html":
        return html.encode(coded, text, name=name)
    return coded.encode(text, name=name)


def has_notice(data: bytes, media_type: str, notice: Notice, *, name: str) -> bool:
    """Tell whether a file holds a label where it is wanted: putting it in changes nothing then."""
    if _KINDS.get(media_type) == _PDF:
        # A signature may have come since, behind which nothing is put.
        return any(trace.text == notice.text for trace in _pdf.find_pdf(data, name=name))
    return insert_notice(data, media_type, notice, name=name) == data


def places_of(data: bytes, media_type: str, notice: Notice, *, name: str) -> list[str]:
    """Name the places where a file holds a label's words, for people."""
    traces = _traces(data, _KINDS.get(media_type, ""), name)
    words = {notice.text, *(text for _, text in notice.parts)}
    return [trace.place for trace in traces if trace.text in words][:_MAX_LISTED]


def find_notices(data: bytes, media_type: str, *, name: str) -> Layer:
    """Look for labels that people read, whoever put them there.

    Returns
    -------
    Layer
        ``present`` with their number, words and places, or ``absent``; ``searched`` is false where
        this version does not look.

    Raises
    ------
    MediaError
        The file is damaged.
    """
    kind = _KINDS.get(media_type, "")
    if kind not in _FIND and kind not in _BARE:
        return Layer("absent", {"searched": False})
    try:
        traces = list(_traces(data, kind, name))
    except MediaError as error:
        if kind != _PDF:
            raise
        # Its label may have been read all the same.
        return Layer("absent", {"searched": False}, (f"the pages: {error.reason}",))
    if not traces:
        return Layer("absent", {"searched": True})
    first = traces[0]
    return Layer(
        "present",
        {
            "labels": len(traces),
            "text": first.text,
            "place": first.place,
            "places": [trace.place for trace in traces[:_MAX_LISTED]],
            "own": any(trace.own for trace in traces),
        },
    )


def _traces(data: bytes, kind: str, name: str) -> Iterable[Trace]:
    if kind in _FIND:
        return _FIND[kind](data, name=name)
    return _strings.find_kind(_decoded(data, kind, name).text, kind)


def _decoded(data: bytes, kind: str, name: str) -> coding.Coded:
    return html.decode(data, name=name) if kind == "html" else coding.decode(data, name=name)
