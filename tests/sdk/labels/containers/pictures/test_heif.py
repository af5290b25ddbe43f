"""Items of AVIF and HEIC."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import Label, MediaError, UnsupportedError
from genlabel._data import joined
from genlabel.labels.containers import files, sniff
from genlabel.labels.containers.contents import Edits, Unreadable
from genlabel.labels.containers.pictures import heif_file, heif_locations
from genlabel.labels.metadata import write_metadata
from tests.sdk.labels.containers.pictures import heifs
from tests.sdk.labels.containers.pictures.heifs import Form, box
from tests.sdk.labels.samples import rdf

OLD = rdf("older")


def labelled(data: bytes, packet: bytes) -> bytes:
    found = files.read(data, name="a")
    edits = Edits(xmp={found.xmp[0].index: packet}) if found.xmp else Edits(new_xmp=packet)
    return files.write(data, found, edits, name="a")[0]


@st.composite
def forms(draw: st.DrawFn) -> Form:
    version = draw(st.integers(0, 2))
    return Form(
        version=version,
        offset=draw(st.sampled_from([4, 8])),
        base=draw(st.sampled_from([0, 4, 8])),
        wide=draw(st.booleans()),
        references=draw(st.booleans()),
        in_idat=bool(version) and draw(st.booleans()),
        split=draw(st.booleans()),
        shared=draw(st.booleans()),
        behind=draw(st.booleans()),
        open_end=draw(st.booleans()),
    )


@given(
    forms(),
    st.one_of(st.none(), st.just(OLD)),
    st.lists(st.integers(0, 300), min_size=1, max_size=3),
)
def test_everything_else_is_kept(form: Form, packet: bytes | None, sizes: list[int]) -> None:
    data = heifs.heif(form, packet)
    before = heifs.items_of(data)
    assert before[1] == b"first item"
    for size in sizes:
        new = rdf("x" * size)
        data = labelled(data, new)
        (held,) = files.read(data, name="a").xmp
        assert held.content() == new
        assert labelled(data, new) == data
        assert heifs.items_of(data) == {**before, 3: new}


def test_offsets_that_count_from_elsewhere() -> None:
    data = heifs.heif(Form(base=4))
    out = joined(data, heif_file.plain(data, "a"))
    assert heifs.items_of(out) == heifs.items_of(data)
    assert joined(out, heif_file.plain(out, "a")) == out
    places = heifs.boxes_of(heifs.boxes_of(out)[b"meta"][1][4:])[b"iloc"][1]
    assert places[5] >> 4 == 0


def test_a_packet_about_an_auxiliary_picture_is_not_the_files_own() -> None:
    data = heifs.heif(Form(), OLD)
    about = struct.pack(">HHH", 3, 1, 1)
    data = data.replace(about, struct.pack(">HHH", 3, 1, 2))
    found = files.read(data, name="a")
    assert not found.xmp
    assert [held.content() for held in found.extended_xmp] == [OLD]
    out = labelled(data, rdf(""))
    assert heifs.items_of(out) == {**heifs.items_of(data), 4: rdf("")}


def test_the_primary_item_is_described() -> None:
    out = labelled(heifs.heif(Form(references=False)), OLD)
    meta = heifs.boxes_of(out)[b"meta"][1][4:]
    assert heifs.boxes_of(meta)[b"iref"][1] == bytes(4) + box(b"cdsc", struct.pack(">HHH", 3, 1, 1))


def test_exif_is_found_and_rewritten() -> None:
    data = heifs.heif(Form())
    found = files.read(data, name="a")
    assert found.exif is not None
    assert found.exif.raw.startswith(b"II*\0")
    block = found.exif.raw[:-1] + b"z"
    out, _ = files.write(data, found, Edits(exif=block), name="a")
    assert heifs.items_of(out)[2] == bytes(4) + block
    assert len(out) == len(data)


def test_a_packet_in_a_box_is_read_and_replaced() -> None:
    identity = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    data = heifs.heif(Form()) + box(b"uuid", bytes(16)) + box(b"uuid", identity, OLD)
    (held,) = files.read(data, name="a").xmp
    assert held.content() == OLD
    assert labelled(data, rdf("")) == data.removesuffix(box(b"uuid", identity, OLD)) + box(
        b"uuid", identity, rdf("")
    )


def test_a_packet_that_cannot_be_found_is_damaged() -> None:
    data = heifs.heif(Form(version=1), OLD)
    row = struct.pack(">HHHHI", 3, 0, 0, 1, data.index(OLD))
    elsewhere = data.replace(row, struct.pack(">HHHHI", 3, 2, 0, 1, data.index(OLD)))
    assert elsewhere != data
    (held,) = files.read(elsewhere, name="a").xmp
    with pytest.raises(Unreadable, match="does not say where"):
        held.content()


def test_a_compressed_packet_is_damaged() -> None:
    (held,) = files.read(heifs.heif(Form(coding=b"\0gzip"), OLD), name="a").xmp
    with pytest.raises(Unreadable, match="compressed .gzip"):
        held.content()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (heifs.HEIC[:-1], "is cut short"),
        (heifs.heif(Form()).replace(b"\0\0\0\x0a", b"\0\0\1\x0a"), "item 1 lies beyond the end"),
        (box(b"ftyp", b"avif\0\0\0\0avif") + box(b"meta", bytes(4), box(b"iloc", b"\0\0")), "cut"),
        (
            box(b"ftyp", b"avif\0\0\0\0avif")
            + box(b"meta", bytes(4), box(b"iloc", b"\3\0\0\0\x44\0\0\0")),
            "unknown form",
        ),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=f"^a: .*{reason}"):
        files.read(data, name="a")


def test_extents_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif_locations, "MAX_EXTENTS", 3)
    with pytest.raises(MediaError, match="more than 3 extents"):
        files.read(heifs.heif(Form()), name="a")


@pytest.mark.parametrize(
    "data",
    [
        box(b"ftyp", b"avif\0\0\0\0avif") + box(b"mdat", b""),
        box(b"ftyp", b"avif\0\0\0\0avif") + box(b"meta", bytes(4)),
    ],
)
def test_a_file_without_a_list_of_items_is_not_written(data: bytes) -> None:
    with pytest.raises(UnsupportedError, match="no list of items"):
        labelled(data, OLD)


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ([b"avif"], "avif"),
        ([b"avis", b"msf1"], "avif"),
        ([b"mif1", b"heic"], "heic"),
        ([b"msf1", b"hevc"], "heic"),
        ([b"mif1", b"miaf", b"avif"], "avif"),
        ([b"mif1", b"j2ki"], None),
        ([b"crx "], None),
        ([b"isom", b"avif"], "mp4"),
    ],
)
def test_brands(brands: list[bytes], kind: str | None) -> None:
    assert sniff(box(b"ftyp", brands[0], bytes(4), *brands)) == kind


def test_numbers_beyond_16_bits_are_refused() -> None:
    data = heifs.heif(Form())
    second = struct.pack(">B3xHH", 2, 2, 0) + b"Exif"
    data = data.replace(second, struct.pack(">B3xHH", 2, 65535, 0) + b"Exif")
    with pytest.raises(UnsupportedError, match="beyond 65535"):
        labelled(data, OLD)


def test_a_primary_item_beyond_two_bytes_is_refused() -> None:
    # Its number then takes in what stands behind it.
    data = heifs.avif().replace(b"pitm\0\0\0\0", b"pitm\1\0\0\0")
    with pytest.raises(UnsupportedError, match="beyond 65535"):
        write_metadata(data, Label("acme"), name="a.avif")


def test_a_packet_among_the_bytes_of_another_item_is_not_moved_each_time() -> None:
    data = heifs.heif(Form(), OLD + b" " * 60)
    at = data.index((10).to_bytes(4, "big"), data.index(b"iloc"))
    # The first item's bytes reach into the packet, which has to go elsewhere, once.
    damaged = data[:at] + (90).to_bytes(4, "big") + data[at + 4 :]
    once = labelled(damaged, rdf("new"))
    assert labelled(once, rdf("new")) == once
    assert heifs.items_of(once)[3] == rdf("new")
    last = damaged.rindex(b"mdat") - 4
    opened = damaged[:last] + bytes(4) + damaged[last + 4 :]
    once = labelled(opened, rdf("new"))
    assert labelled(once, rdf("new")) == once
