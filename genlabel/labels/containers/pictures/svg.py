"""SVG: rdf:RDF in the element metadata, spliced in as text.

References
----------
SVG 2, 5.10 (metadata); XMP Specification Part 3, 2.6 (SVG); XML 1.0, 2.8 and 4.1 (document types
and entities, of which none is expanded here).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.xml_elements import attribute

MAX_DEPTH = 1024
MAX_ELEMENTS = 1 << 22
MAX_NAMESPACES = 256
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"
_METADATA, _LEADING = "metadata", ("title", "desc")
_UTF_8 = ("utf-8", "utf8")
# exiftool takes a file that holds x:xmpmeta for XMP alone.
_BARE = re.compile(rb"<rdf:RDF.*</rdf:RDF>", re.DOTALL)
# What can stand before the first element.
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*+"
    rb"<(?:[A-Za-z][\w.-]*:)?svg[\s/>]",
    re.DOTALL,
)
_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


@dataclass(frozen=True, slots=True)
class _Tag:
    """An element's first tag."""

    name: bytes
    start: int
    end: int
    slash: bool


@dataclass(slots=True)
class _Found:
    """What matters of a file: byte positions, and the names RDF is written in."""

    root: _Tag | None = None
    metadata: list[tuple[_Tag, int]] = field(default_factory=list)
    rdf: list[tuple[int, int, bytes]] = field(default_factory=list)
    first: int = 0
    utf_8: bool = True


def is_svg(head: bytes) -> bool:
    """Tell whether a file's first element is svg.

    Parameters
    ----------
    head : bytes
        The beginning of the file.
    """
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and bool(_ROOT.match(head))


