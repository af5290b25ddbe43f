"""``genlabel verify``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import genlabel as sdk


@pytest.fixture
def marked(cli, key: Path, photo: Path, tmp_path: Path) -> Path:
    """Mark a photograph."""
    options = ("--key", key, "--producer", "acme", "--produce-id", "42")
    assert cli("mark", photo, "-o", "marked.png", *options).status == 0
    return tmp_path / "marked.png"


def test_says_what_it_is_and_whose(cli, key: Path, marked: Path) -> None:
    done = cli("verify", marked, "--key", key)
    assert done.status == 0
    lines = done.text.splitlines()
    assert lines[0] == f"{marked}: generated"
    assert any(line.startswith("  watermark") for line in lines)
    assert any("key acme-2026" in line for line in lines)


def test_a_stripped_picture_still_gives_payload_and_key(cli, key: Path, marked: Path) -> None:
    stripped = marked.with_name("stripped.jpg")
    with Image.open(marked) as picture:
        picture.convert("RGB").save(stripped, quality=80)
    report = cli("verify", stripped, "--key", key, "--json").json
    assert report["schema"] == "genlabel.report/1"
    assert report["label"] is None
    assert report["detection"]["key"] == "acme-2026"
    expected = sdk.Label(producer="acme", produce_id="42").mark_id
    assert report["detection"]["payload"] == expected.hex()


def test_nothing_found_is_status_1_and_says_no_more_than_that(cli, key: Path, photo: Path) -> None:
    done = cli("verify", photo, "--key", key)
    assert done.status == 1
    assert done.text.splitlines()[0] == f"{photo}: nothing found"
    assert "does not say" in done.text


def test_another_key_and_many_files(cli, key: Path, marked: Path, photo: Path) -> None:
    assert cli("keygen", "other", "-o", "other.key").status == 0
    names = (marked, photo, "missing.png")
    done = cli("verify", *names, "--key", "other.key", "--key", key, "--jsonl")
    assert done.status == 3
    reports = done.records
    assert [report["detection"]["found"] for report in reports] == [True, False]
    assert len(done.errors) == 1
    alone = cli("verify", marked, "--key", "other.key", "--json").json
    assert alone["detection"]["found"] is False


def test_a_label_from_another_picture_is_status_1(cli, key: Path, marked: Path) -> None:
    options = ("--producer", "acme", "--produce-id", "43")
    assert cli("label", marked, "-o", "forged.png", *options).status == 0
    done = cli("verify", "forged.png", "--key", key, "--json")
    assert done.status == 1
    assert done.json["conflicts"]


def test_effort_is_chosen_and_checked(cli, key: Path, marked: Path) -> None:
    cut = marked.with_name("cut.png")
    with Image.open(marked) as picture:
        picture.crop((90, 70, 600, 400)).save(cut)
    quick, normal = (
        cli("verify", cut, "--key", key, "--effort", effort, "--json").json
        for effort in ("quick", "normal")
    )
    assert not quick["detection"]["found"]
    assert normal["detection"]["found"]
    assert cli("verify", cut, "--key", key, "--effort", "most").status == 2


def test_a_mark_of_another_picture_is_told_in_one_line(
    cli, key: Path, photo: Path, tmp_path: Path
) -> None:
    pixels = {"source.png": photo_pixels(photo), "target.png": photo_pixels(photo)[::-1]}
    for name, array in pixels.items():
        Image.fromarray(array).save(tmp_path / name)
    options = ("--key", key, "--producer", "acme", "--produce-id", "42")
    assert cli("mark", "source.png", "-o", "marked.png", *options).status == 0
    mark = photo_pixels(tmp_path / "marked.png").astype(int) - pixels["source.png"]
    copied = np.clip(pixels["target.png"] + mark, 0, 255).astype(np.uint8)
    Image.fromarray(copied).save(tmp_path / "copied.png")
    done = cli("verify", "copied.png", "--key", key)
    assert done.status == 0
    lines = done.text.splitlines()
    assert lines[0] == "copied.png: suspected"
    told = [line.split("! ")[-1] for line in lines if "!" in line]
    assert told == [
        "the mark was made for other content: copied from elsewhere, or much was painted over"
    ]
    assert any("content unbound" in line for line in lines)
    own = cli("verify", "marked.png", "--key", key)
    assert any("content bound" in line for line in own.text.splitlines())
    assert "other content" not in own.text


def photo_pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_a_stream(cli, key: Path, marked: Path) -> None:
    done = cli("verify", "-", "--key", key, "--json", stdin=marked.read_bytes())
    assert done.status == 0
    assert done.json["verdict"] == "generated"
