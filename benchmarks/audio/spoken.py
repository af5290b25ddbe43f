"""Where the spoken labels that come with genlabel are heard again, and what is most like them.

::

    python -m benchmarks.audio.spoken

Prints Markdown; see docs/audible-labels.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks import environment
from benchmarks.audio import Sound, sounds
from benchmarks.audio.attacks import attack, random_for
from benchmarks.audio.sounds import Clip, Form
from benchmarks.results import table
from genlabel.audio import SPOKEN, AudibleLabel, find_spoken, labelled
from genlabel.audio._audible import find_spoken as finder
from genlabel.audio._audible.clip import measured

_KINDS = ("speech", "synthetic", "music")
_STATES = (
    *("none", "mp3-32", "opus-24", "white-20", "resample-8000", "telephone", "gain-0.25"),
    "reverb-0.3-3",
)
#: Where, and how loud in LU against the programme.
_PLACES = (("start", 0.0), ("middle", 0.0), ("middle", -6.0))
_HOSTS, _LEAST_SECONDS = 16, 6.0


def likeness(clip: Clip) -> float:
    """Give the greatest likeness of anything in a sound to any of the clips."""
    with mock.patch.object(finder, "LEAST_LIKENESS", 0.01):
        found = find_spoken([clip.sound.samples], clip.sound.rate)
    return max((one.likeness for one in found), default=0.0)


def laid(sound: Sound, label: AudibleLabel) -> Sound:
    """Lay a label into a sound."""
    samples, rate = sound.samples, sound.rate
    loudness = measured(samples, rate)
    channels, frames = samples.shape[1], len(samples)
    blocks = labelled([samples], rate, channels, label, frames=frames, loudness=loudness)
    return Sound(np.concatenate(list(blocks)), rate)


def recall(hosts: Sequence[Clip]) -> list[list[str]]:
    """Lay one label into each sound, in turn; count those that are found, and nothing besides."""
    rows = []
    for state in _STATES:
        counts = []
        for place, level in _PLACES:
            right = 0
            for number, clip in enumerate(hosts):
                language = list(SPOKEN)[number % len(SPOKEN)]
                label = AudibleLabel(cue=language, at=(place,), level=level)  # type: ignore[arg-type]
                rng = random_for(clip.name, state)
                now = attack(state).apply(laid(clip.sound, label), rng)
                found = find_spoken([now.samples], now.rate)
                right += [one.language for one in found] == [language]
            counts.append(f"{right}/{len(hosts)}")
        rows.append([state, *counts])
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audio.spoken")
    parser.add_argument("--data", type=Path, default=sounds.DEFAULT_DATA)
    options = parser.parse_args(arguments)
    if not sounds.are_there(options.data):
        parser.error(f"no clips in {options.data}")
    print(environment.one_line(environment.describe()), end="\n\n")
    unlabelled = list(sounds.load((*_KINDS, "other"), data=options.data))
    most = sorted(((likeness(clip), clip.name) for clip in unlabelled), reverse=True)[:5]
    print(f"{sum(clip.sound.seconds for clip in unlabelled):.0f} s without a label", end="\n\n")
    print(
        table(("likeness", "sound"), [(f"{value:.2f}", name) for value, name in most]), end="\n\n"
    )
    form = Form(most_seconds=20)
    long = [
        clip
        for clip in sounds.load(_KINDS, data=options.data, form=form)
        if clip.sound.seconds > _LEAST_SECONDS
    ]
    heads = ("then", *(f"{place}, {level:g} LU" for place, level in _PLACES))
    print(table(heads, recall(long[:_HOSTS])), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
