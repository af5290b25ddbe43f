"""Film files: what marking adds to a transcode, how much memory it takes, how long a search takes.

Each figure comes from a process of its own: once with a brush that changes nothing, once with the
mark, on the same clip and with the same encoder, x264 at ``veryfast`` unless another is named.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from benchmarks import environment
from benchmarks.options import add_output
from benchmarks.processes import alone
from benchmarks.results import listed, page, table, write
from benchmarks.video.clips import CLIPS, DEFAULT_DATA

SCHEMA = "genlabel.bench.video-files/1"
#: Marking costs no more than this share of the transcode without it.
TARGET = 0.10
#: Megabytes that marking 1080p takes, at most.
MEMORY_TARGET = 300
#: Seconds that a search takes on two cores, at most, by the seconds of the film.
SEARCH_TARGETS = {10: 1.0, 600: 5.0}
_HD = (1920, 1080)
_PAYLOAD = b"\1\2\3\4\5\6\7\x08"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one pass over a film took.

    Parameters
    ----------
    frames : int
        How many.
    cpu : float
        Seconds of processor time, compiling and the first frame left out.
    own : float
        Of these, what the brush took; the rest is the decoder's and the encoder's.
    megabytes : float
        Most memory in use.
    """

    frames: int
    cpu: float
    own: float
    megabytes: float

    @property
    def milliseconds(self) -> float:
        """Per frame."""
        return 1000 * self.cpu / self.frames


@dataclass(frozen=True, slots=True)
class Figure:
    """A clip's row."""

    clip: str
    size: str
    plain: Cost
    marked: Cost
    verify: tuple[float, float]

    @property
    def share(self) -> float:
        """By how much marking makes the transcode longer."""
        return self.marked.cpu / self.plain.cpu - 1

    @property
    def own(self) -> float:
        """What the mark itself takes of that; the rest is the encoder's, which has more to code."""
        return (self.marked.own - self.plain.own) / self.plain.cpu


@dataclass(frozen=True, slots=True)
class Search:
    """How long a film of some length was searched: by the clock, and of the processor."""

    clip: str
    length: int
    seconds: float
    cpu: float


def enlarged(source: Path, target: Path, frames: int, repeats: int) -> Path:
    """Scale a clip's first frames to 1080p, and play them again and again."""
    with av.open(str(source)) as old:
        decoded = [frame for frame, _ in zip(old.decode(video=0), range(frames), strict=False)]
        rate = Fraction(old.streams.video[0].average_rate or 25)
    with av.open(str(target), "w") as new:
        stream: Any = new.add_stream("libx264", rate=rate)
        stream.width, stream.height = _HD
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", "crf": "18"}
        # Forth and back: a jump would be a cut.
        order = [*range(len(decoded)), *range(len(decoded) - 2, 0, -1)]
        for number in range(frames * repeats):
            frame = decoded[order[number % len(order)]].reformat(*_HD)
            frame.pts, frame.time_base, frame.pict_type = number, 1 / rate, 0
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))
    return target


def transcode(path: str, marked: bool, preset: str) -> Cost:
    """Write a film anew in this process, and tell what it took."""
    from genlabel import Key, video
    from genlabel.video._files.picture import Picture
    from genlabel.video._files.recode import Brush
    from genlabel.video._files.transcode import Plan
    from genlabel.video._files.transcode import transcode as write

    started: list[float] = []
    taken: list[float] = []

    def brush(picture: Picture) -> Brush:
        def untouched(luma: Any) -> bool:
            return False

        push: Brush = untouched
        if marked:
            size = (picture.width, picture.height, float(picture.rate))
            key = Key("bench", bytes(32))
            push = video.Embedder(*size, _PAYLOAD, key).push

        def timed(luma: Any) -> bool:
            before = time.thread_time()
            wanted = push(luma)
            if started:
                taken.append(time.thread_time() - before)
            else:
                started.append(time.process_time())
            return wanted

        return timed

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.mp4"
        plan = Plan(brush, encoding=video.Encoding(preset=preset, sound=False))
        made = write(Path(path), "video/mp4", target, plan, name=path)
    cpu = time.process_time() - started[0]
    return Cost(made.frames, cpu, sum(taken), _peak())


