"""JPEG files of every kind: inks, unusual samplings, restart markers, and what is refused."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops

from genlabel import CapacityError, Key, Label, UnsupportedError, mark, verify
from genlabel.image import detect
from genlabel.image._files.formats import decode, encode
from genlabel.image._files.jpeg_planes import assemble
from genlabel.image._files.jpeg_segments import Layer
from genlabel.image._files.picture import Pixels, psnr

Media = Callable[[str], Path]
LABEL = Label("001191110102MACQD9K64010000", "id-jpeg")


def saved(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def brighter(pixels: Pixels) -> Pixels:
    return np.clip(pixels.astype(np.int16) + 4, 0, 255).astype(np.uint8)


def separated(colours: Image.Image, black: float) -> Image.Image:
    """Turn RGB into inks, with so much of their common part printed as black."""
    inks = 255.0 - np.asarray(colours, np.float64)
    key = inks.min(axis=2, keepdims=True) * black
    inks = np.where(key < 255, (inks - key) / np.maximum(255 - key, 1) * 255, 0)
    stacked = np.concatenate([inks, key], axis=2)
    return Image.fromarray(np.rint(stacked).clip(0, 255).astype(np.uint8), "CMYK")


def as_ycck(inks: Image.Image, factor: int, *, progressive: bool = False) -> bytes:
    """A file as Photoshop writes it: luma and chroma of the inks, black, Adobe's segment."""
    colours = Image.merge("RGB", inks.split()[:3]).convert("YCbCr")
    planes = [np.asarray(band) for band in (*colours.split(), ImageChops.invert(inks.split()[3]))]
    tables = opened(saved(Image.new("RGB", (8, 8)), quality=88)).quantization
    layers = [Layer(1, factor, factor), Layer(2, 1, 1), Layer(3, 1, 1), Layer(4, factor, factor)]
    coded = assemble(
        planes,
        layers,
        [tables[0], tables[1], tables[1], tables[0]],
        small=True,
        progressive=progressive,
    )
    adobe = b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 2)
    return coded[:2] + b"\xff\xee" + struct.pack(">H", len(adobe) + 2) + adobe + coded[2:]


CMYK = {
    "pure colours": lambda image: saved(image.convert("CMYK"), quality=90),
    "with black": lambda image: saved(separated(image, 0.8), quality=90),
    "ycck": lambda image: as_ycck(separated(image, 0.8), 1),
    "ycck 4:2:0": lambda image: as_ycck(separated(image, 0.8), 2, progressive=True),
}


@pytest.mark.parametrize("kind", CMYK)
def test_cmyk_carries_the_mark_and_stays_cmyk(media: Media, key: Key, kind: str) -> None:
    with Image.open(media("images/kodim23.png")) as image:
        source = CMYK[kind](image)
    target = io.BytesIO()
    receipt = mark(source, target, label=LABEL, key=key)
    old, new = opened(source), opened(target.getvalue())
    assert (new.mode, new.size, new.info["adobe_transform"]) == (
        "CMYK",
        old.size,
        old.info["adobe_transform"],
    )
    assert [layer[1:3] for layer in new.layer] == [layer[1:3] for layer in old.layer]
    for ours, theirs in zip(new.layer, old.layer, strict=True):
        assert new.quantization[ours[3]] == old.quantization[theirs[3]]
    assert bool(new.info.get("progressive")) == bool(old.info.get("progressive"))
    assert receipt.psnr is not None and receipt.psnr > 42
    assert verify(target.getvalue(), keys=[key]).layers["watermark"].state == "valid"
    # What a viewer without the profile makes of it, sent on.
    small = new.convert("RGB").crop((90, 60, 690, 460)).resize((420, 280))
    sent = np.asarray(opened(saved(small, quality=75)))
    assert detect(sent, key).payload == LABEL.mark_id


def test_black_stays_where_it_was_and_colours_stay_out_of_it() -> None:
    paper = Image.new("RGB", (64, 64), "white")
    paper.paste((90, 160, 60), (0, 0, 32, 32))
    inks = np.array(paper.convert("CMYK"))
    inks[40:, 40:] = (0, 0, 0, 255)
    picture = decode(saved(Image.fromarray(inks, "CMYK"), quality=98), name="a")
    new = picture.pixels.copy()
    new[:32, :32] = brighter(new[:32, :32])
    new[40:, 40:] = brighter(new[40:, 40:])
    after = np.asarray(opened(encode(picture, new)[0])).astype(int)
    assert after[:24, :24, 3].max() == 0 and after[48:, 48:, :3].max() == 0
    moved = inks[:24, :24, :3].astype(int) - after[:24, :24, :3]
    assert abs(moved.mean() - 4) < 1
    assert 250 <= after[48:, 48:, 3].mean() <= 252


