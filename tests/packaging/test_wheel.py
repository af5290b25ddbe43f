"""The wheel: what is in it, and that it runs from an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("build", reason="needs the development tools")

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"genlabel": ".", "genlabel_kernels": "kernels", "genlabel_cli": "cli"}
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy: setuptools leaves a build/ folder behind and takes old files from it."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in ("genlabel", "kernels", "cli"):
        shutil.copytree(ROOT / name, tree / name, ignore=LEFTOVERS)
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", out, tree)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Install the wheel alone; what it depends on comes from the running environment."""
    target = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-index")
    run(*pip, "--disable-pip-version-check", "--target", target, wheel)
    return target, {**os.environ, "PYTHONPATH": str(target)}


def test_holds_three_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(ROOTS)
    assert len(top) == 4


def test_holds_every_file_of_the_tree(wheel: Path) -> None:
    expected = {
        path.relative_to(ROOT / root).as_posix()
        for package, root in ROOTS.items()
        for path in (ROOT / root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == expected
    assert all(f"{package}/py.typed" in packed for package in ROOTS)


def test_passes_the_wheel_checker(wheel: Path) -> None:
    # The checker reads its configuration from the folder it runs in.
    run(sys.executable, "-m", "check_wheel_contents", wheel, cwd=ROOT)


def test_imports_from_an_empty_folder(
    installed: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    target, environment = installed
    code = "import genlabel, genlabel_kernels, genlabel_cli; print(genlabel.__file__)"
    where = run(sys.executable, "-c", code, cwd=tmp_path, env=environment).strip()
    assert Path(where).is_relative_to(target)


def test_the_command_runs_from_an_empty_folder(
    installed: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    target, environment = installed
    help_text = run(target / "bin" / "genlabel", "--help", cwd=tmp_path, env=environment)
    assert "verify" in help_text
    by_command = run(target / "bin" / "genlabel", "--version", cwd=tmp_path, env=environment)
    by_module = run(sys.executable, "-m", "genlabel", "--version", cwd=tmp_path, env=environment)
    assert by_command == by_module == f"genlabel {version(target)}\n"


def version(target: Path) -> str:
    (info,) = target.glob("genlabel-*.dist-info")
    return info.name.removeprefix("genlabel-").removesuffix(".dist-info")
