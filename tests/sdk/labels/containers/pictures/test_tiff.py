"""TIFF directories."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlabel import MediaError, UnsupportedError
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.pictures import tiff
from tests.sdk.labels.containers.pictures import tiffs
from tests.sdk.labels.samples import WRAPPED, rdf

OLD = rdf("older")
PRIVATE = st.tuples(st.integers(30000, 30010), st.just(7), st.binary(max_size=40))
FORM = st.sampled_from(tiffs.FORMS)


def labelled(data: bytes, packet: bytes) -> bytes:
    found = tiff.read(data, name="a")
    edits = Edits(xmp={found.xmp[0].index: packet}) if found.xmp else Edits(new_xmp=packet)
    return tiff.write(data, found, edits, name="a")[0]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    rows = draw(st.lists(PRIVATE, max_size=3, unique_by=lambda row: row[0]))
    if draw(st.booleans()):
        rows.append((700, draw(st.sampled_from([1, 7])), OLD))
    order, big = draw(FORM)
    pages = draw(st.integers(1, 3))
    return tiffs.tiff(order, big, pages=pages, rows=tuple(rows), tail=draw(st.binary(max_size=9)))


@given(files(), st.lists(st.integers(0, 300), min_size=1, max_size=3))
def test_everything_else_is_kept(data: bytes, sizes: list[int]) -> None:
    before = tiffs.pages_of(data)
    out = data
    for size in sizes:
        packet = rdf("x" * size)
        out = labelled(out, packet)
        assert [held.content() for held in tiff.read(out, name="a").xmp] == [packet]
        assert labelled(out, packet) == out
    assert tiffs.samples_of(out) == tiffs.samples_of(data)
    after = tiffs.pages_of(out)
    assert after[0].pop(700) == packet
    before[0].pop(700, None)
    assert after == before
    # The old packet is gone, also from where no field points.
    assert OLD not in out


@pytest.mark.parametrize(("order", "big"), tiffs.FORMS[:3])
def test_pillow_opens_what_is_written(order: str, big: bool) -> None:
    data = tiffs.tiff(order, big, pages=2)
    with Image.open(io.BytesIO(labelled(data, OLD))) as image:
        assert image.n_frames == 2
        assert image.info["xmp"] == OLD
        for frame, expected in enumerate(tiffs.samples_of(data)):
            image.seek(frame)
            assert image.tobytes() == expected


def test_compressed_pages_with_tiles_and_profiles_are_kept() -> None:
    pages = [Image.radial_gradient("L").convert("RGB"), Image.linear_gradient("L")]
    out = io.BytesIO()
    options = {"compression": "tiff_adobe_deflate", "icc_profile": b"p" * 99, "dpi": (300, 300)}
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], **options)
    with Image.open(io.BytesIO(labelled(out.getvalue(), OLD))) as image, Image.open(out) as plain:
        assert image.info["icc_profile"] == b"p" * 99
        assert image.info["dpi"] == (300, 300)
        for frame in range(2):
            image.seek(frame)
            plain.seek(frame)
            assert image.tobytes() == plain.tobytes()


def test_packets_of_other_pages_are_read() -> None:
    data = tiffs.tiff(pages=2)
    field = tiffs.tiff(rows=((700, 1, OLD),))
    assert not tiff.read(data, name="a").xmp
    assert [held.where for held in tiff.read(field, name="a").xmp] == ["TIFF tag 700"]


@pytest.mark.parametrize(("order", "big"), tiffs.FORMS)
def test_descriptions_are_texts(order: str, big: bool) -> None:
    data = tiffs.tiff(order, big, rows=((270, 2, WRAPPED.encode() + b"\0"),))
    found = tiff.read(data, name="a")
    assert (found.exif is None) == big
    if not big:
        return
    (held,) = found.texts
    assert held.content().decode() == WRAPPED
    out, warned = tiff.write(data, found, Edits(drop=frozenset([held.index])), name="a")
    assert not warned
    assert tiffs.pages_of(out)[0][270] == bytes(len(WRAPPED) + 1)
    assert tiffs.samples_of(out) == tiffs.samples_of(data)


def test_a_description_that_is_shared_is_left() -> None:
    text = WRAPPED.encode() + b"\0"
    data = tiffs.tiff(big=True, rows=((270, 2, text), (30000, 2, text)))
    first = data.index(text)
    second = data.index(text, first + 1)
    data = data.replace(second.to_bytes(8, "little"), first.to_bytes(8, "little"))
    found = tiff.read(data, name="a")
    edits = Edits(drop=frozenset(held.index for held in found.texts))
    out, warned = tiff.write(data, found, edits, name="a")
    assert out == data
    assert "shares its bytes" in warned[0]


def test_a_packet_of_another_type_is_damaged() -> None:
    (held,) = tiff.read(tiffs.tiff(rows=((700, 4, bytes(8)),)), name="a").xmp
    with pytest.raises(Unreadable, match="of type 4"):
        held.content()


def test_a_packet_beyond_the_end_is_damaged() -> None:
    data = bytearray(tiffs.tiff(rows=((700, 1, OLD),)))
    place = data.index(OLD).to_bytes(4, "little")
    data[data.index(place) : data.index(place) + 4] = b"\xff\xff\xff\x7f"
    (held,) = tiff.read(bytes(data), name="a").xmp
    with pytest.raises(Unreadable, match="beyond the end"):
        held.content()


LOOP = bytearray(tiffs.tiff())
LOOP[-4:] = LOOP[4:8]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"II*\0", "within its header"),
        (b"II+\0\x08\0\0\0\x10", "within its header"),
        (b"II+\0\x04\0\0\0" + bytes(8), "not of 64 bits"),
        (b"II*\0" + bytes(8), "holds no directory"),
        (b"II*\0\xff\0\0\0", "at byte 255 is not there"),
        (b"MM\0*\0\0\0\x08\xff\xff" + bytes(60), "claims 65535 fields"),
        (tiffs.tiff()[:-3], "claims 8 fields"),
        (bytes(LOOP), "do not end"),
        (tiffs.tiff().replace(b"\x80\1\0\0", b"\x80\1\1\0"), "ends within its samples"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        tiff.read(data, name="a")


def test_raw_files_are_not_written() -> None:
    plain = tiffs.tiff()
    moved = bytearray(plain[:8] + b"CR\2\0" + plain[12:])
    with pytest.raises(UnsupportedError, match="raw file of Canon"):
        labelled(bytes(moved), OLD)
