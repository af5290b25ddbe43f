"""``make bench``: cold start, then robustness of pictures, of sound and of film.

``--full`` runs every suite over every set, and compares with other marks where they are installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import cold_start
from benchmarks.audio import false_positives as audio_null
from benchmarks.audio import robustness as audio
from benchmarks.audio import sounds, speed, together
from benchmarks.audio.peers import audiowmark
from benchmarks.audio.peers import runner as audio_comparison
from benchmarks.audio.suites import SUITES as AUDIO_SUITES
from benchmarks.image import pictures, robustness
from benchmarks.image.peers import runner as comparison
from benchmarks.image.peers.schemes import NAMES, OURS, load
from benchmarks.image.robustness import Settings
from benchmarks.image.suites import FOUNDATION, TABLE, VIDEO_SEAL
from benchmarks.options import add_jobs
from benchmarks.video import clips, curve, files, quality
from benchmarks.video import false_positives as video_null
from benchmarks.video import robustness as video
from benchmarks.video.suites import SUITES as VIDEO_SUITES

#: What can be run anywhere.
_BARE = (("foundation", FOUNDATION, ("scikit",), None),)

_QUICK = (("foundation", FOUNDATION, ("kodak",), None),)

#: The published tables: about a megapixel, then 512 px, then the protocol of the neural marks.
_FULL = (
    *_QUICK,
    ("table", TABLE, ("kodak", "photo", "illustration", "generated"), 1280),
    ("table", TABLE, ("kodak", "photo", "illustration", "generated"), 512),
    ("foundation", FOUNDATION, ("screenshot", "clipart"), 1280),
    ("video-seal", VIDEO_SEAL, ("kodak", "photo", "generated"), 1280),
)

_AUDIO_QUICK = ("table",)
_AUDIO_FULL = tuple(AUDIO_SUITES)

#: Of film: rows of the table, clips, and keys that are not there.
_VIDEO_QUICK = (("1a", "1b"), ("bbb", "crystal", "ship"), 20)

#: rivaGan needs some ten seconds for a megapixel.
_COMPARISONS = (
    comparison.Settings(),
    comparison.Settings(schemes=tuple(name for name in NAMES if name != "rivaGan"), long_side=1200),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; status 1 where a target is missed or a verdict is false."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="hours instead of minutes")
    parser.add_argument("--data", type=Path, default=pictures.DEFAULT_DATA)
    add_jobs(parser, "; times need 1")
    options = parser.parse_args(arguments)
    cold_start.run()
    failed = False
    chosen = _FULL if options.full else _QUICK
    if not pictures.are_there(options.data):
        print(f"no pictures in {options.data}: using those of scikit-image", file=sys.stderr)
        chosen = _BARE
    for suite, rows, sets, long_side in chosen:
        settings = Settings(suite, rows, sets, options.data, long_side=long_side, jobs=options.jobs)
        failed |= bool(robustness.run(settings))
    if options.full:
        failed |= _compare(options.data)
    failed |= _audio(options.data, full=options.full, jobs=options.jobs)
    failed |= _video(options.data, full=options.full, jobs=options.jobs)
    return int(failed)


def _audio(data: Path, *, full: bool, jobs: int) -> bool:
    """Run what is measured of sound; whether a target was missed or a verdict false."""
    if not sounds.are_there(data):
        print(f"no clips of sound in {data}: nothing is measured of them", file=sys.stderr)
        return False
    failed = False
    for name in _AUDIO_FULL if full else _AUDIO_QUICK:
        suite = AUDIO_SUITES[name]
        failed |= bool(audio.run(audio.Settings(name, suite, suite.kinds, data, jobs=jobs)))
    failed |= bool(together.run(together.KINDS, data))
    failed |= bool(speed.run(data, with_hour=full))
    failed |= bool(audio_null.run(data, every=1 if full else audio_null.QUICK_EVERY, jobs=jobs))
    if full and audiowmark.program() is not None:
        audio_comparison.run(audio_comparison.KINDS, data)
    return failed


def _video(data: Path, *, full: bool, jobs: int) -> bool:
    """Run what is measured of film; whether a target was missed or a verdict false."""
    if not clips.are_there(data):
        print(f"no clips of film in {data}: nothing is measured of them", file=sys.stderr)
        return False
    where = ["--data", str(data)]
    if full:
        failed = False
        for name, suite in VIDEO_SUITES.items():
            failed |= bool(video.run(name, suite, tuple(clips.CLIPS), data, jobs=jobs))
        failed |= bool(curve.main([*where, "--jobs", str(jobs)]))
        failed |= bool(quality.main(where)) | bool(video_null.main(where))
        return failed | bool(files.main([*where, "--repeats", "3"]))
    titles, names, keys = _VIDEO_QUICK
    rows = tuple(row for row in VIDEO_SUITES["table"] if row.title.startswith(titles))
    some = [*where, "--clip", ",".join(names)]
    failed = bool(video.run("quick", rows, names, data, jobs=jobs))
    failed |= bool(quality.main(some)) | bool(video_null.main([*some, "--keys", str(keys)]))
    return failed | bool(files.main(where))


def _compare(data: Path) -> bool:
    """Run the comparisons if there is anything to compare with; whether a verdict was false."""
    if [scheme.name for scheme in load(NAMES)[0]] == [OURS]:
        print("no peers installed: docs/peers.md says how", file=sys.stderr)
        return False
    sets = comparison.SETS if pictures.are_there(data) else ("scikit",)
    failed = False
    for settings in _COMPARISONS:
        failed |= bool(comparison.run(replace(settings, sets=sets, data=data)))
    return failed


if __name__ == "__main__":
    sys.exit(main())
