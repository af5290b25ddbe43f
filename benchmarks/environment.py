"""Where and with what a figure was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

#: Distributions whose version can move a figure.
_DISTRIBUTIONS = (
    "numpy",
    "numba",
    "llvmlite",
    "pillow",
    "opencv-python-headless",
    "c2pa-python",
    "cryptography",
    "scikit-image",
    "av",
    "soundfile",
    "soxr",
    "scipy",
    "pesq",
)

#: Settings that change how many threads, or which compiler cache, a run uses.
_VARIABLES = (
    "NUMBA_CACHE_DIR",
    "NUMBA_CPU_NAME",
    "NUMBA_DISABLE_JIT",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)


def describe() -> dict[str, Any]:
    """Give the machine, the versions and the commit, as plain JSON types."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _cores(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _DISTRIBUTIONS},
        "variables": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
    }


def one_line(environment: dict[str, Any]) -> str:
    """Give the part of `describe` that a printed table needs."""
    packages = environment["packages"]
    load = "unknown" if environment["load"] is None else f"{environment['load']:.1f}"
    return (
        f"{environment['cpu']}, {environment['cores']} cores, load {load}; "
        f"Python {environment['python']}, numpy {packages['numpy']}, numba {packages['numba']}; "
        f"commit {environment['commit'] or 'unknown'}; {environment['date']}"
    )


def _cores() -> int:
    return os.cpu_count() or 1


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Give the commit, with ``+`` where tracked files differ from it; None without git."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed else "")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
