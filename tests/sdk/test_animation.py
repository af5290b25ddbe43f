"""Animations: every frame carries the mark, and is shown when, where and how it was."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from genlabel import (
    CapacityError,
    GenlabelError,
    Key,
    Label,
    MediaError,
    Signer,
    label,
    mark,
    read,
    verify,
)
from genlabel.certs import CertFiles
from genlabel.image import detect
from genlabel.image._files import animation
from genlabel.image._files.formats import decode, shown
from genlabel.image._files.formats import mark as mark_samples
from genlabel.image._files.picture import Pixels
from genlabel.image._files.search import search, spread

Media = Callable[[str], Path]
LABEL = Label("001191110102MACQD9K64010000", "id-moving", system="Painter")
KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "apng": ("PNG", {}),
    "webp-lossless": ("WEBP", {"lossless": True, "exact": True}),
    "webp-lossy": ("WEBP", {"quality": 85}),
}


def saved(frames: list[Image.Image], kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    form, default = KINDS[kind]
    options = {"duration": 80, "loop": 3} | default | options
    frames[0].save(buffer, form, save_all=True, append_images=frames[1:], **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def seen(data: bytes) -> list[Pixels]:
    """What Pillow, and with it libwebp's own decoder, shows of each frame."""
    with Image.open(io.BytesIO(data)) as image:
        return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]


def times(data: bytes) -> list[tuple[object, ...]]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        loop = image.info.get("loop")
        return [(loop, f.info.get("duration")) for f in ImageSequence.Iterator(image)]


def marked(source: bytes, key: Key, **options: Any) -> bytes:
    target = io.BytesIO()
    mark(source, target, label=LABEL, key=key, **options)
    return target.getvalue()


@pytest.fixture(scope="module")
def moving(media: Media) -> list[Image.Image]:
    """A logo that moves over a photo: most of the picture never changes."""
    with (
        Image.open(media("images/kodim23.png")) as photo,
        Image.open(media("images/debian_logo.png")) as logo,
    ):
        sprite = logo.convert("RGBA").resize((96, 128))
        ground = photo.convert("RGBA")
    frames = []
    for left in (60, 150, 240, 330, 420):
        frame = ground.copy()
        frame.alpha_composite(sprite, (left, 200))
        frames.append(frame.convert("RGB"))
    return frames


@pytest.fixture(scope="module")
def scenes(media: Media) -> list[Image.Image]:
    """Four photos, nothing in common."""
    frames = []
    for number in ("05", "13", "21", "23"):
        with Image.open(media(f"images/kodim{number}.png")) as photo:
            frames.append(photo.convert("RGB").resize((600, 400)))
    return frames


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", ["moving", "scenes"])
def test_every_frame_carries_the_mark_and_its_time(
    request: pytest.FixtureRequest, key: Key, kind: str, content: str
) -> None:
    frames = request.getfixturevalue(content)
    source = saved(frames, kind, duration=[50 + 10 * index for index in range(len(frames))])
    target = io.BytesIO()
    receipt = mark(source, target, label=LABEL, key=key)
    data = target.getvalue()
    assert times(data) == times(source)
    pairs = list(zip(seen(data), seen(source), strict=True))
    assert len(pairs) == len(frames)
    for ours, theirs in pairs:
        assert detect(ours, key).payload == LABEL.mark_id
        error = ours[..., :3].astype(float) - theirs[..., :3]
        assert 10 * np.log10(255**2 / np.square(error).mean()) > (35 if "lossy" in kind else 42)
    assert receipt.psnr is not None and receipt.layers == ("watermark", "aigc", "xmp")
    report = verify(data, keys=[key])
    assert report.verdict == "generated" and report.conflicts == ()
    details = report.layers["watermark"].details
    assert (details["frame"], details["frames"]) == (1, len(frames))


