"""Where compiled kernels go, in processes of their own: the policy is read once per process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genlabel_kernels

SOURCE = Path(genlabel_kernels.__file__).parent

CALLEE = """
from genlabel_kernels.jit import kernel

@kernel
def scaled(value):
    return value * {factor}
"""

CALLER = """
from genlabel_kernels.callee import scaled
from genlabel_kernels.jit import kernel_fast

@kernel_fast
def total(values):
    result = 0.0
    for value in values:
        result += scaled(value)
    return result
"""

RUN = """
import numpy
from genlabel_kernels.caller import total
print(total(numpy.arange(4.0)), sum(total.stats.cache_hits.values()))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a package of our own with the real policy and two small kernels in two files."""
    package = tmp_path / "site" / "genlabel_kernels"
    package.mkdir(parents=True)
    shutil.copy(SOURCE / "__init__.py", package)
    shutil.copy(SOURCE / "jit.py", package)
    (package / "caller.py").write_text(CALLER)
    write_callee(package.parent, 10)
    return package.parent


def write_callee(site: Path, factor: int) -> None:
    (site / "genlabel_kernels" / "callee.py").write_text(CALLEE.format(factor=factor))


def run(site: Path, code: str = RUN, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NUMBA_", "XDG_", "COV"))
    }
    environment = {
        "HOME": str(site.parent / "home"),
        "LOCALAPPDATA": str(site.parent / "home"),
        "PYTHONPATH": str(site),
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, **environment},
        cwd=site.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def test_second_process_loads_what_the_first_compiled(tree: Path) -> None:
    assert run(tree).stdout.split() == ["60.0", "0"]
    again = run(tree)
    assert again.stdout.split() == ["60.0", "1"]
    assert again.stderr == ""
    assert not list(tree.rglob("*.nb?"))
    assert len(list((tree.parent / "home").rglob("*.nbi"))) == 2


def test_loading_fills_no_registries_and_compiling_still_can(tree: Path) -> None:
    filled = "import sys; print('numba.np.random.generator_methods' in sys.modules);"
    again = "print(total(numpy.arange(4)), sum(total.stats.cache_misses.values()));"
    code = f"{RUN}\n{filled}\n{again}\n{filled}"
    assert run(tree, code).stdout.split() == ["60.0", "0", "True", "60.0", "2", "True"]
    # The same again loads both; a third kind of argument is compiled.
    other = again.replace("arange(4)", "arange(4, dtype='f4')")
    lines = run(tree, f"{RUN}\n{filled}\n{other}\n{filled}").stdout.split()
    assert lines == ["60.0", "1", "False", "60.0", "1", "True"]


COLLECTED = """
import gc, numba, numpy
from numba.core import event
from genlabel_kernels.caller import total

class Seen(event.Listener):
    states = []
    def on_start(self, event):
        self.states.append(gc.isenabled())
    def on_end(self, event):
        pass

event.register("numba:compile", Seen())
print(total(numpy.arange(4.0)), Seen.states, gc.isenabled())
try:
    total(numpy.array(["no", "numbers"]))
except numba.TypingError:
    print("refused", gc.isenabled())
gc.disable()
print(total(numpy.arange(4)), gc.isenabled())
"""


def test_garbage_waits_for_the_compiler_and_for_nothing_else(tree: Path) -> None:
    first, refused, last = run(tree, COLLECTED).stdout.splitlines()
    assert first == "60.0 [False, False] True"
    assert refused == "refused True"
    assert last == "60.0 False"


def test_edited_callee_in_another_file_is_never_served_stale(tree: Path) -> None:
    assert run(tree).stdout.split()[0] == "60.0"
    write_callee(tree, 11)
    assert run(tree).stdout.split() == ["66.0", "0"]


def test_nothing_writable_still_computes_and_says_so_once(tree: Path) -> None:
    # A path below a file cannot be made even by root.
    blocked = str(tree / "genlabel_kernels" / "jit.py" / "below")
    before = sorted(tree.rglob("*"))
    result = run(tree, HOME=blocked, LOCALAPPDATA=blocked, NUMBA_CACHE_DIR=blocked)
    assert result.stdout.split() == ["60.0", "0"]
    assert result.stderr.count("no writable cache folder") == 1
    assert sorted(tree.rglob("*")) == before


def test_read_only_cache_is_still_loaded_from(tree: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run(tree, NUMBA_CACHE_DIR=str(cache))
    # Root writes anywhere, so writing is refused in the process instead of by permissions.
    refuse = """
import tempfile
def refused(*_, **__): raise PermissionError(13, "read-only")
tempfile.TemporaryFile = refused
"""
    blocked = str(tree / "genlabel_kernels" / "jit.py" / "below")
    result = run(tree, refuse + RUN, NUMBA_CACHE_DIR=str(cache), HOME=blocked, LOCALAPPDATA=blocked)
    assert result.stdout.split() == ["60.0", "1"]
    assert result.stderr == ""


def test_damaged_cache_files_are_compiled_anew(tree: Path) -> None:
    run(tree)
    for path in (tree.parent / "home").rglob("*.nb?"):
        path.write_bytes(path.read_bytes()[:40])
    assert run(tree).stdout.split() == ["60.0", "0"]


def test_chosen_folder_holds_the_digest_and_old_digests_go(tree: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    kept_by_others = cache / "genlabel" / "jit-of-somebody-else"
    kept_by_others.mkdir(parents=True)
    for number in range(8):
        old = cache / "genlabel" / f"jit-{number:016x}"
        old.mkdir()
        os.utime(old, (number, number))
    code = "from genlabel_kernels.jit import cache_directory; print(cache_directory())"
    current = Path(run(tree, code, NUMBA_CACHE_DIR=str(cache)).stdout.strip())
    assert current.parent == cache / "genlabel"
    left = {folder.name for folder in current.parent.iterdir()}
    newest = {f"jit-{number:016x}" for number in (5, 6, 7)}
    assert left == {current.name, kept_by_others.name, *newest}


def test_bounds_checks_have_a_folder_of_their_own(tree: Path) -> None:
    run(tree)
    assert run(tree, NUMBA_BOUNDSCHECK="1").stdout.split() == ["60.0", "0"]


def test_processes_starting_together_agree(tree: Path) -> None:
    code = f"""
import subprocess, sys
started = [subprocess.Popen([sys.executable, "-c", {RUN!r}], stdout=subprocess.PIPE)
           for _ in range(3)]
print(*[process.communicate()[0].split()[0].decode() for process in started])
"""
    assert run(tree, code).stdout.split() == ["60.0"] * 3


def test_without_jit_kernels_are_plain_functions(tree: Path) -> None:
    code = """
import numpy
from genlabel_kernels.caller import total
print(total(numpy.arange(4.0)), type(total).__name__)
"""
    assert run(tree, code, NUMBA_DISABLE_JIT="1").stdout.split() == ["60.0", "function"]
    assert not (tree.parent / "home").exists()


def test_importing_every_module_compiles_and_writes_nothing(tmp_path: Path) -> None:
    code = """
import importlib, pkgutil
import genlabel_kernels
from numba.core.dispatcher import Dispatcher
for found in pkgutil.walk_packages(genlabel_kernels.__path__, "genlabel_kernels."):
    module = importlib.import_module(found.name)
    for name, value in vars(module).items():
        assert not isinstance(value, Dispatcher) or not value.overloads, (found.name, name)
"""
    run(SOURCE.parent, code, HOME=str(tmp_path / "home"), LOCALAPPDATA=str(tmp_path / "home"))
    assert not (tmp_path / "home").exists()
