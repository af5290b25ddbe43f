"""Hostile and damaged picture files: one line, little memory, and only our errors."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genlabel import GenlabelError, MediaError
from genlabel.image._files.formats import decode, encode, mark
from tests.sdk.image.files.tiff_pages import tiff_of
from tests.sdk.labels.changes import mutated
from tests.sdk.labels.containers.pictures import gifs, heifs

Media = Callable[[str], Path]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated_scan.jpg", "cut short"),
        ("truncated_idat.png", "cut short"),
        ("bad_ihdr_crc.png", "CRC"),
        ("no_idat.png", "no picture"),
        ("jpeg_segment_len_1.jpg", "1 bytes"),
        ("riff_webp_chunk_overrun.webp", "claims 4294967294 bytes"),
        ("bomb_50000x50000_1bit.png", "50000 x 50000 pixels"),
        ("declared_65535x65535.gif", "65535 x 65535 pixels|cut short|holds no picture"),
    ],
)
def test_broken_files_end_in_one_line_and_little_memory(
    media: Media, name: str, reason: str
) -> None:
    data = media(f"broken/{name}").read_bytes()
    tracemalloc.start()
    with pytest.raises(MediaError, match=reason) as caught:
        decode(data, name=name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(caught.value).startswith(f"{name}: ") and "\n" not in str(caught.value)
    assert peak < 4 * len(data) + (4 << 20)


NOISE = np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=np.uint8)
KINDS = {
    "pages.tif": tiff_of(NOISE, NOISE[:30], deflated=True, predictor=2),
    "tiles.tif": tiff_of(NOISE, tile=32, planar=True),
    "lzw.tif": saved(Image.fromarray(NOISE), "TIFF", compression="tiff_lzw"),
    "jpeg.tif": saved(Image.fromarray(NOISE), "TIFF", compression="jpeg"),
    "a.gif": gifs.gif(3),
    "a.bmp": saved(Image.fromarray(NOISE), "BMP"),
    "a.avif": heifs.avif(),
}


@pytest.mark.parametrize("name", KINDS)
def test_mutations(name: str) -> None:
    rng = random.Random(9)
    outcomes = set()
    for turn in range(120):
        seed = KINDS[name]
        data = mutated(seed, rng) if turn % 4 else seed[: rng.randrange(1, len(seed))]
        try:
            mark(decode(data, name="a"), lambda pixels: pixels ^ 1)
        except GenlabelError as error:
            assert "\n" not in str(error) and str(error).startswith("a: ")
            outcomes.add(type(error))
        else:
            outcomes.add(None)
    assert {MediaError} <= outcomes


@pytest.mark.parametrize(
    "name",
    ["bomb_ztxt_100MB.png", "xmp_billion_laughs.jpg", "exif_ifd_loop.jpg", "nonutf8_text.png"],
)
def test_hostile_metadata_never_reaches_the_decoder(media: Media, name: str) -> None:
    data = media(f"broken/{name}").read_bytes()
    tracemalloc.start()
    picture = decode(data, name=name)
    written, _ = encode(picture, picture.pixels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert picture.pixels.shape == (240, 320, 3)
    assert len(written) > len(data) / 2
    assert peak < 20 << 20


def test_a_wrong_name_changes_nothing(media: Media) -> None:
    assert decode(media("broken/wrong_ext_png.jpg").read_bytes(), name="a.jpg").media_type == (
        "image/png"
    )


SMALL = np.random.default_rng(3).integers(0, 256, (24, 24, 4), dtype=np.uint8)
SEEDS = [
    saved(Image.fromarray(SMALL), "PNG"),
    saved(Image.fromarray(SMALL[..., :3]).quantize(16), "PNG"),
    saved(Image.fromarray(SMALL[..., :3]), "JPEG", progressive=True),
    saved(Image.fromarray(SMALL, "CMYK"), "JPEG"),
    cv2.imencode(".jpg", SMALL[..., :3], (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x121111))[1].tobytes(),
    saved(Image.fromarray(SMALL), "WEBP"),
    saved(Image.fromarray(SMALL), "WEBP", lossless=True),
]


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.data())
def test_of_damaged_bytes_only_our_errors_escape(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(seed)))
    # A checksum would stop most changes at the door: mend it in half of the cases.
    if data.draw(st.booleans()) and damaged[:4] == b"\x89PNG":
        damaged = bytearray(mended(bytes(damaged)))
    for attempt in (bytes(damaged), bytes(damaged[:cut])):
        try:
            picture = decode(attempt, name="a")
            encode(picture, picture.pixels)
        except GenlabelError as error:
            assert "\n" not in str(error)


def mended(data: bytes) -> bytes:
    out, position = data[:8], 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        end = position + 8 + length
        if end + 4 > len(data):
            break
        out += chunk(data[position + 4 : position + 8], data[position + 8 : end])
        position = end + 4
    return out + data[position:]
