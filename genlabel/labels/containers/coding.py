"""Text in bytes: which encoding, and the same bytes again where nothing changed.

References
----------
RFC 3629 (UTF-8), RFC 2781 (UTF-16 and its byte order mark), GB 18030-2022.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from genlabel._errors import MediaError, UnsupportedError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# No text holds these; ESC, tab, line and page feeds are met with.
_CONTROLS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")
_PAIRS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON_PAIRS = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
# Chinese writes nearly all its characters in the part of the table that GB 2312 had already;
# letters with accents are followed by plain ones.
_COMMON_SHARE = 0.9
_NAMES = {"latin-1": "ISO 8859-1", "gb18030": "GB 18030"}


@dataclass(frozen=True, slots=True)
class Coded:
    """A text and how it is stored.

    Parameters
    ----------
    text : str
        Without byte order mark; line endings as they are.
    encoding : str
        Python's name of the codec.
    mark : bytes
        The byte order mark, or nothing.
    """

    text: str
    encoding: str
    mark: bytes = b""

    @property
    def newline(self) -> str:
        """The line ending it uses first; a line feed where it has none."""
        found = re.search("\r\n|\n|\r", self.text)
        return "\n" if found is None else found.group()

    def encode(self, text: str, *, name: str) -> bytes:
        """Store another text in the same way.

        Parameters
        ----------
        text : str
            The text.
        name : str
            For messages.

        Raises
        ------
        UnsupportedError
            The encoding lacks a character.
        """
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            lacking = text[error.start : error.start + 20]
            shown = _NAMES.get(self.encoding, self.encoding)
            raise UnsupportedError(
                f"is stored as {shown}, which cannot hold {lacking!r}; convert it to UTF-8 first",
                path=name,
            ) from None


def decode(data: bytes, *, name: str, declared: str | None = None) -> Coded:
    """Decode a text so that encoding it gives the same bytes.

    A byte order mark decides, then what the text declares, then UTF-8 where it is valid, then GB
    18030 where nearly all its pairs of bytes lie in the common part, then ISO 8859-1.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.
    declared : str or None
        The encoding it names itself.

    Raises
    ------
    MediaError
        It holds control characters, or is not what its byte order mark says.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            found = _decoded(body, encoding)
            if found is None:
                raise MediaError(f"is damaged: its text is not valid {encoding}", path=name)
            return _checked(Coded(found, encoding, mark), name)
    for encoding in filter(None, (declared, "utf-8", _guess(data))):
        found = _decoded(data, encoding)
        if found is not None:
            return _checked(Coded(found, encoding), name)
    return _checked(Coded(data.decode("latin-1"), "latin-1"), name)


def head(data: bytes) -> str:
    """Give a beginning of a file as text, only to recognise it by.

    Parameters
    ----------
    data : bytes
        Its first bytes.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode("latin-1")


def _guess(data: bytes) -> str | None:
    pairs = sum(1 for _ in _PAIRS.finditer(data))
    common = sum(1 for _ in _COMMON_PAIRS.finditer(data))
    return "gb18030" if pairs and common >= _COMMON_SHARE * pairs else None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        codec = codecs.lookup(encoding)
        text, _ = codec.decode(data)
        again, _ = codec.encode(text)
    except (LookupError, ValueError, TypeError, AttributeError):
        return None
    return text if isinstance(text, str) and again == data else None


def _checked(coded: Coded, name: str) -> Coded:
    if _CONTROLS.search(coded.text):
        raise MediaError("is not text: it holds control characters", path=name)
    return coded
