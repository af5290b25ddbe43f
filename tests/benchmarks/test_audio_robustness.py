from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import soundfile

from benchmarks import environment
from benchmarks.audio import Sound, measure, report, robustness, scenarios, sounds, together
from benchmarks.audio.attacks import attack
from benchmarks.audio.measure import Course, Reading
from benchmarks.audio.scenarios import Place
from benchmarks.audio.sounds import Clip, Form
from benchmarks.audio.suites import SUITES, Row, Suite
from benchmarks.marking import payload_of
from benchmarks.spread import Seconds
from genlabel import Detection
from genlabel._detection import Span

SCHEMA = json.loads(
    (environment.ROOT / "benchmarks" / "audio" / "robustness.schema.json").read_text()
)
ROWS = (
    Row("easy", 1.0, (attack("none"),), ("speech",)),
    Row("hard", 0.5, (attack("mp3-32"), attack("crop-5")), ("speech", "music"), draws=2),
    Row("long", None, (attack("none"),), ("speech",), payload_bytes=16),
)
SETTINGS = robustness.Settings("attacks", Suite(ROWS), ("speech",), Path("nowhere"))


def reading(name: str, draw: int = 0, size: int = 8, *, exact: bool = True) -> Reading:
    return Reading(name, draw, size, exact, exact, -30.0 * exact, 5.0, Seconds(0.02, 0.01))


def course(clip: str = "a.wav", kind: str = "speech") -> Course:
    return Course(
        clip,
        kind,
        16_000,
        1,
        6.0,
        snr=25.0,
        si_snr=25.1,
        odg=-0.1,
        pesq=4.55,
        embed=(Seconds(0.1, 0.1),) * 3,
        codec=(Seconds(0.01, 0.01),) * 3,
        attacks=(
            reading("none"),
            *(reading(name, draw) for name in ("mp3-32", "crop-5") for draw in (0, 1)),
            reading("none", size=16),
        ),
        controls=(reading("unmarked", exact=False), reading("another key", exact=False)),
    )


def with_reading(whole: Course, changed: Reading, part: str = "attacks") -> Course:
    def same(one: Reading) -> bool:
        return (one.name, one.draw, one.payload_bytes) == (
            changed.name,
            changed.draw,
            changed.payload_bytes,
        )

    readings = tuple(changed if same(one) else one for one in getattr(whole, part))
    return replace(whole, **{part: readings})


def test_record_follows_its_schema_and_survives_json() -> None:
    refused = Course("tiny.wav", "speech", 8000, 1, 0.1, refused="too short")
    silent = replace(course("b.wav"), odg=None, pesq=None, left_out=("crop-30",))
    whole = report.record(
        SETTINGS.to_dict(), environment.describe(), ROWS, [course(), refused, silent]
    )
    jsonschema.validate(json.loads(json.dumps(whole, allow_nan=False)), SCHEMA)
    assert whole["failures"] == []


