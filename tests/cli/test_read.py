"""``genlabel read``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def labelled(cli, photo: Path, tmp_path: Path) -> Path:
    options = ("--producer", "acme", "--produce-id", "42", "--system", "Painter")
    assert cli("label", photo, "-o", "labelled.png", *options).status == 0
    return tmp_path / "labelled.png"


def test_prints_what_is_declared(cli, labelled: Path) -> None:
    done = cli("read", labelled)
    assert done.status == 0
    rows = dict(line.split(None, 1) for line in done.text.splitlines()[1:])
    assert (rows["status"], rows["producer"], rows["system"]) == ("generated", "acme", "Painter")
    record = cli("read", "--check", "--json", labelled).json
    assert record["schema"] == "genlabel.label/1"
    assert (record["label"]["produce_id"], record["problem"]) == ("42", None)


def test_no_label_is_status_1(cli, photo: Path) -> None:
    done = cli("read", photo)
    assert (done.status, done.text) == (1, f"{photo}: no label found\n")
    assert cli("read", "--json", photo).json["label"] is None


def test_many_files_take_the_worst_status(cli, labelled: Path, photo: Path) -> None:
    done = cli("read", labelled, photo, "--json")
    assert done.status == 1
    assert [record["label"] is None for record in done.json] == [False, True]
    done = cli("read", labelled, "missing.png", "--jsonl")
    assert done.status == 3
    assert len(done.text.splitlines()) == 1
    assert done.errors == ["genlabel: missing.png: cannot be read: No such file or directory"]
    assert cli("read", "missing.png", "gone.png", "--json").status == 4


def test_inputs_may_stand_between_options(cli, labelled: Path, tmp_path: Path) -> None:
    shutil.copy(labelled, tmp_path / "-b.png")
    done = cli("read", labelled, "--jsonl", labelled, "--", "-b.png")
    assert done.status == 0
    names = [record["source"] for record in done.records]
    assert names == [str(labelled), str(labelled), "-b.png"]


def test_check_names_the_rule_a_foreign_label_breaks(cli, media) -> None:
    done = cli("read", "--check", "--json", media("images/jimeng_cap_A.png"))
    record = done.json
    assert record["label"] is not None
    assert done.status == (0 if record["problem"] is None else 1)


@pytest.mark.parametrize(
    "name",
    [
        "aigc_deep_json.png",
        "aigc_not_json.jpg",
        "aigc_wrong_types.png",
        "bad_ihdr_crc.png",
        "bomb_50000x50000_1bit.png",
        "bomb_ztxt_100MB.png",
        "declared_65535x65535.gif",
        "jpeg_segment_len_1.jpg",
        "truncated_scan.jpg",
        "wrong_ext_png.jpg",
        "xmp_billion_laughs.jpg",
        "zero_byte.png",
    ],
)
def test_hostile_files_end_in_an_answer_or_one_line(cli, media, name: str) -> None:
    path = media(f"broken/{name}")
    done = cli("read", path)
    assert done.status in (0, 1, 4)
    if done.status == 4:
        (line,) = done.errors
        assert line.startswith(f"genlabel: {path}: ")
