"""Named attacks. The name is the exact recipe.

A name is one or more steps joined by ``+``; a step is a word of `STEPS` and, where it takes one,
a number: ``jpeg-60``, ``hue--0.1``, ``crop-area-0.5+resize-0.7+jpeg-60``. Any number works, so
a new row of a table needs no new code. ``none`` is the picture as marked.

What is random (positions, angles, noise) is drawn from a generator seeded by the picture's and
the attack's names, so a run can be repeated and one cell can be looked at alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.image import Pixels, compression, geometry, overlay, tone

_STEP_NAME = re.compile(r"(?P<word>[a-z]+(?:-[a-z]+)*)(?:-(?P<value>-?\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of edit.

    Parameters
    ----------
    family : str
        What it does to a picture: compression, tone, filter, noise, overlay, resize, rotation,
        crop or warp.
    text : str
        The exact parameters in words; ``{}`` stands for the number in the name.
    edit : callable
        ``edit(pixels[, value][, rng])``, giving new pixels.
    random : bool
        Whether `edit` takes a generator.
    """

    family: str
    text: str
    edit: Callable[..., Pixels]
    random: bool = False

    @property
    def takes_value(self) -> bool:
        """Whether the name ends in a number."""
        return "{}" in self.text


STEPS = {
    "none": Step("none", "as marked", lambda pixels: pixels.copy()),
    "jpeg": Step("compression", "JPEG quality {}, 4:2:0 (Pillow)", compression.jpeg),
    "webp": Step("compression", "WebP quality {}, method 4 (Pillow)", compression.webp),
    "avif": Step("compression", "AVIF quality {}, 4:2:0, speed 6 (Pillow)", compression.avif),
    "resize": Step("resize", "both sides x{} (Lanczos)", geometry.resize),
    "resize-bilinear": Step(
        "resize", "both sides x{} (antialiased bilinear)", geometry.resize_bilinear
    ),
    "long-side": Step(
        "resize", "long side shrunk to {} px (Lanczos), never enlarged", geometry.long_side
    ),
    "aspect": Step("resize", "width x{}, height kept (Lanczos)", geometry.aspect),
    "gray": Step("tone", "BT.601 luma in all channels", tone.gray),
    "invert": Step("tone", "negative", tone.invert),
    "brightness": Step("tone", "values x{}, clipped", tone.brightness),
    "contrast": Step("tone", "x{} about the mean luma, clipped", tone.contrast),
    "saturation": Step("tone", "x{} about each pixel's luma, clipped", tone.saturation),
    "hue": Step("tone", "HSV hue turned by {} of a circle", tone.hue),
    "gamma": Step("tone", "values of 0..1 to the power {}", tone.gamma),
    "noise": Step("noise", "white Gaussian noise, sigma {} levels per channel", tone.noise, True),
    "blur": Step("filter", "Gaussian blur, sigma {} px", tone.blur),
    "blur-kernel": Step(
        "filter", "Gaussian blur, kernel {} px, sigma .3((k-1)/2-1)+.8", tone.blur_kernel
    ),
    "median": Step("filter", "median of {} x {} px", tone.median),
    "sharpen": Step("filter", "unsharp mask, sigma 2 px, amount {}", tone.sharpen),
    "logo": Step(
        "overlay", "opaque logo, {} of the width, a third as high, random place", overlay.logo, True
    ),
    "screenshot": Step(
        "overlay", "unscaled in a page x{} wide and high, random place", overlay.screenshot, True
    ),
    "mirror": Step("rotation", "left and right swapped", geometry.mirror),
    "turn": Step("rotation", "exact turn by {} degrees", geometry.turn),
    "rotate": Step("rotation", "{} degrees, canvas kept, bicubic, black corners", geometry.rotate),
    "rotate-inner": Step(
        "rotation", "{} degrees, bicubic, largest rectangle without black", geometry.rotate_inner
    ),
    "rotate-nearest": Step(
        "rotation",
        "{} degrees: quarter turns exact, rest nearest on the same canvas",
        geometry.rotate_nearest,
    ),
    "rotate-any": Step(
        "rotation", "random angle of 0..360, canvas kept, bicubic", geometry.rotate_any, True
    ),
    "rotate-inner-any": Step(
        "rotation", "random angle of 0..360, inner rectangle", geometry.rotate_inner_any, True
    ),
    "crop-area": Step(
        "crop", "{} of the area kept, same aspect, random place", geometry.crop_area, True
    ),
    "crop-linear": Step("crop", "{} of each side kept, random place", geometry.crop_linear, True),
    "perspective": Step(
        "warp",
        "each corner moved by up to +-{} of the sides, bicubic, black outside",
        geometry.perspective,
        True,
    ),
    "perspective-inward": Step(
        "warp",
        "torchvision perspective, distortion scale {}, bilinear, black outside",
        geometry.perspective_inward,
        True,
    ),
    "bend": Step("warp", "smooth random field of 5 x 5 knots, at most {} px", geometry.bend, True),
}


@dataclass(frozen=True, slots=True)
class Attack:
    """What happens to a picture between marking and reading.

    Parameters
    ----------
    name : str
        The recipe, as `attack` reads it.
    steps : tuple of (Step, float or None)
        In order.
    """

    name: str
    steps: tuple[tuple[Step, float | None], ...]

    @property
    def family(self) -> str:
        """The step's family, or ``chain`` where there is more than one step."""
        return self.steps[0][0].family if len(self.steps) == 1 else "chain"

    @property
    def parameters(self) -> str:
        """The exact parameters in words."""
        return "; ".join(
            step.text if value is None else step.text.replace("{}", f"{value:g}")
            for step, value in self.steps
        )

    def apply(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Attack a picture.

        Parameters
        ----------
        pixels : (height, width, 3) uint8
            Not changed.
        rng : Generator
            From `random_for`, for repeatable runs.

        Returns
        -------
        (height', width', 3) uint8
            A new, C-contiguous array.
        """
        for step, value in self.steps:
            arguments = () if value is None else (value,)
            pixels = step.edit(pixels, *arguments, *((rng,) if step.random else ()))
        return pixels


def attack(name: str) -> Attack:
    """Read an attack's name.

    Raises
    ------
    ValueError
        No step has that word, or its number is missing or superfluous.
    """
    return Attack(name, tuple(_step(part) for part in name.split("+")))


def random_for(picture: str, name: str) -> np.random.Generator:
    """Give the generator of one cell of a table: this picture under this attack."""
    seed = hashlib.sha256(f"{picture}\n{name}".encode()).digest()[:16]
    return np.random.default_rng(int.from_bytes(seed, "big"))


def _step(part: str) -> tuple[Step, float | None]:
    match = _STEP_NAME.fullmatch(part)
    step = STEPS.get(match["word"]) if match else None
    if match is None or step is None:
        raise ValueError(f"no attack is called {part!r}; known: {', '.join(STEPS)}")
    if step.takes_value != (match["value"] is not None):
        need = "needs a number" if step.takes_value else "takes no number"
        raise ValueError(f"{match['word']!r} {need}: {part!r}")
    return step, float(match["value"]) if match["value"] else None
