"""TIFF files: every layout of samples goes in and out, and everything else stays."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import genlabel
from genlabel import CapacityError, GenlabelError, Key, Label, MediaError, UnsupportedError
from genlabel.image._files.formats import decode, encode, mark, shown
from genlabel.image._files.picture import Picture
from tests.sdk.image.files.tiff_pages import tiff_of
from tests.sdk.labels.containers.pictures.tiffs import pages_of

Pixels = NDArray[Any]
RNG = np.random.default_rng(6)
GRAY = RNG.integers(0, 256, (50, 70), dtype=np.uint8)
DEEP_GRAY = RNG.integers(0, 65536, (50, 70), dtype=np.uint16)
COLOUR = RNG.integers(0, 256, (50, 70, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (50, 70, 3), dtype=np.uint16)
ALPHA = RNG.integers(0, 256, (50, 70, 4), dtype=np.uint8)


def changed(pixels: Pixels) -> Pixels:
    """Other samples of the same kind; alpha stays."""
    out = pixels.copy()
    colours = out[..., :3] if out.ndim == 3 else out
    colours ^= RNG.integers(0, 8, colours.shape, dtype=out.dtype)
    return out


def opened(data: bytes) -> Picture:
    picture = decode(data, name="a.tif")
    assert isinstance(picture, Picture)
    return picture


@pytest.mark.parametrize(
    "pixels", [GRAY, DEEP_GRAY, COLOUR, DEEP, ALPHA], ids=lambda p: str(p.shape)
)
@pytest.mark.parametrize(
    ("order", "tile", "planar", "predictor", "deflated"),
    [
        case
        for case in itertools.product("<>", (0, 32), (False, True), (1, 2), (False, True))
        if case[4] or case[3] == 1
    ],
)
def test_every_layout(
    pixels: Pixels, order: str, tile: int, planar: bool, predictor: int, deflated: bool
) -> None:
    data = tiff_of(
        pixels,
        order=order,
        tile=tile,
        planar=planar,
        predictor=predictor,
        deflated=deflated,
        private=b"private data",
    )
    picture = opened(data)
    assert picture.pixels.dtype == pixels.dtype
    assert np.array_equal(picture.pixels, pixels)
    new = changed(pixels)
    out, _ = encode(picture, new)
    assert np.array_equal(opened(out).pixels, new)
    if not deflated:
        assert len(out) <= len(data) + 100
    places = {273, 279, 324, 325}
    (before,), (after,) = pages_of(data), pages_of(out)
    assert {t: v for t, v in after.items() if t not in places} == {
        t: v for t, v in before.items() if t not in places
    }
    # Of alpha it gives colours that are multiplied with it.
    if pixels.shape[2:] == (3,) and not planar:
        seen = cv2.imdecode(np.frombuffer(out, np.uint8), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(seen, new[..., ::-1])


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("pixels", [GRAY, DEEP_GRAY, COLOUR, ALPHA], ids=lambda p: str(p.shape))
def test_files_of_libtiff(pixels: Pixels, compression: str | None) -> None:
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out, "TIFF", compression=compression, icc_profile=b"p" * 99, dpi=(300, 300)
    )
    picture = opened(out.getvalue())
    assert np.array_equal(picture.pixels, pixels)
    new = changed(pixels)
    data, warned = encode(picture, new)
    assert not warned
    with Image.open(io.BytesIO(data)) as image, Image.open(out) as plain:
        assert np.array_equal(np.asarray(image), new)
        assert image.info["icc_profile"] == b"p" * 99
        assert image.info["dpi"] == (300, 300)
        assert image.info["compression"] == plain.info["compression"]


def test_deep_colours_of_another_library() -> None:
    _, coded = cv2.imencode(".tiff", DEEP[..., ::-1])
    picture = opened(coded.tobytes())
    assert np.array_equal(picture.pixels, DEEP)


def test_white_is_zero_is_seen_as_it_is_shown() -> None:
    picture = opened(tiff_of(255 - GRAY, photometric=0))
    assert np.array_equal(picture.pixels, GRAY)
    out, _ = encode(picture, GRAY ^ 1)
    assert np.array_equal(opened(out).pixels, GRAY ^ 1)
    with Image.open(io.BytesIO(out)) as image:
        assert np.array_equal(np.asarray(image), GRAY ^ 1)


def test_premultiplied_colours_stay_below_their_alpha() -> None:
    pixels = ALPHA.copy()
    pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])
    picture = opened(tiff_of(pixels, extra=1))
    bright = picture.pixels.copy()
    bright[..., :3] = 255
    seen = opened(encode(picture, bright)[0]).pixels
    assert np.array_equal(seen, np.concatenate([pixels[..., 3:]] * 4, axis=-1))


def test_gray_with_alpha() -> None:
    pixels = np.stack([GRAY, GRAY[::-1]], axis=-1)
    picture = opened(tiff_of(pixels))
    assert picture.pixels.shape == (50, 70, 4)
    new = picture.pixels.copy()
    new[..., :3] ^= 3
    assert np.array_equal(opened(encode(picture, new)[0]).pixels, new)


def test_jpeg_in_tiff_is_written_without_loss() -> None:
    smooth = np.asarray(Image.radial_gradient("L").convert("RGB"))
    out = io.BytesIO()
    Image.fromarray(smooth).save(out, "TIFF", compression="jpeg")
    picture = opened(out.getvalue())
    assert any("without loss" in warning for warning in picture.warnings)
    new = changed(picture.pixels)
    data, _ = encode(picture, new)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), new)


def test_nothing_of_the_old_samples_is_left() -> None:
    data = tiff_of(GRAY, deflated=True)
    chunk = data[8:200]
    out, _ = encode(opened(data), changed(GRAY))
    assert chunk in data
    assert chunk not in out


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (tiff_of(GRAY, photometric=3), UnsupportedError, "unusual kind"),
        (tiff_of(DEEP, predictor=3), UnsupportedError, "unusual kind"),
        (tiff_of(ALPHA, photometric=5), UnsupportedError, "unusual kind"),
        (
            tiff_of(GRAY).replace(b"\x03\1\3\0\1\0\0\0\1\0", b"\x03\1\3\0\1\0\0\0\4\0"),
            UnsupportedError,
            "of compression 4",
        ),
        (tiff_of(GRAY, deflated=True).replace(b"\x78\x9c", b"\x79\x9c"), MediaError, "decoded"),
    ],
)
def test_what_cannot_be_written_again_is_refused(
    data: bytes, kind: type[GenlabelError], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        mark(decode(data, name="a.tif"), lambda pixels: pixels)


def test_shared_strips_are_refused() -> None:
    data = tiff_of(GRAY, rows=25)
    offsets = (8).to_bytes(4, "little") + (8 + 25 * 70).to_bytes(4, "little")
    twice = data.replace(offsets, offsets[:4] * 2)
    assert twice != data
    with pytest.raises(UnsupportedError, match="share their bytes"):
        encode(opened(twice), GRAY)


def test_pages_are_pictures_of_their_own() -> None:
    pages = [COLOUR, np.ascontiguousarray(COLOUR[:40, :30]), GRAY]
    media = decode(tiff_of(*pages, deflated=True), name="a.tif")
    assert media.media_type == "image/tiff"
    for seen, expected in zip(shown(media), pages, strict=True):
        assert np.array_equal(seen, expected)

    def embed(pixels: Pixels) -> Pixels:
        if pixels.ndim == 2:
            raise CapacityError("flat")
        return pixels ^ 1

    out, _ = mark(media, embed)
    after = list(shown(decode(out, name="a.tif")))
    assert np.array_equal(after[0], pages[0] ^ 1)
    assert np.array_equal(after[1], pages[1] ^ 1)
    assert np.array_equal(after[2], pages[2])


@pytest.mark.parametrize("pages", [1, 2])
def test_marked_and_verified(
    pages: int, key: Key, tmp_path: Path, media: Callable[[str], Path]
) -> None:
    with Image.open(media("images/kodim23.png")) as image:
        pixels = np.asarray(image.convert("RGB"))[:384, :512].astype(np.uint16) * 257
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    source.write_bytes(tiff_of(*[pixels, pixels[::-1]][:pages], deflated=True, predictor=2))
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key)
    assert receipt.layers == ("watermark", "aigc", "xmp")
    assert receipt.psnr is not None
    assert receipt.psnr > 40
    report = genlabel.verify(target, keys=[key])
    assert report.detection is not None
    assert report.detection.payload == receipt.payload
    assert report.conflicts == ()
    for seen in shown(decode(target.read_bytes(), name="b")):
        assert seen.dtype == np.uint16
        # All 16 bits are used, not 8 of them twice.
        assert len(np.unique(seen % 257)) > 200
