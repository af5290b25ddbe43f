"""Each kernel is compiled once, however a sound comes: what warmup compiles is all there is."""

from __future__ import annotations

import numba
import pytest

from tests.sdk.specialisations import specialisations

CALLS = """
from genlabel.audio import Embedder, detect, embed

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
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_no_kernel_is_compiled_twice() -> None:
    counts = specialisations(
        CALLS, package="genlabel_kernels.audio", warmup="genlabel.audio._warmup"
    )
    assert {name: pair for name, pair in counts.items() if pair[0] != pair[1]} == {}
    assert {name: after for name, (_, after) in counts.items() if after > 1} == {}
    assert sum(after for _, after in counts.values()) >= 12, counts
