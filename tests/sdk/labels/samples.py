"""Small files built by hand, and naive walkers that the container modules are held against."""

from __future__ import annotations

import io
import json
import struct
import zlib

from PIL import Image

DOUBAO = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64010000",
    "ProduceID": "e3578014edd949debed102781a8c26f7",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
FULL = {
    **DOUBAO,
    "ContentPropagator": "00119144030008867405X220001",
    "PropagateID": "e3578014edd949debed102781a8c26f7",
}
BARE = json.dumps(FULL, separators=(",", ":"))
WRAPPED = json.dumps({"AIGC": FULL}, separators=(",", ":"))
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"


def picture(kind: str, **options: object) -> bytes:
    """A 24 x 16 picture without metadata."""
    image = Image.radial_gradient("L").resize((24, 16)).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def rdf(body: str) -> bytes:
    """An XMP packet with this inside rdf:RDF."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"{body}</rdf:RDF></x:xmpmeta>"
    ).encode()


def aigc_element(text: str) -> bytes:
    escaped = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return rdf(
        f'<rdf:Description rdf:about="" xmlns:TC260="{TC260}">'
        f"<TC260:AIGC>{escaped}</TC260:AIGC></rdf:Description>"
    )


def aigc_attribute(text: str) -> bytes:
    escaped = text.replace("&", "&amp;").replace('"', "&quot;")
    return rdf(f'<rdf:Description rdf:about="" xmlns:TC260="{TC260}" TC260:AIGC="{escaped}"/>')


def chunk(kind: bytes, payload: bytes) -> bytes:
    crc = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)


def png_with(*chunks: bytes) -> bytes:
    """A PNG with these chunks behind IHDR."""
    plain = picture("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def itxt(keyword: str, text: bytes, *, deflated: bool = False) -> bytes:
    body = zlib.compress(text) if deflated else text
    return chunk(b"iTXt", keyword.encode() + b"\0" + bytes([deflated, 0]) + b"\0\0" + body)


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg_with(*segments: bytes) -> bytes:
    """A JPEG with these segments behind JFIF."""
    plain = picture("JPEG")
    return plain[:20] + b"".join(segments) + plain[20:]


def xmp_segment(packet: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) & 1)


def webp_of(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def exif_block(tag: int, value: bytes, *, order: str = "<") -> bytes:
    """A TIFF structure with an orientation, one text, and a pixel width behind it."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    in_exif = tag == 0x9286
    # IFD0 at 8 with two entries, the Exif IFD at 38 with two, the text at 68.
    text = struct.pack(order + "HHII", tag, 7 if in_exif else 2, len(value), 68)
    width = struct.pack(order + "HHII", 0xA002, 4, 1, 24)
    orientation = struct.pack(order + "HHIHH", 0x0112, 3, 1, 6, 0)
    pointer = struct.pack(order + "HHII", 0x8769, 4, 1, 38)
    first = (orientation + pointer) if in_exif else (text + orientation)
    second = (text + width) if in_exif else (width + width)
    directories = [
        struct.pack(order + "H", 2) + entries + b"\0\0\0\0" for entries in (first, second)
    ]
    return mark + struct.pack(order + "I", 8) + b"".join(directories) + value


def parts(data: bytes) -> list[tuple[str, bytes]]:
    """What a file consists of, by the plainest walk that valid files allow."""
    if data[:4] == b"\x89PNG":
        return _png_parts(data)
    return _jpeg_parts(data) if data[:2] == b"\xff\xd8" else _webp_parts(data)


def besides_xmp(data: bytes) -> list[tuple[str, bytes]]:
    """The parts of a file that writing a label must not touch."""
    signs = (b"XML:com.adobe.xmp\0", b"http://ns.adobe.com/xap/1.0/\0")
    return [
        (kind, payload)
        for kind, payload in parts(data)
        if not payload.startswith(signs) and kind not in ("XMP ", "VP8X")
    ]


def _png_parts(data: bytes) -> list[tuple[str, bytes]]:
    found, at, kind = [], 8, ""
    while kind != "IEND":
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8].decode()
        found.append((kind, data[at + 8 : at + 8 + size]))
        assert zlib.crc32(data[at + 4 : at + 8 + size]) == int.from_bytes(
            data[at + 8 + size : at + 12 + size], "big"
        )
        at += 12 + size
    return [*found, ("rest", data[at:])]


def _jpeg_parts(data: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 2
    while data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((f"{data[at + 1]:02x}", data[at + 4 : at + 2 + size]))
        at += 2 + size
    return [*found, ("scans and rest", data[at:])]


def _webp_parts(data: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 12
    end = 8 + int.from_bytes(data[4:8], "little")
    while at < end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4].decode(), data[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
    return [*found, ("rest", data[end:])]
