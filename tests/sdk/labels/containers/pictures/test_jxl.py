"""Boxes of JPEG XL."""

from __future__ import annotations

import pytest

from genlabel import MediaError
from genlabel.labels.containers import files
from genlabel.labels.containers.contents import Edits, Unreadable
from tests.sdk.labels.containers.pictures import heifs
from tests.sdk.labels.containers.pictures.heifs import box
from tests.sdk.labels.samples import rdf

PACKET = rdf("")
OTHER = box(b"xml ", b"<other/>")
EXIF = box(b"Exif", bytes(4), b"II*\0\x08\0\0\0\0\0")


def labelled(data: bytes, packet: bytes = PACKET) -> bytes:
    found = files.read(data, name="a")
    edits = Edits(xmp={found.xmp[0].index: packet}) if found.xmp else Edits(new_xmp=packet)
    return files.write(data, found, edits, name="a")[0]


def test_a_bare_codestream_gets_boxes() -> None:
    assert labelled(heifs.JXL) == heifs.jxl(box(b"xml ", PACKET))
    found = files.read(heifs.JXL, name="a")
    assert files.write(heifs.JXL, found, Edits(), name="a")[0] == heifs.JXL


def test_a_packet_stands_before_the_picture() -> None:
    for extra in ([], [OTHER, EXIF], [box(b"jxll", b"\x0a")]):
        data = labelled(heifs.jxl(*extra))
        assert data == heifs.jxl(*extra, box(b"xml ", PACKET))
        assert labelled(data, rdf("xyz")) == heifs.jxl(*extra, box(b"xml ", rdf("xyz")))
        assert labelled(data) == data


def test_a_last_box_that_is_open_stays_the_last() -> None:
    data = heifs.jxl(box(b"xml ", rdf("old")))
    at = data.index(b"jxlc") - 4
    opened = data[:at] + bytes(4) + data[at + 4 :]
    out = labelled(opened)
    assert out.endswith(b"\0\0\0\0jxlc" + heifs.JXL)
    assert [held.content() for held in files.read(out, name="a").xmp] == [PACKET]


def test_exif_is_found_and_rewritten() -> None:
    data = heifs.jxl(EXIF)
    found = files.read(data, name="a")
    assert found.exif is not None
    block = found.exif.raw[:-1] + b"z"
    out, _ = files.write(data, found, Edits(exif=block), name="a")
    assert out == heifs.jxl(box(b"Exif", bytes(4), block))


def test_a_compressed_packet_is_damaged_to_us_never_absent() -> None:
    (held,) = files.read(heifs.jxl(box(b"brob", b"xml brotli")), name="a").xmp
    with pytest.raises(Unreadable, match="Brotli"):
        held.content()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(heifs.jxl()[:-1], "is cut short"), (heifs.jxl()[:32], "holds no picture")],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        files.read(data, name="a")
