"""GIF files: frames go in and out, each with colours of its own."""

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
from genlabel import Key, Label, MediaError
from genlabel.image._files import gif
from genlabel.image._files.animation import Animation
from genlabel.image._files.formats import decode, shown
from genlabel.image._files.picture import psnr
from tests.sdk.labels.containers.pictures import gifs

Pixels = NDArray[Any]
Media = Callable[[str], Path]


def opened(data: bytes) -> Animation:
    media = decode(data, name="a.gif")
    assert isinstance(media, Animation)
    return media


def seen_by_pillow(data: bytes) -> list[Pixels]:
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
        return frames


@pytest.mark.parametrize("name", ["chi.gif", "c2pars_sample1.gif"])
def test_frames_are_seen_as_others_see_them(name: str, media: Media) -> None:
    data = media(f"images/{name}").read_bytes()
    ours = [frame.copy() for frame in shown(opened(data))]
    theirs = seen_by_pillow(data)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        visible = other[..., 3] > 0
        assert np.array_equal(one[visible], other[visible])


def test_frames_that_do_not_change_stay_byte_for_byte() -> None:
    data = gifs.gif_with(gifs.comment(b"hi"), frames=3)
    animation = opened(data)
    pixels = [frame.pixels for frame in gif.frames(animation)]
    assert gif.encode(animation, pixels) == data
    pixels[1] = pixels[1].copy()
    pixels[1][..., :3] ^= 0x40
    out = gif.encode(animation, pixels)
    assert gifs.comment(b"hi") in out
    before, after = seen_by_pillow(data), seen_by_pillow(out)
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[1], after[1])


def test_transparency_and_times_are_kept() -> None:
    shades = Image.radial_gradient("L").resize((64, 48)).convert("RGB").quantize(100)
    shades.paste(7, (0, 0, 30, 20))
    out = io.BytesIO()
    shades.save(out, "GIF", transparency=7, duration=70, interlace=1)
    animation = opened(out.getvalue())
    (frame,) = gif.frames(animation)
    hidden = frame.pixels[..., 3] == 0
    assert hidden.any() and not hidden.all()
    new = frame.pixels.copy()
    new[..., :3] = np.where(hidden[..., None], new[..., :3], new[..., :3] // 2)
    data = gif.encode(animation, [new])
    (after,) = gif.frames(opened(data))
    assert np.array_equal(after.pixels[..., 3], frame.pixels[..., 3])
    assert psnr(after.pixels[~hidden][None], new[~hidden][None]) > 40
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["duration"] == 70
        assert np.array_equal(np.asarray(image.convert("RGBA"))[..., 3] == 0, hidden)


def test_a_manifest_of_the_old_frames_goes() -> None:
    manifest = gifs.application(b"C2PA_GIF\1\0\0", b"jumb")
    animation = opened(gifs.gif_with(manifest))
    pixels = [frame.pixels for frame in gif.frames(animation)]
    assert manifest not in gif.encode(animation, pixels)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gifs.gif()[: gifs.header_bytes(gifs.gif())] + b";", "holds no picture"),
        (gifs.gif().replace(b"\x18\0\x10\0", b"\x10\0\x08\0", 1), "beyond its canvas"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        list(shown(opened(data)))


def test_marked_and_verified(key: Key, media: Media) -> None:
    with Image.open(media("images/kodim23.png")) as image:
        first = image.convert("RGB").crop((0, 0, 512, 384))
    frames = [first.quantize(256), first.rotate(180).quantize(256)]
    source = io.BytesIO()
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:], duration=90)
    out = io.BytesIO()
    receipt = genlabel.mark(source.getvalue(), out, label=Label("acme"), key=key)
    assert receipt.layers == ("watermark", "aigc", "xmp")
    assert any("256 colours" in warning for warning in receipt.warnings)
    assert not any("do not give the watermark" in warning for warning in receipt.warnings)
    assert receipt.psnr is not None
    assert receipt.psnr > 30
    report = genlabel.verify(out.getvalue(), keys=[key])
    assert report.detection is not None
    assert report.detection.payload == receipt.payload
    assert report.conflicts == ()
