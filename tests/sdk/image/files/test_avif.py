"""AVIF files: one picture is coded anew, and every other item stays."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import genlabel
from genlabel import Key, Label, MediaError, UnsupportedError
from genlabel.image._files.avif import turned
from genlabel.image._files.formats import decode, encode, mark
from genlabel.image._files.picture import Picture, psnr
from genlabel.labels.containers.pictures import heif_coded
from tests.sdk.labels.containers.pictures import heifs
from tests.sdk.labels.samples import exif_block

Pixels = NDArray[Any]
Media = Callable[[str], Path]


@pytest.fixture(scope="module")
def photo(media: Media) -> Image.Image:
    with Image.open(media("images/kodim23.png")) as image:
        return image.convert("RGB").crop((0, 0, 320, 240))


def avif(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "AVIF", speed=9, **options)
    return out.getvalue()


def opened(data: bytes) -> Picture:
    picture = decode(data, name="a.avif")
    assert isinstance(picture, Picture)
    return picture


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"subsampling": "4:4:4"},
        {"subsampling": "4:2:2", "range": "limited"},
        {"exif": exif_block(0x010E, b"text\0"), "xmp": b"<x:xmpmeta/>", "icc_profile": b"p" * 200},
    ],
)
def test_one_picture_is_coded_as_the_old_was(options: dict[str, Any], photo: Image.Image) -> None:
    picture = opened(avif(photo, quality=90, **options))
    darker = picture.pixels // 2
    data, warned = encode(picture, darker)
    assert "by the size it had" in warned[0]
    after = opened(data)
    assert psnr(after.pixels, darker) > 38
    old, new = (heif_coded.read(each, "a") for each in (picture.data, data))
    assert old.config == new.config
    assert old.colours == new.colours
    kept = {number: item for number, item in heifs.items_of(picture.data).items() if number > 1}
    assert {n: item for n, item in heifs.items_of(data).items() if n > 1} == kept
    with Image.open(io.BytesIO(data)) as image:
        assert image.info.get("icc_profile") == options.get("icc_profile")
        assert image.info.get("xmp") == options.get("xmp")


def test_alpha_stays_bit_for_bit(photo: Image.Image) -> None:
    image = photo.copy()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture = opened(avif(image, quality=80))
    assert picture.pixels.shape[2] == 4
    brighter = picture.pixels.copy()
    brighter[..., :3] += (255 - brighter[..., :3]) // 2
    after = opened(encode(picture, brighter, quality=85)[0])
    assert np.array_equal(after.pixels[..., 3], picture.pixels[..., 3])
    assert psnr(after.pixels, brighter) > 35


def test_gray(photo: Image.Image) -> None:
    picture = opened(avif(photo.convert("L"), quality=80))
    assert picture.pixels.ndim == 2
    after = opened(encode(picture, picture.pixels // 2)[0])
    assert psnr(after.pixels, picture.pixels // 2) > 38


def test_quality_is_about_the_sources_own(photo: Image.Image) -> None:
    for quality in (70, 85):
        picture = opened(avif(photo, quality=quality))
        data, _ = encode(picture, picture.pixels)
        assert 0.8 < len(data) / len(picture.data) < 1.4


def test_turning_is_told_by_the_file(photo: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert turned(avif(photo, exif=exif)) == 6
    assert turned(avif(photo)) == 1
    assert turned(b"nothing") == 1


def test_what_cannot_be_written_again_is_refused(media: Media) -> None:
    deep = media("images/c2pars_sample1.avif").read_bytes()
    for data, reason in (
        (deep, "more than 8 bits"),
        (heifs.avif(3, duration=80), "sequence"),
        (heifs.HEIC, "does not watermark"),
    ):
        with pytest.raises(UnsupportedError, match=reason):
            mark(decode(data, name="a"), lambda pixels: pixels)
    for form, reason in (
        (heifs.Form(), "coding is not told"),
        (heifs.Form(split=True), "not one AV1 picture"),
    ):
        with pytest.raises(UnsupportedError, match=reason):
            heif_coded.read(heifs.heif(form), "a")
    with pytest.raises(MediaError, match="cut short"):
        decode(heifs.avif()[:-5], name="a")


@pytest.mark.parametrize("quality", [40, 80])
def test_marked_and_verified(quality: int, key: Key, media: Media) -> None:
    with Image.open(media("images/kodim23.png")) as image:
        source = avif(image.convert("RGB").crop((0, 0, 512, 384)), quality=quality)
    out = io.BytesIO()
    receipt = genlabel.mark(source, out, label=Label("acme"), key=key)
    assert receipt.layers == ("watermark", "aigc", "xmp")
    assert receipt.psnr is not None
    assert receipt.psnr > 36
    report = genlabel.verify(out.getvalue(), keys=[key])
    assert report.detection is not None
    assert report.detection.payload == receipt.payload
    assert report.conflicts == ()
