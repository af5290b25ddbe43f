"""What marking and reading sound cost.

::

    python -m benchmarks.audio.speed
    python -m benchmarks.audio.speed --hour

CPU time of all threads, the least of several calls, beside what nobody can do without: one short-
time Fourier transform by numpy, and a FLAC encoding and decoding. Memory is what the peak of a
process of its own grows by (Linux only). Prints Markdown and writes JSON; see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environment
from benchmarks.audio import Samples, Sound, measure, sounds
from benchmarks.audio.attacks import attack, random_for
from benchmarks.audio.measure import flac_round_trip, mark, stream
from benchmarks.audio.sounds import Clip, Form, formed
from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.options import add_output
from benchmarks.processes import alone
from benchmarks.results import OUTPUT, listed, page, table, write
from benchmarks.spread import Result, clock
from genlabel import Key
from genlabel.audio import Embedder, detect

SCHEMA = "genlabel.bench.audio-speed/1"

_REPEATS = 5
_MANY_KEYS = 200
_HOUR = 3600.0
_FRAME = 1024

#: Clip, its form, and the least times realtime of marking.
_CASES = (
    ("30 s stereo 44.1 kHz", "Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg", Form(most_seconds=30), 400.0),
    (
        "30 s mono 24 kHz",
        "Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg",
        Form(most_seconds=30, rate=24_000, mono=True),
        1000.0,
    ),
    ("30 s speech, mono 8 kHz", "asterisk_en_demo-instruct.wav", Form(most_seconds=30), None),
)
_READ_TARGET, _SEARCH_TARGET = 300.0, 30.0
_MOST_HELD_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Parameters
    ----------
    sound, what : str
        Which sound, and what is done with it.
    cpu : float
        Least, seconds.
    realtime : float
        Seconds of sound a second.
    target : float or None
        The least of it.
    held : float or None
        Of streams: the longest time that a sample is held back, seconds.
    megabytes : float or None
        What the peak of memory grew by, the result included; measured for the hour only.
    """

    sound: str
    what: str
    cpu: float
    realtime: float
    target: float | None = None
    held: float | None = None
    megabytes: float | None = None

    @property
    def failed(self) -> bool:
        """Whether a target is missed."""
        slow = self.target is not None and self.realtime < self.target
        return slow or (self.held is not None and self.held > _MOST_HELD_SECONDS)


def figures(name: str, sound: Sound, target: float | None) -> list[Figure]:
    """Time everything that is done with one sound."""
    payload = payload_of(name)
    marked = mark(sound, payload, 1.0)
    faster = attack("tempo-1.1").apply(marked, random_for(name, "tempo-1.1"))
    keys = [*many_keys(_MANY_KEYS - 1), MARK_KEY]

    def line(what: str, call: Callable[[], object], least: float | None = None) -> Figure:
        call()
        cpu = min(clock(call)[1].cpu for _ in range(_REPEATS))
        return Figure(name, what, cpu, sound.seconds / max(cpu, 1e-9), least)

    def read(state: Sound, secrets: Sequence[Key], effort: Any = "normal") -> Callable[[], object]:
        return lambda: detect(state.samples, state.rate, secrets, effort)

    lines = [
        line("floor: STFT of 1024, half overlapped (numpy)", lambda: transform(sound)),
        line("floor: FLAC encode + decode", lambda: flac_round_trip(sound)),
        line("embed", lambda: mark(sound, payload, 1.0), target),
        replace(
            line("embed a stream, blocks of 20 ms", lambda: stream(sound, payload, 1.0)),
            held=held_back(sound),
        ),
        line("read, as marked", read(marked, [MARK_KEY]), _READ_TARGET),
        line("read, nothing there, quick", read(sound, [MARK_KEY], "quick"), _READ_TARGET),
        line("read, nothing there, every search", read(sound, [MARK_KEY]), _SEARCH_TARGET),
        line("read, tempo +10 %", read(faster, [MARK_KEY])),
    ]
    # 200 keys may cost twice one.
    for what, state in (("as marked", marked), ("nothing there, every search", sound)):
        one = next(figure for figure in lines if figure.what == f"read, {what}")
        lines.append(line(f"read, {what}, 200 keys", read(state, keys), one.realtime / 2))
    return lines


