"""`mark(visible=...)` on picture files of every kind: drawn before the mark, and told where."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

import genlabel
from genlabel import Key, Label, LabelError, Receipt, Signer, UnsupportedError
from genlabel.audio import AudibleLabel
from genlabel.image._files.formats import decode, shown
from genlabel.visible import VisibleLabel

Media = Callable[[str], Path]
PLATE = VisibleLabel("AI生成", position="bottom-right", plate="always")


def marked(data: bytes, key: Key, visible: Any = PLATE, **options: Any) -> tuple[bytes, Receipt]:
    out = io.BytesIO()
    receipt = genlabel.mark(data, out, label=Label("acme"), key=key, visible=visible, **options)
    return out.getvalue(), receipt


def carries(data: bytes, key: Key, receipt: Receipt) -> bool:
    detection = genlabel.verify(data, keys=[key]).detection
    return detection is not None and detection.payload == receipt.payload


def is_drawn(picture: Image.Image, receipt: Receipt) -> bool:
    """Tell whether there are white letters on black, or black ones on white, where it is told."""
    assert receipt.visible is not None
    left, top, width, height = receipt.visible["box"]
    grey = np.asarray(picture.convert("L"))[top : top + height, left : left + width]
    return int(grey.max()) - int(grey.min()) > 100


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("kodim23.png", "RGB"),
        ("china.jpg", "RGB"),
        ("c2pars_sample1.webp", "RGB"),
        ("debian_logo.png", "RGBA"),
        ("Grey_2560x1600.jpg", "L"),
        ("cmyk", "CMYK"),
        ("palette", "RGB"),
    ],
)
def test_every_kind_keeps_its_mode(
    media: Media, key: Key, check_schema: Callable[[Any], None], name: str, mode: str
) -> None:
    if mode == "CMYK" or name == "palette":
        with Image.open(media("images/kodim23.png")) as picture:
            buffer = io.BytesIO()
            if mode == "CMYK":
                picture.convert("CMYK").save(buffer, "JPEG", quality=90)
            else:
                picture.quantize(64).save(buffer, "PNG")
        source = buffer.getvalue()
    else:
        source = media(f"images/{name}").read_bytes()
    data, receipt = marked(source, key)
    check_schema(receipt)
    assert receipt.layers[:2] == ("visible", "watermark")
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == mode
        assert is_drawn(picture, receipt)
    assert carries(data, key, receipt)
    # What the label changes is meant, and no loss.
    assert receipt.psnr is not None and receipt.psnr > 35


def test_sixteen_bits_stay_sixteen(media: Media, key: Key) -> None:
    source = media("images/powerscoal-full.png").read_bytes()
    data, receipt = marked(source, key)
    before, after = decode(source, name="a").pixels, decode(data, name="b").pixels
    assert after.dtype == before.dtype == np.uint16 and after.shape == before.shape
    left, top, width, height = receipt.visible["box"]  # type: ignore[index]
    away = np.abs(after.astype(int) - before)
    away[top : top + height, left : left + width] = 0
    assert away.max() < 30 * 257
    assert carries(data, key, receipt)


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_label_is_upright_where_the_picture_is_shown(media: Media, key: Key, turned: int) -> None:
    with Image.open(media("images/kodim23.png")) as picture:
        exif = Image.Exif()
        exif[0x0112] = turned
        buffer = io.BytesIO()
        picture.crop((0, 0, 512, 384)).save(buffer, "JPEG", quality=95, exif=exif)
    data, receipt = marked(buffer.getvalue(), key)
    with Image.open(io.BytesIO(data)) as picture:
        as_shown = ImageOps.exif_transpose(picture)
    with Image.open(io.BytesIO(buffer.getvalue())) as picture:
        plain = np.asarray(ImageOps.exif_transpose(picture))
    expected, where = genlabel_drawn(plain)
    assert receipt.visible["box"] == list(where.box)  # type: ignore[index]
    assert np.abs(np.asarray(as_shown).astype(int) - expected).mean() < 4


def genlabel_drawn(pixels: np.ndarray) -> Any:
    from genlabel.visible import draw

    return draw(pixels, PLATE)


def test_every_frame_of_a_gif_has_it(media: Media, key: Key) -> None:
    with Image.open(media("images/kodim23.png")) as picture:
        base = picture.convert("RGB").resize((384, 288))
    frames = [base, base.rotate(3), base.rotate(6)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    data, receipt = marked(buffer.getvalue(), key, "auto", profiles=("kr",))
    assert receipt.visible is not None and receipt.visible["frames"] == 3
    left, top, width, height = receipt.visible["box"]
    for frame in shown(decode(data, name="x")):
        box = frame[top : top + height, left : left + width, :3].astype(int)
        assert box.max() - box.min() > 150
    assert genlabel.verify(data).layers["visible"].details["text"] == "AI 생성"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("transparent", [False, True])
def test_every_frame_of_an_animation_has_it(
    media: Media, key: Key, kind: str, transparent: bool
) -> None:
    with Image.open(media("images/kodim23.png")) as picture:
        base = picture.resize((384, 256)).convert("RGBA")
    frames = []
    for index in range(3):
        frame = base.copy()
        frame.paste((200, 30 * index, 20, 255), (20 + 30 * index, 30, 90 + 30 * index, 90))
        if transparent:
            frame.paste((0, 0, 0, 0), (192, 128, 384, 256))
        frames.append(frame)
    buffer = io.BytesIO()
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    rest = frames[1:]
    frames[0].save(buffer, kind, save_all=True, append_images=rest, duration=100, **options)
    data, receipt = marked(buffer.getvalue(), key, "auto")
    assert receipt.visible is not None and receipt.visible["frames"] == 3
    assert carries(data, key, receipt)
    left, top, width, height = receipt.visible["box"]
    boxes = [
        frame[top : top + height, left : left + width].copy()
        for frame in shown(decode(data, name="x"))
    ]
    assert len(boxes) == 3
    for box in boxes:
        assert int(box[..., :3].max()) - int(box[..., :3].min()) > 100
        assert (box[6:-6, 6:-6, 3] == 255).all()
        # Nothing flickers: what is under it does not move here.
        assert (box == boxes[0]).all()


def test_auto_draws_where_a_regime_requires_it_of_every_file(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()
    _, receipt = marked(data, key, "auto")
    assert receipt.visible is not None and receipt.visible["text"] == "AI生成"
    assert not any("people can see" in warning for warning in receipt.warnings)
    _, receipt = marked(data, key, "auto", profiles=("kr",))
    assert receipt.visible is not None and receipt.visible["text"] == "AI 생성"
    for visible, profiles in (("auto", ("eu",)), (None, ("cn",)), ("off", ("cn",))):
        _, receipt = marked(data, key, visible, profiles=profiles)
        assert receipt.visible is None and "visible" not in receipt.layers
    _, receipt = marked(data, key, VisibleLabel(icon="ai-generated"), profiles=("eu",))
    assert receipt.visible is not None and receipt.visible["icon"] == "ai-generated"


def test_what_does_not_go_together_is_refused(media: Media, key: Key) -> None:
    picture = media("images/china.jpg").read_bytes()
    with pytest.raises(LabelError, match="lacks"):
        marked(picture, key, VisibleLabel("AI"))
    with pytest.raises(UnsupportedError, match="people hear is for sound and films, not for image"):
        marked(picture, key, AudibleLabel())
    sound = media("audio/LJ001-0001.wav").read_bytes()
    with pytest.raises(UnsupportedError, match="people see is for pictures and films"):
        marked(sound, key, PLATE)


def test_it_is_signed_as_text_that_was_added(media: Media, key: Key, signer: Signer) -> None:
    data, receipt = marked(media("images/kodim23.png").read_bytes(), key, signer=signer)
    report = genlabel.verify(data, keys=[key])
    done = report.layers["c2pa"].details["actions"]
    assert done == ["c2pa.created", "c2pa.addedText", "c2pa.watermarked.bound"]
    assert receipt.layers[0] == "visible"


def test_a_marker_with_a_label_goes_to_workers(key: Key) -> None:
    marker = genlabel.Marker(key, visible=VisibleLabel(language="de"), profiles=("eu",))
    assert pickle.loads(pickle.dumps(marker)) == marker


@pytest.mark.parametrize("name", ["kodim23.png", "Storm.jpg"])
def test_those_who_do_not_see_it_are_told(
    media: Media, key: Key, name: str, tmp_path: Path
) -> None:
    data, _ = marked(media(f"images/{name}").read_bytes(), key)
    said = read_by_exiftool(data, tmp_path / name)
    assert said["AltTextAccessibility"] == said["Description"] == "AI生成"
    again, receipt = marked(data, key)
    assert read_by_exiftool(again, tmp_path / name) == said
    assert not any("which does not say" in warning for warning in receipt.warnings)


def test_a_description_of_its_own_stays(media: Media, key: Key, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(media("images/kodim23.png").read_bytes())
    command = ("exiftool", "-q", "-overwrite_original", "-XMP-dc:Description=Two parrots")
    subprocess.run([*command, path], check=True)
    data, receipt = marked(path.read_bytes(), key)
    said = read_by_exiftool(data, path)
    assert (said["Description"], said["AltTextAccessibility"]) == ("Two parrots", "AI生成")
    assert any("its own description stays" in warning for warning in receipt.warnings)


def read_by_exiftool(data: bytes, path: Path) -> dict[str, str]:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    path.write_bytes(data)
    names = ("-XMP-dc:Description", "-XMP-iptcCore:AltTextAccessibility")
    done = subprocess.run(["exiftool", "-j", *names, path], capture_output=True, check=True)
    record: dict[str, str] = json.loads(done.stdout)[0]
    return {name: value for name, value in record.items() if name != "SourceFile"}
