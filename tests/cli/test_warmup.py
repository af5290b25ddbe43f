"""``genlabel warmup``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_fills_the_cache_it_names(environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "genlabel", "warmup"]
    chosen = {**environment, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        command, env=chosen, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert str(tmp_path / "cache") in done.stderr
    compiled = [path.parent.name for path in (tmp_path / "cache").rglob("*.nbi")]
    for medium in ("image", "audio", "video"):
        assert any(name.startswith(f"genlabel_kernels.{medium}.") for name in compiled), medium
