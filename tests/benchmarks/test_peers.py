from __future__ import annotations

import json
import sys
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from benchmarks import environment
from benchmarks.image import pictures
from benchmarks.image.attacks import attack
from benchmarks.image.peers import course, published, report, runner, schemes
from benchmarks.image.peers.schemes import NAMES, OURS, Scheme
from benchmarks.image.peers.suite import SUITE
from benchmarks.image.pictures import Picture
from benchmarks.image.suites import VIDEO_SEAL, Row

SCHEMA = json.loads(
    (environment.ROOT / "benchmarks" / "image" / "peers" / "peers.schema.json").read_text()
)
PEERS = ("imwatermark", "blind_watermark")
ROWS = (
    Row("untouched", None, (attack("none"),)),
    Row("some", None, (attack("resize-0.5"), attack("crop-area-0.25"), attack("mirror"))),
)
ATTACKS = [one for row in ROWS for one in row.attacks]


def stamp(pixels, word):
    """Write the word's bits along the top, 8 px each."""
    marked = pixels.copy()
    marked[:16, :256] = np.repeat(255 * schemes.bits_of(word), 8)[None, :, None]
    return marked


def stamped(pixels):
    """Read along the top, as the peers do: always some word, or an exception."""
    if min(pixels.shape[:2]) < 200:
        raise AssertionError
    return np.packbits(pixels[8, 4:256:8, 0] > 127).tobytes()


STAMP = Scheme("stamp", 4, "where to look", "never", ("numpy", "no-such-thing"), stamp, stamped)


@pytest.fixture(scope="module")
def picture():
    grain = np.random.default_rng(1).integers(100, 110, (600, 600, 3), dtype=np.uint8)
    return Picture("grain.png", "photo", grain)


def readings(case):
    return {reading.name: reading for reading in case.courses[0].attacks}


def test_size_is_told_after_resizing_only_and_refusals_are_kept_apart_from_words(picture):
    small = replace(picture, pixels=picture.pixels[:560, :560])
    said = readings(course.run(small, [STAMP], [*ATTACKS, attack("crop-area-0.1")]))
    assert list(said) == [
        "none",
        "resize-0.5",
        "resize-0.5, size told",
        "crop-area-0.25",
        "mirror",
        "crop-area-0.1",
    ]
    assert said["none"].exact and said["none"].right == 1.0
    assert not said["resize-0.5"].exact and said["resize-0.5"].right < 1.0
    assert said["resize-0.5, size told"].exact and said["resize-0.5, size told"].width == 560
    assert said["crop-area-0.1"].refused == "AssertionError"
    assert said["crop-area-0.1"].word is None and not said["crop-area-0.1"].exact


def test_a_picture_that_cannot_be_marked_counts_neither_way(picture):
    def refuse(pixels, word):
        raise RuntimeError("too small")

    refusing = replace(STAMP, name="refusing", embed=refuse)
    cases = [course.run(picture, [STAMP, refusing], ATTACKS)]
    text = report.markdown("title", environment.describe(), ROWS, [STAMP, refusing], {}, cases)
    assert "Refused to mark: refusing, grain.png: too small" in text
    assert "stamp, 32 bits |" in text and "refusing, 32 bits" not in text
    nobody = [course.run(picture, [refusing], ATTACKS)]
    assert "too small" in report.markdown(
        "title", environment.describe(), ROWS, [refusing], {}, nobody
    )


def test_cells_count_exact_words_and_show_how_near_the_others_came(picture):
    cases = [course.run(picture, [STAMP], ATTACKS)]
    text = report.markdown("title", environment.describe(), ROWS, [STAMP], {"x": "absent"}, cases)
    lines = {line.split(" | ")[0]: line for line in text.splitlines() if line.startswith("| ")}
    assert lines["| `none`"] == "| `none` | 1/1 |"
    assert lines["| `mirror`"].startswith("| `mirror` | 0/1 (0.")
    assert lines["| `resize-0.5`, size told"] == "| `resize-0.5`, size told | 1/1 |"
    assert "1/4" in lines["| **all**"]
    assert "numpy" in lines["| stamp"] or "no-such-thing -" in text
    assert "Not run: x: absent" in text


def test_only_false_verdicts_of_ours_are_failures(picture):
    cases = [course.run(picture, [STAMP], ATTACKS)]
    assert report.failures(cases) == []
    ours = replace(cases[0], courses=(replace(cases[0].courses[0], scheme=OURS),))
    assert report.failures([ours]) == [
        "wrong payload: grain.png after resize-0.5",
        "wrong payload: grain.png after crop-area-0.25",
        "wrong payload: grain.png after mirror",
        "false alarm: grain.png",
    ]