def held_back(sound: Sound) -> float:
    """Give the longest time that a stream holds a sample back, in blocks of 1 ms."""
    embedder = Embedder(sound.rate, sound.samples.shape[1], bytes(8), MARK_KEY)
    block = max(1, sound.rate // 1000)
    taken = given = most = 0
    for start in range(0, min(len(sound.samples), 2 * sound.rate), block):
        taken += len(sound.samples[start : start + block])
        given += len(embedder.push(sound.samples[start : start + block]))
        most = max(most, taken - given)
    return most / sound.rate


def many_keys(count: int) -> list[Key]:
    """Give keys that nobody marked anything with."""
    return [
        Key(f"key {number}", hashlib.sha256(f"genlabel benchmark {number}".encode()).digest())
        for number in range(count)
    ]


def transform(sound: Sound) -> Samples:
    """Transform all channels once, and give something of it."""
    window = np.hanning(_FRAME).astype(np.float32)
    total = np.zeros(_FRAME // 2 + 1, np.float32)
    for channel in sound.samples.T:
        frames = np.lib.stride_tricks.sliding_window_view(channel, _FRAME)[:: _FRAME // 2]
        total += np.abs(np.fft.rfft(frames * window, axis=1)).sum(axis=0)
    return total


def hour(rate: int = 44_100, channels: int = 2) -> Iterator[Samples]:
    """Synthesise an hour, minute by minute: filtered noise that swells and falls as music does."""
    rng = np.random.default_rng(0)
    block = rng.normal(0, 0.1, (60 * rate, channels)).astype(np.float32)
    for start in range(1, len(block), 1 << 16):
        stop = min(start + (1 << 16), len(block))
        block[start:stop] += 0.9 * block[start - 1 : stop - 1]
    time = np.arange(len(block), dtype=np.float32) / rate
    block *= (0.1 + 0.2 * np.abs(np.sin(2 * np.pi * 0.4 * time)))[:, None].astype(np.float32)
    # No minute is another's copy.
    for minute in range(60):
        yield block * np.float32(0.7 + 0.005 * minute)


def _hour_figures() -> list[Figure]:
    """Mark and read the hour, in a process of its own."""
    measure.warm_up()
    sound, name = Sound(np.concatenate(list(hour())), 44_100), "1 h stereo 44.1 kHz, synthetic"
    lines = []

    def line(what: str, call: Callable[[], Result]) -> Result:
        # 5: the peak begins anew.
        Path("/proc/self/clear_refs").write_text("5")
        before = memory("VmRSS")
        result, seconds = clock(call)
        grown = memory("VmHWM") - before
        lines.append(Figure(name, what, seconds.cpu, _HOUR / seconds.cpu, megabytes=grown))
        return result

    marked = line(
        f"embed (the result alone has {sound.samples.nbytes / 2**20:.0f} MB)",
        lambda: mark(sound, payload_of(name), 1.0),
    )
    line("read, as marked", lambda: detect(marked.samples, marked.rate, [MARK_KEY]))
    line("read, nothing there", lambda: detect(sound.samples, sound.rate, [MARK_KEY]))
    return lines


def memory(field: str) -> float:
    """Read one of the sizes of this process that Linux keeps, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def run(data: Path, *, with_hour: bool = False, output: Path = OUTPUT) -> list[str]:
    """Time everything, print the table, write the record, and give the failures."""
    surroundings = environment.describe()
    measure.warm_up()
    lines: list[Figure] = []
    for name, file, form, target in _CASES:
        clip = formed(Clip(file, "", sounds.open_sound(data / "audio" / file)), form)
        assert clip is not None
        lines += figures(name, clip.sound, target)
    if with_hour:
        lines += alone(_hour_figures)
    failed = [
        f"{one.sound}: {one.what}: {one.realtime:.0f}x, held {1e3 * (one.held or 0):.0f} ms"
        for one in lines
        if one.failed
    ]
    print(_markdown(surroundings, lines, failed), flush=True)
    record = {
        "schema": SCHEMA,
        "environment": surroundings,
        "figures": [asdict(one) for one in lines],
        "failures": failed,
    }
    write(record, "audio-speed", output)
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio.speed", description="Times realtime, and memory."
    )
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    parser.add_argument("--hour", action="store_true", help="an hour of sound as well")
    add_output(parser)
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    return 1 if run(options.data, with_hour=options.hour, output=options.output) else 0


def _markdown(surroundings: dict[str, Any], lines: Sequence[Figure], failed: Sequence[str]) -> str:
    rows = [
        (
            one.sound,
            one.what,
            f"{1e3 * one.cpu:.1f}",
            f"{one.realtime:.0f}x",
            "" if one.target is None else f"{one.target:.0f}x",
            "" if one.held is None else f"{1e3 * one.held:.0f}",
            "" if one.megabytes is None else f"{one.megabytes:.0f}",
        )
        for one in lines
    ]
    parts = [
        "## audio-speed",
        environment.one_line(surroundings),
        table(("sound", "what", "CPU ms", "realtime", "target", "ms held", "MB"), rows),
        listed(failed),
    ]
    return page(*parts)


if __name__ == "__main__":
    sys.exit(main())
