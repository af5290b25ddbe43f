"""The clips that figures are given for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np

from benchmarks.environment import ROOT
from benchmarks.video import Film, Planes

#: Beside the repository: the media are too large, and differently licensed, to be part of it.
DEFAULT_DATA = ROOT.parent / "shared" / "data"

#: Name here -> file, and what it is.
CLIPS = {
    "bbb": ("anim_bbb_720p25.mp4", "animation, 720p25, 5.3 s"),
    "film": ("film_bw_480p30.mp4", "old film, grain, 480p30, 6.2 s"),
    "ship": ("gen_ship_480p8.mp4", "generated, texture, 480p8, 6.1 s"),
    "train": ("gen_train_dark_480p8.mp4", "generated, dark, fast, 480p8, 6.1 s"),
    "crystal": ("handheld_crystal_480p30.mp4", "handheld, wood, 480p30, 12 s"),
    "flower": ("natural_flower_720p30.264", "handheld, 720p30, 10 s"),
    "macro": ("natural_macro_540p30.mp4", "macro, 540p30, 5 s"),
    "pdf": ("screen_pdf_768p25.264", "screen, scrolling text, 768p25, 2 s"),
    "room": ("static_room_432p10.mp4", "static camera, 432p10, 139 s"),
}


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip.

    Parameters
    ----------
    name : str
        Of `CLIPS`.
    path : Path
        Its file.
    """

    name: str
    path: Path

    def film(self, seconds: float) -> Film:
        """Decode its first seconds; a shorter one is played forth and back until it lasts."""
        with av.open(str(self.path)) as container:
            stream = container.streams.video[0]
            fps = Fraction(stream.average_rate or 25).limit_denominator(1001)
            count = max(1, round(seconds * fps))
            planes = [_luma(frame) for frame in islice(container.decode(video=0), count)]
        order = [*range(len(planes)), *range(len(planes) - 2, 0, -1)]
        repeated = [planes[order[number % len(order)]] for number in range(count)]
        return Film(np.stack(repeated), fps)


def load(names: Sequence[str], data: Path = DEFAULT_DATA) -> Iterator[Clip]:
    """Give clips by name.

    Raises
    ------
    FileNotFoundError
        A file is not there.
    """
    for name in names:
        path = data / "video" / CLIPS[name][0]
        if not path.is_file():
            raise FileNotFoundError(path)
        yield Clip(name, path)


def are_there(data: Path = DEFAULT_DATA) -> bool:
    """Whether all clips are there."""
    return all((data / "video" / file).is_file() for file, _ in CLIPS.values())


def _luma(frame: av.VideoFrame) -> Planes:
    rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(frame.height, -1)
    return rows[:, : frame.width]
