"""Each kernel is compiled once, however a picture comes: what warmup compiles is all there is."""

from __future__ import annotations

import os
import subprocess
import sys

import numba
import pytest

from tests.conftest import ROOT

RUN = """
import importlib, pkgutil
import numpy as np
import genlabel_kernels
from genlabel import Key
from genlabel.image import detect, embed
from genlabel.image._warmup import warmup
from numba.core.dispatcher import Dispatcher

kernels = {}
for found in pkgutil.walk_packages(genlabel_kernels.__path__, "genlabel_kernels."):
    module = importlib.import_module(found.name)
    for name, value in vars(module).items():
        if isinstance(value, Dispatcher):
            kernels[f"{value.py_func.__module__}.{name}"] = value
assert len(kernels) > 10, sorted(kernels)
warmup()
warmed = {name: len(kernel.signatures) for name, kernel in kernels.items()}

key = Key("any", bytes(32))
rng = np.random.default_rng(0)
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

for name, kernel in sorted(kernels.items()):
    print(name, warmed[name], len(kernel.signatures))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_no_kernel_is_compiled_twice() -> None:
    # A process of its own: here, other tests have called kernels in their own ways.
    paths = os.pathsep.join(str(ROOT / part) for part in (".", "kernels"))
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    counts = {name: (int(warmed), int(after)) for name, warmed, after in rows}
    assert {name: pair for name, pair in counts.items() if pair[0] != pair[1]} == {}
    twice = {name: after for name, (_, after) in counts.items() if after > 1}
    # Averaging takes bytes as they are; all else comes to it as floats.
    assert twice == {"genlabel_kernels.plane.shrinking.shrink_rows": 2}
    # Kernels that only kernels call are compiled within those, and have none of their own.
    used = [name for name, (_, after) in counts.items() if after and ".plane." in name]
    assert len(used) >= 7, counts
