"""PNG chunks."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import MediaError
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.pictures import png
from tests.sdk.labels.samples import chunk, itxt, parts, picture, rdf

IHDR = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
IEND = chunk(b"IEND", b"")
KINDS = st.sampled_from([b"IDAT", b"tEXt", b"caBX", b"iCCP", b"eXIf", b"prVt", b"zTXt"])
PACKET = rdf("")


@st.composite
def files(draw: st.DrawFn) -> bytes:
    chunks = [chunk(draw(KINDS), payload) for payload in draw(st.lists(st.binary(max_size=30)))]
    if draw(st.booleans()):
        chunks.insert(draw(st.integers(0, len(chunks))), itxt("XML:com.adobe.xmp", rdf("old")))
    chunks.append(chunk(b"IDAT", b""))
    return b"\x89PNG\r\n\x1a\n" + IHDR + b"".join(chunks) + IEND + draw(st.binary(max_size=20))


@given(files())
def test_pieces_cover_the_file(data: bytes) -> None:
    found = png.read(data, name="a")
    assert b"".join(data[start:end] for start, end in found.pieces) == data
    assert png.write(data, found, Edits(), name="a") == (data, ())


@given(files())
def test_a_packet_goes_in_and_out(data: bytes) -> None:
    found = png.read(data, name="a")
    edits = Edits(xmp={held.index: PACKET for held in found.xmp})
    if not found.xmp:
        edits = Edits(new_xmp=PACKET)
    out, _ = png.write(data, found, edits, name="a")
    assert [held.raw for held in png.read(out, name="a").xmp] == [PACKET]
    before, after = parts(data), parts(out)
    at = next(i for i, part in enumerate(after) if part[1].startswith(b"XML:com.adobe.xmp\0"))
    if found.xmp:
        del before[at]
    else:
        assert at == 1
    del after[at]
    assert before == after


def test_texts_are_told_apart() -> None:
    chunks = chunk(b"tEXt", b"Title\0text") + itxt("AIGC", b"{}", deflated=True)
    plain = picture("PNG")
    found = png.read(plain[:33] + chunks + plain[33:], name="a")
    assert [(held.keyword, held.content()) for held in found.texts] == [
        ("Title", b"text"),
        ("AIGC", b"{}"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (IHDR + IEND, "holds no picture"),
        (IHDR + chunk(b"IDAT", b""), "ends before IEND"),
        (chunk(b"IDAT", b"") + IHDR + IEND, "does not begin with IHDR"),
        (IHDR + b"\0\0\0\1I\0AT\0\0\0\0\0" + IEND, "no chunk begins at byte 33"),
        (IHDR + b"\x7f\xff\xff\xffIDAT" + IEND, "claims 2147483647 bytes"),
        (IHDR + b"\0\0\0\0IDAT\0\0\0\0" + IEND, "IDAT chunk fails its CRC"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        png.read(b"\x89PNG\r\n\x1a\n" + data, name="a")
