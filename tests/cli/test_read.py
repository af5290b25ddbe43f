"""``genlabel read``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin


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


def test_check_lists_every_departure_with_its_clause(cli, photo: Path, tmp_path: Path) -> None:
    fields = {"Label": 1, "ContentProducer": "a b", "Extra": "x", "ProducerID": "7"}
    texts = PngImagePlugin.PngInfo()
    for keyword in ("AIGC", "Comment"):
        texts.add_text(keyword, json.dumps({"AIGC": fields}))
    with Image.open(photo) as image:
        image.save(tmp_path / "foreign.png", pnginfo=texts)
    done = cli("read", "--check", "--json", tmp_path / "foreign.png")
    assert done.status == 1
    layer = done.json["layers"]["aigc"]
    assert layer["state"] == "present"
    assert done.json["problem"] == layer["problems"][0]
    for part in (
        "2 labels, all alike; a file has exactly one [GB 45438-2025 6.1 c)]",
        "stored in PNG tEXt 'AIGC', which the guide does not name",
        "wrapped in an object under the key AIGC once more",
        "Label is not a string [GB 45438-2025 Annex E]",
        "unknown key 'Extra' [GB 45438-2025 Annex E]",
        "key 'ProducerID' is misspelt, the standard has ProduceID [GB 45438-2025 Annex E]",
        "ContentProducer holds ' ', which is not allowed there [GB 45438-2025 Annex E j)]",
        "ReservedCode1, ContentPropagator, PropagateID, ReservedCode2 missing",
    ):
        assert any(part in problem for problem in layer["problems"]), part
    assert all(problem.endswith("]") for problem in layer["problems"])
    for problem in layer["problems"]:
        assert problem in cli("read", "--check", tmp_path / "foreign.png").text


def test_check_of_sound_labels(cli, media, labelled: Path) -> None:
    done = cli("read", "--check", "--json", media("images/jimeng_cap_A.png"), labelled)
    assert done.status == 0
    assert [record["layers"]["aigc"]["state"] for record in done.json] == ["valid", "valid"]


def test_check_shows_damage_and_remarks(cli, media) -> None:
    done = cli("read", "--check", media("broken/xmp_unclosed.jpg"))
    assert done.status == 1
    assert "no label that can be read" in done.text
    assert "! XMP is damaged" in done.text
    done = cli("read", "--check", media("images/doubao_gray_1x1_1.png"))
    assert done.status == 0
    assert "- ContentPropagator is empty; a first label repeats the producer's" in done.text


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
