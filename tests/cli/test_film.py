"""``genlabel`` on films, as their users run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sdk.video.reels import Reel, facts

LABEL = ("--producer", "acme")


def test_a_folder_of_films_is_marked_as_told(
    cli: Callable[..., Any], key: Path, tmp_path: Path
) -> None:
    (tmp_path / "films").mkdir()
    reel = Reel(size=(240, 160), times=range(24), sounds=[("aac", "eng")], seconds=2.0)
    for name in ("a.mp4", "b.mkv", "notes.doc"):
        if name == "notes.doc":
            (tmp_path / "films" / name).write_text("none")
        else:
            reel.write(tmp_path / "films" / name)
    options = ("--encoder", "mpeg4", "--video-bitrate", "4000", "--no-sound")
    done = cli("mark", "-r", "films", "--out-dir", "out", "--key", key, *LABEL, *options, "--jsonl")
    assert done.status == 0, done.err
    assert [record["media_type"] for record in done.records] == ["video/mp4", "video/matroska"]
    for name in ("a.mp4", "b.mkv"):
        assert [track["codec"] for track in facts(tmp_path / "out" / name)] == ["mpeg4", "aac"]
    found = cli("verify", "out/a.mp4", "out/b.mkv", "--key", key, "--jsonl")
    assert found.status == 0
    for record in found.records:
        parts = record["layers"]["watermark"]["details"]["parts"]
        assert [part["found"] for part in parts] == [True, False]


def test_labels_that_are_seen_and_heard_are_both_told(
    cli: Callable[..., Any], key: Path, tmp_path: Path
) -> None:
    sounds = [("aac", "eng")]
    Reel(size=(320, 240), times=range(75), sounds=sounds, seconds=3.0).write(tmp_path / "a.mp4")
    mark = ("mark", "a.mp4", "--key", key, *LABEL, "--visible", "auto,rhythm", "--profile", "cn")
    done = cli(*mark, "-o", "b.mp4")
    assert done.status == 0, done.err
    assert "AI生成, " in done.text and "; rhythm, 0 to 1.08 s" in done.text
    assert "kind text, rhythm heard" in cli("verify", "b.mp4", "--key", key).text
    mute = cli(*mark, "-o", "c.mp4", "--no-sound")
    assert "rhythm" not in mute.text and any("no sound that is encoded" in e for e in mute.errors)


def test_a_film_cut_short_is_marked_on_request(
    cli: Callable[..., Any], key: Path, tmp_path: Path
) -> None:
    source = Reel(size=(240, 160), times=range(60)).write(tmp_path / "a.mkv")
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) * 2 // 3])
    mark = ("mark", "a.mkv", "-o", "b.mkv", "--key", key, *LABEL, "--crf", "10")
    refused = cli(*mark)
    assert refused.status == 4 and len(refused.errors) == 1
    assert os.listdir(tmp_path).count("b.mkv") == 0
    done = cli(*mark, "--keep-going")
    assert done.status == 0
    assert any("cut short" in line or "damaged" in line for line in done.errors)


def test_being_ended_leaves_nothing_half_done(
    environment: dict[str, str], key: Path, tmp_path: Path
) -> None:
    Reel(size=(160, 160), times=range(400)).write(tmp_path / "a.mp4")
    names = sorted(os.listdir(tmp_path))
    command = ["mark", "a.mp4", "-o", "b.mp4", "--key", str(key), *LABEL, "--preset", "veryslow"]
    process = subprocess.Popen(
        [sys.executable, "-m", "genlabel", *command],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while time.monotonic() < end and sorted(os.listdir(tmp_path)) == names:
        time.sleep(0.05)
    assert sorted(os.listdir(tmp_path)) != names
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 143
    assert sorted(os.listdir(tmp_path)) == names
