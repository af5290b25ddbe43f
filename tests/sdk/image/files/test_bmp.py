"""BMP files: samples go in and out, and every other byte stays."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import genlabel
from genlabel import Key, Label, MediaError, Signer, UnsupportedError
from genlabel.certs import CertFiles
from genlabel.image._files.formats import decode, encode, mark
from genlabel.image._files.picture import Picture

Pixels = NDArray[Any]
RNG = np.random.default_rng(6)


def bmp(
    pixels: Pixels, *, down: bool = False, masks: tuple[int, ...] = (), core: bool = False
) -> bytes:
    """A BMP of 24 or 32 bits, with something behind its samples."""
    height, width, count = pixels.shape
    stored = pixels[..., [2, 1, 0, 3][:count]]
    rows = stored if down else stored[::-1]
    stride = (width * count + 3) // 4 * 4
    samples = b"".join(row.tobytes().ljust(stride, b"\x55") for row in rows)
    if core:
        info = struct.pack("<IHHHH", 12, width, height, 1, 8 * count)
    else:
        size = 56 if len(masks) == 4 else 40
        info = struct.pack("<IiiHHI", size, width, -height if down else height, 1, 8 * count, 0)
        info += struct.pack("<IiiII", 0, 2835, 2835, 0, 0)
        if masks:
            info = (
                info[:16]
                + struct.pack("<I", 3)
                + info[20:]
                + struct.pack(f"<{len(masks)}I", *masks)
            )
    start = 14 + len(info)
    data = b"BM" + struct.pack("<IHHI", start + len(samples), 0, 0, start) + info + samples
    return data + b"behind"


USUAL = (0xFF0000, 0xFF00, 0xFF)


@pytest.mark.parametrize(
    ("samples", "options", "channels"),
    [
        (3, {}, 3),
        (3, {"down": True}, 3),
        (3, {"core": True}, 3),
        (4, {}, 3),
        (4, {"masks": USUAL}, 3),
        (4, {"masks": (*USUAL, 0xFF000000)}, 4),
        (4, {"masks": (*USUAL, 0xFF000000), "down": True}, 4),
    ],
)
def test_samples_go_in_and_out(samples: int, options: dict[str, Any], channels: int) -> None:
    pixels = RNG.integers(0, 256, (19, 23, samples), dtype=np.uint8)
    data = bmp(pixels, **options)
    picture = decode(data, name="a")
    assert isinstance(picture, Picture)
    assert np.array_equal(picture.pixels, pixels[..., :channels])
    assert encode(picture, picture.pixels)[0] == data
    new = picture.pixels.copy()
    new[..., :3] ^= 5
    out, _ = encode(picture, new)
    assert out == bmp(np.concatenate([pixels[..., :3] ^ 5, pixels[..., 3:]], axis=-1), **options)
    if channels == 3:
        with Image.open(io.BytesIO(out)) as image:
            assert np.array_equal(np.asarray(image.convert("RGB")), new)


def test_gray() -> None:
    pixels = RNG.integers(0, 256, (19, 23), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "BMP")
    picture = decode(out.getvalue(), name="a")
    assert isinstance(picture, Picture)
    assert np.array_equal(picture.pixels, pixels)
    data, _ = encode(picture, pixels ^ 3)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), pixels ^ 3)


def test_what_cannot_be_written_again_is_refused() -> None:
    out = io.BytesIO()
    Image.radial_gradient("L").quantize(16).save(out, "BMP")
    pixels = RNG.integers(0, 256, (19, 23, 4), dtype=np.uint8)
    for data in (out.getvalue(), bmp(pixels, masks=(0xFF, 0xFF00, 0xFF0000))):
        with pytest.raises(UnsupportedError, match="of few colours"):
            mark(decode(data, name="a"), lambda pixels: pixels)
    with pytest.raises(MediaError, match="within its samples"):
        decode(bmp(pixels)[:-60], name="a")


def test_marked_and_signed_beside(
    key: Key, signer: Signer, authority: CertFiles, tmp_path: Path, media: Callable[[str], Path]
) -> None:
    source, target = tmp_path / "a.bmp", tmp_path / "b.bmp"
    with Image.open(media("images/kodim23.png")) as image:
        image.convert("RGB").crop((0, 0, 512, 384)).save(source, dpi=(300, 300))
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key, signer=signer)
    assert receipt.layers == ("watermark", "c2pa")
    assert receipt.sidecar == str(tmp_path / "b.c2pa")
    assert any("has no place" in warning for warning in receipt.warnings)
    assert len(target.read_bytes()) == len(source.read_bytes())
    report = genlabel.verify(target, keys=[key], trust=authority.root)
    assert report.verdict == "generated"
    assert report.layers["c2pa"].state == "trusted"
    assert report.detection is not None
    assert report.detection.payload == receipt.payload
