"""AIGC labels as generators and platforms write them: read, judged, and replaced by one."""

from __future__ import annotations

import json
import zlib

import pytest

from genlabel import Label
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.samples import (
    BARE,
    DOUBAO,
    FULL,
    TC260,
    WRAPPED,
    aigc_attribute,
    aigc_element,
    chunk,
    exif_block,
    itxt,
    jpeg_with,
    picture,
    png_with,
    rdf,
    riff_chunk,
    segment,
    webp_of,
    xmp_segment,
)

XMP_KEY = "XML:com.adobe.xmp"
DOUBLE = json.dumps({"AIGC": BARE})


def comment(code: bytes, text: bytes, order: str = "<") -> bytes:
    return exif_block(0x9286, code + text, order=order)


def attributes(prefix: str) -> str:
    return " ".join(f'{prefix}{name}="{value}"' for name, value in FULL.items())


def profile(packet: bytes) -> bytes:
    """A profile as ImageMagick writes it: 72 characters a line."""
    digits = packet.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return f"\nxmp\n{len(packet):8}\n{chr(10).join(lines)}\n".encode()


ASCII = b"ASCII\0\0\0"
UNICODE = b"UNICODE\0"

#: Name: file, state, and a part of each problem.
DIALECTS: dict[str, tuple[bytes, str, list[str]]] = {
    "png element, empty propagator": (
        png_with(itxt(XMP_KEY, aigc_element(json.dumps(DOUBAO)))),
        "valid",
        [],
    ),
    "png element": (png_with(itxt(XMP_KEY, aigc_element(BARE))), "valid", []),
    "png element, deflated": (
        png_with(itxt(XMP_KEY, aigc_element(BARE), deflated=True)),
        "valid",
        [],
    ),
    "png tEXt": (png_with(chunk(b"tEXt", b"AIGC\0" + BARE.encode())), "present", ["tEXt 'AIGC'"]),
    "png zTXt wrapped": (
        png_with(chunk(b"zTXt", b"AIGC\0\0" + zlib.compress(WRAPPED.encode()))),
        "present",
        ["zTXt 'AIGC'", "wrapped"],
    ),
    "png iTXt": (png_with(itxt("AIGC", BARE.encode())), "present", ["iTXt 'AIGC'"]),
    "png Description": (
        png_with(chunk(b"tEXt", b"Description\0" + WRAPPED.encode())),
        "present",
        ["tEXt 'Description'"],
    ),
    "jpeg element": (jpeg_with(xmp_segment(aigc_element(BARE))), "valid", []),
    "jpeg attribute": (jpeg_with(xmp_segment(aigc_attribute(BARE))), "valid", []),
    "jpeg element, wrapped": (
        jpeg_with(xmp_segment(aigc_element(WRAPPED))),
        "present",
        ["wrapped"],
    ),
    "jpeg element, escaped twice": (
        jpeg_with(xmp_segment(aigc_element(BARE.replace('"', "&quot;")))),
        "present",
        ["escaped twice"],
    ),
    "jpeg element, JSON in JSON": (
        jpeg_with(xmp_segment(aigc_element(json.dumps(BARE)))),
        "present",
        ["JSON inside"],
    ),
    "jpeg element, another namespace": (
        jpeg_with(xmp_segment(aigc_element(BARE).replace(TC260.encode(), b"urn:other/"))),
        "present",
        ["namespace 'urn:other/'"],
    ),
    "jpeg UserComment, ASCII": (
        jpeg_with(segment(0xE1, b"Exif\0\0" + comment(ASCII, WRAPPED.encode()))),
        "valid",
        [],
    ),
    "jpeg UserComment, UTF-16": (
        jpeg_with(segment(0xE1, b"Exif\0\0" + comment(UNICODE, WRAPPED.encode("utf-16-le")))),
        "valid",
        [],
    ),
    "jpeg UserComment, UTF-16 against the block's order": (
        jpeg_with(segment(0xE1, b"Exif\0\0" + comment(UNICODE, WRAPPED.encode("utf-16-le"), ">"))),
        "valid",
        [],
    ),
    "jpeg UserComment, no character code": (
        jpeg_with(segment(0xE1, b"Exif\0\0" + comment(bytes(8), DOUBLE.encode(), ">"))),
        "present",
        ["JSON inside"],
    ),
    "jpeg ImageDescription": (
        jpeg_with(segment(0xE1, b"Exif\0\0" + exif_block(0x010E, WRAPPED.encode() + b"\0"))),
        "present",
        ["ImageDescription"],
    ),
    "jpeg APP9": (jpeg_with(segment(0xE9, b"AIGC" + BARE.encode())), "present", ["APP9"]),
    "jpeg APP11": (jpeg_with(segment(0xEB, b"AIGC" + BARE.encode())), "present", ["APP11"]),
    "jpeg COM": (jpeg_with(segment(0xFE, WRAPPED.encode())), "present", ["COM"]),
    "webp element": (
        webp_of(picture("WEBP")[12:], riff_chunk(b"XMP ", aigc_element(BARE))),
        "valid",
        [],
    ),
    "webp UserComment": (
        webp_of(
            picture("WEBP")[12:],
            riff_chunk(b"EXIF", b"Exif\0\0" + comment(ASCII, WRAPPED.encode())),
        ),
        "valid",
        [],
    ),
    "jpeg element, UTF-16": (
        jpeg_with(xmp_segment(aigc_element(BARE).decode().encode("utf-16"))),
        "valid",
        [],
    ),
    "jpeg COM, UTF-16": (
        jpeg_with(segment(0xFE, WRAPPED.encode("utf-16-be"))),
        "present",
        ["in UTF-16", "COM"],
    ),
    "png tEXt, UTF-16": (
        png_with(chunk(b"tEXt", b"AIGC\0" + BARE.encode("utf-16"))),
        "present",
        ["in UTF-16", "tEXt"],
    ),
    "jpeg, fields as attributes without a namespace": (
        jpeg_with(xmp_segment(rdf("<rdf:Description " + attributes("") + "/>"))),
        "present",
        ["its fields are properties"],
    ),
    "jpeg, fields as attributes": (
        jpeg_with(
            xmp_segment(rdf(f'<rdf:Description xmlns:T="{TC260}" ' + attributes("T:") + "/>"))
        ),
        "present",
        ["its fields are properties"],
    ),
    "png profile of ImageMagick": (
        png_with(
            chunk(b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(profile(aigc_element(BARE))))
        ),
        "valid",
        [],
    ),
    "png eXIf": (png_with(chunk(b"eXIf", comment(ASCII, WRAPPED.encode()))), "valid", []),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialect_is_read_and_judged(name: str) -> None:
    data, state, problems = DIALECTS[name]
    found = read_metadata(data, name=name)
    assert found.aigc.state == state, found.aigc
    assert found.label is not None
    assert found.label.producer == DOUBAO["ContentProducer"]
    assert found.label.produce_id == DOUBAO["ProduceID"]
    assert found.label.status == "generated"
    assert len(found.aigc.problems) == len(problems), found.aigc.problems
    for problem, expected in zip(found.aigc.problems, problems, strict=True):
        assert expected in problem
        assert problem.endswith("]"), "names no clause"


@pytest.mark.parametrize("name", DIALECTS)
def test_writing_leaves_exactly_one(name: str, label: Label) -> None:
    data = DIALECTS[name][0]
    out, warned = write_metadata(data, label, name=name)
    found = read_metadata(out, name=name)
    assert found.aigc.state == "valid", found.aigc
    assert found.aigc.details["where"] == ["XMP AIGC"]
    assert b"Raw profile" not in out
    assert not warned
    assert write_metadata(out, label, name=name)[0] == out
    for old in (b"e3578014", "e3578014".encode("utf-16-le"), b"e3578014".hex().encode()):
        assert old not in out


def test_a_file_may_hold_one_only() -> None:
    twice = [itxt(XMP_KEY, aigc_element(BARE)), chunk(b"tEXt", b"AIGC\0" + BARE.encode())]
    found = read_metadata(png_with(*twice), name="a.png")
    assert found.aigc.state == "present"
    assert any("2 labels, all alike" in text and "6.1 c)" in text for text in found.aigc.problems)
    other = json.dumps({**FULL, "ProduceID": "another"})
    twice[1] = chunk(b"tEXt", b"AIGC\0" + other.encode())
    found = read_metadata(png_with(*twice), name="a.png")
    assert any("not alike" in text for text in found.aigc.problems)
    # XMP is where the guide looks.
    assert found.label is not None and found.label.produce_id == FULL["ProduceID"]


def test_many_labels_become_one(label: Label) -> None:
    data = png_with(*[chunk(b"tEXt", b"AIGC\0" + BARE.encode())] * 100)
    found = read_metadata(data, name="a.png")
    assert any("100 labels" in text for text in found.aigc.problems)
    out, _ = write_metadata(data, label, name="a.png")
    assert read_metadata(out, name="a.png").aigc.state == "valid"


def test_two_packets_become_one_label(label: Label) -> None:
    foreign = rdf('<rdf:Description xmlns:dc="urn:dc" dc:title="kept"/>')
    data = png_with(*(itxt(XMP_KEY, text) for text in (foreign, aigc_element(BARE))))
    out, _ = write_metadata(data, label, name="a.png")
    assert read_metadata(out, name="a.png").aigc.state == "valid"
    assert b'dc:title="kept"' in out


def test_a_c2pa_manifest_is_no_label(label: Label) -> None:
    jumbf = segment(0xEB, b"JP\0\1\0\0\0\1" + b"AIGC" + BARE.encode())
    data = jpeg_with(jumbf)
    assert read_metadata(data, name="a.jpg").aigc.state == "absent"
    assert jumbf in write_metadata(data, label, name="a.jpg")[0]


def test_exif_that_shares_bytes_is_left_and_named(label: Label) -> None:
    value = ASCII + WRAPPED.encode()
    block = bytearray(comment(ASCII, WRAPPED.encode()))
    # The second entry of the Exif directory becomes bytes that lie on the comment's.
    block[52:64] = b"\x7c\x92\x07\0" + len(value).to_bytes(4, "little") + (68).to_bytes(4, "little")
    data = jpeg_with(segment(0xE1, b"Exif\0\0" + block))
    out, warned = write_metadata(data, label, name="a.jpg")
    assert bytes(block) in out
    assert any("shares its bytes" in text for text in warned)
    assert read_metadata(out, name="a.jpg").aigc.state == "present"


def test_a_comment_with_more_in_it_is_kept(label: Label) -> None:
    remark = segment(0xFE, b"my holiday, AIGC course")
    data = jpeg_with(remark)
    assert read_metadata(data, name="a.jpg").aigc.state == "absent"
    assert remark in write_metadata(data, label, name="a.jpg")[0]


def test_extended_xmp_is_kept_and_named(label: Label) -> None:
    more = aigc_element(BARE)
    guid = b"0123456789ABCDEF0123456789ABCDEF"
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid + len(more).to_bytes(4, "big")
    half = len(more) // 2
    extension = segment(0xE1, head + half.to_bytes(4, "big") + more[half:]) + segment(
        0xE1, head + bytes(4) + more[:half]
    )
    data = jpeg_with(extension)
    found = read_metadata(data, name="a.jpg")
    assert found.label is not None and found.label.produce_id == DOUBAO["ProduceID"]
    assert any("extended XMP" in text for text in found.aigc.problems)
    out, warned = write_metadata(data, label, name="a.jpg")
    assert extension in out
    assert any("extended XMP" in text for text in warned)
