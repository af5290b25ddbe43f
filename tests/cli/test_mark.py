"""``genlabel mark``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import genlabel as sdk

LABEL = ("--producer", "acme", "--system", "Painter")


def test_marks_labels_and_tells_so(cli, key: Path, photo: Path, tmp_path: Path) -> None:
    done = cli("mark", photo, "-o", "out.png", "--key", key, *LABEL, "--json")
    assert done.status == 0, done.err
    receipt = done.json
    assert receipt["key"] == "acme-2026"
    assert receipt["psnr"] >= 42
    assert {"watermark", "aigc"} <= set(receipt["layers"])
    label = sdk.read(tmp_path / "out.png")
    assert label is not None
    assert label.mark_id.hex() == receipt["payload"]


def test_receipt_for_people(cli, key: Path, photo: Path, tmp_path: Path) -> None:
    done = cli("mark", photo, "-o", "out.png", "--key", key, *LABEL)
    assert done.status == 0
    assert done.text.startswith(f"{photo} -> out.png\n")
    assert "key acme-2026" in done.text
    assert all(line.startswith("genlabel: warning: ") for line in done.errors)
    # Not a terminal: no colours, and no progress.
    assert b"\x1b" not in done.out + done.err


def test_many_files_and_a_list(cli, key: Path, photo: Path, tmp_path: Path) -> None:
    shutil.copy(photo, tmp_path / "one.png")
    (tmp_path / "small.png").write_bytes(photo.read_bytes()[:1000])
    done = cli(
        *("mark", "--files-from", "-", "-0", "--out-dir", "out", "--key", key, *LABEL, "--json"),
        stdin=b"one.png\0small.png\0",
    )
    assert done.status == 3
    assert [record["target"] for record in done.json] == ["out/one.png"]
    assert len(done.errors) == 1
    assert "small.png" in done.errors[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--profile", "cn,atlantis"], "atlantis"),
        (["--strength", "0"], "strength"),
        (["--quality", "101"], "quality"),
        (["--sign", "missing.pem", "missing.key"], "missing.pem: cannot be read"),
    ],
)
def test_a_bad_setting_is_one_line_before_any_work(
    cli, key: Path, photo: Path, tmp_path: Path, options: list[str], reason: str
) -> None:
    done = cli("mark", photo, "-o", "out.png", "--key", key, *LABEL, *options)
    assert done.status == 4
    (line,) = done.errors
    assert reason in line
    assert not (tmp_path / "out.png").exists()


def test_a_key_that_is_none(cli, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.key").write_text("{}")
    done = cli("mark", photo, "-o", "out.png", "--key", "bad.key", *LABEL)
    assert done.status == 4
    assert done.errors == ["genlabel: bad.key: is not a genlabel key file"]


def test_signed_under_ones_own_root_is_trusted(cli, key: Path, photo: Path) -> None:
    assert cli("certs", "init", "certs").status == 0
    sign = ("--sign", "certs/signer.pem", "certs/signer.key")
    done = cli("mark", photo, "-o", "out.png", "--key", key, *LABEL, *sign, "--json")
    assert done.status == 0, done.err
    assert done.json["layers"][-1] == "c2pa"
    trusted = cli("verify", "out.png", "--key", key, "--trust", "certs/root.pem", "--json")
    assert trusted.status == 0
    assert trusted.json["layers"]["c2pa"]["state"] == "trusted"
    valid = cli("verify", "out.png", "--key", key, "--jsonl")
    assert valid.records[0]["layers"]["c2pa"]["state"] == "valid"


def test_a_label_that_people_see(cli, key: Path, photo: Path, tmp_path: Path) -> None:
    done = cli(
        *("mark", photo, "-o", "out.png", "--key", key, *LABEL, "--json", "--profile", "eu"),
        *("--text-language", "de", "--position", "top-left", "--plate", "always"),
    )
    assert done.status == 0, done.err
    assert done.json["visible"]["text"] == "KI-generiert"
    assert done.json["visible"]["position"] == "top-left"
    told = cli("mark", photo, "-o", "auto.png", "--key", key, *LABEL, "--visible", "auto")
    assert "AI生成" in told.text


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        (["--text", "AI"], 4, "generation element"),
        (["--position", "middle"], 4, "top-left"),
        (["--text", "AI生成", "--visible", "off"], 2, "--text"),
        (["--text-at", "start", "--cue", "x.wav"], 2, "--text-at"),
    ],
)
def test_a_label_without_sense_is_one_line(
    cli, key: Path, photo: Path, options: list[str], status: int, reason: str
) -> None:
    done = cli("mark", photo, "-o", "out.png", "--key", key, *LABEL, *options)
    assert done.status == status
    assert reason in done.errors[0]