@pytest.mark.parametrize("kind", ["apng", "webp-lossless"])
def test_what_does_not_move_does_not_flicker(
    moving: list[Image.Image], key: Key, kind: str
) -> None:
    source = saved(moving, kind)
    data = marked(source, key)
    before, after = seen(source), seen(data)
    for index in range(1, len(before)):
        still = (before[index] == before[index - 1]).all(axis=2)
        assert still.mean() > 0.9
        assert np.array_equal(after[index][still], after[index - 1][still])
    # Small rectangles stay small.
    assert len(data) < 1.2 * len(source)


def test_one_frame_sent_on_gives_the_mark(moving: list[Image.Image], key: Key) -> None:
    data = marked(saved(moving, "webp-lossy"), key)
    for frame in (seen(data)[0], seen(data)[3]):
        buffer = io.BytesIO()
        small = Image.fromarray(frame).convert("RGB").crop((80, 40, 720, 460)).resize((512, 336))
        small.save(buffer, "JPEG", quality=75)
        report = verify(buffer.getvalue(), keys=[key])
        assert report.verdict == "suspected"
        assert report.detection is not None and report.detection.payload == LABEL.mark_id


def transparent_frames(media: Media) -> list[Image.Image]:
    with Image.open(media("images/renpy_logo_base.png")) as logo:
        picture = logo.convert("RGBA").resize((400, 400))
    half = picture.copy()
    half.putalpha(picture.getchannel("A").point(lambda value: value // 2))
    return [picture, picture.rotate(90), half.rotate(180), picture.rotate(270)]


@pytest.mark.parametrize(
    ("kind", "disposal", "blend"),
    [
        *(("apng", disposal, blend) for disposal in (0, 1, 2) for blend in (0, 1)),
        *(("webp-lossless", disposal, blend) for disposal in (0, 1) for blend in (0, 1)),
        ("webp-lossy", 1, 1),
    ],
)
def test_disposal_blending_and_alpha_stay(
    media: Media, key: Key, kind: str, disposal: int, blend: int, tmp_path: Path
) -> None:
    frames = transparent_frames(media)
    if kind == "apng":
        source = saved(frames, kind, disposal=disposal, blend=blend)
        theirs = drawn_by_opencv(source, tmp_path)
    else:
        source = with_flags(saved(frames, kind), disposal | (1 - blend) << 1)
        theirs = seen(source)
    before_marking = drawn(source)
    for one, other in zip(before_marking, theirs, strict=True):
        assert close(one, other)
    data = marked(source, key)
    if kind == "apng":
        assert controls(data) == controls(source)
    for before, after in zip(before_marking, drawn(data), strict=True):
        assert np.array_equal(before[..., 3], after[..., 3])
        assert np.array_equal(before[before[..., 3] == 0], after[before[..., 3] == 0]) or (
            kind == "webp-lossy"
        )


def drawn(data: bytes) -> list[Pixels]:
    return [picture.copy() for picture in shown(decode(data, name="a"))]


def with_flags(data: bytes, flags: int) -> bytes:
    """Set every frame's flags: 1 clears it afterwards, 2 lays it over nothing."""
    out = bytearray(data)
    position = 12
    while position < len(data):
        if data[position : position + 4] == b"ANMF":
            out[position + 8 + 15] = flags
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + size + size % 2
    return bytes(out)


def drawn_by_opencv(data: bytes, folder: Path) -> list[Pixels]:
    """Pillow blends transparency its own way; this one follows the specification."""
    if not hasattr(cv2, "imreadanimation"):
        pytest.skip("needs OpenCV 4.11")
    path = folder / "a.png"
    path.write_bytes(data)
    frames = cv2.imreadanimation(str(path))[1].frames
    return [frame[..., [2, 1, 0, 3]] for frame in frames]


def controls(data: bytes) -> list[bytes]:
    """Everything that an APNG says of its frames, but for the running number."""
    return [part[4:26] for part in data.split(b"fcTL")[1:]]


def close(one: Pixels, other: Pixels) -> bool:
    """Alike where it is seen; decoders round the blending of frames differently."""
    seen_one, seen_other = (
        picture[..., :3] * (picture[..., 3:] / 255.0) for picture in (one, other)
    )
    return (
        float(np.abs(seen_one - seen_other).max()) <= 4
        and int(np.abs(one[..., 3].astype(int) - other[..., 3]).max()) <= 2
    )


def test_a_still_picture_in_front_is_marked_too(scenes: list[Image.Image], key: Key) -> None:
    source = saved(scenes, "apng", default_image=True)
    assert source.index(b"IDAT") < source.index(b"fcTL")
    data = marked(source, key)
    media = decode(data, name="a")
    assert isinstance(media, animation.Animation) and media.count == len(scenes)
    for picture in shown(media):
        assert detect(picture, key).payload == LABEL.mark_id
    assert data.index(b"IDAT") < data.index(b"fcTL")
    # A viewer that knows no animations shows the first.
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["default_image"]
        assert detect(np.asarray(image.convert("RGB")), key).payload == LABEL.mark_id


@pytest.mark.parametrize("mode", ["P", "L", "LA", "I;16"])
def test_every_kind_of_png_frame(scenes: list[Image.Image], key: Key, mode: str) -> None:
    if mode == "I;16":
        grays = [np.asarray(frame.convert("L"), np.uint16) * 257 for frame in scenes]
        frames = [Image.fromarray(gray) for gray in grays]
    else:
        frames = [frame.convert(mode) for frame in scenes]
    source = saved(frames, "apng")
    data = marked(source, key)
    # Colour type and depth as before, but for a palette.
    assert data[24:26] == (source[24:26] if mode != "P" else b"\x08\x02")
    pictures = [picture.copy() for picture in shown(decode(data, name="a"))]
    assert all(detect(picture, key).payload == LABEL.mark_id for picture in pictures)
    assert pictures[0].dtype == (np.uint16 if mode == "I;16" else np.uint8)


def test_flat_frames_are_named_and_the_rest_is_marked(scenes: list[Image.Image], key: Key) -> None:
    flat = Image.new("RGB", scenes[0].size, (0, 0, 0))
    target = io.BytesIO()
    source = saved([flat, scenes[0], flat, scenes[1]], "webp-lossy")
    receipt = mark(source, target, label=LABEL, key=key)
    assert any("2 of 4 frames" in w and w.endswith(": 1, 3") for w in receipt.warnings)
    details = verify(target.getvalue(), keys=[key]).layers["watermark"].details
    assert (details["frame"], details["frames"]) == (2, 4)
    with pytest.raises(CapacityError):
        empty = [Image.new("RGBA", flat.size, (value, 0, 0, 0)) for value in (0, 9)]
        marked(saved(empty, "apng"), key)
    small = [frame.resize((240, 300)) for frame in scenes]
    with pytest.raises(CapacityError, match="240 x 300"):
        marked(saved(small, "webp-lossless"), key)


def test_the_search_counts_the_frames_it_looks_at(scenes: list[Image.Image], key: Key) -> None:
    assert spread(1) == {0} and spread(3) == {0, 1, 2}
    assert spread(100) == {0, 25, 50, 74, 99} and len(spread(10_000)) == 5
    data = marked(saved(scenes, "apng"), key)
    found = search(decode(data, name="a"), [key])
    alone = detect(seen(data)[0], key)
    assert found.detection.log10_p == pytest.approx(alone.log10_p + np.log10(4), rel=1e-3)
    other = Key("another", bytes(32))
    missed = search(decode(saved(scenes[:2], "apng"), name="a"), [other])
    assert not missed.detection.found and missed.frame is None and missed.frames == 2


@pytest.mark.parametrize("kind", ["apng", "webp-lossy"])
def test_metadata_lie_on_the_container_and_are_signed(
    moving: list[Image.Image],
    key: Key,
    signer: Signer,
    authority: CertFiles,
    kind: str,
    tmp_path: Path,
) -> None:
    source = saved(moving, kind)
    path = tmp_path / f"a.{kind[:4].removeprefix('a')}"
    path.write_bytes(marked(source, key, signer=signer))
    report = verify(path, keys=[key], trust=authority.root)
    assert {name: layer.state for name, layer in report.layers.items()} == {
        "aigc": "valid",
        "xmp": "valid",
        "c2pa": "trusted",
        "watermark": "valid",
        "visible": "absent",
    }
    assert read(path) is not None and len(seen(path.read_bytes())) == len(moving)
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    command = ["exiftool", "-json", "-validate", "-XMP:all", str(path)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
    assert found["Validate"] == "OK"
    assert json.loads(found["Aigc"])["ProduceID"] == LABEL.produce_id


def test_labelling_alone_leaves_the_frames(moving: list[Image.Image]) -> None:
    for kind in KINDS:
        source, target = saved(moving, kind), io.BytesIO()
        label(source, target, label=LABEL)
        for ours, theirs in zip(seen(target.getvalue()), seen(source), strict=True):
            assert np.array_equal(ours, theirs)


SMALL = [
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (24, 24, 4), dtype=np.uint8))
    for seed in range(3)
]
SEEDS = [saved(SMALL, kind) for kind in KINDS] + [saved(SMALL, "apng", default_image=True)]


def fed(data: bytes) -> Iterator[str]:
    try:
        media = decode(data, name="a")
        mark_samples(media, lambda pixels: pixels)
    except GenlabelError as error:
        yield str(error)


@settings(max_examples=200)
@given(st.sampled_from(SEEDS), st.data())
def test_of_damaged_animations_only_our_errors_escape(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(seed)))
    for attempt in (mended(bytes(damaged)), bytes(damaged), bytes(damaged[:cut])):
        for message in fed(attempt):
            assert "\n" not in message


