from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from benchmarks import environment
from benchmarks.image import pictures, report, robustness
from benchmarks.image.attacks import attack
from benchmarks.image.measure import Course, Reading
from benchmarks.image.suites import Row
from benchmarks.marking import payload_of
from benchmarks.spread import Seconds, spread

SCHEMA = json.loads(
    (environment.ROOT / "benchmarks" / "image" / "robustness.schema.json").read_text()
)
ROWS = (
    Row("easy", 1.0, (attack("none"),)),
    Row("hard", 0.5, (attack("jpeg-60"), attack("crop-area-0.5+jpeg-75"))),
    Row("shown", None, (attack("gray"),)),
)
NAMES = [one.name for row in ROWS for one in row.attacks]
SETTINGS = robustness.Settings("attacks", ROWS, ("kodak",), Path("nowhere"))


def reading(name: str, *, found: bool = True, exact: bool = True) -> Reading:
    return Reading(name, found, exact, -30.0 if found else 0.0, 64, 48, Seconds(0.02, 0.01))


def course(picture: str = "a.png") -> Course:
    return Course(
        picture,
        "kodak",
        64,
        48,
        psnr=42.5,
        ssim=0.99,
        psnr_hvs_m=45.1,
        embed=(Seconds(0.1, 0.1),) * 3,
        codec=(Seconds(0.01, 0.01),) * 5,
        attacks=tuple(reading(name) for name in NAMES),
        controls=(
            reading("unmarked", found=False, exact=False),
            reading("another key", found=False, exact=False),
        ),
    )


def with_reading(whole: Course, part: str, changed: Reading) -> Course:
    readings = getattr(whole, part)
    return replace(
        whole, **{part: tuple(changed if one.name == changed.name else one for one in readings)}
    )


def test_record_follows_its_schema_and_survives_json():
    refused = Course("tiny.png", "kodak", 8, 8, refused="too small")
    whole = report.record(
        SETTINGS.to_dict(), environment.describe(), ROWS, [course(), refused, course("b.png")]
    )
    jsonschema.validate(json.loads(json.dumps(whole, allow_nan=False)), SCHEMA)
    assert whole["failures"] == []


def test_schema_refuses_what_is_missing_or_unknown():
    whole = report.record(SETTINGS.to_dict(), environment.describe(), ROWS, [course()])
    for broken in (
        {**whole, "more": 1},
        {key: value for key, value in whole.items() if key != "environment"},
        {**whole, "pictures": [{**whole["pictures"][0], "attacks": [{"name": "none"}]}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(json.dumps(broken)), SCHEMA)


def test_a_missed_target_a_wrong_payload_and_a_false_alarm_are_failures():
    missed = with_reading(course(), "attacks", reading("none", found=False, exact=False))
    assert report.failures(ROWS, [missed]) == ["easy: 0 of 1, target 100.0%"]
    wrong = with_reading(course(), "attacks", reading("gray", exact=False))
    assert report.failures(ROWS, [wrong]) == ["wrong payload: a.png after gray"]
    alarm = with_reading(course(), "controls", reading("unmarked", exact=False))
    assert report.failures(ROWS, [alarm]) == ["false alarm: a.png, unmarked"]
    # Half of the hard row's two attacks is just enough.
    half = with_reading(course(), "attacks", reading("jpeg-60", found=False, exact=False))
    assert report.failures(ROWS, [half]) == []


def test_table_shows_counts_targets_and_misses():
    missed = with_reading(course("b.png"), "attacks", reading("jpeg-60", found=False, exact=False))
    text = report.markdown("title", environment.describe(), ROWS, [course(), missed])
    line = next(line for line in text.splitlines() if line.startswith("| `jpeg-60`"))
    assert "| 1/2 | 1 |" in line and "b.png" in line and "JPEG quality 60" in line
    assert "**3/4 = 75.0%**" in text and "target 50.0%" in text
    assert "| embed |" in text and "| 10 (10-10) |" in text
    widths = {line.count("|") for line in text.split("\n\n")[4].splitlines()}
    assert len(widths) == 1


def test_spread_is_robust_to_one_slow_run():
    assert spread([1.0, 1.1, 1.2, 1.3, 60.0]).median == 1.2
    assert spread([2.0]).upper == 2.0
    assert str(spread([3621.4])) == "3620 (3620-3620)"


def test_payloads_differ_and_repeat():
    payloads = {payload_of(f"{number}.png") for number in range(100)}
    assert len(payloads) == 100 and {len(payload) for payload in payloads} == {8}
    assert payload_of("1.png") in payloads


def test_sets_are_read_by_kind_shrunk_and_flattened_over_white(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(np.full((40, 80, 3), 9, np.uint8)).save(folder / "a.png")
    Image.new("RGBA", (20, 10), (0, 0, 0, 0)).save(folder / "b.png")
    Image.new("L", (30, 60), 7).save(folder / "c.png")
    with open(folder / "MANIFEST.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows(
            [["file", "kind"], ["a.png", "kodak"], ["b.png", "clipart_alpha"], ["c.png", "photo"]]
        )
    loaded = list(pictures.load(["photo", "kodak", "clipart"], data=tmp_path, long_side=40))
    assert [picture.name for picture in loaded] == ["c.png", "a.png", "b.png"]
    assert [picture.pixels.shape for picture in loaded] == [(40, 20, 3), (20, 40, 3), (10, 20, 3)]
    assert loaded[2].pixels.min() == 255


@pytest.mark.parametrize("name", pictures.SETS)
def test_every_set_opens(name, media):
    data = media("images/MANIFEST.csv").parents[1]
    picture = next(pictures.load([name], data=data, long_side=256, limit=1))
    assert picture.pixels.shape[2] == 3 and max(picture.pixels.shape) <= 256
    assert picture.pixels.std() > 1


def test_scikit_set_is_whole_without_other_data(tmp_path):
    assert not pictures.are_there(tmp_path)
    assert len(list(pictures.load(["scikit"], data=tmp_path, long_side=64))) == 12


def test_runner_takes_a_real_picture_through_the_whole_course(tmp_path, capsys):
    rng = np.random.default_rng(2)
    coarse = rng.normal(128, 50, (60, 80, 3)).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC)
    pixels = np.clip(np.array(picture) + rng.normal(0, 6, (480, 640, 3)), 0, 255)
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(pixels.astype(np.uint8)).save(folder / "made.png")
    Image.fromarray(coarse[:8, :8]).save(folder / "tiny.png")
    (folder / "MANIFEST.csv").write_text("file,kind\nmade.png,kodak\ntiny.png,kodak\n")
    arguments = ["--set", "kodak", "--attack", "none", "--attack", "jpeg-75"]
    arguments += ["--data", str(tmp_path), "--output", str(tmp_path / "out")]
    assert robustness.main(arguments) == 0
    whole = json.loads(next((tmp_path / "out").glob("*.json")).read_text())
    jsonschema.validate(whole, SCHEMA)
    made, tiny = whole["pictures"]
    assert [one["exact"] for one in made["attacks"]] == [True, True]
    assert [one["found"] for one in made["controls"]] == [False, False]
    assert made["psnr"] > 38
    assert tiny["refused"]
    assert "`jpeg-75`" in capsys.readouterr().out
