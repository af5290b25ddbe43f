"""Picture files: new samples in, everything else as it was."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from genlabel import MediaError, UnsupportedError
from genlabel.image._files.formats import decode, encode
from genlabel.image._files.picture import Pixels, psnr
from tests.sdk.labels.containers.pictures import heifs

Media = Callable[[str], Path]

PNG = ["kodim23", "text", "samsung_gray_1", "tamerlane_chess_jonadab_", "FlyingKonqui_2560x1600"]
JPEG = ["china", "cloud", "Storm", "renpy_bg_lecturehall", "Grey_2560x1600"]
WEBP = ["c2pars_sample1", "c2pars_test_lossless"]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def changed(pixels: Pixels) -> Pixels:
    """Nudge every colour sample a little, as a watermark does, and leave alpha alone."""
    new = pixels.astype(np.int64)
    nudge = np.random.default_rng(1).integers(-2, 3, pixels.shape[:2])
    step = 1 if pixels.dtype == np.uint8 else 256
    colours = new if new.ndim == 2 else new[..., :3]
    colours += step * (nudge if new.ndim == 2 else nudge[..., None])
    return np.clip(new, 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(depth: int, colour: int, samples: Pixels, *extra: bytes) -> bytes:
    """A PNG of any kind, made without the code under test."""
    height, width = samples.shape[:2]
    rows = samples.reshape(height, -1)
    wire = rows.astype(">u2" if depth == 16 else "u1")
    raw = b"".join(b"\0" + row.tobytes() for row in wire)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *extra,
            chunk(b"IDAT", zlib.compress(raw)),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize("name", [*(f"{n}.png" for n in PNG), "c2pars_test_lossless.webp"])
def test_lossless_files_carry_the_new_samples_exactly(media: Media, name: str) -> None:
    picture = decode(media(f"images/{name}").read_bytes(), name=name)
    new = changed(picture.pixels)
    data, _ = encode(picture, new)
    again = decode(data, name=name)
    if picture.coding.gray:
        assert np.array_equal(again.pixels[..., 3], new[..., 3])
    assert np.array_equal(again.pixels, new)
    assert again.coding == picture.coding and again.media_type == picture.media_type


@pytest.mark.parametrize("name", [f"{n}.jpg" for n in JPEG])
def test_jpeg_keeps_its_tables_subsampling_and_gray(media: Media, name: str) -> None:
    source = media(f"images/{name}").read_bytes()
    picture = decode(source, name=name)
    data, warnings = encode(picture, changed(picture.pixels))
    with Image.open(io.BytesIO(source)) as old, Image.open(io.BytesIO(data)) as new:
        assert new.quantization == old.quantization
        assert get_sampling(new) == get_sampling(old)
        assert (new.mode, new.size) == (old.mode, old.size)
        assert bool(new.info.get("progressive")) == bool(old.info.get("progressive"))
    assert warnings == ()
    # As fine as the source, so that a second generation costs little.
    assert psnr(decode(data, name=name).pixels, changed(picture.pixels)) > 35


def test_progressive_stays_progressive_unless_it_is_pure_noise() -> None:
    photo = np.add.outer(np.arange(200), np.arange(300)).astype(np.uint8)
    picture = decode(saved(Image.fromarray(photo), "JPEG", progressive=True), name="a")
    data, warnings = encode(picture, picture.pixels)
    assert decode(data, name="a").coding.progressive and warnings == ()
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    for progressive in (True, False):
        options = {"quality": 100, "subsampling": 0, "progressive": progressive}
        try:
            source = saved(Image.fromarray(noise), "JPEG", **options)
        except OSError:
            continue
        data, _ = encode(decode(source, name="a"), noise)
        assert decode(data, name="a").pixels.shape == noise.shape


def test_jpeg_in_rgb_stays_rgb() -> None:
    colours = np.zeros((64, 64, 3), np.uint8)
    colours[..., 0], colours[..., 2] = 200, 90
    source = saved(Image.fromarray(colours), "JPEG", keep_rgb=True, quality=95)
    picture = decode(source, name="a")
    assert picture.coding.keep_rgb
    data, _ = encode(picture, picture.pixels)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert np.abs(np.asarray(image, np.int16) - colours).max() <= 2


def test_quality_changes_only_when_asked(media: Media) -> None:
    source = media("images/china.jpg").read_bytes()
    picture = decode(source, name="a")
    coarse, _ = encode(picture, picture.pixels, quality=30)
    assert len(coarse) < len(source) / 2
    assert decode(coarse, name="a").coding.subsampling == picture.coding.subsampling


@pytest.mark.parametrize("quality", [10, 30, 50, 75, 90, 100])
@pytest.mark.parametrize(("name", "method"), [("kodim05", 4), ("text", 4), ("kodim05", 0)])
def test_lossy_webp_keeps_its_quality(media: Media, name: str, method: int, quality: int) -> None:
    with Image.open(media(f"images/{name}.png")) as image:
        part = image.convert("RGB").crop((0, 0, 400, 300))
        source = saved(part, "WEBP", quality=quality, method=method)
    picture = decode(source, name="a")
    assert not picture.coding.lossless
    assert abs(picture.coding.quality - quality) <= 2  # type: ignore[operator]
    data, warnings = encode(picture, picture.pixels)
    # The fastest method makes files that are larger by a quarter and more.
    assert method == 0 or 0.9 < len(data) / len(source) < 1.15
    assert "quality" in warnings[0]


def test_webp_keeps_alpha_exactly_and_colours_under_it(media: Media) -> None:
    with Image.open(media("images/renpy_logo_base.png")) as image:
        lossless = saved(image, "WEBP", lossless=True, exact=True)
        lossy = saved(image, "WEBP", quality=80)
    picture = decode(lossless, name="a")
    new = changed(picture.pixels)
    assert np.array_equal(decode(encode(picture, new)[0], name="a").pixels, new)
    picture = decode(lossy, name="a")
    again = decode(encode(picture, picture.pixels)[0], name="a")
    assert np.array_equal(again.pixels[..., 3], picture.pixels[..., 3])


@pytest.mark.parametrize(
    ("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)], ids=["L", "RGB", "LA", "RGBA"]
)
@pytest.mark.parametrize("depth", [8, 16])
def test_every_png_kind_goes_in_and_out(depth: int, colour: int, channels: int) -> None:
    rng = np.random.default_rng(depth + colour)
    samples = rng.integers(0, 2**depth, (40, 50, channels), dtype=np.uint16)
    picture = decode(png(depth, colour, samples), name="a")
    assert picture.pixels.dtype == (np.uint8 if depth == 8 else np.uint16)
    if channels == 1:
        assert np.array_equal(picture.pixels, samples[..., 0])
    elif channels == 2:
        assert np.array_equal(picture.pixels, samples[..., [0, 0, 0, 1]])
    else:
        assert np.array_equal(picture.pixels, samples)
    new = changed(picture.pixels)
    data, warnings = encode(picture, new)
    assert np.array_equal(decode(data, name="a").pixels, new)
    # Depth and colour type are those of the source, but for 16-bit gray with alpha.
    if (depth, channels) == (16, 2):
        assert "gray with alpha" in warnings[0]
    else:
        assert (data[24], data[25]) == (depth, colour) and warnings == ()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_shallow_gray_is_scaled_to_full_range(depth: int) -> None:
    values = np.arange(64, dtype=np.uint8).reshape(8, 8) % 2**depth
    packed = np.packbits(
        (values[..., None] >> np.arange(depth - 1, -1, -1) & 1).reshape(8, -1).astype(bool), axis=1
    )
    header = struct.pack(">IIBBBBB", 8, 8, depth, 0, 0, 0, 0)
    raw = b"".join(b"\0" + row.tobytes() for row in packed)
    transparent = chunk(b"tRNS", struct.pack(">H", 1))
    for extra in (b"", transparent):
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
        data += chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
        pixels = decode(data, name="a").pixels
        if extra:
            assert np.array_equal(pixels[..., 3] == 0, values == 1)
            pixels = pixels[..., 0]
        assert np.array_equal(pixels, values.astype(int) * 255 // (2**depth - 1))


def test_a_palette_becomes_colours_and_says_so(media: Media) -> None:
    name = "heart_tiles_jon_phillips_01.png"
    picture = decode(media(f"images/{name}").read_bytes(), name=name)
    with Image.open(media(f"images/{name}")) as image:
        assert np.array_equal(picture.pixels, np.asarray(image.convert("RGBA")))
    data, warnings = encode(picture, picture.pixels)
    assert "palette" in warnings[0]
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "RGBA"
        assert image.info["Author"]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour_becomes_alpha(depth: int) -> None:
    samples = np.full((6, 6, 3), 7, np.uint16)
    samples[2:4] = (1, 2, 3)
    key = chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))
    picture = decode(png(depth, 2, samples, key), name="a")
    assert np.array_equal(picture.pixels[..., 3] == 0, (samples == (1, 2, 3)).all(axis=2))
    data, _ = encode(picture, picture.pixels)
    assert b"tRNS" not in data


def test_png_keeps_what_still_holds_and_drops_what_does_not() -> None:
    samples = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint16)
    kept = [
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"cICP", bytes((9, 16, 0, 1))),
        chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        chunk(b"bKGD", bytes(6)),
        chunk(b"tEXt", b"Comment\0hello"),
        chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0\0\0\0\0"),
        chunk(b"prVt", b"private, safe to copy"),
    ]
    dropped = [chunk(b"tIME", bytes(7)), chunk(b"prVT", b"private, unsafe"), chunk(b"caBX", b"x")]
    picture = decode(png(8, 2, samples, *kept, *dropped) + b"tail", name="a")
    data, warnings = encode(picture, picture.pixels)
    head = data[33 : data.index(b"IDAT") - 4]
    assert head == b"".join(kept)
    assert any("prVT" in warning for warning in warnings)
    assert any("4 bytes behind the end" in warning for warning in warnings)


def test_jpeg_keeps_every_segment_but_manifest_and_index(media: Media) -> None:
    name = "adobe-20220124-CA.jpg"
    picture = decode(media(f"images/{name}").read_bytes(), name=name)
    assert b"jumdc2pa" in picture.data
    data, _ = encode(picture, picture.pixels)
    assert b"jumdc2pa" not in data
    with Image.open(io.BytesIO(picture.data)) as old, Image.open(io.BytesIO(data)) as new:
        for key in ("xmp", "photoshop", "jfif"):
            assert new.info[key] == old.info[key]


def test_bytes_behind_a_jpeg_are_named(media: Media) -> None:
    picture = decode(media("images/china.jpg").read_bytes() + b"motion", name="a")
    assert "6 bytes behind the end" in picture.warnings[0]
    data, _ = encode(picture, picture.pixels)
    assert data.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    "name",
    ["cloud.jpg", "renpy_bg_lecturehall.jpg", "Kite_2560x1600.jpg", "bfly_rgba_Q.png", "mj-1.png"],
)
def test_exiftool_finds_the_same_metadata(media: Media, tmp_path: Path, name: str) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    source = media(f"images/{name}")
    picture = decode(source.read_bytes(), name=name)
    target = tmp_path / name
    target.write_bytes(encode(picture, changed(picture.pixels))[0])
    assert exif(target) == exif(source)


def exif(path: Path) -> dict[str, str]:
    """What exiftool reads, but for what is about the file or its coded samples."""
    command = ["exiftool", "-a", "-G1", "-s", "-x", "System:all", "-x", "File:all", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines}
    volatile = ("ExifToolVersion", "Interlace", "ModifyDate", "JUMBF", "C2PA")
    return {tag: value for tag, value in found.items() if not any(v in tag for v in volatile)}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_profile_orientation_and_xmp_survive(kind: str) -> None:
    image = Image.new("RGB", (64, 48), (120, 60, 200))
    exif_data = Image.Exif()
    exif_data[0x0112] = 6
    options: dict[str, object] = {"icc_profile": b"p" * 300, "exif": exif_data}
    if kind != "PNG":
        options["xmp"] = b"<x:xmpmeta/>"
    source = saved(image, kind, **options)
    picture = decode(source, name="a")
    assert picture.pixels.shape == (48, 64, 3)
    data, _ = encode(picture, changed(picture.pixels))
    with Image.open(io.BytesIO(data)) as new:
        assert new.info["icc_profile"] == b"p" * 300
        assert new.getexif()[0x0112] == 6
        assert new.info.get("xmp") == options.get("xmp")


def test_other_kinds_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="does not watermark"):
        decode(heifs.HEIC, name="a")


def test_samples_of_another_picture_are_refused(media: Media) -> None:
    picture = decode(media("images/china.jpg").read_bytes(), name="a")
    for wrong in (picture.pixels[1:], picture.pixels.astype(np.uint16)):
        with pytest.raises(MediaError, match="another shape"):
            encode(picture, wrong)
