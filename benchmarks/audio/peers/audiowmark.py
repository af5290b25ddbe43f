"""audiowmark as an external program: a keyed 128-bit mark without a neural network (GPL-3)."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from benchmarks.audio import Sound

NAME = "audiowmark"
PAYLOAD_BYTES = 16
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Read:
    """What it printed of one sound.

    Parameters
    ----------
    payloads : tuple of bytes
        All candidates, in its order; it has some for every sound.
    cpu : float
        Seconds.
    """

    payloads: tuple[bytes, ...]
    cpu: float


def program() -> str | None:
    """Find the program on the path."""
    return shutil.which(NAME)


def version() -> str:
    """Say which it is."""
    return _run("--version")[0].strip()


def embed(sound: Sound, payload: bytes) -> tuple[Sound, float]:
    """Mark a sound, through 16-bit WAV, at its default strength; and the CPU seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.wav"), Path(folder, "after.wav")
        soundfile.write(before, sound.samples, sound.rate, subtype="PCM_16")
        _, cpu = _run("--quiet", "add", str(before), str(after), payload.hex())
        samples, rate = soundfile.read(after, dtype="float32", always_2d=True)
    return Sound(samples, rate), cpu


def read(sound: Sound, *, search_speed: bool = False) -> Read:
    """Read a sound; `search_speed` tells it that the speed may have changed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sound.wav")
        soundfile.write(path, sound.samples, sound.rate, subtype="PCM_16")
        options = ["--detect-speed"] if search_speed else []
        printed, cpu = _run("get", *options, str(path))
    words = [line.split() for line in printed.splitlines()]
    found = [word[2] for word in words if len(word) > 2 and word[0] == "pattern"]
    return Read(tuple(bytes.fromhex(text) for text in found), cpu)


def _run(*arguments: str) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [NAME, *arguments], capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
