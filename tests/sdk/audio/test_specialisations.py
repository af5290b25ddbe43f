"""Each kernel is compiled once, however a sound comes: what warmup compiles is all there is."""

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
import genlabel_kernels.audio
from genlabel import Key
from genlabel.audio import Embedder, detect, embed
from genlabel.audio._warmup import warmup
from numba.core.dispatcher import Dispatcher

kernels = {}
for found in pkgutil.walk_packages(genlabel_kernels.audio.__path__, "genlabel_kernels.audio."):
    module = importlib.import_module(found.name)
    for name, value in vars(module).items():
        if isinstance(value, Dispatcher):
            kernels[f"{value.py_func.__module__}.{name}"] = value
assert len(kernels) > 10, sorted(kernels)
warmup()
warmed = {name: len(kernel.signatures) for name, kernel in kernels.items()}

key = Key("any", bytes(32))
rng = np.random.default_rng(0)
mono = rng.normal(0, 0.05, 7 * 24000).astype(np.float32)
sounds = {
    "one channel": mono,
    "doubles": mono.astype(np.float64),
    "three channels": np.stack([mono, -mono, 0.5 * mono], axis=1),
    "fortran": np.asfortranarray(np.stack([mono, mono], axis=1)),
    "backwards": mono[::-1],
}
for name, sound in sounds.items():
    sound.flags.writeable = False
    for rate in (24000, 44100):
        marked = embed(sound, rate, rng.bytes(8), key)
        detect(marked, rate, [key, Key("other", bytes(range(32)))])
embedder = Embedder(8000, 1, bytes(8), key)
embedder.push(mono[:9])
embedder.push(mono[9:9000])
embedder.flush()

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
    assert {name: after for name, (_, after) in counts.items() if after > 1} == {}
    assert sum(after for _, after in counts.values()) >= 12, counts