def read(data: bytes, *, name: str) -> Contents:
    """Find the RDF of an SVG.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Each rdf:RDF in the metadata, in an element that declares the names it uses.

    Raises
    ------
    MediaError
        It is not well-formed, too deep or too large.
    UnsupportedError
        It is not in UTF-8, or declares entities.
    """
    found = _walk(data, name)
    packets = [
        Held(index, "SVG metadata", around + data[start:end] + b"</x>")
        for index, (start, end, around) in enumerate(found.rdf)
    ]
    return Contents(xmp=tuple(packets))


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put RDF into an SVG; every other character stays.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.

    Raises
    ------
    MediaError, UnsupportedError
        As `read` does.
    """
    found = _walk(data, name)
    splices = [
        (*found.rdf[index][:2], packet[len(found.rdf[index][2]) : -len(b"</x>")])
        for index, packet in edits.xmp.items()
    ]
    if edits.new_xmp is not None:
        splices.append(_addition(found, edits.new_xmp))
    if not found.utf_8:
        # All the file has is ASCII; what its encoding may lack is written by numbers.
        splices = [
            (start, end, new.decode().encode("ascii", "xmlcharrefreplace"))
            for start, end, new in splices
        ]
    out, at = [], 0
    for start, end, new in sorted(splices):
        out += [data[at:start], new]
        at = end
    return b"".join([*out, data[at:]]), ()


def _addition(found: _Found, packet: bytes) -> tuple[int, int, bytes]:
    """Say where a packet comes that the file has none of yet: into metadata, or with it."""
    assert found.root is not None
    match = _BARE.search(packet)
    body = packet if match is None else match[0]
    if found.metadata:
        tag, end = found.metadata[0]
        return _opened(tag, body) if tag.slash else (end, end, body)
    name = found.root.name[:-3] + b"metadata"
    body = b"<" + name + b">" + body + b"</" + name + b">"
    return _opened(found.root, body) if found.root.slash else (found.first, found.first, body)


def _opened(tag: _Tag, body: bytes) -> tuple[int, int, bytes]:
    """Give an empty element content."""
    return tag.end - 2, tag.end, b">" + body + b"</" + tag.name + b">"


def _walk(data: bytes, name: str) -> _Found:
    walker = _Walker(data, name)
    try:
        walker.parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        if reason == "not well-formed (invalid token)" and not _is_utf_8(data):
            raise UnsupportedError("is an SVG that is not in UTF-8", path=name) from None
        raise MediaError(f"is a damaged SVG: {reason}", path=name) from None
    if walker.found.root is None:
        raise MediaError("is a damaged SVG: its first element is not svg", path=name)
    if not walker.found.utf_8 and not data.isascii():
        raise UnsupportedError("is an SVG that is not in UTF-8", path=name)
    return walker.found


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Walker:
    """Expat's handlers, and what they have seen."""

    def __init__(self, data: bytes, name: str) -> None:
        self.found = _Found()
        self._data = data
        self._name = name
        self._depth = self._count = 0
        self._metadata: _Tag | None = None
        self._child: _Tag | None = None
        self._rdf: tuple[_Tag, int, bytes] | None = None
        self._scope: dict[str | None, list[str]] = {}
        self._leading = True
        self._names: dict[str, str] = {}
        # Whatever the file declares: other encodings are refused unless all of it is ASCII.
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._forget
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _declaration(self, _: str, encoding: str | None, _standalone: int) -> None:
        self.found.utf_8 = encoding is None or encoding.lower() in _UTF_8

    def _doctype(self, _: str, _system: str | None, _public: str | None, inside: int) -> None:
        if inside:
            raise UnsupportedError(
                "is an SVG that declares entities, which this version does not expand",
                path=self._name,
            )

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._scope.setdefault(prefix, []).append(uri or "")
        if len(self._scope) > MAX_NAMESPACES:
            raise MediaError(f"is an SVG of more than {MAX_NAMESPACES} namespaces", path=self._name)

    def _forget(self, prefix: str | None) -> None:
        uris = self._scope[prefix]
        uris.pop()
        if not uris:
            del self._scope[prefix]

    def _start(self, name: str, _attributes: object) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise MediaError(
                f"is an SVG of more than {MAX_ELEMENTS} elements, or of more than {MAX_DEPTH} "
                "inside each other",
                path=self._name,
            )
        if self._depth == 1:
            tag = self._tag()
            # Whatever namespace it is in, if any, is that of the others.
            namespace, _, local = name.rpartition(" ")
            self._names = {f"{namespace} {each}".strip(): each for each in (_METADATA, *_LEADING)}
            self.found.root = tag if local == "svg" else None
            self.found.first = tag.end
        elif self._depth == 2:
            known = self._names.get(name)
            self._leading = self._leading and known in _LEADING
            # Of an element with one tag the parser places the end behind it.
            self._child = self._tag() if known else None
            self._metadata = self._child if known == _METADATA else None
        elif self._metadata is not None and self._rdf is None and name == _RDF:
            tag = self._tag()
            self._rdf = (tag, self._depth, self._around())

    def _end(self, _: str) -> None:
        at = self.parser.CurrentByteIndex
        if self._rdf is not None and self._depth == self._rdf[1]:
            tag, around = self._rdf[0], self._rdf[2]
            self.found.rdf.append((tag.start, self._end_of(tag, at), around))
            self._rdf = None
        elif self._depth == 2:
            if self._metadata is not None:
                self.found.metadata.append((self._metadata, at))
                self._metadata = None
            elif self._leading and self._child is not None:
                self.found.first = self._end_of(self._child, at)
        self._depth -= 1

    def _tag(self) -> _Tag:
        start = self.parser.CurrentByteIndex
        end = self._end_of_tag(start)
        name = re.split(rb"[\s/>]", self._data[start + 1 : end], maxsplit=1)[0]
        return _Tag(name, start, end, self._data[end - 2 : end] == b"/>")

    def _end_of(self, tag: _Tag, at: int) -> int:
        return tag.end if tag.slash else self._end_of_tag(at)

    def _end_of_tag(self, start: int) -> int:
        match = _TAG_END.match(self._data, start)
        assert match is not None
        return match.end()

    def _around(self) -> bytes:
        """Write an element that declares every name that is in scope."""
        names = [
            f' xmlns{":" if prefix else ""}{prefix or ""}="{attribute(uris[-1])}"'
            for prefix, uris in self._scope.items()
            if prefix != "xml"
        ]
        return f"<x{''.join(names)}>".encode()
