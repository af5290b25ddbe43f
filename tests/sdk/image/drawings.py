"""Pictures no camera takes, which have fooled detectors before."""

from __future__ import annotations

import numpy as np

Plane = np.ndarray


def clouds(height: int, width: int, seed: int = 0, contrast: float = 30.0) -> Plane:
    """Natural statistics: power falls with the square of the frequency, as in photographs."""
    rng = np.random.default_rng(seed)
    down = np.fft.fftfreq(height)[:, None] * height
    across = np.fft.rfftfreq(width)[None] * width
    spectrum = rng.normal(size=(2, height, width // 2 + 1))
    falling = (spectrum[0] + 1j * spectrum[1]) / (1 + np.hypot(down, across))
    field = np.fft.irfft2(falling, s=(height, width))
    return 128 + contrast * field / field.std()


def stripes(period: float, angle: float, side: int = 512) -> Plane:
    """A grating of any period and direction, right in the mark's band."""
    y, x = np.mgrid[0:side, 0:side]
    turned = x * np.cos(angle) + y * np.sin(angle)
    return 128 + 90 * np.sin(2 * np.pi * turned / period)


def checkerboard(cell: int, side: int = 512) -> Plane:
    y, x = np.mgrid[0:side, 0:side]
    return 255.0 * ((y // cell + x // cell) % 2)


def tiled(period: int, side: int = 768) -> Plane:
    """One random tile all over, as wallpapers and textures have it."""
    tile = np.random.default_rng(period).normal(128, 40, (period, period))
    repeats = -(-side // period)
    return np.tile(tile, (repeats, repeats))[:side, :side]


def halftone(side: int = 512) -> Plane:
    """Dots on a grid turned by 45 degrees that grow with darkness."""
    y, x = np.mgrid[0:side, 0:side]
    shade = clouds(side, side, 3) / 255
    screen = (np.cos(2 * np.pi * (x + y) / 11) + np.cos(2 * np.pi * (x - y) / 11) + 2) / 4
    return np.where(shade > screen, 255.0, 0.0)


def dithered(side: int = 512) -> Plane:
    """Ordered dithering with an 8 x 8 matrix."""
    bayer = np.array([[0]])
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    threshold = np.tile(bayer / 64, (side // 8, side // 8))
    return np.where(clouds(side, side, 4) / 255 > threshold, 255.0, 0.0)


def text_like(side: int = 512) -> Plane:
    """Short dark strokes in lines on white."""
    page = np.full((side, side), 255.0)
    rng = np.random.default_rng(9)
    for line in range(16, side - 16, 18):
        for column in range(16, side - 16, 9):
            if rng.random() < 0.85:
                tall, wide = rng.integers(2, 11), rng.integers(1, 7)
                page[line : line + tall, column : column + wide] = 10
    return page


UNMARKED = {
    "black": np.zeros((400, 500)),
    "grey": np.full((400, 500), 128.0),
    "ramp": np.tile(np.linspace(0, 255, 600), (400, 1)),
    "white noise": np.random.default_rng(1).normal(128, 40, (512, 640)),
    "clouds": clouds(512, 700),
    "stripes": stripes(6.0, 0.3),
    "fine stripes": stripes(2.5, 1.2),
    "checkerboard": checkerboard(4),
    "tiled 256": tiled(256),
    "tiled 64": tiled(64),
    "tiled 192": tiled(192),
    "halftone": halftone(),
    "dithered": dithered(),
    "text": text_like(),
    "dots": np.where(np.indices((512, 512)).sum(axis=0) % 7 == 0, 255.0, 40.0),
}

#: One of each kind: flat, smooth, periodic in the band and about it, as long as a tile, printed.
FOOLING = ["black", "clouds", "stripes", "checkerboard", "tiled 256", "halftone", "text"]


def grey(plane: Plane) -> Plane:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)