def _peak() -> float:
    """Give the most memory this process had in use, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What the kernel counts for its parent at the end goes on from the process that began it.
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def repeated(source: Path, target: Path, seconds: float) -> Path:
    """Play a film's packets again and again until they last so long."""
    end = Fraction(0)
    with av.open(str(target), "w") as new:
        stream: Any = None
        while end < seconds:
            begin = end
            with av.open(str(source)) as old:
                track = old.streams.video[0]
                stream = stream or new.add_stream_from_template(track)
                for packet in old.demux(track):
                    if packet.size and packet.pts is not None and packet.dts is not None:
                        shift = round(begin / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        shown = (packet.pts + (packet.duration or 0)) * packet.time_base
                        end = max(end, shown)
                        packet.stream = stream
                        new.mux(packet)
    return target


def verify(path: str) -> tuple[float, float]:
    """Look for a mark that is not there, warm, and tell how long it took: of the clock, and CPU."""
    from genlabel import Key, video

    keys = [Key("bench", bytes(32))]
    video.detect(path, keys)
    begun, start = time.perf_counter(), time.process_time()
    video.detect(path, keys)
    return time.perf_counter() - begun, time.process_time() - start


def measure(clip: str, path: Path, size: str, preset: str) -> Figure:
    """Measure one clip, each way in a process of its own."""
    plain = alone(transcode, str(path), False, preset)
    marked = alone(transcode, str(path), True, preset)
    return Figure(clip, size, plain, marked, alone(verify, str(path)))


def run(data: Path, *, preset: str, repeats: int, output: Path) -> list[str]:
    """Measure all clips, print a table, write the record, and give what missed its target."""
    figures, searches = _measured(data, preset, repeats)
    missed = _missed(figures, searches)
    surroundings = environment.describe()
    parts = (f"## video-files, x264 {preset}", environment.one_line(surroundings))
    print(page(*parts, _table(figures, searches), listed(missed)), flush=True)
    record = {
        "schema": SCHEMA,
        "environment": surroundings,
        "preset": preset,
        "figures": [asdict(one) for one in figures],
        "searches": [astuple(one) for one in searches],
        "failures": missed,
    }
    write(record, "video-files", output)
    return missed


def _measured(data: Path, preset: str, repeats: int) -> tuple[list[Figure], list[Search]]:
    figures, searches = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bbb", "crystal"):
            source = data / "video" / CLIPS[name][0]
            hd = enlarged(source, Path(folder) / f"{name}.mp4", 100, 1)
            figures.append(measure(name, hd, "1080p, 100 frames", preset))
            for length in SEARCH_TARGETS:
                long = repeated(hd, Path(folder) / f"{name}-{length}.mp4", length)
                searches.append(Search(name, length, *alone(verify, str(long))))
                long.unlink()
            if repeats > 1:
                longer = enlarged(source, Path(folder) / f"{name}-long.mp4", 100, repeats)
                size = f"1080p, {100 * repeats} frames"
                figures.append(measure(name, longer, size, preset))
    return figures, searches


def _missed(figures: Sequence[Figure], searches: Sequence[Search]) -> list[str]:
    missed = [
        f"{one.clip}, {one.size}: marking adds {one.share:.0%}"
        for one in figures
        if one.share > TARGET
    ]
    missed += [
        f"{one.clip}, {one.size}: marking takes {one.marked.megabytes:.0f} MB"
        for one in figures
        if one.marked.megabytes > MEMORY_TARGET
    ]
    missed += [
        f"{one.clip}, {one.length} s: a search takes {one.seconds:.1f} s"
        for one in searches
        if one.seconds > SEARCH_TARGETS[one.length]
    ]
    return missed


def _table(figures: Sequence[Figure], searches: Sequence[Search]) -> str:
    heads = ("clip", "size", "plain ms", "marked ms", "more", "mark's own", "plain MB", "marked MB")
    rows = [
        (
            one.clip,
            one.size,
            f"{one.plain.milliseconds:.1f}",
            f"{one.marked.milliseconds:.1f}",
            f"{one.share:+.0%}",
            f"{one.own:+.1%}",
            f"{one.plain.megabytes:.0f}",
            f"{one.marked.megabytes:.0f}",
            f"{one.verify[0]:.2f}",
            f"{one.verify[1]:.2f}",
        )
        for one in figures
    ]
    rows += [
        (one.clip, f"{one.length} s", *("-" * 6), f"{one.seconds:.2f}", f"{one.cpu:.2f}")
        for one in searches
    ]
    return table((*heads, "search s", "CPU s"), rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video.files", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--preset", default="veryfast", help="x264's (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=1, help="a longer film too, so many times")
    add_output(parser)
    options = parser.parse_args(arguments)
    missed = run(
        options.data, preset=options.preset, repeats=options.repeats, output=options.output
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
