"""What a command imports, counted: imports are what makes a start slow, and clocks are not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"numpy", "numba", "PIL", "cv2", "c2pa", "cryptography", "soundfile", "av"}
# Each costs tens of milliseconds, and --help needs none of them.
SLOW_FOR_HELP = {"dataclasses", "inspect", "logging", "tempfile", "uuid", "datetime"}


def imported_by(statement: str, folder: Path) -> set[str]:
    """Run a statement in a fresh interpreter and tell the top-level modules it has then."""
    code = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
    code += "print('MODULES', *{name.split('.')[0] for name in sys.modules})"
    roots = os.pathsep.join(str(ROOT / part) for part in (".", "kernels", "cli"))
    environment = {**os.environ, "PYTHONPATH": roots}
    command = [sys.executable, "-S", "-c", code] if not needs_site(statement) else None
    done = subprocess.run(
        command or [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def needs_site(statement: str) -> bool:
    """Tell commands that need installed packages; without them nothing else is imported."""
    return "--help" not in statement and statement != "import genlabel"


def command(*arguments: str) -> str:
    return f"from genlabel_cli.main import main; main({list(arguments)!r})"


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    modules = imported_by(command("--help"), tmp_path)
    assert "argparse" in modules
    assert not modules & (HEAVY | SLOW_FOR_HELP)


def test_the_sdk_imports_nothing_heavy(tmp_path: Path) -> None:
    modules = imported_by("import genlabel", tmp_path)
    assert not modules & (HEAVY | SLOW_FOR_HELP)


def test_metadata_commands_never_import_numba(tmp_path: Path, media: Callable[[str], Path]) -> None:
    picture = str(media("images/kodim01.png"))
    written = str(tmp_path / "labelled.png")
    labelled = imported_by(command("label", picture, "-o", written, "--producer", "acme"), tmp_path)
    assert Path(written).is_file()
    assert "numba" not in labelled
    assert "numba" not in imported_by(command("read", "--check", written), tmp_path)
