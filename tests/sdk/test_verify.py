"""`verify`: what layers say, whether they agree, and the rung that follows."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import genlabel
from genlabel import (
    Key,
    Label,
    MediaError,
    Receipt,
    SecretError,
    Signer,
    SignerError,
    UnsupportedError,
)
from genlabel.certs import CertFiles
from genlabel.image._files.formats import decode, encode
from genlabel.labels.c2pa import sign_manifest
from genlabel.labels.metadata import write_metadata

Media = Callable[[str], Path]
Marked = Callable[[str], tuple[Path, Receipt]]
Check = Callable[[Any], None]


def stripped(path: Path, *, crop: float = 1.0, quality: int = 75) -> bytes:
    """What a platform makes of an upload: metadata gone, cropped, recompressed."""
    with Image.open(path) as image:
        width, height = image.size
        box = (int(width * (1 - crop)), int(height * (1 - crop)), width, height)
        buffer = io.BytesIO()
        image.convert("RGB").crop(box).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def states(report: genlabel.Report) -> dict[str, str]:
    return {name: layer.state for name, layer in report.layers.items()}


def test_a_stripped_and_cropped_picture_still_names_its_key_and_payload(
    marked: Marked, key: Key, check_schema: Check
) -> None:
    target, receipt = marked("png")
    report = genlabel.verify(stripped(target, crop=0.8), keys=[Key.generate("other"), key])
    check_schema(report)
    # Article 6 (3): no metadata, other traces.
    assert report.verdict == "suspected" and report.label is None
    assert states(report) == {
        "aigc": "absent",
        "xmp": "absent",
        "c2pa": "absent",
        "watermark": "valid",
        "visible": "absent",
    }
    details = report.layers["watermark"].details
    assert (details["payload"], details["key"]) == (receipt.payload.hex(), key.name)  # type: ignore[union-attr]
    assert details["log10_p"] <= -9
    # Of a part nothing is said.
    assert details["content"] == "unknown"


def test_a_mark_of_another_picture_is_a_hint_and_changes_neither_state_nor_verdict(
    media: Media, key: Key, check_schema: Check
) -> None:
    with (
        Image.open(media("images/kodim15.png")) as one,
        Image.open(media("images/kodim23.png")) as two,
    ):
        source, target = (np.asarray(image.convert("RGB")) for image in (one, two))
    marked = genlabel.image.embed(source, bytes(8), key)
    copied = np.clip(target + (marked.astype(int) - source), 0, 255).astype(np.uint8)
    own, foreign = (genlabel.verify(as_png(pixels), keys=[key]) for pixels in (marked, copied))
    for report, content in ((own, "bound"), (foreign, "unbound")):
        check_schema(report)
        assert report.detection is not None
        assert report.detection.content == content
        watermark = report.layers["watermark"]
        assert (watermark.state, watermark.details["content"]) == ("valid", content)
        assert (report.verdict, report.conflicts) == ("suspected", ())
    assert own.layers["watermark"].problems == ()
    (problem,) = foreign.layers["watermark"].problems
    assert problem.startswith("the mark was made for other content: copied from elsewhere")


def test_effort_decides_what_is_searched(marked: Marked, key: Key) -> None:
    target, receipt = marked("png")
    whole, cut = stripped(target), stripped(target, crop=0.8)
    found = [
        genlabel.verify(data, keys=[key], effort=effort).detection.payload  # type: ignore[union-attr]
        for data, effort in ((whole, "quick"), (cut, "quick"), (cut, "normal"))
    ]
    assert found == [receipt.payload, None, receipt.payload]
    with pytest.raises(UnsupportedError, match="effort is one of"):
        genlabel.verify(whole, keys=[key], effort="most")  # type: ignore[arg-type]


def as_png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_transplanted_label_is_a_conflict(
    media: Media, marked: Marked, key: Key, check_schema: Check
) -> None:
    target, receipt = marked("png")
    foreign = Label("acme", "of-another-picture")
    forged, _ = write_metadata(target.read_bytes(), foreign, name="a")
    report = genlabel.verify(stripped_of_manifest(forged), keys=[key])
    check_schema(report)
    assert states(report)["aigc"] == states(report)["watermark"] == "conflicting"
    assert foreign.mark_id.hex() in report.conflicts[0]
    assert receipt.payload.hex() in report.conflicts[0]  # type: ignore[union-attr]
    # The metadata still declares generated content: Article 6 (1).
    assert report.verdict == "generated"


def stripped_of_manifest(data: bytes) -> bytes:
    picture = decode(data, name="a")
    return encode(picture, picture.pixels)[0]


def test_a_label_on_samples_of_another_mark_conflicts_in_every_layer(
    media: Media, marked: Marked, key: Key, signer: Signer, authority: CertFiles
) -> None:
    target, _ = marked("jpeg")
    foreign = Label("acme", "of-another-picture")
    forged, _ = write_metadata(stripped_of_manifest(target.read_bytes()), foreign, name="a")
    signed = sign_manifest(
        forged, "image/jpeg", foreign, signer, name="a.jpg", payload=foreign.mark_id
    )
    report = genlabel.verify(signed, keys=[key], trust=authority.root)
    assert {name for name, state in states(report).items() if state == "conflicting"} == {
        "aigc",
        "c2pa",
        "watermark",
    }
    assert len(report.conflicts) == 2


def test_another_key_finds_nothing_and_without_keys_nothing_is_searched(
    marked: Marked, check_schema: Check
) -> None:
    data = stripped(marked("png")[0])
    report = genlabel.verify(data, keys=[Key.generate("other")])
    assert report.verdict == "none" and report.detection is not None
    assert not report.detection.found
    assert report.layers["watermark"].details == {"searched": True, "keys": 1}
    unsearched = genlabel.verify(data)
    check_schema(unsearched)
    assert unsearched.detection is None
    assert unsearched.layers["watermark"].details == {"searched": False}


@pytest.mark.parametrize("name", ["kodim23.png", "china.jpg", "text.png", "desert.png"])
def test_an_unlabelled_picture_is_nothing_found_never_not_generated(
    media: Media, key: Key, check_schema: Check, name: str
) -> None:
    report = genlabel.verify(media(f"images/{name}"), keys=[key])
    check_schema(report)
    assert report.verdict == "none" and report.label is None and report.conflicts == ()
    assert "Nothing found" in report.notice["en"] and "未发现" in report.notice["zh"]
    assert set(states(report).values()) == {"absent"}


@pytest.mark.parametrize(
    ("status", "verdict", "sentence"),
    [
        ("generated", "generated", "内容由AI生成"),
        ("possible", "possible", "可能由AI生成"),
        ("suspected", "suspected", "疑似由AI生成"),
    ],
)
def test_the_ladder_follows_the_label(
    media: Media, status: Any, verdict: str, sentence: str
) -> None:
    label = Label("acme", "1", status=status, source_type="digitalCreation")
    data, _ = write_metadata(media("images/china.jpg").read_bytes(), label, name="a")
    report = genlabel.verify(data)
    assert (report.verdict, report.notice["zh"]) == (verdict, sentence)


@pytest.mark.parametrize(
    ("name", "verdict", "layer", "state"),
    [
        ("jimeng_cap_A.png", "generated", "aigc", "valid"),
        ("doubao_gray_1x1_1.png", "generated", "aigc", None),
        ("Firefly_tabby_cat.jpg", "generated", "c2pa", "valid"),
        ("samsung_gray_1.png", "generated", "c2pa", "valid"),
        ("mj-1.png", "generated", "xmp", "valid"),
        ("adobe-20220124-E-sig-CA.jpg", "none", "c2pa", "damaged"),
        ("C_with_CAWG_data.jpg", None, "c2pa", "valid"),
        ("adobe-20220124-A.jpg", "none", "c2pa", "absent"),
    ],
)
def test_files_of_real_services(
    media: Media, check_schema: Check, name: str, verdict: str | None, layer: str, state: str | None
) -> None:
    report = genlabel.verify(media(f"images/{name}"))
    check_schema(report)
    if verdict is not None:
        assert report.verdict == verdict
    if state is not None:
        assert states(report)[layer] == state
    else:
        assert states(report)[layer] in ("present", "valid")
    assert report.conflicts == ()


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("aigc_not_json.jpg", "aigc"),
        ("aigc_deep_json.png", "aigc"),
        ("xmp_unclosed.jpg", "xmp"),
        ("xmp_billion_laughs.jpg", "xmp"),
        ("xmp_deep_elements.png", "xmp"),
        ("c2pa_jumbf_len_4g.jpg", "c2pa"),
    ],
)
def test_damage_is_a_state_and_never_absence(
    media: Media, check_schema: Check, name: str, layer: str
) -> None:
    report = genlabel.verify(media(f"broken/{name}"))
    check_schema(report)
    assert report.layers[layer].state == "damaged"
    assert report.layers[layer].problems
    # An unreadable AIGC label is a trace of one.
    assert report.verdict == ("suspected" if layer == "aigc" else "none")


def test_wrong_types_in_a_label_are_named(media: Media) -> None:
    layer = genlabel.verify(media("broken/aigc_wrong_types.png")).layers["aigc"]
    assert layer.state in ("present", "damaged") and layer.problems


def test_a_changed_sample_breaks_the_manifest_and_what_it_said_is_a_trace(
    marked: Marked, key: Key, authority: CertFiles
) -> None:
    data = bytearray(marked("jpeg")[0].read_bytes())
    data[-200] ^= 1
    report = genlabel.verify(bytes(data), keys=[key], trust=authority.root)
    assert states(report)["c2pa"] == "damaged"
    assert states(report)["aigc"] == "valid" and report.conflicts == ()


def test_a_broken_manifest_alone_makes_suspected(
    media: Media, signer: Signer, authority: CertFiles
) -> None:
    source = media("images/china.jpg").read_bytes()
    label = Label("acme", "1")
    signed = bytearray(
        sign_manifest(source, "image/jpeg", label, signer, name="a.jpg", payload=None)
    )
    assert genlabel.verify(bytes(signed)).verdict == "generated"
    signed[-200] ^= 1
    report = genlabel.verify(bytes(signed))
    assert (states(report)["c2pa"], report.verdict) == ("damaged", "suspected")


def test_a_promised_watermark_that_is_not_there(
    media: Media, signer: Signer, key: Key, authority: CertFiles
) -> None:
    source = media("images/china.jpg").read_bytes()
    label = Label("acme", "1")
    signed = sign_manifest(source, "image/jpeg", label, signer, name="a.jpg", payload=label.mark_id)
    report = genlabel.verify(signed, keys=[key])
    assert states(report)["c2pa"] == "conflicting"
    assert "a watermark was put in" in report.conflicts[0]
    # A trusted signer bound these very samples: the key is another one.
    trusted = genlabel.verify(signed, keys=[key], trust=authority.root.read_bytes())
    assert (trusted.conflicts, states(trusted)["c2pa"]) == ((), "trusted")
    assert "none of the given keys finds" in trusted.layers["watermark"].problems[0]
    # Without keys nobody looked.
    assert genlabel.verify(signed).conflicts == ()


def test_a_camera_that_generates_is_a_conflict(media: Media, signer: Signer) -> None:
    data = media("images/china.jpg").read_bytes()
    aigc = Label("acme", "1", source_type="digitalCapture")
    both, _ = write_metadata(data, aigc, name="a")
    report = genlabel.verify(both)
    assert states(report)["aigc"] == states(report)["xmp"] == "conflicting"
    assert "says digitalCapture" in report.conflicts[0]
    assert report.verdict == "generated"
    camera, _ = write_metadata(data, aigc, name="a", aigc=False)
    assert genlabel.verify(camera).verdict == "none"
    generated = dataclasses.replace(aigc, source_type="trainedAlgorithmicMedia")
    signed = sign_manifest(camera, "image/jpeg", generated, signer, name="a", payload=None)
    assert states(genlabel.verify(signed))["xmp"] == "conflicting"


def test_samples_that_cannot_be_decoded_leave_the_metadata_judged(
    media: Media, key: Key, check_schema: Check
) -> None:
    label = Label("acme", "1")
    # Arithmetic coding: a frame of another type.
    source = media("images/china.jpg").read_bytes().replace(b"\xff\xc0\0\x11", b"\xff\xc9\0\x11")
    data, _ = write_metadata(source, label, name="a")
    report = genlabel.verify(data, keys=[key])
    check_schema(report)
    assert (report.verdict, report.detection) == ("generated", None)
    assert report.layers["watermark"].details == {"searched": False}
    assert "arithmetic" in report.layers["watermark"].problems[0]


def test_a_file_cut_short_is_an_error_with_or_without_keys(media: Media, key: Key) -> None:
    for keys in ([], [key]):
        with pytest.raises(MediaError, match=r"truncated_scan\.jpg: is cut short"):
            genlabel.verify(media("broken/truncated_scan.jpg"), keys=keys)


def test_a_payload_of_ones_own_is_no_identity(media: Media, key: Key) -> None:
    picture = decode(media("images/kodim23.png").read_bytes(), name="a")
    pixels = genlabel.image.embed(picture.pixels, b"sixteen bytes...", key)
    labelled, _ = write_metadata(encode(picture, pixels)[0], Label("acme", "1"), name="a")
    report = genlabel.verify(labelled, keys=[key])
    assert report.detection is not None and report.detection.payload == b"sixteen bytes..."
    assert report.conflicts == ()


def test_keys_and_roots_that_are_none_are_refused(media: Media, tmp_path: Path) -> None:
    source = media("images/china.jpg")
    with pytest.raises(SecretError):
        genlabel.verify(source, keys=["acme"])  # type: ignore[list-item]
    with pytest.raises(SignerError, match=r"nowhere\.pem: cannot be read"):
        genlabel.verify(source, trust=tmp_path / "nowhere.pem")
    with pytest.raises(SignerError):
        genlabel.verify(media("images/Firefly_tabby_cat.jpg"), trust=b"no certificates")


def test_a_mirrored_picture_is_still_found(marked: Marked, key: Key) -> None:
    target, receipt = marked("png")
    pixels = decode(target.read_bytes(), name="a").pixels
    turned = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, ::-1])).save(turned, "PNG")
    report = genlabel.verify(turned.getvalue(), keys=[key])
    assert report.detection is not None and report.detection.payload == receipt.payload


def test_metadata_alone_decodes_nothing(media: Callable[[str], Path], key: Key) -> None:
    report = genlabel.verify(media("broken/bomb_50000x50000_1bit.png"), samples=False)
    assert report.verdict == "none"
    assert report.layers["watermark"].details == {"searched": False}
    with pytest.raises(UnsupportedError, match="samples=False leaves out"):
        genlabel.verify(b"", keys=key, samples=False)
