"""``genlabel label``."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import genlabel as sdk

PRODUCER = "acme"


def test_declares_and_leaves_the_samples_bit_for_bit(cli, photo: Path, tmp_path: Path) -> None:
    done = cli(
        "label",
        photo,
        *("-o", "out.png", "--producer", PRODUCER, "--produce-id", "42", "--system", "Painter"),
        *("--system-version", "3.1", "--status", "possible", "--json"),
    )
    assert done.status == 0, done.err
    receipt = done.json
    assert receipt["schema"] == "genlabel.receipt/1"
    assert receipt["label"]["produce_id"] == "42"
    assert receipt["payload"] is None
    written = sdk.read(tmp_path / "out.png")
    assert written is not None
    assert (written.producer, written.produce_id, written.status) == (PRODUCER, "42", "possible")
    with Image.open(photo) as before, Image.open(tmp_path / "out.png") as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))


def test_exiftool_reads_it_back(cli, photo: Path, tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    assert cli("label", photo, "-o", "out.png", "--producer", PRODUCER).status == 0
    done = subprocess.run(
        ["exiftool", "-json", "-XMP:all", tmp_path / "out.png"], capture_output=True, check=True
    )
    (record,) = json.loads(done.stdout)
    assert json.loads(record["Aigc"])["ContentProducer"] == PRODUCER


def test_a_wrong_provider_code_names_its_check_character(cli, photo: Path, tmp_path: Path) -> None:
    done = cli("label", photo, "-o", "out.png", "--producer", "001191110000MA01234560Z0001")
    assert done.status == 4
    assert len(done.errors) == 1
    assert "GB 32100" in done.errors[0] or "TC260" in done.errors[0]
    assert not (tmp_path / "out.png").exists()


def test_streams(cli, photo: Path, tmp_path: Path) -> None:
    done = cli(
        *("label", "-", "-o", "-", "--producer", PRODUCER, "--json"), stdin=photo.read_bytes()
    )
    assert done.status == 0
    label = sdk.read(done.out)
    assert label is not None
    # The picture has the standard output, so the receipt goes where messages go.
    assert json.loads(done.err)["label"]["produce_id"] == label.produce_id


def test_an_existing_file_is_replaced_with_f_only(cli, photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"mine")
    done = cli("label", photo, "-o", target, "--producer", PRODUCER)
    assert done.status == 4
    assert done.errors[-1].startswith(f"genlabel: {target}: already exists")
    assert target.read_bytes() == b"mine"
    assert cli("label", photo, "-o", target, "--producer", PRODUCER, "-f").status == 0
    assert sdk.read(target) is not None


def test_many_files_go_on_past_a_bad_one(cli, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    shutil.copy(photo, tmp_path / "in" / "good.png")
    shutil.copy(photo, tmp_path / "in" / "deep" / "good.png")
    (tmp_path / "in" / "bad.png").write_bytes(photo.read_bytes()[:40])
    done = cli("label", "-r", "in", "--out-dir", "out", "--producer", PRODUCER, "--jsonl")
    assert done.status == 3
    assert len(done.errors) == 1
    assert done.errors[0].startswith("genlabel: in/bad.png: ")
    records = done.records
    assert [record["target"] for record in records] == ["out/good.png", "out/deep/good.png"]
    assert len({record["label"]["produce_id"] for record in records}) == 2
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.png")) == ["good.png"] * 2


def test_a_warning_is_said_once_for_many_files(cli, photo: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        shutil.copy(photo, tmp_path / name)
    done = cli("label", "a.png", "b.png", "--out-dir", "out", "--producer", PRODUCER)
    assert done.status == 0
    assert len(done.errors) == len(set(done.errors))
    assert sum("provider code" in line for line in done.errors) == 1


def test_a_label_signed_with_sm2_is_authentic_under_a_pinned_key(
    cli, photo: Path, tmp_path: Path
) -> None:
    key = tmp_path / "sm2.pem"
    if openssl("genpkey", "-algorithm", "SM2", "-out", key):
        pytest.skip("needs an openssl with SM2")
    openssl("pkey", "-in", key, "-pubout", "-out", tmp_path / "public.pem")
    done = cli("label", photo, "-o", "s.png", "--producer", "acme", "--sm2-key", key)
    assert done.status == 0
    read = cli("read", "--check", "s.png")
    assert (read.status, "who signed is not known" in read.text) == (0, True)
    pinned = cli("read", "--check", "s.png", "--sm2-trust", tmp_path / "public.pem", "--json").json
    assert pinned["layers"]["aigc"]["details"]["signature"] == "authentic"
    report = cli("verify", "s.png", "--sm2-trust", tmp_path / "public.pem")
    assert (report.status, "signature authentic" in report.text) == (0, True)
    assert cli("read", "s.png", "--sm2-trust", tmp_path / "public.pem").status == 2
    assert cli("label", photo, "-o", "t.png", "--producer", "a", "--sm2-key", photo).status == 4


def openssl(*arguments: str | Path) -> int:
    if shutil.which("openssl") is None:
        return 1
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True).returncode
