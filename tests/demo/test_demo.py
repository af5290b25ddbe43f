"""The demo: the main job, end to end, as the README promises it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_everything_comes_out_right_and_the_page_needs_nothing_else(tmp_path: Path) -> None:
    roots = os.pathsep.join(str(ROOT / part) for part in (".", "kernels", "cli"))
    done = subprocess.run(
        [sys.executable, "-m", "demo", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    page = (tmp_path / "out" / "index.html").read_text()
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) > 20
    kinds = ("data:image/webp;base64,", "data:audio/mpeg;base64,", "data:video/mp4;base64,")
    assert all(source.startswith(kinds) for source in sources)
    assert (tmp_path / "out" / "overview.jpg").stat().st_size < 300_000


@pytest.mark.parametrize(("folder", "limit"), [("pictures", 1_500_000), ("sounds", 500_000)])
def test_what_is_shown_is_small_and_credited(folder: str, limit: int) -> None:
    files = [path for path in (ROOT / "demo" / folder).iterdir() if path.suffix != ".md"]
    credits = (ROOT / "demo" / folder / "CREDITS.md").read_text()
    assert sum(path.stat().st_size for path in files) < limit
    assert all(f"`{path.name}`" in credits for path in files)
