from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from benchmarks import environment
from benchmarks.audio import Sound
from benchmarks.audio.attacks import attack
from benchmarks.audio.false_positives import failures, summed, uniform
from benchmarks.audio.null import Content, Examined, examine
from benchmarks.audio.peers import audiowmark, published, runner
from benchmarks.audio.suites import SUITES


@pytest.mark.parametrize("suite", ["audioseal", "rawbench-strict", "rawbench-loose"])
def test_published_figures_are_of_rows_or_attacks_that_there_are(suite: str) -> None:
    rows = SUITES[suite].rows
    names = {row.title for row in rows} | {one.name for row in rows for one in row.attacks}
    figures = published.figures(suite)
    assert figures and {one.row for one in figures} <= names
    assert all(0 <= one.value <= 1 and one.source for one in figures)
    keys = [(one.row, one.system, one.measure) for one in figures]
    assert len(set(keys)) == len(keys)


def test_published_figures_stand_beside_ours() -> None:
    def read(exact: bool) -> dict[str, object]:
        return {"name": "highpass-1500", "payload_bytes": 8, "exact": exact}

    row = {"title": "filters", "kinds": ["speech"], "payload_bytes": 8}
    record = {
        "settings": {"suite": "audioseal"},
        "rows": [{**row, "attacks": [{"name": "highpass-1500"}, {"name": "never-published"}]}],
        "clips": [
            {"refused": None, "kind": "speech", "attacks": [read(True)]},
            {"refused": None, "kind": "speech", "attacks": [read(False)]},
            {"refused": None, "kind": "music", "attacks": [read(False)]},
            {"refused": "too short", "kind": "speech", "attacks": []},
        ],
    }
    lines = published.markdown(record).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("| highpass-1500 | 1/2 | 0.50 | 0.61 | 1 |")


def test_the_peer_meets_attacks_that_there_are() -> None:
    for _, names, _ in runner.ROWS:
        assert all(attack(name).name == name for name in names)


def test_a_record_is_what_its_schema_says() -> None:
    path = environment.ROOT / "benchmarks" / "audio" / "peers" / "peers.schema.json"
    check = jsonschema.Draft202012Validator(json.loads(path.read_text()))
    marks = [
        runner.Marked("genlabel", "a.wav", "speech", 32.0, 0.1, 25.0, -0.2, None),
        runner.Marked("audiowmark", "b.wav", "music", 32.0, 0.1, refused="too short"),
    ]
    cells = [runner.Cell("genlabel", "a.wav", "crop-5", True, 5.0, 0.02)]
    record = runner.record(environment.describe(), "audiowmark 0.6.5", marks, cells)
    check.validate(json.loads(json.dumps(record)))
    record["cells"][0]["right"] = None
    assert not check.is_valid(record)


def test_audiowmark_reads_what_it_wrote(media) -> None:
    if audiowmark.program() is None:
        pytest.skip("needs the program audiowmark on the path")
    import soundfile

    samples, rate = soundfile.read(
        media("audio/etr_race1-jt.ogg"), frames=15 * 44_100, dtype="float32", always_2d=True
    )
    payload = bytes(range(16))
    marked, _ = audiowmark.embed(Sound(samples, rate), payload)
    assert marked.samples.shape == samples.shape
    assert payload in audiowmark.read(marked).payloads
    # It has candidates for every sound.
    assert audiowmark.read(Sound(samples, rate)).payloads


def noise(name: str, seconds: float = 6.0) -> Content:
    samples = np.random.default_rng(len(name)).normal(0, 0.1, (round(seconds * 16_000), 1))
    return Content(name, "drawn", Sound(samples.astype(np.float32), 16_000))


def test_an_unmarked_window_is_examined_under_many_keys() -> None:
    examined = examine(noise("noise"), fresh=300)
    assert examined.found is None and examined.keys == 200
    assert examined.measurements >= 1 and len(examined.chosen) == 300
    assert abs(examined.chosen.mean()) < 0.3 and 0.8 < examined.chosen.std() < 1.2
    assert 3 < examined.largest < 7
    silence = examine(Content("silence", "drawn", Sound(np.zeros((16_000, 1), "f4"), 16_000)))
    assert silence.found is None


def test_uniformity_is_tested() -> None:
    normal = np.random.default_rng(0).normal(0, 1, 5000).astype(np.float32)
    assert uniform(normal)[1] > 0.01
    assert uniform(1.1 * normal)[1] < 1e-3
    assert uniform(normal + 0.1)[1] < 1e-4


def test_what_speaks_against_the_bound_is_said() -> None:
    def of(values: np.ndarray, found: str | None = None, measurements: int = 5) -> Examined:
        many = np.full(len(values), 1000, np.float32)
        return Examined("a", "real", 200, found, measurements, values.astype("f4"), many, 5.0)

    normal = np.random.default_rng(0).normal(0, 1, 5000)
    good = [of(normal)]
    assert failures([summed("real", good)], good) == []
    found = [of(normal, "key 3")]
    assert failures([summed("real", found)], found) == ["found in a: key 3"]
    many = [of(normal, measurements=10**6)]
    assert "measurements" in failures([summed("real", many)], many)[0]
    wide = [of(2.5 * normal)]
    said = failures([summed("real", wide)], wide)
    assert "not uniform" in said[0] and any("beyond 0.0001" in line for line in said)
