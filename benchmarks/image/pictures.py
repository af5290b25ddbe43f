"""The sets of pictures that figures are given for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.environment import ROOT
from benchmarks.image import Pixels, geometry

#: Beside the repository: the media are too large, and differently licensed, to be part of it.
DEFAULT_DATA = ROOT.parent / "shared" / "data"

#: Set name -> kinds of the manifest.
_KINDS = {
    "kodak": ("kodak",),
    "photo": ("photo",),
    "illustration": ("illustration", "flat_graphic", "anime_background"),
    "generated": ("ai_generated", "ai_labelled", "labelled_tc260"),
    "screenshot": ("screenshot_text",),
    "clipart": ("clipart_alpha", "lineart_grey_alpha", "palette_png", "logo_alpha"),
}

#: What scikit-image installs with itself: for machines without the other sets.
_SCIKIT = (
    "astronaut.png",
    "brick.png",
    "chelsea.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
)

SETS = (*_KINDS, "scikit")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a set.

    Parameters
    ----------
    name : str
        File name without folder; seeds payload and attacks.
    kind : str
        As in the manifest.
    pixels : (height, width, 3) uint8
        RGB; transparent areas over white.
    """

    name: str
    kind: str
    pixels: Pixels


def load(
    sets: Sequence[str],
    *,
    data: Path,
    long_side: int | None = None,
    limit: int | None = None,
    megapixels: float = 0.0,
) -> Iterator[Picture]:
    """Open the pictures of some sets, one at a time, in the manifest's order.

    Parameters
    ----------
    sets : sequence of str
        Names of `SETS`.
    data : Path
        Folder with ``images/MANIFEST.csv``; not used for ``scikit``.
    long_side : int or None
        Shrink to this long side (Lanczos); smaller pictures are never enlarged.
    limit : int or None
        At most so many pictures of each set.
    megapixels : float
        Leave out pictures that are smaller than this as they come.

    Raises
    ------
    FileNotFoundError
        The manifest, or a picture it names, is not there.
    """
    for name in sets:
        for path, kind in _files(name, data)[:limit]:
            pixels = open_picture(path)
            if pixels.shape[0] * pixels.shape[1] < megapixels * 1e6:
                continue
            if long_side is not None:
                pixels = geometry.long_side(pixels, long_side)
            yield Picture(path.name, kind, pixels)


def are_there(data: Path) -> bool:
    """Whether `data` is a folder `load` can read."""
    return _manifest(data).is_file()


def _files(name: str, data: Path) -> list[tuple[Path, str]]:
    if name == "scikit":
        folder = Path(str(resources.files("skimage.data")))
        return [(folder / file, name) for file in _SCIKIT]
    with open(_manifest(data), newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [
        (data / "images" / row["file"], row["kind"]) for row in rows if row["kind"] in _KINDS[name]
    ]


def _manifest(data: Path) -> Path:
    return data / "images" / "MANIFEST.csv"


def open_picture(path: Path) -> Pixels:
    """Read a picture as RGB, on white where it is transparent."""
    with Image.open(path) as picture:
        opaque = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if opaque.mode == "RGBA":
        opaque = Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque)
    return np.array(opaque.convert("RGB"))
