"""JPEG segments, and the index of multi-picture files."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlabel import LabelError, MediaError
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.pictures import jpeg, mpf
from tests.sdk.labels.samples import besides_xmp, jpeg_with, picture, rdf, segment, xmp_segment

PACKET = rdf("")
PLAIN = picture("JPEG")
SEGMENTS = st.sampled_from(
    [
        segment(0xE0, b"JFXX\0"),
        segment(0xE1, b"Exif\0\0II*\0"),
        segment(0xE1, b"XMP\0://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0short"),
        segment(0xE2, b"ICC_PROFILE\0\1\1abc"),
        segment(0xEB, b"JP\0\1\0\0\0\1jumb"),
        segment(0xED, b"Photoshop 3.0\0"),
        segment(0xEE, b"Adobe\0d"),
        segment(0xFE, b"a comment"),
        b"\xff\xff" + segment(0xFE, b"behind fill bytes")[1:],
    ]
)


def labelled(data: bytes, packet: bytes = PACKET) -> bytes:
    found = jpeg.read(data, name="a")
    edits = Edits(xmp={held.index: packet for held in found.xmp})
    if not found.xmp:
        edits = Edits(new_xmp=packet)
    return jpeg.write(data, found, edits, name="a")[0]


@given(st.lists(SEGMENTS, max_size=8), st.booleans(), st.binary(max_size=20))
def test_everything_else_is_kept(segments: list[bytes], has_xmp: bool, rest: bytes) -> None:
    if has_xmp:
        segments.insert(len(segments) // 2, xmp_segment(rdf("old")))
    data = jpeg_with(*segments) + rest
    found = jpeg.read(data, name="a")
    assert b"".join(data[start:end] for start, end in found.pieces) == data
    assert jpeg.write(data, found, Edits(), name="a") == (data, ())
    out = labelled(data)
    assert [held.raw for held in jpeg.read(out, name="a").xmp] == [PACKET]
    assert labelled(out) == out
    if not any(each.startswith(b"\xff\xff") for each in segments):
        assert besides_xmp(out) == besides_xmp(data)
    assert len(out) - len(data) == len(xmp_segment(PACKET)) - (
        len(xmp_segment(rdf("old"))) if has_xmp else 0
    )


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_scans_are_walked(options: dict[str, object]) -> None:
    noise = Image.effect_noise((200, 100), 90)
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=97, **options)
    data = out.getvalue() + b"\xff\xd8 trailing \xff\xd9"
    with Image.open(io.BytesIO(labelled(data))) as image, Image.open(out) as plain:
        assert image.tobytes() == plain.tobytes()
    assert labelled(data).endswith(b"\xff\xd9\xff\xd8 trailing \xff\xd9")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([segment(0xE1, b"Exif\0\0")], [segment(0xE2, b"ICC_PROFILE\0")]),
        ([segment(0xFE, b"note"), segment(0xE1, b"Exif\0\0")], [segment(0xED, b"Photoshop 3.0\0")]),
        ([], [segment(0xEB, b"JP\0\1")]),
    ],
)
def test_a_new_packet_stands_behind_jfif_and_exif(before: list[bytes], after: list[bytes]) -> None:
    expected = jpeg_with(*before, xmp_segment(PACKET), *after)
    assert labelled(jpeg_with(*before, *after)) == expected


def test_the_largest_packet() -> None:
    room = jpeg.MAX_PACKET_BYTES - len(PACKET)
    assert labelled(PLAIN, PACKET + b" " * room)
    with pytest.raises(LabelError, match="65503 bytes long; a JPEG holds 65502"):
        labelled(PLAIN, PACKET + b" " * (room + 1))


def two_pictures(order: str, behind: bytes = b"") -> bytes:
    """A multi-picture file by CIPA DC-007: two pictures and an index in the first."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    count = struct.pack(order + "HHII", 0xB001, 4, 1, 2)
    tags = struct.pack(order + "IH", 8, 2) + count
    tags += struct.pack(order + "HHIII", 0xB002, 7, 32, 38, 0)
    size = len(jpeg_with(segment(0xE2, b"MPF\0" + mark + tags + bytes(32)), behind))
    # Offsets count from the byte order mark: behind SOI, JFIF, this marker, its length and "MPF".
    start = len(PLAIN[:20]) + 4 + 4
    entries = struct.pack(order + "IIIHH", 0x030000, size, 0, 0, 0)
    entries += struct.pack(order + "IIIHH", 0, len(PLAIN), size - start, 0, 0)
    return jpeg_with(segment(0xE2, b"MPF\0" + mark + tags + entries), behind) + PLAIN


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("old", [b"", xmp_segment(rdf("an older and longer packet" * 20))])
def test_further_pictures_stay_reachable(order: str, old: bytes) -> None:
    data = two_pictures(order, old)
    assert reachable(data)
    out = labelled(data)
    assert len(out) != len(data)
    assert reachable(out)
    assert labelled(out) == out


def reachable(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "MPO" and image.n_frames == 2
        image.seek(1)
        first = image.mpinfo[0xB002][0]
        second = image.mpinfo[0xB002][1]
        at = image.mpinfo[0xB002][1]["DataOffset"] + data.index(b"MPF\0") + 4
        return (
            first["Size"] + second["Size"] == len(data)
            and data[at : at + second["Size"]] == PLAIN
            and image.tobytes() == Image.open(io.BytesIO(PLAIN)).tobytes()
        )


@given(st.binary(max_size=80), st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_any_index_is_survived(rest: bytes, mark: bytes) -> None:
    payload = mpf.SIGNATURE + mark + rest
    out = mpf.moved(payload, first_grows=1 << 20, others_move=1 << 20)
    assert out is None or len(out) == len(payload)


def test_a_damaged_index_is_left_and_named() -> None:
    index = segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff")
    data = jpeg_with(index)
    out, warned = jpeg.write(data, jpeg.read(data, name="a"), Edits(new_xmp=PACKET), name="a")
    assert index in out
    assert "multi-picture" in warned[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff", "ends before its EOI"),
        (PLAIN[:-2], "ends before its EOI"),
        (b"\xff\xd8\xff\xd9", "no segment begins at byte 2"),
        (b"\xff\xd8\xff\xe1\0\1", "is 1 bytes long"),
        (b"\xff\xd8\xff\xe1\xff\xff", "beyond the file"),
        (PLAIN[:20] + b"x" + PLAIN[20:], "no segment begins at byte 20"),
        (b"\xff\xd8" + segment(0xFE, b"") * (jpeg.MAX_SEGMENTS + 1), "segments"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        jpeg.read(data, name="a")
