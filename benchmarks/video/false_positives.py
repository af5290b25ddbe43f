"""Show that "found" is honest for film: many windows, many keys, nothing to be found.

::

    python -m benchmarks.video.false_positives --keys 200
    python -m benchmarks.video.false_positives --posed      # whole searches, fewer of them

A *trial* is one window of film read under one key. Windows are stretches of the clips, unmarked or
marked with another key, as they are or edited; every one is read in all eight ways to turn and
mirror it, under all keys, with the bound that any caller gets. Prints Markdown.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import environment
from benchmarks.marking import payload_of
from benchmarks.options import add_names
from benchmarks.results import table
from benchmarks.video import Film, clips
from benchmarks.video.attacks import attack
from benchmarks.video.robustness import marked
from genlabel import Key
from genlabel.video import detect
from genlabel.video._codeword import key_sums, mark_secrets
from genlabel.video._film import plane_moments
from genlabel.video._pictures import Picture, chips_of, grouped, together
from genlabel.video._placing import orientations
from genlabel.video._reading import Risk, read_chips
from genlabel_kernels.plane.layout import CODE_BITS

_SECONDS = 10.0
_WINDOWS = (1, 4)
_EDITS = ("none", "brightness-0.5", "crop-0.71", "resize-0.5", "rotate-10", "x264-30", "x264-40")


def films(names: Sequence[str], data: Path) -> Iterator[tuple[str, Film]]:
    """Give every clip in every state, unmarked and marked with a key that is not asked."""
    for clip in clips.load(names, data):
        plain = clip.film(_SECONDS)
        for state, film in (("unmarked", plain), ("other key", marked(plain, payload_of("any")))):
            for name in _EDITS:
                yield f"{clip.name}, {state}, {name}", attack(name).apply(film)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where anything was found."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.video.false_positives", description=__doc__
    )
    add_names(parser, "--clip", clips.CLIPS, tuple(clips.CLIPS))
    parser.add_argument("--data", type=Path, default=clips.DEFAULT_DATA)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--posed", action="store_true", help="search for poses, too")
    options = parser.parse_args(arguments)
    keys = [
        Key(f"no {number}", number.to_bytes(32, "big")) for number in range(1, options.keys + 1)
    ]
    secrets = [mark_secrets(key) for key in keys]
    windows = searches = 0
    found: list[str] = []
    energies: list[NDArray[np.float64]] = []
    for name, film in films(options.clip, options.data):
        fps = float(film.fps)
        whole = detect(
            iter(film.planes), keys, fps=fps, effort="normal" if options.posed else "quick"
        )
        searches += 1
        if whole.found:
            found.append(name)
        pictures = [Picture(moment) for moment in plane_moments(iter(film.planes), fps)]
        placed = orientations(*pictures[0].shape)
        measured = np.array([[one.measured(place) for place in placed] for one in pictures])
        for length in _WINDOWS:
            for first in range(0, len(pictures) - length + 1, length):
                windows += len(placed)
                window = slice(first, first + length)
                groups = grouped(measured[window], pictures[window])
                for one in map(together, np.moveaxis(groups, 1, 0)):
                    if read_chips(one, secrets, Risk(len(secrets))) is not None:
                        found.append(f"{name}, from {first} s")
                    sums = key_sums(chips_of(one), secrets)
                    energies.append(((sums * sums).sum(axis=1) - 1.0) * math.sqrt(CODE_BITS / 2))
        print(name, windows * len(keys), len(found), file=sys.stderr, flush=True)
    print(_report((searches, windows, len(keys)), found, np.concatenate(energies)))
    return int(bool(found))


def _report(
    counts: tuple[int, int, int], found: Sequence[str], energies: NDArray[np.float64]
) -> str:
    """Give counts, and how the energy of code bits is spread: noise has mean 0, deviation 1."""
    searches, windows, keys = counts
    whole = ("whole searches", "windows x poses", "keys", "trials", "found")
    heads = (*whole, "energy mean", "deviation", "largest")
    line = (
        str(searches),
        str(windows),
        str(keys),
        str(windows * keys),
        str(len(found)),
        f"{energies.mean():.3f}",
        f"{energies.std():.3f}",
        f"{energies.max():.2f}",
    )
    lead = environment.one_line(environment.describe())
    return "\n\n".join((lead, table(heads, [line]), *found))


if __name__ == "__main__":
    sys.exit(main())
