"""One picture through every scheme: mark, look, attack, read, and read unmarked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from benchmarks.image import Pixels, metrics
from benchmarks.image.attacks import Attack, random_for
from benchmarks.image.measure import jpeg_round_trip
from benchmarks.image.peers.schemes import Scheme, bits_of
from benchmarks.image.pictures import Picture
from benchmarks.marking import payload_of
from benchmarks.spread import Seconds, clock

_EMBED_REPEATS = 3
_CODEC_REPEATS = 5

#: Ends the names of attacks after which the picture was scaled back to its original size.
SIZE_TOLD = ", size told"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader said of one picture in one state.

    Parameters
    ----------
    name : str
        The attack, or ``unmarked``.
    word : str or None
        Hexadecimal; None where the reader said that there is no mark, or refused.
    exact : bool
        Every bit right.
    right : float or None
        Share of the bits that are right; None without a word of that size, and for unmarked
        pictures.
    refused : str or None
        Why the reader did not take the picture.
    width, height : int
        Of what was read.
    seconds : Seconds
        Of reading.
    """

    name: str
    word: str | None
    exact: bool
    right: float | None
    refused: str | None
    width: int
    height: int
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Course:
    """All figures of one scheme on one picture.

    Parameters
    ----------
    scheme : str
        Its name.
    refused : str or None
        Why the picture could not be marked; everything below is then empty.
    psnr, ssim, psnr_hvs_m : float
        Marked against original.
    embed : tuple of Seconds
        Marking.
    attacks : tuple of Reading
        One per attack, and one more where the size was told.
    unmarked : Reading or None
        Of the original.
    """

    scheme: str
    refused: str | None = None
    psnr: float = 0.0
    ssim: float = 0.0
    psnr_hvs_m: float = 0.0
    embed: tuple[Seconds, ...] = ()
    attacks: tuple[Reading, ...] = ()
    unmarked: Reading | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All of them."""
        return self.attacks if self.unmarked is None else (*self.attacks, self.unmarked)


@dataclass(frozen=True, slots=True)
class Case:
    """One picture with every scheme.

    Parameters
    ----------
    picture, kind : str
        From the manifest.
    width, height : int
        As marked.
    codec : tuple of Seconds
        JPEG-95 round trips of the picture: the unit of time.
    courses : tuple of Course
        One per scheme.
    """

    picture: str
    kind: str
    width: int
    height: int
    codec: tuple[Seconds, ...]
    courses: tuple[Course, ...]


def run(picture: Picture, schemes: Sequence[Scheme], attacks: Sequence[Attack]) -> Case:
    """Take one picture through every scheme."""
    height, width = picture.pixels.shape[:2]
    codec = tuple(clock(lambda: jpeg_round_trip(picture.pixels))[1] for _ in range(_CODEC_REPEATS))
    courses = tuple(_course(scheme, picture, attacks) for scheme in schemes)
    return Case(picture.name, picture.kind, width, height, codec, courses)


def _course(scheme: Scheme, picture: Picture, attacks: Sequence[Attack]) -> Course:
    pixels, word = picture.pixels, payload_of(picture.name)[: scheme.payload_bytes]
    try:
        runs = [clock(lambda: scheme.embed(pixels, word)) for _ in range(_EMBED_REPEATS)]
    except scheme.refusal as refusal:
        return Course(scheme.name, refused=_reason(refusal))
    marked = runs[0][0]
    return Course(
        scheme.name,
        psnr=metrics.psnr(pixels, marked),
        ssim=metrics.ssim(pixels, marked),
        psnr_hvs_m=metrics.psnr_hvs_m(pixels, marked),
        embed=tuple(seconds for _, seconds in runs),
        attacks=tuple(
            _read(scheme, name, state, word)
            for name, state in _states(picture.name, marked, attacks)
        ),
        unmarked=_read(scheme, "unmarked", pixels, None),
    )


def _states(
    picture: str, marked: Pixels, attacks: Sequence[Attack]
) -> Iterator[tuple[str, Pixels]]:
    """Give the attacked pictures; those only resized also scaled back, for who needs the size."""
    height, width = marked.shape[:2]
    for one in attacks:
        attacked = one.apply(marked, random_for(picture, one.name))
        yield one.name, attacked
        if one.family == "resize":
            back = Image.fromarray(attacked).resize((width, height), Image.Resampling.LANCZOS)
            yield one.name + SIZE_TOLD, np.array(back)


def _read(scheme: Scheme, name: str, pixels: Pixels, expected: bytes | None) -> Reading:
    refused = None

    def read() -> bytes | None:
        nonlocal refused
        try:
            return scheme.read(pixels)
        except scheme.refusal as refusal:
            refused = _reason(refusal)
            return None

    word, seconds = clock(read)
    right = None
    if word is not None and expected is not None and len(word) == len(expected):
        right = float(np.mean(bits_of(word) == bits_of(expected)))
    height, width = pixels.shape[:2]
    return Reading(
        name,
        None if word is None else word.hex(),
        word is not None and word == expected,
        right,
        refused,
        width,
        height,
        seconds,
    )


def _reason(refusal: Exception) -> str:
    return str(refusal) or type(refusal).__name__
