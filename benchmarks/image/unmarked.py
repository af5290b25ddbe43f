"""Pictures without a mark of any key that is tried: real ones, drawn ones, and other keys'."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.image import geometry, pictures
from benchmarks.image.attacks import attack, random_for
from benchmarks.marking import MARK_KEY, payload_of
from genlabel import CapacityError
from genlabel._payload import code_words
from genlabel._plane.tile import draw_tile
from genlabel.image import embed
from genlabel.image._codeword import mark_secrets
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, layout
from genlabel_kernels.plane.layout import TILE

Plane = NDArray[Any]

#: What half of the marked pictures say; the other half says something else each.
PAYLOAD = bytes.fromhex("00112233445566f7")
GROUPS = ("real", "drawn", "public", "other key")

_LONG_SIDE = 1152
_SIDE = 512
#: What happened to the pictures that other keys marked: each sends the detector another way.
_FATES = (
    *("none", "jpeg-60", "crop-area-0.5", "rotate-7", "resize-0.6"),
    *("mirror", "perspective-0.05", "bend-4"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """One picture in which no key that is tried has a mark.

    Parameters
    ----------
    name : str
        What it is; seeds what is random.
    group : str
        Of `GROUPS`.
    pixels : (H, W) or (H, W, 3) uint8 array
        The picture.
    """

    name: str
    group: str
    pixels: NDArray[np.uint8]


def contents(data: Path, *, every: int = 1) -> Iterator[Content]:
    """Give the contents, one at a time.

    Parameters
    ----------
    data : Path
        Folder with ``images/MANIFEST.csv``; without it scikit-image's pictures are taken.
    every : int
        Take every so manieth of each group only.
    """
    for name, pixels in _real(data, every):
        yield Content(name, "real", pixels)
    for group, drawings in (("drawn", _drawings()), ("public", _public())):
        for name, draw in list(drawings.items())[::every]:
            yield Content(name, group, _grey(draw()))
    first = next(_real(data, 1))[1]
    for frame in FINE_FRAMES[::every]:
        small = geometry.long_side(first, frame)
        pattern = _repeated(_tones("fine"), *small.shape[:2])[..., None]
        yield Content(f"tones {frame} on a picture", "public", _grey(small + 4 * pattern))
    for number, (name, pixels) in enumerate(_real(data, every)):
        yield from _of_another_key(name, pixels, number)


def _of_another_key(name: str, pixels: NDArray[np.uint8], number: int) -> Iterator[Content]:
    """Mark a picture with a key that is never tried; every third meets two fates."""
    payload = PAYLOAD if number % 2 else payload_of(name)
    try:
        marked = embed(pixels, payload, MARK_KEY)
    except CapacityError:
        return
    for step in (0, 3) if number % 3 == 0 else (0,):
        fate = _FATES[(number + step) % len(_FATES)]
        after = attack(fate).apply(marked, random_for(name, fate))
        yield Content(f"{name}, {fate}", "other key", after)


def _real(data: Path, every: int) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    if not pictures.are_there(data):
        for picture in list(pictures.load(["scikit"], data=data, long_side=_LONG_SIDE))[::every]:
            yield picture.name, picture.pixels
        return
    with open(data / "images" / "MANIFEST.csv", newline="", encoding="utf-8") as stream:
        files = [row["file"] for row in csv.DictReader(stream)]
    for file in files[::every]:
        with Image.open(data / "images" / file) as opened:
            opaque = Image.new("RGBA", opened.size, "white")
            opaque.alpha_composite(opened.convert("RGBA"))
        yield file, geometry.long_side(np.array(opaque.convert("RGB")), _LONG_SIDE)


def _grey(plane: Plane) -> NDArray[np.uint8]:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)


def _drawings() -> dict[str, Callable[[], Plane]]:
    """List drawings without a mark, by name."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE]
    from_centre = np.hypot(y - _SIDE / 2, x - _SIDE / 2)
    named: dict[str, Callable[[], Plane]] = {
        f"flat {level}": partial(np.full, (_SIDE, _SIDE), level) for level in (0, 128, 255)
    }
    named["ramp across"] = lambda: x / 2
    named["ramp down"] = lambda: y / 2
    named["ramp both ways"] = lambda: (x + y) / 4
    named["ramp from the centre"] = lambda: from_centre / 1.5
    named["zone plate"] = lambda: 128 + 120 * np.cos(from_centre**2 / 170)
    for cell in (1, 2, 3, 4, 8, 16, 32, 64):
        named[f"checkerboard {cell}"] = partial(_checkerboard, cell)
    for side in FINE_FRAMES:
        for period in (256, 128, 64):
            named[f"noise tiled {period} on {side}"] = partial(_tiled, _noise, period, side)
        named[f"texture tiled 256 on {side}"] = partial(_tiled, _clouds, 256, side)
    for period in (8, 16, 24, 32, 192, 384):
        named[f"noise tiled {period}"] = partial(_tiled, _noise, period, 768)
    # One tile of the coarse frame in pixels of the largest.
    named["texture tiled 768 on 1152"] = partial(_tiled, _clouds, 768, 1152)
    for pitch in (4, 6, 8, 11):
        named[f"halftone {pitch}"] = partial(_halftone, pitch)
    named["dithered by a matrix"] = _ordered_dither
    named["dithered by error"] = _error_dither
    for wavelength in (2, 3, 4, 5.33, 6.4):
        named[f"stripes {wavelength}"] = partial(_stripes, wavelength)
    for frame in FINE_FRAMES:
        for number in (0, 20, 40):
            named[f"stripes at tone {number} of {frame}"] = partial(_at_tone, number, frame)
    named["page of text"] = _text
    named["dots"] = lambda: np.where((x + y) % 7 == 0, 255.0, 40.0)
    for sigma in (2, 20, 80):
        named[f"white noise {sigma}"] = partial(_white, sigma)
    named["binary noise"] = lambda: np.where(_noise(_SIDE) > 128, 255.0, 0.0)
    named["noise as 8 px blocks"] = lambda: np.kron(_noise(_SIDE // 8), np.ones((8, 8)))
    named["clouds"] = partial(_clouds, _SIDE)
    named["clouds 1152"] = partial(_clouds, 1152)
    return named


def _public() -> dict[str, Callable[[], Plane]]:
    """List what anybody can draw who knows the layout but no key."""
    word = code_words(PAYLOAD, mark_secrets(MARK_KEY).payload)[0]
    named: dict[str, Callable[[], Plane]] = {}
    for frame in FINE_FRAMES:
        named[f"fine tones {frame}"] = partial(_on_flat, _tones("fine"), frame)
    named["fine tones negative"] = partial(_on_flat, -_tones("fine"), 768)
    named["coarse tones"] = partial(_on_flat, _tones("coarse"), COARSE_FRAME)
    named["tones of both layers"] = partial(_both, 1152)
    named["tones of both layers 768"] = partial(_both, 768)
    named["tones in every frame and orientation"] = _every_orientation
    named["tones of both layers turned"] = lambda: _attacked(_both(1152), "rotate-20")
    named["tones of both layers cropped"] = lambda: _attacked(_both(1152), "crop-area-0.3")
    named["tones of both layers bent"] = lambda: _attacked(_both(1152), "bend-6")
    named["tones in noise"] = lambda: _both(_SIDE) + _noise(_SIDE) - 128
    for layer in ("fine", "coarse"):
        frame = 768 if layer == "fine" else COARSE_FRAME
        plan = layout(layer)
        binding = np.ones(2 * len(plan.binding), np.float32)
        ones = draw_tile(plan, np.ones(plan.chips, np.float32), binding)
        bare = draw_tile(plan, word[plan.bit_of_chip].astype(np.float32), binding)
        named[f"{layer} chips all +1"] = partial(_on_flat, ones, frame)
        named[f"{layer} code word without signs"] = partial(_on_flat, bare, frame)
    return named


def _noise(side: int) -> Plane:
    return np.random.default_rng(side).normal(128, 40, (side, side))


def _white(sigma: float) -> Plane:
    return 128 + sigma / 40 * (_noise(_SIDE) - 128)


def _clouds(side: int) -> Plane:
    """Draw a field whose power falls with the square of the frequency; it repeats seamlessly."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1.0
    field = np.fft.irfft2(np.fft.rfft2(_noise(side) - 128) / frequency, s=(side, side))
    return np.asarray(128 + 40 * field / field.std())


def _tiled(tile: Callable[[int], Plane], period: int, side: int) -> Plane:
    repeats = -(-side // period)
    plane: Plane = np.tile(tile(period), (repeats, repeats))[:side, :side]
    return plane


def _checkerboard(cell: int) -> Plane:
    y, x = np.indices((_SIDE, _SIDE))
    return 255.0 * ((y // cell + x // cell) % 2)


def _halftone(pitch: float) -> Plane:
    """Draw dots on a grid turned by 45 degrees, larger where it is darker."""
    y, x = np.indices((_SIDE, _SIDE)) * (2 * np.pi / (pitch * np.sqrt(2)))
    return np.where(_clouds(_SIDE) / 255 > (np.cos(x + y) + np.cos(x - y) + 2) / 4, 255.0, 0.0)


def _ordered_dither() -> Plane:
    bayer = np.array([[0]])
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    threshold = np.tile(bayer / 64, (_SIDE // 8, _SIDE // 8))
    return np.where(_clouds(_SIDE) / 255 > threshold, 255.0, 0.0)


def _error_dither() -> Plane:
    return np.asarray(Image.fromarray(_grey(_clouds(_SIDE))).convert("1").convert("L"))


def _text() -> Plane:
    """Draw short dark strokes in lines on white."""
    page = np.full((_SIDE, _SIDE), 255.0)
    rng = np.random.default_rng(9)
    for line in range(16, _SIDE - 16, 18):
        for column in range(16, _SIDE - 16, 9):
            tall, wide = rng.integers(2, 11), rng.integers(1, 7)
            page[line : line + tall, column : column + wide] = 10
    return page


def _stripes(period: float) -> Plane:
    across = np.sin(2 * np.pi * np.arange(_SIDE) / period)
    return np.tile(128 + 100 * across, (_SIDE, 1))


def _at_tone(number: int, frame: int) -> Plane:
    y, x = np.indices((frame, frame))
    down, across = layout("fine").tones[number]
    return np.asarray(128 + 100 * np.cos(2 * np.pi * (down * y + across * x) / TILE))


def _tones(layer: str) -> Plane:
    """Draw a tile of nothing but the public tones."""
    plan = layout(layer)
    y, x = np.indices((TILE, TILE))
    tile = np.zeros((TILE, TILE))
    for (down, across), phase in zip(plan.tones, plan.phases, strict=True):
        tile += (phase * np.exp(2j * np.pi * (down * y + across * x) / TILE)).real
    return np.asarray(tile / tile.std())


def _repeated(tile: Plane, height: int, width: int) -> Plane:
    return np.tile(tile, (-(-height // TILE), -(-width // TILE)))[:height, :width]


def _on_flat(tile: Plane, frame: int) -> Plane:
    return 128 + 25 * _repeated(tile, frame, frame)


def _both(side: int) -> Plane:
    coarse = Image.fromarray(_on_flat(_tones("coarse"), COARSE_FRAME).astype(np.float32))
    large = coarse.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(_on_flat(_tones("fine"), side) + np.asarray(large) - 128)


def _every_orientation() -> Plane:
    total = np.zeros((1152, 1152))
    for frame in FINE_FRAMES:
        drawn = (_on_flat(_tones("fine"), frame) - 128).astype(np.float32)
        large = np.asarray(Image.fromarray(drawn).resize((1152, 1152), Image.Resampling.BICUBIC))
        for turns in range(4):
            total += np.rot90(large, turns) + np.rot90(large[:, ::-1], turns)
    return np.asarray(128 + 40 * total / total.std())


def _attacked(plane: Plane, name: str) -> Plane:
    pixels = np.repeat(_grey(plane)[..., None], 3, axis=2)
    return attack(name).apply(pixels, random_for("tones", name))[..., 0]
