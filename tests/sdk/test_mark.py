"""`mark`: every layer written, read back, and nothing else harmed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import genlabel
from genlabel import (
    CapacityError,
    GenlabelError,
    Key,
    Label,
    LabelError,
    Marker,
    MediaError,
    Receipt,
    SecretError,
    Signer,
    SignerError,
    UnsupportedError,
)
from genlabel.certs import CertFiles
from genlabel.image._files.formats import decode

Media = Callable[[str], Path]
Marked = Callable[[str], tuple[Path, Receipt]]
KINDS = ["png", "jpeg", "webp", "png-rgba", "png-16", "jpeg-gray"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_marked_labelled_signed_and_says_so(
    marked: Marked, key: Key, authority: CertFiles, check_schema: Callable[[Any], None], kind: str
) -> None:
    target, receipt = marked(kind)
    check_schema(receipt)
    assert receipt.layers == ("watermark", "aigc", "xmp", "c2pa")
    assert receipt.payload == receipt.label.mark_id and receipt.key == key.name
    assert receipt.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert receipt.psnr is not None and receipt.psnr > 40
    report = genlabel.verify(target, keys=[key], trust=authority.root)
    check_schema(report)
    states = {name: layer.state for name, layer in report.layers.items()}
    assert states == {
        "aigc": "valid",
        "xmp": "valid",
        "c2pa": "trusted",
        "watermark": "valid",
        "visible": "absent",
    }
    assert (report.verdict, report.conflicts) == ("generated", ())
    assert report.label == receipt.label
    assert report.detection is not None and report.detection.payload == receipt.payload


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_exiftool_reads_back_what_was_declared(marked: Marked, kind: str) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    target, receipt = marked(kind)
    command = ["exiftool", "-j", "-a", "-G1", str(target)]
    (tags,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    declared = json.loads(tags["XMP-TC260:AIGC" if "XMP-TC260:AIGC" in tags else "XMP-TC260:Aigc"])
    assert declared["ProduceID"] == receipt.label.produce_id
    assert declared["Label"] == "1"
    assert tags["XMP-iptcExt:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert sum("AIGC" in tag.upper() for tag in tags) == 1


def test_the_profile_and_orientation_of_the_source_stay(
    media: Media, key: Key, tmp_path: Path
) -> None:
    source = media("images/Kite_2560x1600.jpg")
    genlabel.mark(source, tmp_path / "a.jpg", label=Label("acme"), key=key)
    with Image.open(source) as old, Image.open(tmp_path / "a.jpg") as new:
        assert new.info["icc_profile"] == old.info["icc_profile"]
        assert new.getexif() == old.getexif()
        assert new.info["comment"] == old.info["comment"]
        assert new.quantization == old.quantization


def test_alpha_stays_and_hidden_colours_with_it(media: Media, marked: Marked) -> None:
    before = decode(media("images/debian_logo.png").read_bytes(), name="a").pixels
    after = decode(marked("png-rgba")[0].read_bytes(), name="b").pixels
    assert np.array_equal(after[..., 3], before[..., 3])
    hidden = before[..., 3] == 0
    assert np.array_equal(after[hidden], before[hidden])


def test_the_source_and_an_existing_target_are_never_harmed(
    media: Media, key: Key, tmp_path: Path
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    shutil.copyfile(media("images/china.jpg"), source)
    original = source.read_bytes()
    target.write_bytes(b"precious")
    for dst in (source, target):
        with pytest.raises(MediaError, match="already exists"):
            genlabel.mark(source, dst, label=Label("acme"), key=key)
    assert (source.read_bytes(), target.read_bytes()) == (original, b"precious")
    receipt = genlabel.mark(source, source, label=Label("acme"), key=key, overwrite=True)
    assert genlabel.verify(source, keys=[key]).detection.payload == receipt.payload  # type: ignore[union-attr]
    assert sorted(os.listdir(tmp_path)) == ["a.jpg", "b.jpg"]


def test_bytes_and_streams_serve_as_files(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()
    out = io.BytesIO()
    receipt = genlabel.mark(data, out, label=Label("acme"), key=key)
    assert (receipt.source, receipt.target) == ("<bytes>", "<stream>")
    again = io.BytesIO()
    genlabel.mark(io.BytesIO(data), again, label=receipt.label, key=key)
    assert genlabel.verify(out.getvalue(), keys=key).label == receipt.label
    # The same label on the same picture gives the same bytes: nothing random is written.
    assert again.getvalue() == out.getvalue()


def test_the_time_of_marking_is_filled_in_and_a_given_time_kept(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()
    receipt = genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key)
    assert receipt.label.created is not None and receipt.label.created.microsecond == 0
    assert abs((datetime.now(UTC) - receipt.label.created).total_seconds()) < 600
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    out = io.BytesIO()
    genlabel.mark(data, out, label=Label("acme", created=made), key=key)
    assert genlabel.read(out.getvalue()).created == made  # type: ignore[union-attr]


def test_quality_strength_and_profiles_are_obeyed(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()

    def done(**settings: Any) -> tuple[Receipt, bytes]:
        out = io.BytesIO()
        label = Label("acme", system="Painter")
        return genlabel.mark(data, out, label=label, key=key, **settings), out.getvalue()

    usual, usual_bytes = done()
    coarse, coarse_bytes = done(quality=60)
    strong, _ = done(strength=2.0)
    assert len(coarse_bytes) < len(usual_bytes) / 2
    assert strong.psnr < usual.psnr - 3  # type: ignore[operator]
    assert done(profiles=())[0].layers == ("watermark",)
    assert done(profiles=("cn",))[0].layers == ("watermark", "aigc")
    receipt, _ = done(profiles=("us-ca", "eu"))
    assert receipt.profiles == ("us-ca", "eu")
    assert "profile us-ca asks for fields the label lacks: system_version" in receipt.warnings


def test_what_a_profile_asks_and_was_not_done_is_a_warning(media: Media, key: Key) -> None:
    data = media("images/china.jpg").read_bytes()
    receipt = genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key)
    text = "\n".join(receipt.warnings)
    assert "'acme' is a name" in text
    assert "profile cn asks for a label people can see" in text
    assert "profile eu asks for a signed C2PA manifest" in text
    quiet = genlabel.mark(data, io.BytesIO(), label=Label("acme"), key=key, visible="off")
    assert "people can see" not in "\n".join(quiet.warnings)


def test_an_older_label_is_replaced_and_named(media: Media, key: Key, tmp_path: Path) -> None:
    source, target = media("images/jimeng_cap_A.png"), tmp_path / "a.png"
    receipt = genlabel.mark(source, target, label=Label("acme"), key=key)
    assert any("00119144030008867405X210001" in warning for warning in receipt.warnings)
    report = genlabel.verify(target, keys=[key])
    assert report.label.producer == "acme"  # type: ignore[union-attr]
    assert len(report.layers["aigc"].details["where"]) == 1
    assert b"00119144030008867405X210001" not in target.read_bytes()


def test_a_signed_source_keeps_its_manifest_or_is_refused(
    media: Media, key: Key, authority: CertFiles, tmp_path: Path
) -> None:
    source, target = media("images/samsung_gray_1.png"), tmp_path / "a.png"
    with pytest.raises(SignerError, match="samsung_gray_1.png: carries a C2PA manifest"):
        genlabel.mark(source, target, label=Label("acme"), key=key)
    assert not target.exists()
    files = (authority.chain, authority.key)
    genlabel.mark(source, target, label=Label("acme"), key=key, signer=files)
    report = genlabel.verify(target, keys=[key], trust=authority.root)
    before = genlabel.verify(source).layers["c2pa"].details["manifests"]
    assert report.layers["c2pa"].state == "trusted"
    assert report.layers["c2pa"].details["manifests"] == before + 1
    assert report.layers["c2pa"].details["ingredients"][0]["relationship"] == "parentOf"


def test_too_small_or_too_flat_names_the_file_and_leaves_nothing(
    media: Media, key: Key, tmp_path: Path
) -> None:
    with pytest.raises(CapacityError, match="text.png: .*needs a short side") as caught:
        genlabel.mark(media("images/text.png"), tmp_path / "a.png", label=Label("acme"), key=key)
    assert str(caught.value.path).endswith("text.png")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("layer", ["watermark", "aigc"])
def test_what_does_not_read_back_is_not_written(
    media: Media, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    if layer == "watermark":
        monkeypatch.setattr(genlabel.image, "embed", lambda pixels, *_, **__: pixels)
    else:
        from genlabel.labels import metadata

        monkeypatch.setattr(metadata, "write_metadata", lambda data, *_, **__: (data, ()))
    with pytest.raises(MediaError, match=f"the {layer} layer did not read back"):
        genlabel.mark(media("images/china.jpg"), tmp_path / "a.jpg", label=Label("acme"), key=key)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"profiles": ("mars",)}, UnsupportedError),
        ({"profiles": "cn"}, UnsupportedError),
        ({"visible": "neon"}, UnsupportedError),
        ({"strength": 0}, UnsupportedError),
        ({"strength": float("nan")}, UnsupportedError),
        ({"quality": 0}, UnsupportedError),
        ({"quality": 101}, UnsupportedError),
        ({"key": "secret"}, SecretError),
        ({"label": "acme"}, LabelError),
        ({"label": None}, LabelError),
        ({"label": Label.as_declared(producer="a b", produce_id="1")}, LabelError),
        ({"signer": "cert.pem"}, SignerError),
        ({"signer": ("nowhere.pem", "nowhere.key")}, SignerError),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    media: Media, key: Key, settings: dict[str, Any], kind: type[GenlabelError]
) -> None:
    out = io.BytesIO()
    usual = {"label": Label("acme"), "key": key}
    with pytest.raises(kind):
        genlabel.mark(media("images/china.jpg"), out, **{**usual, **settings})
    assert out.getvalue() == b""


def test_a_marker_gives_each_file_its_own_number(media: Media, key: Key, signer: Signer) -> None:
    marker = Marker(key, Label("acme", "template", system="Painter"), signer=signer)
    data = media("images/china.jpg").read_bytes()
    first, second = (marker.mark(data, io.BytesIO()) for _ in range(2))
    assert len({first.payload, second.payload, Label("acme", "template").mark_id}) == 3
    assert first.label.propagate_id == first.label.produce_id
    assert first.label.system == "Painter"
    own = marker.mark(data, io.BytesIO(), label=Label("other", "7"))
    assert own.payload == Label("other", "7").mark_id
    with pytest.raises(LabelError, match="no label"):
        Marker(key).mark(data, io.BytesIO())


def test_a_markers_platform_number_is_kept_where_it_is_its_own(key: Key) -> None:
    marker = Marker(key, Label("acme", "1", propagator="platform", propagate_id="p-9"))
    fresh = marker._fresh_label()
    assert (fresh.propagator, fresh.propagate_id) == ("platform", "p-9")
    assert fresh.produce_id != "1"


def test_a_marker_serves_threads_and_travels_to_workers(
    media: Media, key: Key, signer: Signer
) -> None:
    marker = pickle.loads(pickle.dumps(Marker(key, Label("acme"), signer=signer)))
    assert marker == Marker(key, marker.label, signer=signer)
    data = media("images/china.jpg").read_bytes()
    outs = [io.BytesIO() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda out: marker.mark(data, out), outs))
    for out, receipt in zip(outs, receipts, strict=True):
        report = genlabel.verify(out.getvalue(), keys=[key])
        assert report.detection is not None and report.detection.payload == receipt.payload
        assert report.conflicts == ()


HOSTILE = [
    "truncated_scan.jpg",
    "truncated_idat.png",
    "zero_byte.png",
    "wrong_ext_png.jpg",
    "bomb_50000x50000_1bit.png",
    "bomb_ztxt_100MB.png",
    "declared_65535x65535.gif",
    "xmp_billion_laughs.jpg",
    "xmp_deep_elements.png",
    "xmp_unclosed.jpg",
    "aigc_deep_json.png",
    "aigc_not_json.jpg",
    "aigc_wrong_types.png",
    "nonutf8_text.png",
    "bad_ihdr_crc.png",
    "no_idat.png",
    "exif_ifd_loop.jpg",
    "c2pa_jumbf_len_4g.jpg",
    "jpeg_segment_len_1.jpg",
    "riff_webp_chunk_overrun.webp",
    "random_bytes.mp4",
    "truncated_data.wav",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_a_result_or_one_line(
    media: Media, key: Key, signer: Signer, tmp_path: Path, name: str
) -> None:
    source = media(f"broken/{name}") if name != "zero_byte.png" else tmp_path / name
    if name == "zero_byte.png":
        source.touch()
    target = tmp_path / "out"
    journeys: list[Callable[[], Any]] = [
        lambda: genlabel.verify(source, keys=[key]),
        lambda: genlabel.read(source),
        lambda: genlabel.label(source, target, label=Label("acme"), signer=signer),
        lambda: genlabel.mark(source, target, label=Label("acme"), key=key, overwrite=True),
    ]
    for journey in journeys:
        try:
            journey()
        except GenlabelError as error:
            line = str(error)
            assert name in line and "\n" not in line
    assert {entry.name for entry in tmp_path.iterdir()} <= {"out", "zero_byte.png"}
    if target.exists():
        assert genlabel.read(target).producer == "acme"  # type: ignore[union-attr]
