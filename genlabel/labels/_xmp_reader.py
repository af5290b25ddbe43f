"""Walks an XMP packet with expat and notes where in its bytes every property stands.

References
----------
ISO 16684-1 (XMP), 7: an XMP packet is rdf:RDF with rdf:Description elements whose attributes and
child elements are the properties; both forms mean the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Lightroom's masks nest 12 deep and take some thousand elements.
MAX_DEPTH = 64
MAX_ELEMENTS = 100_000
# Text may follow that looks like one: where a tag ends no name goes on.
_WRITTEN = rb"""\s+([^\s=<>"'/]+)\s*=\s*(?:"[^"]*"|'[^']*')"""
_ATTRIBUTE = re.compile(_WRITTEN)
_TAG = re.compile(rb"<(?P<name>[^\s/>]+)(?P<attributes>(?:" + _WRITTEN + rb")*+)\s*(?P<slash>/?)>")


class DamagedXmp(Exception):
    """A packet is not well-formed, or not what any XMP packet needs to be."""


@dataclass(frozen=True, slots=True)
class Property:
    """One top-level property of a packet.

    Parameters
    ----------
    uri, name : str
        Namespace and local name.
    value : str
        Its text, or its first item's where it is a list.
    leaves : tuple of (str, str)
        Local name and text of everything inside a structured value, in order.
    span : tuple of (int, int)
        The bytes to cut to remove it.
    """

    uri: str
    name: str
    value: str
    leaves: tuple[tuple[str, str], ...]
    span: tuple[int, int]


@dataclass(slots=True)
class Node:
    """One rdf:Description: where it stands, what it says besides properties, its properties."""

    start: int
    end: int = 0
    about: str | None = None
    kept: bool = False
    properties: list[Property] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A property element whose end has not come yet."""

    uri: str
    name: str
    start: int
    slash: bool
    end_of_tag: int
    leaves: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    resource: str | None = None


class Reader:
    """Expat's handlers, and what they have seen.

    Parameters
    ----------
    text : bytes
        A packet in UTF-8, nothing before its first and behind its last tag.
    """

    def __init__(self, text: bytes) -> None:
        self.nodes: list[Node] = []
        self.rdf: tuple[int, int] | None = None
        self.rdf_name = b""
        self.rdf_slash = False
        self._text = text
        self._depth = 0
        self._count = 0
        self._rdf_depth = 0
        self._node_slash = (False, 0)
        self._open: _Open | None = None
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._parser = parser

    def run(self) -> None:
        """Walk the packet.

        Raises
        ------
        DamagedXmp
            It is not well-formed, declares a document type, is too deep or has no rdf:RDF.
        """
        try:
            self._parser.Parse(self._text, True)
        except expat.ExpatError as error:
            raise DamagedXmp(f"not well-formed: {expat.ErrorString(error.code)}") from None
        if self.rdf is None:
            raise DamagedXmp("it holds no rdf:RDF element")

    def _doctype(self, *_: object) -> None:
        # Entities could expand to anything; no XMP packet needs them.
        raise DamagedXmp("it declares a document type")

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise DamagedXmp(f"elements are nested more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise DamagedXmp(f"more than {MAX_ELEMENTS} elements")
        if self._rdf_depth == 0:
            if name == f"{RDF} RDF" and self.rdf is None:
                self._rdf(self._tag())
        elif self._depth == self._rdf_depth + 1:
            self._node(self._tag(), name, attributes)
        elif self._depth == self._rdf_depth + 2:
            self._property(self._tag(), name, attributes)
        elif self._open is not None:
            self._leaf(name, attributes)

    def _tag(self) -> re.Match[bytes]:
        match = _TAG.match(self._text, self._parser.CurrentByteIndex)
        if match is None:
            raise DamagedXmp("a tag is not in UTF-8")
        return match

    def _rdf(self, tag: re.Match[bytes]) -> None:
        self._rdf_depth = self._depth
        self.rdf = (tag.start(), tag.end())
        self.rdf_name = tag["name"]
        self.rdf_slash = bool(tag["slash"])

    def _node(self, tag: re.Match[bytes], name: str, attributes: list[str]) -> None:
        node = Node(tag.start(), kept=name != f"{RDF} Description")
        self._node_slash = (bool(tag["slash"]), tag.end())
        written = [
            match
            for match in _ATTRIBUTE.finditer(self._text, *tag.span("attributes"))
            if match[1] != b"xmlns" and not match[1].startswith(b"xmlns:")
        ]
        for match, key, value in zip(written, attributes[::2], attributes[1::2], strict=True):
            uri, _, local = key.rpartition(" ")
            if local == "about" and uri in ("", RDF):
                node.about = value
            elif uri in (RDF, "http://www.w3.org/XML/1998/namespace"):
                node.kept = True
            else:
                # Some have no namespace, which RDF forbids and writers do.
                node.properties.append(Property(uri, local, value, (), match.span()))
        self.nodes.append(node)

    def _property(self, tag: re.Match[bytes], name: str, attributes: list[str]) -> None:
        uri, _, local = name.rpartition(" ")
        self._open = _Open(uri, local, tag.start(), bool(tag["slash"]), tag.end())
        self._open.names.append(local)
        self._open.texts.append([])
        self._note(attributes)

    def _leaf(self, name: str, attributes: list[str]) -> None:
        assert self._open is not None
        self._open.names.append(name.rpartition(" ")[2])
        self._open.texts.append([])
        self._note(attributes)

    def _note(self, attributes: list[str]) -> None:
        assert self._open is not None
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            uri, _, local = name.rpartition(" ")
            if uri == RDF and local == "resource":
                self._open.resource = self._open.resource or value
            elif uri not in ("", RDF, "http://www.w3.org/XML/1998/namespace"):
                self._open.leaves.append((local, value))

    def _characters(self, text: str) -> None:
        if self._open is not None:
            self._open.texts[-1].append(text)

    def _end(self, _: str) -> None:
        depth = self._depth - self._rdf_depth
        if self._rdf_depth and depth == 0:
            self.rdf = self.rdf and (self.rdf[0], self._parser.CurrentByteIndex)
            self._rdf_depth = 0
        elif self._rdf_depth and depth == 1:
            slash, end = self._node_slash
            self.nodes[-1].end = end if slash else self._end_of_tag()
        elif self._open is not None and depth == 2:
            self._close(self._open)
        elif self._open is not None:
            text = "".join(self._open.texts.pop()).strip()
            name = self._open.names.pop()
            if text:
                self._open.leaves.append((name, text))
        self._depth -= 1

    def _close(self, done: _Open) -> None:
        text = "".join(done.texts[0]).strip()
        if not text:
            items = [value for name, value in done.leaves if name in ("li", "value")]
            text = done.resource or (items[0] if items else "")
        end = done.end_of_tag if done.slash else self._end_of_tag()
        # What stands before a property is indentation.
        start = done.start
        while self._text[start - 1 : start].isspace():
            start -= 1
        found = Property(done.uri, done.name, text, tuple(done.leaves), (start, end))
        self.nodes[-1].properties.append(found)
        self._open = None

    def _end_of_tag(self) -> int:
        return self._text.index(b">", self._parser.CurrentByteIndex) + 1
