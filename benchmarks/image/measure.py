"""One picture through the whole course: mark, look, attack, read, and the controls."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.image import Pixels, metrics
from benchmarks.image.attacks import Attack, random_for
from benchmarks.image.pictures import Picture
from benchmarks.marking import MARK_KEY, OTHER_KEY, payload_of
from benchmarks.spread import Seconds, clock
from genlabel import CapacityError, Detection, Key
from genlabel.image import detect, embed

_EMBED_REPEATS = 3
_CODEC_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the detector said of one picture in one state.

    Parameters
    ----------
    name : str
        The attack, or the control.
    found : bool
        As in `Detection`.
    exact : bool
        Found, and every bit of the payload right.
    log10_p : float
        As in `Detection`.
    width, height : int
        Of what was read.
    seconds : Seconds
        Of `detect`.
    """

    name: str
    found: bool
    exact: bool
    log10_p: float
    width: int
    height: int
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Course:
    """All figures of one picture.

    Parameters
    ----------
    picture, kind : str
        From the manifest.
    width, height : int
        As marked.
    refused : str or None
        Why the picture could not be marked; everything below is then empty.
    psnr, ssim, psnr_hvs_m : float
        Marked against original.
    embed, codec : tuple of Seconds
        Marking; and an OpenCV JPEG-95 encoding and decoding of the same picture, the unit in
        which speeds are compared between machines.
    attacks : tuple of Reading
        One per attack.
    controls : tuple of Reading
        The unmarked picture, and the marked one read with another key: nothing may be found.
    """

    picture: str
    kind: str
    width: int
    height: int
    refused: str | None = None
    psnr: float = 0.0
    ssim: float = 0.0
    psnr_hvs_m: float = 0.0
    embed: tuple[Seconds, ...] = ()
    codec: tuple[Seconds, ...] = ()
    attacks: tuple[Reading, ...] = ()
    controls: tuple[Reading, ...] = ()


def run(
    picture: Picture, attacks: Sequence[Attack], strength: float = 1.0, payload_bytes: int = 8
) -> Course:
    """Take one picture through mark, attacks and controls."""
    pixels, payload = picture.pixels, payload_of(picture.name, payload_bytes)
    height, width = pixels.shape[:2]
    try:
        marked = embed(pixels, payload, MARK_KEY, strength=strength)
    except CapacityError as refusal:
        return Course(picture.name, picture.kind, width, height, refused=str(refusal))
    return Course(
        picture.name,
        picture.kind,
        width,
        height,
        psnr=metrics.psnr(pixels, marked),
        ssim=metrics.ssim(pixels, marked),
        psnr_hvs_m=metrics.psnr_hvs_m(pixels, marked),
        embed=tuple(
            clock(lambda: embed(pixels, payload, MARK_KEY, strength=strength))[1]
            for _ in range(_EMBED_REPEATS)
        ),
        codec=tuple(clock(lambda: jpeg_round_trip(pixels))[1] for _ in range(_CODEC_REPEATS)),
        attacks=tuple(
            _read(attack.name, attacked, payload, MARK_KEY)
            for attack in attacks
            for attacked in [attack.apply(marked, random_for(picture.name, attack.name))]
        ),
        controls=(
            _read("unmarked", pixels, payload, MARK_KEY),
            _read("another key", marked, payload, OTHER_KEY),
        ),
    )


@functools.cache
def warm_up() -> None:
    """Compile and load everything, once per process, so that no figure contains it."""
    grain = np.random.default_rng(0).normal(128, 40, (512, 512, 3))
    pixels = np.clip(cv2.GaussianBlur(grain, (0, 0), 1), 0, 255).astype(np.uint8)
    marked = embed(pixels, bytes(8), MARK_KEY)
    for state in (marked, pixels, np.ascontiguousarray(np.rot90(marked))):
        detect(state, [MARK_KEY])


def _read(name: str, pixels: Pixels, payload: bytes, key: Key) -> Reading:
    detection, seconds = clock(lambda: detect(pixels, [key]))
    height, width = pixels.shape[:2]
    return Reading(
        name,
        detection.found,
        _is_exact(detection, payload),
        detection.log10_p,
        width,
        height,
        seconds,
    )


def _is_exact(detection: Detection, payload: bytes) -> bool:
    return detection.found and detection.payload == payload


def jpeg_round_trip(pixels: Pixels) -> Pixels:
    """Write as JPEG of quality 95 and read, with OpenCV: the unit of time."""
    # Channel order does not change the work, so the RGB array goes in as it is.
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
