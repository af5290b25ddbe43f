"""Kinds of documents, their MIME types, and the names that tell bare texts apart.

References
----------
RFC 7763 (text/markdown), W3C WebVTT (text/vtt), ISO/IEC 29500-1, ODF 1.3, EPUB 3.3, RFC 8118 (PDF).
"""

from __future__ import annotations

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
#: Office Open XML by kind, and the content type of its main part less ``.main+xml``.
OOXML = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "dotx": f"{_OFFICE}wordprocessingml.template",
    "docm": "application/vnd.ms-word.document.macroEnabled",
    "dotm": "application/vnd.ms-word.template.macroEnabledTemplate",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "xltx": f"{_OFFICE}spreadsheetml.template",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled",
    "xltm": "application/vnd.ms-excel.template.macroEnabled",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "potx": f"{_OFFICE}presentationml.template",
    "ppsx": f"{_OFFICE}presentationml.slideshow",
    "pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled",
    "potm": "application/vnd.ms-powerpoint.template.macroEnabled",
    "ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled",
}
#: OpenDocument by kind, and its MIME type.
ODF = {
    "odt": f"{_ODF}text",
    "ott": f"{_ODF}text-template",
    "ods": f"{_ODF}spreadsheet",
    "ots": f"{_ODF}spreadsheet-template",
    "odp": f"{_ODF}presentation",
    "otp": f"{_ODF}presentation-template",
    "odg": f"{_ODF}graphics",
    "otg": f"{_ODF}graphics-template",
}
EPUB = "application/epub+zip"
PDF = "application/pdf"
#: All kinds of documents, and their MIME types.
DOCUMENT_TYPES = {
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    **{
        kind: content_type.replace("macroEnabledTemplate", "macroEnabled")
        + (".12" if "macroEnabled" in content_type else "")
        for kind, content_type in OOXML.items()
    },
    **ODF,
    "epub": EPUB,
    "pdf": PDF,
}
#: Names that say what a bare text is.
SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".srt": "srt",
    ".vtt": "vtt",
}


def is_document(media_type: str) -> bool:
    """Tell whether a file is a text or a document.

    Parameters
    ----------
    media_type : str
        Its MIME type.
    """
    return media_type in _TYPES


_TYPES = frozenset(DOCUMENT_TYPES.values())
