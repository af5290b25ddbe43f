"""What somebody can do who knows the scheme, has its code, and has no key.

Everything here uses public knowledge only: the layout of the tiles, the polar code, the embedder's
own mask and strength. Nothing takes a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import forgery
from benchmarks.forgery import Chips, Message, Product
from benchmarks.image import Pixels
from genlabel._plane.measure import residual
from genlabel.image._measure import measure, measure_upright
from genlabel.image._pattern import amplitudes, draw
from genlabel.image._pixels import add_luma, luma, luma_at
from genlabel_kernels.image.layout import BINDING, COARSE_FRAME, LAYERS, fine_frame, layout
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.plane.tile import as_chips

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the embedder would add to a picture for given chips, taken apart.

    Parameters
    ----------
    tones, fine, coarse : (h, w) float32 array
        Both layers' public tones, and the chips of each layer, those that bind included; in grey
        levels, in pixels of the fine frame, as `add_luma` takes them.
    """

    tones: Plane
    fine: Plane
    coarse: Plane


def exposed_chips(pixels: Pixels) -> Chips:
    """Read both layers' chips from one whole picture by folding its tiles.

    Returns
    -------
    (n,) float32 array
        Fine, then coarse; each layer of unit power.
    """
    return np.concatenate([forgery.unit(part) for part in by_layer(measure_upright(luma(pixels)))])


def exposed_binding(pixels: Pixels) -> Chips:
    """Read what binds a mark to its picture, from one whole picture; of unit power."""
    height, width = pixels.shape[:2]
    small = luma_at(pixels, *frame_size(height, width, COARSE_FRAME))
    return forgery.unit(as_chips(measure(residual(small), "coarse").binding))


def no_binding() -> Chips:
    """Give chips that bind to nothing, which leaves all power to the code."""
    return np.zeros(2 * BINDING["coarse"], np.float32)


def by_layer(chips: Chips) -> tuple[Chips, Chips]:
    """Give the fine layer's chips and the coarse layer's."""
    fine, coarse = np.split(chips, [layout("fine").chips])
    return fine, coarse


def mark_parts(pixels: Pixels, chips: Chips, binding: Chips) -> Parts:
    """Draw a mark at the embedder's own strength.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
        Whose contrast and visibility set the strength.
    chips : (n,) float32 array
        Fine, then coarse; any real values.
    binding : (b,) float32 array
        What binds, as `exposed_binding` gives it.
    """
    height, width = pixels.shape[:2]
    frame = luma_at(pixels, *frame_size(height, width, fine_frame(height, width)))
    # The tones do not follow the chips' signs, so sum and difference separate them.
    there, inverse = draw(frame, chips, binding), draw(frame, -chips, -binding)
    strengths = amplitudes(pixels, there.over(pixels))
    fine, coarse = (np.float32(amplitude / 2) for amplitude in strengths)
    tones, code = (
        [fine * (there.fine + sign * inverse.fine), coarse * (there.coarse + sign * inverse.coarse)]
        for sign in (np.float32(1.0), np.float32(-1.0))
    )
    size = frame.shape[1], frame.shape[0]
    for layers in (tones, code):
        layers[1] = np.asarray(cv2.resize(layers[1], size, interpolation=cv2.INTER_CUBIC))
    return Parts(tones[0] + tones[1], code[0], code[1])


def paste(pixels: Pixels, chips: Chips, binding: Chips | None = None) -> Pixels:
    """Mark a picture with chips instead of a key, as strongly as the embedder would."""
    parts = mark_parts(pixels, chips, no_binding() if binding is None else binding)
    return add_luma(pixels, parts.tones + parts.fine + parts.coarse)


def own_parts(marked: Pixels) -> Parts:
    """Draw the mark that a marked picture shows once its tiles are folded."""
    return mark_parts(marked, exposed_chips(marked), exposed_binding(marked))


def without_tones(marked: Pixels) -> Pixels:
    """Subtract the public tones."""
    return add_luma(marked, -own_parts(marked).tones)


def without_own_tiles(marked: Pixels, fine: float, coarse: float) -> Pixels:
    """Fold a picture's tiles and subtract what they show, tones included.

    Parameters
    ----------
    marked : (height, width, 3) uint8
        One marked picture.
    fine, coarse : float
        Gains of the layers against the embedder's strength.
    """
    parts = own_parts(marked)
    mark = np.float32(fine) * (parts.fine + parts.tones) + np.float32(coarse) * parts.coarse
    return add_luma(marked, -mark)


def denoised(pixels: Pixels, strength: float = 5.0) -> Pixels:
    """Non-local means of 7 x 7 patches in 21 x 21 pixels."""
    out = cv2.fastNlMeansDenoisingColored(pixels, None, strength, strength, 7, 21)
    return np.asarray(out, np.uint8)


def noise_residual(pixels: Pixels) -> Plane:
    """Give what non-local means takes away from a picture's luma."""
    return luma(pixels) - luma(denoised(pixels))


def in_band_noise(pixels: Pixels, decibel: float, rng: np.random.Generator) -> Pixels:
    """Add noise of the mark's band that follows the picture's contrast as the mark does."""
    plane = luma(pixels)
    height, width = plane.shape
    spectrum = np.fft.rfft2(rng.standard_normal(plane.shape))
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    # In pixels of the 1152 px frame: coarse layer's lowest to fine layer's highest frequency.
    spectrum[(radius < 0.019) | (radius > 0.24)] = 0
    field = np.fft.irfft2(spectrum, s=plane.shape).astype(np.float32)
    contrast = cv2.blur(np.abs(plane - cv2.blur(plane, (7, 7))), (9, 9))
    field *= np.sqrt(np.clip(contrast, 2, 30))
    return add_luma(pixels, field * np.float32(255 / 10 ** (decibel / 20) / field.std()))


def product_of_two(first: Chips, second: Chips) -> Product:
    """Decode the product of two pictures' chips: the key's secret signs cancel in it."""
    return forgery.product_of_two(first, second, _bit_of_chip())


def turned(chips: Chips, difference: Message) -> Chips:
    """Change what chips say by a message: their signs change by a public code word."""
    return forgery.turned(chips, difference, _bit_of_chip())


def aligned_average(pictures: Sequence[Chips]) -> Chips:
    """Average chips of one key, whatever they say, turned to say what the first picture does."""
    return forgery.aligned_average(pictures, _bit_of_chip())


def _bit_of_chip() -> NDArray[np.int32]:
    return np.concatenate([layout(layer).bit_of_chip for layer in LAYERS])
