"""Each kernel is compiled once, however a picture comes: what warmup compiles is all there is."""

from __future__ import annotations

import numba
import pytest

from tests.sdk.specialisations import specialisations

CALLS = """
from genlabel.image import detect, embed

# Larger than all its frames, so that it is averaged down.
ground = np.kron(rng.normal(128, 20, (70, 75, 3)), np.ones((8, 8, 1)))
colour = np.clip(ground + rng.normal(0, 6, ground.shape), 0, 255).astype(np.uint8)
alpha = np.full(colour.shape[:2], 255, np.uint8)
alpha[:50, :50] = 0
pictures = {
    "colour": colour,
    "grey": colour[..., 1],
    "with alpha": np.dstack([colour, alpha]),
    "16 bits": colour.astype(np.uint16) * 257,
    "floats": colour.astype(np.float32) / np.float32(255),
    "turned": np.rot90(colour),
    "fortran": np.asfortranarray(colour),
}
for name, pixels in pictures.items():
    pixels.flags.writeable = False
    marked = embed(pixels, rng.bytes(8), key)
    assert detect(marked, [key, Key("other", bytes(range(32)))]).found, name
assert not detect(colour[::2, ::-1], key).found
embed(colour, bytes(32), key)
assert detect(embed(colour, bytes(8), key)[30:, 40:], key).found
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_no_kernel_is_compiled_twice() -> None:
    counts = specialisations(CALLS, package="genlabel_kernels", warmup="genlabel.image._warmup")
    assert {name: pair for name, pair in counts.items() if pair[0] != pair[1]} == {}
    twice = {name: after for name, (_, after) in counts.items() if after > 1}
    # Averaging takes bytes as they are; all else comes to it as floats.
    assert twice == {"genlabel_kernels.plane.shrinking.shrink_rows": 2}
    # Kernels that only kernels call are compiled within those, and have none of their own.
    used = [name for name, (_, after) in counts.items() if after and ".plane." in name]
    assert len(used) >= 7, counts
