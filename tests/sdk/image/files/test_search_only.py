"""Pictures that are searched for a mark, though they cannot be written again as they were."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import genlabel
from genlabel import Key, Label, UnsupportedError
from genlabel.image._files.formats import decode
from tests.sdk.labels.containers.pictures import heifs

PAYLOAD = b"8 octets"


@pytest.fixture(scope="module")
def marked(key: Key, media: Callable[[str], Path]) -> Image.Image:
    """A marked photograph, as others would save it again."""
    with Image.open(media("images/kodim23.png")) as image:
        pixels = np.asarray(image.convert("RGB"))[:384, :512]
    return Image.fromarray(genlabel.image.embed(pixels, PAYLOAD, key))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def deep_avif(image: Image.Image) -> bytes:
    samples = np.asarray(image)[..., ::-1].astype(np.uint16) * 4
    options = (cv2.IMWRITE_AVIF_QUALITY, 80, cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_SPEED, 9)
    return cv2.imencode(".avif", samples, options)[1].tobytes()


OTHERS: dict[str, Callable[[Image.Image], bytes]] = {
    "cmyk.tif": lambda image: saved(image.convert("CMYK"), "TIFF"),
    "palette.tif": lambda image: saved(image.quantize(256), "TIFF"),
    "palette.bmp": lambda image: saved(image.quantize(256), "BMP"),
    "deep.avif": deep_avif,
    "sequence.avif": lambda image: saved(
        image, "AVIF", save_all=True, append_images=[image.rotate(180)], speed=9
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_searched_and_not_written(name: str, key: Key, marked: Image.Image) -> None:
    data = OTHERS[name](marked)
    report = genlabel.verify(data, keys=[key])
    assert report.detection is not None
    assert report.detection.payload == PAYLOAD
    with pytest.raises(UnsupportedError):
        genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key)


def test_heic_is_searched_where_its_decoder_is_installed(key: Key, marked: Image.Image) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    report = genlabel.verify(saved(marked, "HEIF", quality=80), keys=[key])
    assert report.detection is not None
    assert report.detection.payload == PAYLOAD


def test_heic_without_its_decoder_says_what_it_takes(
    key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    layer = genlabel.verify(heifs.HEIC, keys=[key]).layers["watermark"]
    assert layer.details["searched"] is False
    assert "with the extra 'heic'" in layer.problems[0]


def test_samples_that_are_no_picture_are_refused() -> None:
    floats = np.linspace(0, 1, 1600, dtype=np.float32).reshape(40, 40)
    with pytest.raises(UnsupportedError, match="unusual kind"):
        decode(saved(Image.fromarray(floats), "TIFF"), name="a")
