"""The command line on sound: marked, heard and verified as pictures are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

LABEL = ("--producer", "acme", "--system", "Composer")


@pytest.fixture
def music(media: Callable[[str], Path], tmp_path: Path) -> Path:
    shutil.copy(media("audio/sonicpi_loop_garzul.flac"), tmp_path / "music.flac")
    return tmp_path / "music.flac"


def test_sound_is_marked_heard_and_verified(cli, key: Path, music: Path, tmp_path: Path) -> None:
    done = cli(
        *("mark", "music.flac", "-o", "out.flac", "--key", key, *LABEL, "--json"),
        *("--visible", "rhythm", "--cue-at", "start,end", "--cue-level", "2"),
    )
    assert done.status == 0, done.err
    assert done.json["layers"] == ["visible", "watermark", "aigc", "xmp"]
    assert (done.json["media_type"], done.json["psnr"]) == ("audio/flac", None)
    told = cli("verify", "out.flac", "--key", key)
    assert told.status == 0
    assert "kind rhythm, count 2" in told.text
    assert "key acme-2026" in told.text


def test_the_receipt_says_when_a_label_is_heard(cli, key: Path, music: Path) -> None:
    done = cli(
        *("mark", "music.flac", "-o", "told.flac", "--key", key, *LABEL, "--visible", "rhythm"),
    )
    assert done.status == 0 and "rhythm, 0 to 1.08 s" in done.text


def test_the_receipt_names_the_ratio(cli, key: Path, music: Path) -> None:
    done = cli("mark", "music.flac", "-o", "out.flac", "--key", key, *LABEL, "--visible", "off")
    assert done.status == 0
    assert "SNR " in done.text


def test_folders_are_searched_for_sound(cli, key: Path, music: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    music.rename(tmp_path / "in" / "a.flac")
    (tmp_path / "in" / "b.opus").write_bytes(b"no sound")
    done = cli("verify", "-r", "in", "--jsonl")
    assert done.status == 3
    assert [record["source"] for record in done.records] == ["in/a.flac"]
    assert "b.opus" in done.errors[0]


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        (["--bitrate", "1"], 4, "bitrate"),
        (["--cue", "none.wav"], 4, "none.wav: cannot be read"),
        (["--cue-at", "end"], 2, "--cue-at"),
        (["--visible", "off", "--cue", "x.wav"], 2, "--cue-at"),
        (["--visible", "rhythm", "--cue-at", "top"], 4, "start, middle, end"),
    ],
)
def test_settings_without_sense_are_one_line(
    cli, key: Path, music: Path, options: list[str], status: int, reason: str
) -> None:
    done = cli("mark", "music.flac", "-o", "out.flac", "--key", key, *LABEL, *options)
    assert done.status == status
    assert reason in done.errors[0]
    assert not (music.parent / "out.flac").exists()
