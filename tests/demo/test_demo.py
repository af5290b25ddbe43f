"""The demo: the main job, end to end, as the README promises it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_everything_comes_out_right_and_the_page_needs_nothing_else(tmp_path: Path) -> None:
    roots = os.pathsep.join(str(ROOT / part) for part in (".", "kernels", "cli"))
    done = subprocess.run(
        [sys.executable, ROOT / "demo" / "run.py", "out"],
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
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert (tmp_path / "out" / "overview.jpg").stat().st_size < 300_000


def test_the_pictures_are_small_and_credited() -> None:
    pictures = [path for path in (ROOT / "demo" / "pictures").iterdir() if path.suffix != ".md"]
    credits = (ROOT / "demo" / "pictures" / "CREDITS.md").read_text()
    assert sum(path.stat().st_size for path in pictures) < 1_500_000
    assert all(f"`{path.name}`" in credits for path in pictures)