def test_what_is_shown_is_what_pillow_shows(media: Media) -> None:
    path = media("images/pil_sample_cmyk.jpg")
    picture = decode(path.read_bytes(), name="a")
    with Image.open(path) as image:
        theirs = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(picture.pixels - theirs).max() <= 2
    data, warnings = encode(picture, brighter(picture.pixels))
    again = decode(data, name="a")
    assert warnings == picture.warnings and psnr(again.pixels, brighter(picture.pixels)) > 34
    # Half of it is bare paper or as dark as inks get, where nothing can become brighter.
    assert 0.5 < (again.pixels.astype(int) - picture.pixels).mean() < 5
    # The source is of quality 75 or so, and stays there.
    assert 0.7 < len(data) / len(picture.data) < 1.3


def test_a_small_cmyk_picture_is_refused_as_small(media: Media, key: Key) -> None:
    with pytest.raises(CapacityError, match="100 x 100"):
        mark(media("images/pil_sample_cmyk.jpg"), io.BytesIO(), label=LABEL, key=key)


SAMPLINGS = {
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("name", SAMPLINGS)
def test_every_sampling_is_kept(media: Media, name: str, progressive: bool) -> None:
    colours = cv2.imread(str(media("images/kodim05.png")))[:501, :699]
    options = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLINGS[name], cv2.IMWRITE_JPEG_QUALITY, 85]
    options += [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive), cv2.IMWRITE_JPEG_RST_INTERVAL, 4]
    source = cv2.imencode(".jpg", colours, options)[1].tobytes()
    picture = decode(source, name="a")
    data, warnings = encode(picture, brighter(picture.pixels))
    old, new = opened(source), opened(data)
    assert new.layer == old.layer and new.quantization == old.quantization
    assert bool(new.info.get("progressive")) == progressive and warnings == ()
    assert 0.7 < len(data) / len(source) < 1.2
    assert psnr(np.asarray(new), brighter(picture.pixels)) > 33
    # Another decoder sees the same picture.
    other = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert psnr(np.asarray(new), other) > 45
    coarse, _ = encode(picture, picture.pixels, quality=30)
    assert len(coarse) < len(data) / 2


def test_a_file_whose_scans_do_not_interleave_is_read(media: Media) -> None:
    with Image.open(media("images/kodim23.png")) as image:
        planes = [np.asarray(band) for band in image.convert("YCbCr").split()]
    tables = [[3] * 64] * 3
    layers = [Layer(1, 1, 2), Layer(2, 1, 1), Layer(3, 1, 1)]
    source = assemble(planes, layers, tables, small=True, progressive=False)
    assert source.count(b"\xff\xda") == 3
    picture = decode(source, name="a")
    with Image.open(media("images/kodim23.png")) as image:
        assert psnr(picture.pixels, np.asarray(image)) > 36
    assert opened(encode(picture, picture.pixels)[0]).layer == opened(source).layer


def test_pure_noise_is_written_all_the_same() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (260, 260), dtype=np.uint8)
    inks = Image.merge("CMYK", [Image.fromarray(noise)] * 4)
    for source in (as_ycck(inks, 2, progressive=True), saved(inks, quality=95)):
        picture = decode(source, name="a")
        data, _ = encode(picture, picture.pixels, quality=100)
        assert opened(data).size == (260, 260)


@pytest.mark.parametrize(
    ("marker", "depth", "count", "reason"),
    [
        (0xC9, 8, 3, "arithmetic"),
        (0xC3, 8, 3, "lossless"),
        (0xC1, 12, 3, "12-bit"),
        (0xC0, 8, 2, "2 components"),
    ],
)
def test_what_cannot_be_coded_again_is_refused(
    marker: int, depth: int, count: int, reason: str
) -> None:
    source = bytearray(saved(Image.new("RGB", (16, 16))))
    frame = source.index(b"\xff\xc0")
    source[frame + 1], source[frame + 4], source[frame + 9] = marker, depth, count
    with pytest.raises(UnsupportedError, match=reason):
        decode(bytes(source), name="a")


def test_a_stale_thumbnail_is_named(media: Media, key: Key) -> None:
    receipt = mark(media("images/Storm.jpg"), io.BytesIO(), label=LABEL, key=key)
    assert any("thumbnail" in warning for warning in receipt.warnings)
    receipt = mark(media("images/china.jpg"), io.BytesIO(), label=LABEL, key=key)
    assert not any("thumbnail" in warning for warning in receipt.warnings)
