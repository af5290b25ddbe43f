"""XML parts of documents: where elements stand in their bytes, so that they can be edited as text.

References
----------
W3C XML 1.0 (Fifth Edition), 2.8 (document type declaration).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from genlabel.labels.containers.contents import Unreadable

MAX_DEPTH = 512
#: A book of a thousand pages has about this many.
MAX_ELEMENTS = 4_000_000
_TAG = re.compile(rb"""<[^\s/>]+(?:[^"'>]|"[^"]*+"|'[^']*+')*+>""")
_IN_CONTENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_CONTENT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
_BOTH_BYTES_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")


@dataclass(slots=True)
class Element:
    """One element; positions count bytes of the part.

    Parameters
    ----------
    uri, name : str
        Namespace and local name.
    attributes : dict
        Local names, and values unescaped; of two with one local name the last.
    depth : int
        1 is the root.
    start, opened : int
        Where the start tag begins, and where it has ended.
    closing, end : int
        Where the end tag begins, and where it has ended; both `opened` where there is only one tag.
    text : str
        Its own, without that of elements inside.
    """

    uri: str
    name: str
    attributes: dict[str, str]
    depth: int
    start: int
    opened: int
    closing: int = 0
    end: int = 0
    text: str = ""
    parts: list[str] = field(default_factory=list, repr=False)

    @property
    def empty(self) -> bool:
        """Whether it is an empty-element tag."""
        return self.closing == self.end


def elements(xml: bytes, *, depth: int, where: str) -> list[Element]:
    """List the elements of a part, down to a depth, in the order of their start tags.

    Parameters
    ----------
    xml : bytes
        The part, in UTF-8.
    depth : int
        Deeper ones are walked and left out.
    where : str
        The part's name, for messages.

    Returns
    -------
    list of Element
        The root first.

    Raises
    ------
    Unreadable
        It is not well-formed, not in UTF-8, may declare entities, or is too deep or too large.
    """
    encoding = _ENCODING.match(xml.removeprefix(b"\xef\xbb\xbf"))
    named = b"utf-8" if encoding is None else encoding[1].lower()
    if xml.startswith(_BOTH_BYTES_MARKS) or named not in (b"utf-8", b"us-ascii"):
        raise Unreadable(f"{where}: it is not in UTF-8")
    walker = _Walker(xml, depth, where)
    try:
        walker.parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise Unreadable(f"{where}: not well-formed: {expat.ErrorString(error.code)}") from None
    return walker.found


def attribute(text: str) -> str:
    """Escape a text for an attribute in double quotes.

    Parameters
    ----------
    text : str
        Any text XML allows.
    """
    return text.translate(_IN_ATTRIBUTE)


def content(text: str) -> str:
    """Escape a text for an element.

    Parameters
    ----------
    text : str
        Any text XML allows.
    """
    return text.translate(_IN_CONTENT)


def opened(xml: bytes, element: Element) -> bytes:
    """Write an empty-element tag as a start tag and an end tag.

    Parameters
    ----------
    xml : bytes
        The part.
    element : Element
        One of its elements; any other than an empty one is left as it is.
    """
    if not element.empty:
        return xml
    start = xml[: element.opened].rstrip(b">").rstrip(b"/").rstrip()
    return start + f"></{tag_name(xml, element)}>".encode() + xml[element.end :]


def tag_name(xml: bytes, element: Element) -> str:
    """Give an element's qualified name as it is written.

    Parameters
    ----------
    xml : bytes
        The part.
    element : Element
        One of its elements.
    """
    match = re.compile(rb"<([^\s/>]+)").match(xml, element.start)
    assert match is not None
    return match[1].decode()


class _Walker:
    """Expat's handlers, and what they have seen."""

    def __init__(self, xml: bytes, depth: int, where: str) -> None:
        self.found: list[Element] = []
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        self._xml, self._limit, self._where = xml, depth, where
        self._open: list[Element] = []
        self._depth = self._count = 0
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _doctype(self, _name: str, _system: object, _public: object, has_subset: int) -> None:
        # Entities could expand to anything; a name of a type alone is never looked up.
        if has_subset:
            raise Unreadable(f"{self._where}: it declares entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise Unreadable(f"{self._where}: too many elements, or nested too deep")
        if self._depth > self._limit:
            return
        start = self.parser.CurrentByteIndex
        match = _TAG.match(self._xml, start)
        if match is None:
            raise Unreadable(f"{self._where}: a tag cannot be read")
        uri, _, local = name.rpartition(" ")
        named = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(uri, local, named, self._depth, start, match.end())
        self.found.append(element)
        self._open.append(element)

    def _characters(self, text: str) -> None:
        if self._open and self._depth == len(self._open):
            self._open[-1].parts.append(text)

    def _end(self, _: str) -> None:
        if self._depth == len(self._open):
            element = self._open.pop()
            at = self.parser.CurrentByteIndex
            empty = self._xml.startswith(b"/>", element.opened - 2)
            element.closing = element.opened if empty else at
            element.end = element.opened if empty else self._xml.index(b">", at) + 1
            element.text = "".join(element.parts)
            element.parts.clear()
        self._depth -= 1
