"""What happens to pictures on their way through the world. Each of these strips the metadata."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class Fate:
    """One thing that happens to a picture.

    Parameters
    ----------
    name : str
        What happened, for people.
    change : callable
        From pixels to pixels.
    quality : int or None
        JPEG quality it is saved with; None saves it without loss.
    """

    name: str
    change: Callable[[Image.Image], Image.Image]
    quality: int | None = None

    def befall(self, source: Path, folder: Path) -> Path:
        """Change a picture and save nothing but its pixels.

        Parameters
        ----------
        source : Path
            A marked picture.
        folder : Path
            Where the result goes.
        """
        with Image.open(source) as picture:
            changed = self.change(picture.convert("RGB"))
        changed.info.clear()
        suffix = ".png" if self.quality is None else ".jpg"
        stem = self.name.replace(",", "").replace(" %", "").replace(" ", "-").lower()
        target = folder / (stem + suffix)
        changed.save(target, quality=self.quality or 75)
        return target


def _same(picture: Image.Image) -> Image.Image:
    return picture.copy()


def _crop(picture: Image.Image, part: float) -> Image.Image:
    # Off the centre, so that nothing depends on where the middle was.
    width, height = round(picture.width * part**0.5), round(picture.height * part**0.5)
    left, top = round((picture.width - width) * 0.6), round((picture.height - height) * 0.4)
    return picture.crop((left, top, left + width, top + height))


def _resize(picture: Image.Image, factor: float) -> Image.Image:
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BICUBIC)


def _rotate(picture: Image.Image) -> Image.Image:
    return picture.rotate(5, Image.Resampling.BICUBIC)


def _everything(picture: Image.Image) -> Image.Image:
    return _resize(_crop(picture, 0.7), 0.8)


FATES = (
    Fate("metadata stripped", _same),
    Fate("JPEG 60", _same, 60),
    Fate("resized to 60 %", lambda picture: _resize(picture, 0.6)),
    Fate("rotated by 5 degrees", _rotate),
    Fate("half cropped away, JPEG 75", lambda picture: _crop(picture, 0.5), 75),
    Fate("cropped, resized, JPEG 80", _everything, 80),
)
