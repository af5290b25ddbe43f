"""XMP packets: what they say, and a few properties set in them with the rest left as it is.

A packet is edited as text: what is not ours stays byte for byte, comments, prefixes and
indentation included.

References
----------
ISO 16684-1 (XMP), 7.3 (packet wrapper and its padding), 7.4 (rdf:Description, rdf:about).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from genlabel.labels._coding import as_utf_8
from genlabel.labels._xmp_reader import RDF, DamagedXmp, Node, Property, Reader

__all__ = ["MAX_XMP_BYTES", "TEMPLATE", "DamagedXmp", "Packet", "Property", "element", "parse"]

MAX_XMP_BYTES = 4 << 20
TEMPLATE = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
).encode()
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_AROUND = b" \t\r\n\0"


@dataclass(frozen=True, slots=True)
class Packet:
    """A readable XMP packet.

    Parameters
    ----------
    text : bytes
        As stored.
    nodes : tuple of Node
        Its rdf:Description elements; their byte positions count from the start of `text`.
    rdf : tuple of (int, int)
        Where rdf:RDF begins, and where its end tag does (behind its only tag, if it has one tag).
    rdf_name : bytes
        The qualified name rdf:RDF has here.
    rdf_slash : bool
        Whether rdf:RDF is an empty-element tag.
    """

    text: bytes = field(repr=False)
    nodes: tuple[Node, ...]
    rdf: tuple[int, int]
    rdf_name: bytes
    rdf_slash: bool

    @property
    def properties(self) -> tuple[Property, ...]:
        """Every top-level property, in the order of the packet."""
        return tuple(found for node in self.nodes for found in node.properties)

    def edited(
        self,
        removes: Callable[[Property], bool],
        adds: Iterable[str] = (),
        namespaces: Mapping[str, str] | None = None,
    ) -> bytes:
        """Give the packet with properties removed and others added.

        Parameters
        ----------
        removes : callable
            Tells which properties go. A description they leave empty goes too.
        adds : iterable of str
            Elements, as `element` gives them; they come in one rdf:Description of their own.
        namespaces : mapping of prefix to URI
            What the elements use.

        Returns
        -------
        bytes
            The packet, its padding shortened by what was added; adding and removing the same
            once more gives the same bytes.
        """
        cuts = [cut for node in self.nodes for cut in _cuts(node, removes)]
        out, position = bytearray(), 0
        start, end = self.rdf
        for cut_start, cut_end in sorted(cuts):
            out += self.text[position:cut_start]
            position = cut_end
        addition = self._description("".join(adds), namespaces or {})
        if self.rdf_slash and addition:
            # <rdf:RDF/> must be opened first.
            opened = self.text[start:end].rstrip()[:-2].rstrip() + b">"
            out += self.text[position:start] + opened + addition + b"</" + self.rdf_name + b">"
        else:
            out += self.text[position:end] + addition
        out += self.text[end:]
        return _padded(bytes(out), len(self.text))

    def _description(self, content: str, namespaces: Mapping[str, str]) -> bytes:
        if not content:
            return b""
        abouts = [node.about for node in self.nodes if node.about is not None]
        about = (abouts[0] if abouts else "").translate(_ESCAPES)
        declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
        if not self.rdf_name.startswith(b"rdf:"):
            declared = f' xmlns:rdf="{RDF}"{declared}'
        text = f'<rdf:Description rdf:about="{about}"{declared}>{content}</rdf:Description>'
        return text.encode()


def parse(packet: bytes) -> Packet:
    """Read an XMP packet.

    Parameters
    ----------
    packet : bytes
        UTF-8 or UTF-16, with or without packet wrapper, XML declaration and padding.

    Returns
    -------
    Packet
        What it says, in UTF-8. An empty packet reads as one without properties.

    Raises
    ------
    DamagedXmp
        It is too large, too deep, not well-formed, or declares a document type.
    """
    if len(packet) > MAX_XMP_BYTES:
        raise DamagedXmp(f"larger than {MAX_XMP_BYTES} bytes")
    packet = as_utf_8(packet)
    if not packet.strip(_AROUND):
        packet = TEMPLATE
    # An XML declaration stands first, or the parser refuses what every reader accepts.
    offset = len(packet) - len(packet.lstrip(_AROUND))
    reader = Reader(packet.strip(_AROUND))
    reader.run()
    assert reader.rdf is not None
    for node in reader.nodes:
        node.start, node.end = node.start + offset, node.end + offset
        node.properties = [_shifted(found, offset) for found in node.properties]
    rdf = (reader.rdf[0] + offset, reader.rdf[1] + offset)
    return Packet(packet, tuple(reader.nodes), rdf, reader.rdf_name, reader.rdf_slash)


def element(name: str, text: str) -> str:
    """Write a property as an element with escaped text.

    Parameters
    ----------
    name : str
        Qualified name.
    text : str
        Any text XML allows.
    """
    return f"<{name}>{text.translate(_ESCAPES)}</{name}>"


def _cuts(node: Node, removes: Callable[[Property], bool]) -> list[tuple[int, int]]:
    gone = [found for found in node.properties if removes(found)]
    if gone and len(gone) == len(node.properties) and not node.kept:
        return [(node.start, node.end)]
    return [found.span for found in gone]


def _shifted(found: Property, offset: int) -> Property:
    start, end = found.span
    return Property(
        found.uri, found.name, found.value, found.leaves, (start + offset, end + offset)
    )


def _padded(packet: bytes, size: int) -> bytes:
    """Take what a packet has grown by from its padding, which is there for that."""
    end = packet.rfind(b"<?xpacket end=")
    if end < 0:
        return packet
    padding = end - len(packet[:end].rstrip(_AROUND))
    return packet[: end - min(max(len(packet) - size, 0), padding)] + packet[end:]
