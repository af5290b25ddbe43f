"""Films with a label that people hear: laid over the sound, which stays in step."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import av
import jsonschema
import pytest

import genlabel
from genlabel import Key, Label, UnsupportedError
from genlabel.audio import AudibleLabel
from genlabel.video import Encoding
from genlabel.visible import VisibleLabel
from tests.sdk.test_mark_film import CLIP, cut
from tests.sdk.video.reels import Reel

FAST = Encoding(preset="ultrafast")


@pytest.fixture(scope="module")
def clip(media: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut(media(CLIP), tmp_path_factory.mktemp("heard") / "a.mp4")


def sound_of(path: Path) -> tuple[int, int]:
    """Give first time and length of a film's sound, in samples."""
    with av.open(str(path)) as film:
        frames = list(film.decode(audio=0))
    return frames[0].pts, sum(frame.samples for frame in frames)


def mark(source: Path, target: Path, key: Key, visible: Any) -> genlabel.Receipt:
    label = Label("acme", system="Painter")
    return genlabel.mark(source, target, label=label, key=key, visible=visible, encoding=FAST)


def test_a_rhythm_is_heard_over_the_sound_and_a_text_is_still_asked_for(
    clip: Path, tmp_path: Path, key: Key
) -> None:
    receipt = mark(clip, tmp_path / "b.mp4", key, "rhythm")
    assert receipt.visible == {"kind": "rhythm", "spans": [[0.0, 1.08]]}
    assert any("profile cn asks for a label people can see" in text for text in receipt.warnings)
    schema = json.loads(
        resources.files("genlabel").joinpath("schemas/genlabel.receipt-1.json").read_text()
    )
    jsonschema.validate(receipt.to_dict(), schema)
    before, after = sound_of(clip), sound_of(tmp_path / "b.mp4")
    assert before == pytest.approx(after, abs=1024)
    report = genlabel.verify(tmp_path / "b.mp4", keys=[key])
    found = report.layers["visible"].details
    assert (found["kind"], found["count"]) == ("rhythm", 1)
    assert (found["start"], found["end"]) == pytest.approx((0, 1.08), abs=0.05)
    parts = report.layers["watermark"].details["parts"]
    assert [part["found"] for part in parts] == [True, True]
    assert genlabel.verify(clip).layers["visible"].state == "absent"


def test_one_label_is_seen_and_one_is_heard(clip: Path, tmp_path: Path, key: Key) -> None:
    visible = (VisibleLabel("AI生成"), AudibleLabel(at=("end",)))
    receipt = mark(clip, tmp_path / "b.mp4", key, visible)
    assert receipt.visible is not None and receipt.visible["text"] == "AI生成"
    (span,) = receipt.visible["heard"]["spans"]
    assert span[1] == pytest.approx(2.0, abs=0.1)
    assert not any("a label people can see" in text for text in receipt.warnings)
    details = genlabel.verify(tmp_path / "b.mp4").layers["visible"].details
    assert details["kind"] == "text" and details["heard"]["kind"] == "rhythm"


def test_where_nothing_can_be_heard_it_is_said(tmp_path: Path, key: Key) -> None:
    silent = Reel(size=(240, 160), times=range(24)).write(tmp_path / "a.mp4")
    with pytest.raises(UnsupportedError, match="no sound"):
        mark(silent, tmp_path / "b.mp4", key, "rhythm")
    receipt = mark(silent, tmp_path / "b.mp4", key, ("auto", "rhythm"))
    assert receipt.visible is not None and "heard" in receipt.visible
    assert any("no sound" in text for text in receipt.warnings)
    short = Reel(size=(240, 160), times=range(24), sounds=[("aac", "eng")]).write(
        tmp_path / "c.mp4"
    )
    with pytest.raises(UnsupportedError, match="long enough"):
        mark(short, tmp_path / "d.mp4", key, "rhythm")


def test_a_sound_too_calm_for_a_mark_gets_the_label_all_the_same(tmp_path: Path, key: Key) -> None:
    reel = Reel(size=(240, 160), times=range(24), sounds=[("aac", "eng")], seconds=2.0, loud=0.0)
    receipt = mark(reel.write(tmp_path / "a.mp4"), tmp_path / "b.mp4", key, "rhythm")
    assert receipt.visible is not None and receipt.visible["spans"] == [[0.0, 1.08]]


@pytest.mark.parametrize(
    "visible", [("rhythm", "auto"), ("auto",), ("auto", None), ("off", "rhythm"), (None, "rhythm")]
)
def test_other_pairs_are_refused(visible: Any) -> None:
    with pytest.raises(UnsupportedError, match="two labels are"):
        genlabel.Marker(Key("a", bytes(32)), visible=visible)
