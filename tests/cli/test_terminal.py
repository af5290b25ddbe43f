"""What a person at a terminal sees besides the results: progress and colours."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def at_terminal(environment: dict[str, str], tmp_path: Path):
    """Run ``genlabel`` with both output streams on a terminal, and give what it showed."""

    def run(*arguments: str, **settings: str) -> str:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "genlabel", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env={**environment, "TERM": "xterm", **settings},
        )
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 4096):
                shown += part
        except OSError:
            # Linux reports the end of a terminal this way.
            pass
        os.close(master)
        process.wait(timeout=60)
        return shown.decode()

    return run


def test_progress_is_shown_and_taken_away(at_terminal, photo: Path) -> None:
    shown = at_terminal("read", str(photo), "missing.png")
    assert "[1/2] " in shown
    # What is left on the screen: everything after the last clearing of each line.
    lines = [line.split("\x1b[K")[-1] for line in shown.replace("\r\n", "\n").split("\n")]
    assert not any("[1/2]" in line or "[2/2]" in line for line in lines)
    assert any(line.startswith("genlabel: missing.png: ") for line in lines)


def test_no_progress_for_one_file_and_no_colour_on_request(at_terminal, photo: Path) -> None:
    assert "[1/1]" not in at_terminal("read", str(photo))
    assert "\x1b[1m" in at_terminal("read", str(photo))
    assert "\x1b" not in at_terminal("read", str(photo), NO_COLOR="1")


def test_a_film_shows_how_far_it_is(at_terminal, environment, tmp_path: Path) -> None:
    from tests.sdk.video.reels import Reel

    Reel(size=(320, 240), times=range(36)).write(tmp_path / "a.mp4")
    at_terminal("keygen", "k", "-o", "k.key")
    options = ("--key", "k.key", "--producer", "acme", "--crf", "10", "--preset", "ultrafast")
    shown = at_terminal("mark", "a.mp4", "-o", "b.mp4", *options, "--no-sound", "--keep-going")
    assert "% [1/1] a.mp4" in shown
    assert shown.split("\x1b[K")[-1].startswith("\x1b[1ma.mp4 -> b.mp4") or "b.mp4" in shown
    assert (tmp_path / "b.mp4").exists()


def test_a_name_cannot_drive_the_terminal(at_terminal) -> None:
    shown = at_terminal("read", "\x1b]0;owned\x07.png", NO_COLOR="1")
    assert "\x1b]0" not in shown
    assert "\\x1b]0;owned\\x07.png" in shown
