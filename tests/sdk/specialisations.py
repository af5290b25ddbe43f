"""How often each kernel is compiled while some calls run, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT

_BEFORE = """
import importlib, pkgutil
import numpy as np
from genlabel import Key
from numba.core.dispatcher import Dispatcher

package = importlib.import_module({package!r})
kernels = {{}}
for found in pkgutil.walk_packages(package.__path__, {package!r} + "."):
    module = importlib.import_module(found.name)
    for name, value in vars(module).items():
        if isinstance(value, Dispatcher):
            kernels[f"{{value.py_func.__module__}}.{{name}}"] = value
assert len(kernels) > 10, sorted(kernels)
importlib.import_module({warmup!r}).warmup()
warmed = {{name: len(kernel.signatures) for name, kernel in kernels.items()}}
key = Key("any", bytes(32))
rng = np.random.default_rng(0)
"""
_AFTER = """
for name, kernel in sorted(kernels.items()):
    print(name, warmed[name], len(kernel.signatures))
"""


def specialisations(calls: str, *, package: str, warmup: str) -> dict[str, tuple[int, int]]:
    """Count each kernel's forms after warmup, and after some calls.

    Other tests have called kernels in their own ways, so this takes another process. The calls find
    a `key`, a generator `rng`, `Key` and `np`.
    """
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE.format(package=package, warmup=warmup) + calls + _AFTER],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "kernels")))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    return {name: (int(warmed), int(after)) for name, warmed, after in rows}