def mended(data: bytes) -> bytes:
    """Make the checksums of a PNG right again: else most changes stop at the door."""
    if data[:4] != b"\x89PNG":
        return data
    from genlabel.image._files.png_samples import framed

    out, position = data[:8], 8
    while position + 12 <= len(data):
        size = int.from_bytes(data[position : position + 4])
        if position + 12 + size > len(data):
            break
        body = data[position + 8 : position + 8 + size]
        out += framed(data[position + 4 : position + 8], body)
        position += 12 + size
    return out + data[position:]


def test_animations_beyond_reason_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in (("MAX_FRAMES", 2), ("MAX_ANIMATION_PIXELS", 24 * 24 * 2)):
        with monkeypatch.context() as patch:
            patch.setattr(animation, name, limit)
            for seed in SEEDS:
                with pytest.raises(MediaError, match="animation of 3 frames"):
                    decode(seed, name="a")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"acTL\0\0\0\x03", b"acTL\0\0\0\x07", "declare"),
        (b"fcTL\0\0\0\x01\0\0\0\x18", b"fcTL\0\0\0\x01\0\0\0\x19", "larger than the canvas"),
        (b"fcTL\0\0\0\0\0\0\0\x18", b"fcTL\0\0\0\0\0\0\0\x17", "first frame"),
        (b"fdAT", b"fdAX", "no samples"),
    ],
)
def test_frames_that_contradict_their_file_are_damage(old: bytes, new: bytes, reason: str) -> None:
    assert old in SEEDS[0]
    data = mended(SEEDS[0].replace(old, new))
    with pytest.raises(MediaError, match=reason):
        list(shown(decode(data, name="a")))


def test_a_control_without_frames_is_a_still_picture() -> None:
    still = io.BytesIO()
    SMALL[0].save(still, "PNG")
    from genlabel.image._files.png_samples import framed

    data = still.getvalue()
    data = data[:33] + framed(b"acTL", bytes((0, 0, 0, 1, 0, 0, 0, 0))) + data[33:]
    picture = decode(data, name="a")
    assert not isinstance(picture, animation.Animation)
    assert np.array_equal(picture.pixels, np.asarray(SMALL[0]))