def test_schema_refuses_what_is_missing_or_unknown() -> None:
    whole = report.record(SETTINGS.to_dict(), environment.describe(), ROWS, [course()])
    for broken in (
        {**whole, "more": 1},
        {key: value for key, value in whole.items() if key != "environment"},
        {**whole, "clips": [{**whole["clips"][0], "attacks": [{"name": "none"}]}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(json.dumps(broken)), SCHEMA)


def test_a_row_counts_its_kinds_draws_and_payloads_only() -> None:
    easy, hard, long = ROWS
    assert [one.payload_bytes for one in report.of_row(course(), easy)] == [8]
    assert [one.payload_bytes for one in report.of_row(course(), long)] == [16]
    assert len(report.of_row(course(), hard)) == 4
    assert len(report.of_row(course(), replace(hard, draws=1))) == 2
    assert report.of_row(course(kind="music"), easy) == []


def test_missed_targets_wrong_payloads_and_false_alarms_are_failures() -> None:
    assert report.failures(ROWS, [course()]) == []
    missed = with_reading(course(), reading("none", exact=False))
    assert report.failures(ROWS, [missed]) == ["easy: 0 of 1, target 100.0%"]
    wrong = with_reading(course(), replace(reading("none", size=16), exact=False))
    assert report.failures(ROWS, [wrong]) == ["wrong payload: a.wav after none"]
    alarm = with_reading(course(), reading("unmarked"), "controls")
    assert report.failures(ROWS, [alarm]) == ["false alarm: a.wav, unmarked"]


def test_quality_has_a_target_for_each_kind() -> None:
    def said(kind: str, odg: float | None, pesq: float | None) -> list[str]:
        one = replace(course(kind=kind), odg=odg, pesq=pesq, attacks=())
        return [line.split(": ")[2].split()[0] for line in report.failures((), [one])]

    assert said("speech", -0.31, 4.49) == ["ODG", "PESQ"]
    assert said("speech", None, None) == []
    assert said("synthetic", -0.9, 4.39) == ["PESQ"]
    assert said("music", -0.31, 1.0) == ["ODG"]
    assert said("other", -3.0, 1.0) == []
    loud = replace(course(), added_in_silence=1e-4)
    assert report.failures((), [loud]) == ["quality: a.wav: 1.0e-04 in silence"]


def test_table_shows_counts_targets_and_misses() -> None:
    missed = with_reading(course("b.wav"), reading("mp3-32", 1, exact=False))
    text = report.markdown("title", environment.describe(), ROWS, [course(), missed])
    line = next(line for line in text.splitlines() if line.startswith("| `mp3-32`"))
    assert "| 3/4 | 3 |" in line and "b.wav x1" in line and "MP3, 32 kbit/s" in line
    assert "**7/8 = 87.5%**" in text and "target 50.0%" in text
    assert "| embed | 60 (60-60)x | 10 (10-10) |" in text
    assert "| **worst of 2** | speech |" in text
    for part in text.split("\n\n"):
        if part.startswith("|"):
            assert len({line.count("|") for line in part.splitlines()}) == 1


def test_every_suite_is_about_kinds_that_there_are() -> None:
    for suite in SUITES.values():
        assert set(suite.kinds) <= set(sounds.KINDS)
        assert len({row.title for row in suite.rows}) == len(suite.rows)


def write(folder: Path, name: str, seconds: float, rate: int = 16_000, channels: int = 1) -> None:
    samples = np.random.default_rng(len(name)).normal(0, 0.05, (round(seconds * rate), channels))
    soundfile.write(folder / name, samples, rate)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "audio"
    folder.mkdir()
    write(folder, "long.wav", 9, 44_100, 2)
    write(folder, "narrow.wav", 6, 8000)
    write(folder, "short.wav", 1.5)
    rows = [("file", "kind"), ("long.wav", "music_rock"), ("narrow.wav", "speech")]
    rows += [("short.wav", "speech"), ("marked.wav", "labelled_watermark")]
    with open(folder / "MANIFEST.csv", "w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return tmp_path


def test_clips_are_read_by_kind_and_brought_into_form(data: Path) -> None:
    clips = list(sounds.load(["speech", "music"], data=data))
    assert [(clip.name, clip.kind) for clip in clips] == [
        ("narrow.wav", "speech"),
        ("short.wav", "speech"),
        ("long.wav", "music"),
    ]
    assert clips[2].sound.samples.shape == (9 * 44_100, 2)
    form = Form(seconds=5, rate=16_000, mono=True)
    only = list(sounds.load(["speech", "music"], data=data, form=form))
    assert [clip.name for clip in only] == ["long.wav"]
    assert only[0].sound.samples.shape == (80_000, 1)
    cut = sounds.formed(clips[2], Form(most_seconds=4))
    assert cut is not None
    middle = clips[2].sound.samples[round(2.5 * 44_100) : round(6.5 * 44_100)]
    assert np.array_equal(cut.sound.samples, middle)
    assert len(list(sounds.load(["speech"], data=data, limit=1))) == 1


def test_short_clips_of_one_rate_are_joined(data: Path) -> None:
    (joined,) = sounds.load(["joined-speech"], data=data)
    # Six seconds at 8 kHz are longer than one and a half at 16.
    assert joined.sound.rate == 8000 and joined.sound.seconds == 6
    assert list(sounds.load(["joined-synthetic"], data=data)) == []


def test_what_is_mixed_in_is_another_clip(data: Path) -> None:
    assert set(sounds.others("narrow.wav", data)) == {"music"}
    assert sounds.others("long.wav", data) == {}


@pytest.mark.parametrize("kind", sounds.KINDS)
def test_every_kind_opens(kind: str, media) -> None:
    data = media("audio/MANIFEST.csv").parents[1]
    clip = next(sounds.load([kind], data=data, limit=1))
    assert clip.sound.samples.std() > 1e-3 and clip.kind == kind


def test_no_clip_is_mixed_with_itself(media) -> None:
    data = media("audio/MANIFEST.csv").parents[1]
    name = "etr_race1-jt.ogg"
    its_own = sounds.open_sound(data / "audio" / name).samples
    assert not np.array_equal(sounds.others(name, data)["music"].samples, its_own)


def test_runner_takes_a_real_clip_through_the_whole_course(media, tmp_path, capsys) -> None:
    data = media("audio/MANIFEST.csv").parents[1]
    arguments = ["--kind", "music", "--limit", "1", "--most-seconds", "12"]
    arguments += ["--attack", "none", "--attack", "mp3-64", "--attack", "crop-30"]
    arguments += ["--data", str(data), "--output", str(tmp_path)]
    robustness.main(arguments)
    whole = json.loads(next(tmp_path.glob("*.json")).read_text())
    jsonschema.validate(whole, SCHEMA)
    (clip,) = whole["clips"]
    assert [(one["name"], one["exact"]) for one in clip["attacks"]] == [
        ("none", True),
        ("mp3-64", True),
    ]
    assert clip["left_out"] == ["crop-30"]
    assert [one["found"] for one in clip["controls"]] == [False, False]
    assert clip["snr"] > 15 and clip["odg"] > -1
    assert "`mp3-64`" in capsys.readouterr().out


def test_clips_without_room_are_refused_not_missed() -> None:
    silence = Clip("s.wav", "speech", Sound(np.zeros((16_000, 1), np.float32), 16_000))
    assert measure.run(silence, ROWS, {}).refused


def test_payloads_differ_and_repeat() -> None:
    payloads = {payload_of(f"{number}.wav") for number in range(100)}
    assert len(payloads) == 100 and {len(payload) for payload in payloads} == {8}
    assert len(payload_of("a.wav", 16)) == 16


def test_an_island_is_marked_where_it_says(media) -> None:
    data = media("audio/MANIFEST.csv").parents[1]
    form = Form(most_seconds=26)
    clip = next(sounds.load(["music"], data=data, form=form, limit=1))
    sound, (place,) = scenarios.island(clip)
    changed = np.flatnonzero((sound.samples != clip.sound.samples).any(axis=1)) / sound.rate
    assert place.end - place.start == pytest.approx(5)
    assert changed.min() == pytest.approx(place.start, abs=0.1)
    assert changed.max() == pytest.approx(place.end, abs=0.1)
    assert scenarios.island(sounds.formed(clip, Form(most_seconds=20))) is None


def test_places_are_judged_by_their_furthest_border() -> None:
    places = (Place(0, 5, b"first..."), Place(5, 9, b"second.."))
    spans = (
        Span(0.1, 2.0, b"first...", -12.0),
        Span(2.5, 5.2, b"first...", -12.0),
        Span(5.1, 9.0, b"second..", -12.0),
    )
    found = Detection(found=True, payload=b"first...", log10_p=-12.0, spans=spans)
    assert together.furthest(found, places) == pytest.approx(0.2)
    assert together.furthest(Detection(found=False), places) is None
    missing = replace(found, spans=spans[:2])
    assert together.furthest(missing, places) is None


def test_sounds_without_room_are_refused_or_read() -> None:
    said = {name: together.attempt(sound) for name, sound in scenarios.unmarkable().items()}
    assert said["10 s of digital silence"].startswith("refused")
    assert said["no sample"].startswith("refused")
    assert said["10 ms of noise"].startswith("refused")
