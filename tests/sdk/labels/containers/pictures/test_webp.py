"""WebP chunks and the VP8X header."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlabel import MediaError
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.pictures import webp
from tests.sdk.labels.samples import besides_xmp, parts, picture, rdf, riff_chunk, webp_of

PACKET = rdf("")
LOSSY = picture("WEBP")
KINDS = st.sampled_from([b"EXIF", b"ICCP", b"C2PA", b"zzzz"])


def flags(data: bytes) -> int:
    assert data[12:16] == b"VP8X"
    return data[20]


def labelled(data: bytes) -> bytes:
    found = webp.read(data, name="a")
    edits = Edits(xmp={held.index: PACKET for held in found.xmp})
    if not found.xmp:
        edits = Edits(new_xmp=PACKET)
    return webp.write(data, found, edits, name="a")[0]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    image = LOSSY[12:]
    chunks = [riff_chunk(draw(KINDS), p) for p in draw(st.lists(st.binary(max_size=9), max_size=5))]
    chunks.insert(draw(st.integers(0, len(chunks))), image)
    if draw(st.booleans()):
        header = b"\x08\0\0\0" + bytes([23, 0, 0, 15, 0, 0])
        chunks.insert(0, riff_chunk(b"VP8X", header))
        if draw(st.booleans()):
            chunks.insert(draw(st.integers(1, len(chunks))), riff_chunk(b"XMP ", rdf("old!")))
    return webp_of(*chunks) + draw(st.binary(max_size=9))


@given(files())
def test_everything_else_is_kept(data: bytes) -> None:
    found = webp.read(data, name="a")
    assert b"".join(data[start:end] for start, end in found.pieces) == data
    out = labelled(data)
    assert besides_xmp(out) == besides_xmp(data)
    assert [held.raw for held in webp.read(out, name="a").xmp] == [PACKET]
    assert flags(out) & 0x04
    assert labelled(out) == out


@pytest.mark.parametrize(
    ("mode", "options", "alpha"),
    [
        ("RGB", {}, False),
        ("RGB", {"lossless": True}, False),
        ("RGBA", {"lossless": True}, True),
        ("RGBA", {}, True),
    ],
)
@pytest.mark.parametrize("size", [(24, 16), (1, 1), (17, 4097), (16383, 2)])
def test_extended_header_says_what_the_picture_is(
    mode: str, options: dict[str, bool], alpha: bool, size: tuple[int, int]
) -> None:
    out = io.BytesIO()
    Image.new(mode, size, (9, 8, 7, 6)[: len(mode)]).save(out, "WEBP", **options)
    data = labelled(out.getvalue())
    assert bool(flags(data) & 0x10) == alpha
    canvas = dict(parts(data))["VP8X"][4:]
    width, height = (int.from_bytes(canvas[i : i + 3], "little") + 1 for i in (0, 3))
    assert (width, height) == size
    with Image.open(io.BytesIO(data)) as image, Image.open(out) as plain:
        assert image.tobytes() == plain.tobytes()
        assert image.info["xmp"] == PACKET


def test_animation_is_kept() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 120, 240)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=50)
    data = labelled(out.getvalue())
    assert flags(data) & 0x02
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 3


def test_a_last_chunk_without_padding() -> None:
    body = b"WEBP" + LOSSY[12:] + b"zzzz\1\0\0\0z"
    data = b"RIFF" + len(body).to_bytes(4, "little") + body
    out = labelled(data)
    assert dict(parts(out))["zzzz"] == b"z"
    assert labelled(out) == out


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LOSSY[:-2], "its header claims"),
        (b"RIFF\4\0\0\0WEBP", "holds no chunk"),
        (webp_of(riff_chunk(b"EXIF", b"")), "holds no picture"),
        (webp_of(LOSSY[12:], b"XMP \xfe\xff\xff\xff"), "chunk claims 4294967294 bytes"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        webp.read(data, name="a")


def test_a_picture_without_a_readable_size_is_not_extended() -> None:
    with pytest.raises(MediaError, match="no readable header"):
        labelled(webp_of(riff_chunk(b"VP8 ", b"short")))
