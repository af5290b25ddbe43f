"""How visible the mark is, what it costs in bits, and how long marking and reading take.

::

    python -m benchmarks.video.quality

Real colour: planes of luma are marked where they lie in decoded frames, and both films are encoded
alike with x264. Prints Markdown on standard output.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import environment
from benchmarks.image.metrics import psnr, psnr_hvs_m
from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.options import add_names
from benchmarks.results import table
from benchmarks.video import clips, codecs
from benchmarks.video.clips import Clip
from genlabel.video import Embedder, detect, warmup

#: What the measures must reach.
LEAST_LEVEL, MOST_BITS, MOST_TIME = 44.0, 0.10, 0.10
_CRF = 23
_FRAMES = 150
_EVERY = 5
_FULL_HD = (1080, 1920)


@dataclass(frozen=True, slots=True)
class Quality:
    """What marking does to one clip.

    Parameters
    ----------
    clip : str
        Its name.
    frames : int
        Marked.
    level, worst, luma : float
        PSNR-HVS-M, mean and least of all frames, and PSNR of luma, in dB.
    flicker : float
        Root mean square change of the added pattern from frame to frame, against its own.
    bits : float
        Growth of the file at the same CRF.
    cpu : float
        Milliseconds of processor time for each frame.
    needed : float
        Seconds of such film that the embedder says are needed to read it.
    """

    clip: str
    frames: int
    level: float
    worst: float
    luma: float
    flicker: float
    bits: float
    cpu: float
    needed: float


def measured(clip: Clip) -> Quality:
    """Mark a clip's first frames, in colour."""
    before, after = list(_decoded(clip)), list(_decoded(clip))
    luma = [_luma(frame) for frame in before]
    height, width = luma[0].shape
    fps = _rate(clip)
    embedder = Embedder(width, height, float(fps), payload_of(clip.name), MARK_KEY)
    begun = time.process_time()
    for frame in after:
        embedder.push(_luma(frame))
    cpu = (time.process_time() - begun) / len(after)
    marked = [_luma(frame) for frame in after]
    pairs = list(zip(luma, marked, strict=True))
    levels = [psnr_hvs_m(*pair) for pair in pairs]
    added = [two.astype(np.int8) - one.astype(np.int8) for one, two in pairs]
    changes = [np.mean(np.square(b - a, dtype=np.float32)) for a, b in pairwise(added)]
    flicker = float(
        np.sqrt(
            np.mean(changes) / np.mean([np.square(one, dtype=np.float32).mean() for one in added])
        )
    )
    bits = len(_encoded(after, fps)) / len(_encoded(before, fps)) - 1.0
    luma_psnr = float(np.mean([psnr(*pair) for pair in pairs[::_EVERY]]))
    mean, least = float(np.mean(levels)), float(min(levels))
    return Quality(
        clip.name,
        len(after),
        mean,
        least,
        luma_psnr,
        flicker,
        bits,
        1000 * cpu,
        embedder.seconds_needed,
    )


def speed(clip: Clip) -> tuple[float, float, float]:
    """Compare at 1080p: seconds for each frame of marking and of x264 veryfast; and of reading.

    Returns
    -------
    tuple of float
        Marking and encoding, milliseconds of processor time a frame; reading the ten seconds'
        file, seconds of wall time.
    """
    fps = _rate(clip)
    size = (_FULL_HD[1], _FULL_HD[0])
    planes = np.stack([cv2.resize(luma, size) for luma in clip.film(_FRAMES / float(fps)).planes])
    embedder = Embedder(*size, float(fps), payload_of(clip.name), MARK_KEY)
    begun = time.process_time()
    for luma in planes:
        embedder.push(luma)
    marking = time.process_time() - begun
    begun = time.process_time()
    data = codecs.encode(planes, fps, "x264", _CRF)
    encoding = time.process_time() - begun
    long = codecs.encode(np.concatenate([planes, planes[::-1]]), fps, "x264", _CRF)
    begun = time.perf_counter()
    found = detect(long, MARK_KEY)
    reading = time.perf_counter() - begun
    if not (found.found and detect(data, MARK_KEY).found):
        raise AssertionError("a marked film is read")
    return 1000 * marking / len(planes), 1000 * encoding / len(planes), reading


def _decoded(clip: Clip) -> Iterator[av.VideoFrame]:
    with av.open(str(clip.path)) as container:
        for number, frame in enumerate(islice(container.decode(video=0), _FRAMES)):
            frame.make_writable()
            frame.pts, frame.time_base = number, 1 / _rate(clip)
            yield frame


def _rate(clip: Clip) -> Fraction:
    with av.open(str(clip.path)) as container:
        return Fraction(container.streams.video[0].average_rate or 25).limit_denominator(1001)


def _luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
    return rows.reshape(frame.height, -1)[:, : frame.width]


def _encoded(frames: Sequence[av.VideoFrame], fps: Fraction) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.options = {"crf": str(_CRF), "preset": "veryfast", "threads": "1"}
        for number, frame in enumerate(frames):
            frame.pts, frame.pict_type = number, av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; status 1 where a measure is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video.quality", description=__doc__)
    add_names(parser, "--clip", clips.CLIPS, tuple(clips.CLIPS))
    parser.add_argument("--data", type=Path, default=clips.DEFAULT_DATA)
    options = parser.parse_args(arguments)
    warmup()
    chosen = list(clips.load(options.clip, options.data))
    all_of = [measured(clip) for clip in chosen]
    heads = (
        *("clip", "frames", "HVS-M dB", "worst", "luma dB", "flicker", "bits", "ms a frame"),
        "s needed",
    )
    lines = [
        (
            one.clip,
            str(one.frames),
            f"{one.level:.1f}",
            f"{one.worst:.1f}",
            f"{one.luma:.1f}",
            f"{one.flicker:.2f}",
            f"{one.bits:+.1%}",
            f"{one.cpu:.2f}",
            f"{one.needed:.1f}",
        )
        for one in all_of
    ]
    marking, encoding, reading = speed(chosen[0])
    print(environment.one_line(environment.describe()), table(heads, lines), sep="\n\n")
    print(
        f"\n1080p: marking {marking:.2f} ms a frame, x264 veryfast {encoding:.1f} ms: "
        f"{marking / encoding:.1%}; reading 300 frames {reading:.2f} s"
    )
    problems = [one for one in all_of if one.level < LEAST_LEVEL or one.bits > MOST_BITS]
    return int(bool(problems) or marking > MOST_TIME * encoding)


if __name__ == "__main__":
    sys.exit(main())
