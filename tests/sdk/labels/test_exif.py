"""Texts in Exif blocks, found and blanked without moving anything."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlabel.labels import exif
from tests.sdk.labels.samples import WRAPPED, exif_block


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tag", [0x010E, 0x9286])
def test_text_is_found_and_blanked(tag: int, order: str) -> None:
    code = b"ASCII\0\0\0" if tag == 0x9286 else b""
    block = exif_block(tag, code + WRAPPED.encode() + b"\0", order=order)
    (text,) = exif.texts(block)
    assert (text.text, text.alone) == (WRAPPED, True)
    after = exif.blanked(block, [text])
    assert len(after) == len(block)
    assert after[: text.span[0]] == block[: text.span[0]]
    assert [each.text for each in exif.texts(after)] == [""]
    tags = Image.Exif()
    tags.load(b"Exif\0\0" + after)
    assert tags[0x0112] == 6


def test_what_pillow_writes_is_read() -> None:
    image = Image.new("L", (8, 8))
    tags = image.getexif()
    tags[0x010E] = "a description"
    tags.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0a comment"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=tags)
    start = out.getvalue().index(b"Exif\0\0") + 6
    found = exif.texts(out.getvalue()[start:])
    assert {(each.tag, each.text) for each in found} == {
        ("ImageDescription", "a description"),
        ("UserComment", "a comment"),
    }


@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*"]))
def test_any_block_is_survived(rest: bytes, order: bytes) -> None:
    for text in exif.texts(order + rest):
        assert exif.blanked(order + rest, [text])


@given(st.data())
def test_mutated_blocks_are_survived(data: st.DataObject) -> None:
    block = bytearray(exif_block(0x9286, b"ASCII\0\0\0" + WRAPPED.encode()))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(0, 70))] = data.draw(st.integers(0, 255))
    for text in exif.texts(bytes(block)):
        assert len(exif.blanked(bytes(block), [text])) == len(block)
