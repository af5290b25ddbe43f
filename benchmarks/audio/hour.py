"""How much memory an hour of sound takes: streamed, and from file to file.

::

    python -m benchmarks.audio.hour
    python -m benchmarks.audio.hour --only stream

Each job runs in a process of its own, which has marked and read a minute before. What it holds is
looked at ten times a second (Linux only): memory of its own, and pages of files that are mapped,
which the system takes back as it needs. Prints Markdown; see docs/audio-results.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import soundfile

from benchmarks import environment
from benchmarks.audio import Samples, measure
from benchmarks.audio.speed import hour, memory
from benchmarks.marking import MARK_KEY
from benchmarks.processes import alone
from benchmarks.results import table
from benchmarks.spread import clock
from genlabel import Label
from genlabel import mark as mark_file
from genlabel import verify as verify_file
from genlabel.audio import Embedder

_RATE, _CHANNELS = 44_100, 2
_PARTS = 5
_LABEL = Label("benchmark")
JOBS = ("stream", "wav", "flac")


@dataclass(frozen=True, slots=True)
class Held:
    """What one job held.

    Parameters
    ----------
    job : str
        What was done.
    cpu : float
        Seconds.
    own : tuple of float
        Most memory of its own in each fifth of the time, above what there was before, MB.
    mapped : float
        Most pages of mapped files, above what there was before, MB.
    """

    job: str
    cpu: float
    own: tuple[float, ...]
    mapped: float


@contextmanager
def watched(samples: list[tuple[float, float]]) -> Iterator[None]:
    """Look at memory ten times a second: own, and mapped."""
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            samples.append((memory("RssAnon"), memory("RssFile")))
            time.sleep(0.1)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def held(job: str, call: Callable[[], object]) -> Held:
    """Run a job and say what it held."""
    own, mapped = memory("RssAnon"), memory("RssFile")
    samples: list[tuple[float, float]] = []
    with watched(samples):
        _, seconds = clock(call)
    size = -(-len(samples) // _PARTS)
    fifths = tuple(
        max(one for one, _ in samples[start : start + size]) - own
        for start in range(0, len(samples), size)
    )
    return Held(job, seconds.cpu, fifths, max(one for _, one in samples) - mapped)


def streamed(minute: Samples) -> None:
    """Push a minute through the embedder sixty times, in blocks of 20 ms."""
    embedder = Embedder(_RATE, _CHANNELS, bytes(8), MARK_KEY)
    size = _RATE // 50
    for _ in range(60):
        for start in range(0, len(minute), size):
            embedder.push(minute[start : start + size])
    embedder.flush()


def _run(job: str) -> list[Held]:
    measure.warm_up()
    if job == "stream":
        minute = next(hour(_RATE, _CHANNELS))
        return [held("Embedder, blocks of 20 ms", lambda: streamed(minute))]
    with tempfile.TemporaryDirectory() as folder:
        short, source, new = (Path(folder, f"{name}.{job}") for name in ("short", "in", "out"))
        for path, minutes in ((short, 1), (source, 60)):
            with soundfile.SoundFile(path, "w", _RATE, _CHANNELS, "PCM_16") as file:
                for number, minute in enumerate(hour(_RATE, _CHANNELS)):
                    if number < minutes:
                        file.write(minute)
        mark_file(short, new, label=_LABEL, key=MARK_KEY)
        verify_file(new, keys=[MARK_KEY])
        new.unlink()
        size = source.stat().st_size / 2**20
        name = f"{job.upper()} of {size:.0f} MB"
        return [
            held(f"mark: {name}", lambda: mark_file(source, new, label=_LABEL, key=MARK_KEY)),
            held(f"verify: {name}", lambda: verify_file(new, keys=[MARK_KEY])),
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the jobs and print what they held."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audio.hour")
    parser.add_argument("--only", choices=JOBS, action="append", help="may be repeated")
    options = parser.parse_args(arguments)
    print(environment.one_line(environment.describe()), end="\n\n")
    rows = []
    for job in options.only or JOBS:
        for one in alone(_run, job):
            fifths = ", ".join(f"{value:.0f}" for value in one.own)
            rows.append((one.job, f"{3600 / one.cpu:.0f}x", fifths, f"{one.mapped:.0f}"))
    heads = ("an hour, stereo 44.1 kHz", "realtime", "MB in each fifth of the time", "MB mapped")
    print(table(heads, rows), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
