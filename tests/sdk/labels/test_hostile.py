"""Damaged and hostile files: a result or a one-line error, never anything else."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from genlabel import GenlabelError, Label, LabelError, MediaError
from genlabel.labels.containers import sniff
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.changes import outcomes_of_changes, with_crcs
from tests.sdk.labels.samples import (
    WRAPPED,
    aigc_element,
    chunk,
    exif_block,
    itxt,
    jpeg_with,
    picture,
    png_with,
    riff_chunk,
    segment,
    webp_of,
    xmp_segment,
)

#: Name: states of aigc and xmp, or what the error says.
BROKEN: dict[str, tuple[str, str] | str] = {
    "aigc_deep_json.png": ("damaged", "absent"),
    "aigc_not_json.jpg": ("damaged", "absent"),
    "aigc_wrong_types.png": ("damaged", "absent"),
    "bad_ihdr_crc.png": "IHDR chunk fails its CRC",
    # No sample is decoded: its size is somebody else's to refuse.
    "bomb_50000x50000_1bit.png": ("absent", "absent"),
    "bomb_ztxt_100MB.png": ("absent", "absent"),
    "c2pa_jumbf_len_4g.jpg": ("absent", "absent"),
    "exif_ifd_loop.jpg": ("absent", "absent"),
    "jpeg_segment_len_1.jpg": "a segment at byte 2 is 1 bytes long",
    "no_idat.png": "holds no picture",
    "nonutf8_text.png": ("damaged", "absent"),
    "riff_webp_chunk_overrun.webp": "'XMP ' chunk claims 4294967294 bytes",
    "truncated_idat.png": "is cut short",
    "truncated_scan.jpg": "ends before its EOI",
    "wrong_ext_png.jpg": ("absent", "absent"),
    "xmp_billion_laughs.jpg": ("damaged", "damaged"),
    "xmp_deep_elements.png": ("damaged", "damaged"),
    "xmp_unclosed.jpg": ("damaged", "damaged"),
    "zero_byte.png": "is empty",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name: str, media: Callable[[str], Path]) -> None:
    data, expected = media(f"broken/{name}").read_bytes(), BROKEN[name]
    if isinstance(expected, str):
        with pytest.raises(MediaError, match=f"^{name}: .*{expected}"):
            read_metadata(data, name=name)
        return
    tracemalloc.start()
    found = read_metadata(data, name=name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.aigc.state, found.xmp.state) == expected
    assert peak < 8 * len(data) + (4 << 20)


def test_every_broken_picture_has_an_expectation(media: Callable[[str], Path]) -> None:
    folder = media("broken/MANIFEST.csv").parent
    kinds = (".png", ".jpg", ".webp")
    assert {path.name for path in folder.iterdir() if path.suffix in kinds} == set(BROKEN)


@pytest.mark.parametrize("name", [n for n, states in BROKEN.items() if states[1] == "damaged"])
def test_damaged_xmp_is_not_dropped(name: str, media: Callable[[str], Path], label: Label) -> None:
    with pytest.raises(LabelError, match="would be lost") as caught:
        write_metadata(media(f"broken/{name}").read_bytes(), label, name=name)
    assert caught.value.path == name


@pytest.mark.parametrize("name", ["aigc_not_json.jpg", "aigc_wrong_types.png", "nonutf8_text.png"])
def test_a_damaged_label_is_replaced(name: str, media: Callable[[str], Path], label: Label) -> None:
    data, _ = write_metadata(media(f"broken/{name}").read_bytes(), label, name=name)
    assert read_metadata(data, name=name).aigc.state == "valid"


def test_content_decides_not_the_name(media: Callable[[str], Path], label: Label) -> None:
    data = media("broken/wrong_ext_png.jpg").read_bytes()
    assert read_metadata(data, name="wrong_ext_png.jpg").media_type == "image/png"
    assert sniff(write_metadata(data, label, name="wrong_ext_png.jpg")[0]) == "png"


BOMB = zlib.compress(bytes(100 << 20), 9)


@pytest.mark.parametrize("keyword", ["AIGC", "XML:com.adobe.xmp", "Comment"])
def test_text_bombs(keyword: str) -> None:
    bomb = itxt(keyword, b"")[8:-5].replace(b"\0\0\0\0", b"\0\1\0\0", 1) + b"\0" + BOMB
    data = png_with(*[chunk(b"iTXt", bomb[: bomb.index(BOMB)] + BOMB)] * 3)
    tracemalloc.start()
    found = read_metadata(data, name="bomb.png")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 << 20
    assert found.aigc.state == ("absent" if keyword == "Comment" else "damaged")


def test_a_label_with_a_wrong_crc_is_damaged() -> None:
    broken = bytearray(itxt("XML:com.adobe.xmp", aigc_element(WRAPPED)))
    broken[-1] ^= 1
    found = read_metadata(png_with(bytes(broken)), name="a.png")
    assert (found.aigc.state, found.xmp.state) == ("damaged", "damaged")
    assert "CRC" in found.aigc.problems[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_cut_files_are_refused(kind: str, label: Label) -> None:
    data, _ = write_metadata(picture(kind), label, name="a")
    for end in range(len(data)):
        with pytest.raises(GenlabelError):
            read_metadata(data[:end], name="a")


SEEDS = {
    "png": png_with(
        itxt("XML:com.adobe.xmp", aigc_element(WRAPPED)),
        chunk(b"tEXt", b"AIGC\0" + WRAPPED.encode()),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(WRAPPED.encode())),
        chunk(b"eXIf", exif_block(0x9286, b"ASCII\0\0\0" + WRAPPED.encode())),
    ),
    "jpeg": jpeg_with(
        segment(0xE1, b"Exif\0\0" + exif_block(0x9286, b"ASCII\0\0\0" + WRAPPED.encode())),
        xmp_segment(aigc_element(WRAPPED)),
        segment(0xE2, b"MPF\0II*\0\x08\0\0\0\1\0\2\xb0\7\0\x20\0\0\0\x1a\0\0\0" + bytes(40)),
        segment(0xE9, b"AIGC" + WRAPPED.encode()),
        segment(0xFE, WRAPPED.encode()),
    ),
    "webp": webp_of(
        picture("WEBP")[12:],
        riff_chunk(b"EXIF", exif_block(0x9286, b"ASCII\0\0\0" + WRAPPED.encode())),
        riff_chunk(b"XMP ", aigc_element(WRAPPED)),
    ),
}


@pytest.mark.parametrize("kind", SEEDS)
def test_mutations(kind: str, label: Label) -> None:
    repaired = with_crcs if kind == "png" else None
    states = ("valid", "present")
    outcomes = outcomes_of_changes(SEEDS[kind], label, 500, repaired=repaired, states=states)
    assert {MediaError, LabelError, "present"} <= outcomes
