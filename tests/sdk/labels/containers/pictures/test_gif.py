"""GIF blocks."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlabel import MediaError
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.pictures import gif
from tests.sdk.labels.containers.pictures import gifs
from tests.sdk.labels.samples import rdf

PACKET = rdf("")
OLD = rdf("older")
BLOCKS = st.one_of(
    st.binary(max_size=600).map(gifs.comment),
    st.binary(max_size=600).map(lambda content: gifs.application(b"C2PA_GIF\1\0\0", content)),
    st.just(b"\x21\xf9\4\0\5\0\0\0"),
    st.just(b"\x21\1\x0c" + bytes(12) + gifs.sub_blocks(b"text")),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file with a packet, or none, and the same one without it."""
    plain = gifs.gif(draw(st.integers(1, 3)))
    if draw(st.booleans()):
        plain = plain.removesuffix(b";")
    blocks = draw(st.lists(BLOCKS, max_size=4))
    place = draw(st.integers(0, len(blocks)))
    there = [gifs.xmp(OLD)] if draw(st.booleans()) else []
    end = gifs.header_bytes(plain)
    with_packet = b"".join([*blocks[:place], *there, *blocks[place:]])
    return plain[:end] + with_packet + plain[end:], plain[:end] + b"".join(blocks) + plain[end:]


def labelled(data: bytes) -> bytes:
    found = gif.read(data, name="a")
    edits = Edits(xmp={held.index: PACKET for held in found.xmp})
    if not found.xmp:
        edits = Edits(new_xmp=PACKET)
    return gif.write(data, found, edits, name="a")[0]


@given(files())
def test_everything_else_is_kept(pair: tuple[bytes, bytes]) -> None:
    data, plain = pair
    found = gif.read(data, name="a")
    assert b"".join(data[start:end] for start, end in found.pieces) == data
    out = labelled(data)
    assert [held.content() for held in gif.read(out, name="a").xmp] == [PACKET]
    assert out.replace(gifs.xmp(PACKET), b"") == b"GIF89a" + plain[6:]
    assert labelled(out) == out


@given(files())
def test_a_packet_can_go(pair: tuple[bytes, bytes]) -> None:
    data, plain = pair
    found = gif.read(data, name="a")
    edits = Edits(drop=frozenset(held.index for held in found.xmp))
    assert gif.write(data, found, edits, name="a")[0] == b"GIF89a" + plain[6:]


def test_an_animation_shows_the_same() -> None:
    data = gifs.gif(3)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(labelled(data))) as after:
        assert after.n_frames == before.n_frames == 3
        assert after.info["loop"] == before.info["loop"]
        for frame in range(3):
            before.seek(frame)
            after.seek(frame)
            assert before.tobytes() == after.tobytes()
            assert before.info["duration"] == after.info["duration"]


def test_the_first_version_becomes_the_second_which_has_extensions() -> None:
    data = labelled(b"GIF87a" + gifs.gif()[6:])
    assert data.startswith(b"GIF89a")
    assert data.replace(gifs.xmp(PACKET), b"") == b"GIF89a" + gifs.gif()[6:]


def test_a_comment_is_joined() -> None:
    (held,) = gif.read(gifs.gif_with(gifs.comment(b"x" * 700)), name="a").texts
    assert (held.keyword, held.content()) == ("Comment", b"x" * 700)


def test_a_packet_in_sub_blocks_is_read() -> None:
    data = gifs.gif_with(gifs.application(b"XMP DataXMP", PACKET))
    (held,) = gif.read(data, name="a").xmp
    assert held.content() == PACKET


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (gifs.xmp(PACKET)[:-60], "is cut short with the file"),
        (gifs.xmp(PACKET).replace(b"\x80\x7f", b"\x80\x80"), "leads readers past it is damaged"),
    ],
)
def test_a_damaged_packet_is_a_damaged_place(block: bytes, reason: str) -> None:
    plain = gifs.gif()
    end = gifs.header_bytes(plain)
    tail = plain[end:] if reason.startswith("leads") else b""
    (held,) = gif.read(plain[:end] + block + tail, name="a").xmp
    with pytest.raises(Unreadable, match=reason):
        held.content()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GIF89a\1\0", "ends within a header"),
        (b"GIF89a\1\0\1\0\x87\0\0", "ends before its first block"),
        (gifs.gif()[:-9], "ends within a block"),
        (gifs.gif_with(b"\x99"), "no block begins at byte"),
        (gifs.gif_with(b"\x21\xff"), "no block begins|ends within a block"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*({reason})"):
        gif.read(data, name="a")


def test_blocks_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gif, "MAX_BLOCKS", 10)
    with pytest.raises(MediaError, match="more than 10 blocks"):
        gif.read(gifs.gif_with(*[gifs.comment(b"")] * 10), name="a")
