"""`label` and `read`: metadata alone, and no sample touched."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genlabel
from genlabel import Label, LabelError, MediaError, Signer, SignerError
from genlabel._label import SOURCE_TYPES
from genlabel.certs import CertFiles
from genlabel.image._files.formats import decode
from genlabel.labels.containers import files

Media = Callable[[str], Path]
PICTURES = [
    "kodim23.png",
    "samsung_gray_1.png",
    "powerscoal-full.png",
    "heart_tiles_jon_phillips_01.png",
    "china.jpg",
    "cloud.jpg",
    "Picture_0B_by_freespace.jpg",
    "c2pars_sample1.webp",
    "c2pars_test_lossless.webp",
]


@pytest.mark.parametrize("name", PICTURES)
def test_samples_stay_bit_for_bit(
    media: Media, signer: Signer, tmp_path: Path, check_schema: Callable[[Any], None], name: str
) -> None:
    source, target = media(f"images/{name}"), tmp_path / name
    label = Label("acme", system="Painter", registration="Beijing-1")
    receipt = genlabel.label(source, target, label=label, signer=signer)
    check_schema(receipt)
    assert receipt.layers == ("aigc", "xmp", "c2pa")
    assert (receipt.payload, receipt.key, receipt.psnr) == (None, None, None)
    before, after = source.read_bytes(), target.read_bytes()
    assert np.array_equal(decode(after, name=name).pixels, decode(before, name=name).pixels)
    # Not only decoded alike: the coded samples are the same bytes.
    assert coded(after) == coded(before)
    read = genlabel.read(target)
    if "CreateDate" in "".join(receipt.warnings):
        # The picture has a date of its own, older than ours.
        read = replace(read, created=receipt.label.created)
    assert read == receipt.label
    assert genlabel.verify(target).conflicts == ()


def coded(data: bytes) -> list[bytes]:
    starts = (b"IDAT", b"VP8 ", b"VP8L", b"ALPH")
    pieces = [data[start:end] for start, end in files.read(data, name="a").pieces]
    return [p for p in pieces if p[4:8] in starts or p[:4] in starts or p[:2] == b"\xff\xda"]


def test_what_cannot_be_decoded_can_be_labelled(media: Media) -> None:
    out = io.BytesIO()
    receipt = genlabel.label(media("images/pil_sample_cmyk.jpg"), out, label=Label("acme"))
    assert genlabel.read(out.getvalue()).produce_id == receipt.label.produce_id  # type: ignore[union-attr]
    assert any("CreateDate stays: 2009-03-06" in warning for warning in receipt.warnings)
    assert any("asks for a watermark" in warning for warning in receipt.warnings)


def test_profiles_say_what_is_written(media: Media) -> None:
    for profiles, layers in [(("cn",), ("aigc",)), (("eu",), ("xmp",)), (("in",), ("aigc", "xmp"))]:
        out = io.BytesIO()
        receipt = genlabel.label(
            media("images/china.jpg"), out, label=Label("acme"), profiles=profiles
        )
        assert receipt.layers == layers
        report = genlabel.verify(out.getvalue())
        found = {name for name, layer in report.layers.items() if layer.state == "valid"}
        assert found == set(layers)
        assert report.verdict == "generated"


@pytest.mark.parametrize("profiles", [("cn",), ("eu",), ("cn", "eu"), ()])
def test_every_source_type_is_written_and_read_back(
    media: Media, profiles: tuple[str, ...]
) -> None:
    source = media("images/china.jpg")
    for term in SOURCE_TYPES:
        out = io.BytesIO()
        label = Label("acme", source_type=term)
        receipt = genlabel.label(source, out, label=label, profiles=profiles)
        assert len(receipt.layers) == len(profiles)
        if "eu" in profiles:
            assert genlabel.verify(out.getvalue()).layers["xmp"].details["source_type"] == term


def test_a_signed_file_is_refused_without_signer_and_extended_with(
    media: Media, signer: Signer, authority: CertFiles, tmp_path: Path
) -> None:
    source = media("images/Firefly_tabby_cat.jpg")
    with pytest.raises(SignerError, match="Firefly_tabby_cat.jpg: carries a C2PA manifest"):
        genlabel.label(source, tmp_path / "a.jpg", label=Label("acme"))
    assert os.listdir(tmp_path) == []
    files_of_signer = (authority.chain, authority.key)
    genlabel.label(source, tmp_path / "a.jpg", label=Label("acme"), signer=files_of_signer)
    layer = genlabel.verify(tmp_path / "a.jpg", trust=authority.root).layers["c2pa"]
    assert layer.state == "trusted" and layer.details["manifests"] == 2


def test_a_target_is_never_overwritten_by_accident(media: Media, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    shutil.copyfile(media("images/china.jpg"), source)
    with pytest.raises(MediaError, match="already exists"):
        genlabel.label(source, source, label=Label("acme"))
    genlabel.label(source, source, label=Label("acme"), overwrite=True)
    assert genlabel.read(source).producer == "acme"  # type: ignore[union-attr]


def test_what_breaks_a_rule_is_not_written(media: Media) -> None:
    out = io.BytesIO()
    for label in (Label.as_declared(producer="a b", produce_id="1"), "acme", None):
        with pytest.raises(LabelError):
            genlabel.label(media("images/china.jpg"), out, label=label)  # type: ignore[arg-type]
    assert out.getvalue() == b""


def test_read_gives_what_is_declared_right_or_wrong(media: Media) -> None:
    assert genlabel.read(media("images/kodim23.png")) is None
    jimeng = genlabel.read(media("images/jimeng_cap_A.png"))
    assert jimeng is not None and jimeng.producer == "00119144030008867405X210001"
    # Only the manifest says it.
    firefly = genlabel.read(media("images/Firefly_tabby_cat.jpg"))
    assert firefly is not None and firefly.source_type == "trainedAlgorithmicMedia"


def test_read_tells_damage_from_absence(media: Media) -> None:
    for name in ("aigc_not_json.jpg", "xmp_unclosed.jpg", "c2pa_jumbf_len_4g.jpg"):
        with pytest.raises(LabelError, match=f"{name}: holds a damaged label"):
            genlabel.read(media(f"broken/{name}"))
    assert genlabel.read(media("images/chi.gif")) is None


def test_metadata_alone_loads_no_heavy_module(media: Media, tmp_path: Path) -> None:
    script = (
        "import sys, genlabel\n"
        "genlabel.read(sys.argv[1])\n"
        "genlabel.label(sys.argv[1], sys.argv[2], label=genlabel.Label('acme'))\n"
        "genlabel.read(sys.argv[2])\n"
        "heavy = {'numba', 'numpy', 'cv2', 'PIL', 'c2pa', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(media("images/china.jpg")), str(tmp_path / "a.jpg")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("a.png", "b.png", False),
        ("a.png", "b", False),
        ("a.png", "b.JPG", True),
        # It was misnamed before, and nobody asked for another format.
        ("a.jpg", "b.jpg", False),
        ("a.dat", "b.mp3", True),
    ],
)
def test_a_name_that_asks_for_another_format_is_told(
    media: Media, tmp_path: Path, source: str, target: str, told: bool
) -> None:
    (tmp_path / source).write_bytes(media("images/coffee.png").read_bytes())
    receipt = genlabel.label(tmp_path / source, tmp_path / target, label=Label("acme"))
    names = f"{tmp_path / target} is image/png, as its source is"
    assert any(warning.startswith(names) for warning in receipt.warnings) == told