def test_absent_peers_are_named_with_the_remedy_and_the_rest_is_run(monkeypatch, tmp_path, capsys):
    for module in PEERS:
        monkeypatch.setitem(sys.modules, module, None)
    arguments = ["--set", "scikit", "--limit", "1", "--attack", "none", "--attack", "resize-0.75"]
    assert runner.main([*arguments, "--output", str(tmp_path)]) == 0
    whole = json.loads((tmp_path / "peers-512px-squares.json").read_text())
    jsonschema.validate(whole, SCHEMA)
    assert [scheme["name"] for scheme in whole["schemes"]] == [OURS]
    assert list(whole["missing"]) == [name for name in NAMES if name != OURS]
    assert all("genlabel[peers]" in reason for reason in whole["missing"].values())
    [case] = whole["pictures"]
    assert (case["width"], case["height"]) == (512, 512)
    [only] = case["courses"]
    assert [one["exact"] for one in only["attacks"]] == [True] * 3
    assert only["unmarked"]["word"] is None and only["psnr"] > 38
    printed = capsys.readouterr()
    assert "rivaGan is not run" in printed.err and "`resize-0.75`, size told" in printed.out


def test_schema_refuses_what_is_missing_or_unknown(picture):
    cases = [course.run(picture, [STAMP], ATTACKS[:1])]
    whole = report.record(
        runner.Settings().to_dict(), environment.describe(), ROWS, [STAMP], {}, cases
    )
    whole = json.loads(json.dumps(whole, allow_nan=False))
    jsonschema.validate(whole, SCHEMA)
    for broken in ({**whole, "more": 1}, {k: v for k, v in whole.items() if k != "missing"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


def test_pictures_are_middle_squares_or_whole_and_never_small():
    settings = runner.Settings(sets=("scikit",), limit=3)
    squares = list(runner._pictures("scikit", settings))
    assert [one.pixels.shape for one in squares] == [(512, 512, 3)] * 3
    whole = list(runner._pictures("scikit", replace(settings, long_side=600, limit=100)))
    assert {max(one.pixels.shape) for one in whole} <= set(range(512, 601))
    assert len(whole) < len(list(pictures.load(["scikit"], data=settings.data, long_side=64)))


def test_suite_has_no_attack_twice():
    names = [one.name for row in SUITE for one in row.attacks]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("images", published.IMAGES)
def test_published_figures_are_for_attacks_that_are_run_here(images):
    figures = published.accuracies(images)
    assert len(figures) == 56
    assert set(figures) <= {one.name for row in VIDEO_SEAL for one in row.attacks}
    assert {tuple(row) for row in figures.values()} == {tuple(published.BITS)}
    assert all(0.4 < one <= 1 for row in figures.values() for one in row.values())


def test_usable_bits_are_a_binary_channels_capacity():
    assert published.usable(100, 1.0) == 100
    assert published.usable(100, 0.5) == published.usable(100, 0.4) == 0
    assert published.usable(1000, 0.89) == pytest.approx(500, abs=1)


def test_published_figures_stand_beside_exact_words(tmp_path, capsys):
    said = [{"name": "jpeg-40", "exact": exact} for exact in (True, False)]
    record = {
        "settings": {"suite": "video-seal"},
        "rows": [{"attacks": [{"name": "jpeg-40"}]}],
        "pictures": [
            *({"refused": None, "attacks": [one]} for one in said),
            {"refused": "flat", "attacks": []},
        ],
    }
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert published.main([str(tmp_path / "run.json"), "--images", "coco"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("| `jpeg-40` | 1/2 = 50 % (32) | 65.9 (76) | 97.8 (217) |")
    (tmp_path / "run.json").write_text(json.dumps({"settings": {"suite": "table"}}))
    with pytest.raises(SystemExit):
        published.main([str(tmp_path / "run.json")])


@pytest.mark.parametrize("name", ["dwtDctSvd", "rivaGan", "blind-watermark"])
def test_peers_read_their_own_mark(name):
    ready, missing = schemes.load([name])
    if not ready:
        pytest.skip(missing[name])
    [scheme] = ready
    pixels = next(runner._pictures("scikit", runner.Settings(sets=("scikit",)))).pixels
    word = bytes.fromhex("5a0ff1c3")
    assert scheme.read(scheme.embed(pixels, word)) == word
