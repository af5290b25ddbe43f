"""How long the command line takes as whole processes, from nothing and warm.

::

    python -m benchmarks.cold_start [--runs 7]

SciPy, which the benchmarks install and genlabel does not, is hidden from the processes: where numba
finds it, every command takes a tenth of a second longer. Bytecode is kept, as an installation has
it, also where the surroundings forbid Python to write any: translating the sources again takes a
quarter of a second.

Prints the Markdown table of the README and writes the record as JSON. Every figure is one whole
process, interpreter included; the compile cache is a folder of its own, so a user's is not touched.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import environment
from benchmarks.image import Pixels
from benchmarks.results import OUTPUT, table, write
from benchmarks.spread import Seconds, Spread, spread

SCHEMA = "genlabel.bench.cold-start/1"

_RUNS = 7
_FIRST_RUNS = 3
_PRODUCER = "benchmark"
_HIDING = "hiding"
_SIZE = (1152, 864)


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of process.

    Parameters
    ----------
    name : str
        As printed.
    budget : float or None
        Seconds it may take on an idle core.
    arguments : tuple of str
        After the interpreter.
    empty_cache : bool
        Whether every run starts without compiled kernels.
    """

    name: str
    budget: float | None
    arguments: tuple[str, ...]
    empty_cache: bool = False


def stages(folder: Path) -> list[Stage]:
    """Give the processes to time, in an order in which each finds what it needs."""
    picture, marked, key = (str(folder / name) for name in ("in.jpg", "out.jpg", "key.json"))
    genlabel = ("-m", "genlabel")
    mark = (*genlabel, "mark", picture, "-o", marked, "-f", "--key", key, "--producer", _PRODUCER)
    return [
        Stage("floor: `python -c pass`", None, ("-c", "pass")),
        Stage("floor: `import numpy, numba`", None, ("-c", "import numpy, numba")),
        Stage("`genlabel --help`", 0.15, (*genlabel, "--help")),
        Stage("first-ever `genlabel mark`, nothing compiled", 6.0, mark, empty_cache=True),
        Stage("`genlabel mark`", 1.0, mark),
        Stage("`genlabel verify`", 1.0, (*genlabel, "verify", marked, "--key", key)),
        Stage("`genlabel read` (labels only)", None, (*genlabel, "read", marked)),
    ]


def run(runs: int = _RUNS, output: Path = OUTPUT) -> dict[str, Any]:
    """Time every stage, print the table and write the record.

    Raises
    ------
    RuntimeError
        A process failed; its message is in the error.
    """
    surroundings = environment.describe()
    with tempfile.TemporaryDirectory(prefix="genlabel-bench-") as name:
        folder = Path(name)
        _prepare(folder)
        measured = {stage: _measure(stage, runs, folder) for stage in stages(folder)}
    print(markdown(measured, surroundings), flush=True)
    record = {
        "schema": SCHEMA,
        "environment": surroundings,
        "megapixels": _SIZE[0] * _SIZE[1] / 1e6,
        "stages": [
            {
                "name": stage.name,
                "budget": stage.budget,
                "runs": [asdict(seconds) for seconds in times],
            }
            for stage, times in measured.items()
        ],
    }
    write(record, "cold-start", output)
    return record


def markdown(measured: dict[Stage, list[Seconds]], surroundings: dict[str, Any]) -> str:
    """Give the table of the README."""
    lines = []
    for stage, times in measured.items():
        wall, cpu = (_spread_of(times, part) for part in (_wall, _cpu))
        budget = "" if stage.budget is None else f"{stage.budget:g}"
        lines.append(
            (
                stage.name,
                f"**{wall.median:.2f}**",
                f"{wall.least:.2f}",
                f"{wall.lower:.2f}-{wall.upper:.2f}",
                f"{cpu.median:.2f}",
                budget,
                wall.count,
            )
        )
    told = f"A {_SIZE[0]} x {_SIZE[1]} JPEG, whole processes, seconds."
    heads = ("process", "median", "fastest", "middle half", "CPU time", "budget", "runs")
    return f"{told} {environment.one_line(surroundings)}\n\n{table(heads, lines)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start")
    parser.add_argument("--runs", type=int, default=_RUNS, help="processes per stage")
    run(parser.parse_args(arguments).runs)
    return 0


def _prepare(folder: Path) -> None:
    """Write a picture and a key, and fill the warm cache."""
    Image.fromarray(_picture()).save(folder / "in.jpg", quality=90)
    (folder / "warm").mkdir()
    (folder / _HIDING).mkdir()
    absent = 'raise ImportError("not among what genlabel installs")\n'
    (folder / _HIDING / "scipy.py").write_text(absent, encoding="utf-8")
    key = str(folder / "key.json")
    _process(("-m", "genlabel", "keygen", "bench", "-o", key), folder / "warm")
    first = next(stage for stage in stages(folder) if stage.empty_cache)
    _process(first.arguments, folder / "warm")


def _measure(stage: Stage, runs: int, folder: Path) -> list[Seconds]:
    if stage.empty_cache:
        times = []
        for _ in range(min(runs, _FIRST_RUNS)):
            with tempfile.TemporaryDirectory(dir=folder) as cache:
                times.append(_process(stage.arguments, Path(cache)))
        return times
    _process(stage.arguments, folder / "warm")
    return [_process(stage.arguments, folder / "warm") for _ in range(runs)]


def _process(arguments: Sequence[str], cache: Path) -> Seconds:
    paths = [str(cache.parent / _HIDING), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    surroundings = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(cache),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            env=surroundings,
            cwd=environment.ROOT,
        )
        # wait4 tells this child's own CPU time, which the running total of all children hides.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            message = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(arguments)}: status {process.returncode}: {message}")
    return Seconds(wall, usage.ru_utime + usage.ru_stime)


def _picture() -> Pixels:
    """Make a picture with the 1/f spectrum of natural ones: about as costly to code and to mark."""
    width, height = _SIZE
    rng = np.random.default_rng(1)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1.0
    planes = []
    for _ in range(3):
        spectrum = np.fft.rfft2(rng.normal(size=(height, width))) / frequency
        plane = np.fft.irfft2(spectrum, s=(height, width))
        planes.append(128 + 40 * (plane - plane.mean()) / plane.std())
    return np.asarray(np.clip(np.stack(planes, axis=-1), 0, 255), dtype=np.uint8)


def _wall(seconds: Seconds) -> float:
    return seconds.wall


def _cpu(seconds: Seconds) -> float:
    return seconds.cpu


def _spread_of(times: Sequence[Seconds], part: Callable[[Seconds], float]) -> Spread:
    return spread([part(seconds) for seconds in times])


if __name__ == "__main__":
    sys.exit(main())
