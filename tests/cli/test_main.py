"""The command line as a whole: usage, streams that close, and interruption."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import IO

import pytest

import genlabel

COMMANDS = ["mark", "verify", "read", "label", "keygen", "certs", "warmup", "profiles"]


def test_help_names_every_command_and_status(cli) -> None:
    done = cli("--help")
    assert done.status == 0
    assert all(f"\n    {command} " in done.text for command in COMMANDS)
    assert "130" in done.text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli, command: str) -> None:
    done = cli(command, "--help")
    assert done.status == 0
    assert done.text.startswith(f"usage: genlabel {command}")


def test_version(cli) -> None:
    assert cli("--version").text == f"genlabel {genlabel.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["verify"],
        ["verify", "-0", "a.png"],
        ["verify", "-", "--files-from", "-"],
        ["verify", "--json", "--jsonl", "a.png"],
        ["mark", "a.png", "--producer", "acme", "--key", "k"],
        ["mark", "a.png", "-o", "b.png", "--out-dir", "c", "--producer", "acme", "--key", "k"],
        ["label", "a.png", "b.png", "-o", "c.png", "--producer", "acme"],
        ["label", "a.png", "b/a.png", "--out-dir", "c", "--producer", "acme"],
        ["label", "a.png", "b.png", "--out-dir", "c", "--producer", "acme", "--produce-id", "1"],
        ["label", "-", "--out-dir", "c", "--producer", "acme"],
        ["label", "a.png", "-o", ".", "--producer", "acme"],
    ],
)
def test_arguments_that_make_no_sense_end_with_2_and_do_nothing(
    cli, tmp_path: Path, arguments: list[str]
) -> None:
    done = cli(*arguments)
    assert done.status == 2
    assert done.out == b""
    assert "Traceback" not in done.err.decode()
    assert not list(tmp_path.iterdir())


def test_a_reader_that_leaves_early_is_no_error(environment, tmp_path: Path) -> None:
    command = f"{sys.executable} -m genlabel profiles cn; echo status $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({command}) | true"],
        cwd=tmp_path,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    # Which of the two ends first is open; neither way may complain.
    assert done.stderr in ("status 141\n", "status 0\n")


def test_interruption_ends_with_130_and_no_traceback(environment, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "genlabel", "read", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        # As on a terminal, also where the tests run in the background: there it would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    process.stdin.write(b"the beginning of a file")
    process.stdin.flush()
    # Once that has been taken, it waits for more.
    while _unread(process.stdin) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err


def _unread(pipe: IO[bytes]) -> int:
    """Bytes in a pipe that its reader has not taken yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
