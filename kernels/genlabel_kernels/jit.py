"""The one place that decides how kernels are compiled and where the results are kept.

Numba's own cache is unsafe and fragile for a mark that must stay decodable: it does not notice an
edited callee in another file, ignores compile options such as bounds checks, and makes the import
fail where nothing is writable. Here the cache folder carries a digest of every kernel source, a
read-only folder still serves what it holds, and without any folder kernels compile per process.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import caching, event
from numba.core.registry import cpu_target
from numba.core.runtime import nrt

_Function = TypeVar("_Function", bound=Callable[..., Any])

_log = logging.getLogger(__name__)

_options: Any = numba.config

#: Digests kept side by side: the current one and those of other environments of the same user.
_KEPT_DIGESTS = 4
_FOLDER = "genlabel"
_DIGEST_FOLDER = re.compile(r"jit-[0-9a-f]{16}(\.old-[0-9a-f]{8})?")


def kernel(function: _Function) -> _Function:
    """Compile a kernel whose results must not depend on the machine (the embedding side).

    Kernels of the first mark do without Python's `min`, `max` and `int`, each of which compiles a
    function of its own for every type it meets, which takes longer than what it stands for.

    Parameters
    ----------
    function : callable
        Takes arrays and scalars, fills arrays its caller allocated.

    Returns
    -------
    callable
        Compiled on its first call, holding no GIL while it runs; the plain function under
        ``NUMBA_DISABLE_JIT=1``.
    """
    return _compiled(function, fastmath=False)


def kernel_fast(function: _Function) -> _Function:
    """Compile a kernel whose sums may be reordered and fused (the detecting side).

    As `kernel`, but last digits may differ between processors. NaN and infinity keep their rules.
    """
    return _compiled(function, fastmath={"reassoc", "contract"})


def kernel_part(function: _Function) -> _Function:
    """Mark a part of one kernel that is called in one place.

    It is compiled with that kernel, where a function of its own would be compiled twice. What its
    sums may do is up to the kernel.
    """
    return _compiled(function, fastmath=False, inline="always")


def _compiled(
    function: _Function, *, fastmath: bool | set[str], inline: str = "never"
) -> _Function:
    # Never parallel: OpenMP does not survive fork, and workqueue aborts under Python threads.
    # Division as numpy does it: a check for zero at each would keep whole vectors from being used.
    options = {"nogil": True, "fastmath": fastmath, "inline": inline, "error_model": "numpy"}
    # Nobody calls a kernel from C.
    dispatcher = numba.njit(no_cfunc_wrapper=True, **options)(function)
    if not _options.DISABLE_JIT:
        dispatcher._cache = _KernelCache(dispatcher.py_func)
    return dispatcher  # type: ignore[no-any-return]


class _Uncollected(event.Listener):  # type: ignore[misc]
    """Leaves garbage alone while a kernel is compiled.

    A compiler makes millions of small objects and hardly any garbage: looking through them again
    and again is a tenth of its time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._collected = False

    def on_start(self, event: Any) -> None:
        """Pause the collector when the first of several nested compilations begins."""
        with self._lock:
            if self._running == 0:
                self._collected = gc.isenabled()
                gc.disable()
            self._running += 1

    def on_end(self, event: Any) -> None:
        """Let it go on after the last one, also where that failed."""
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._collected:
                gc.enable()


event.register("numba:compile", _Uncollected())


@functools.lru_cache(maxsize=1)
def cache_directory() -> Path | None:
    """Find the folder compiled kernels are kept in, making it if need be.

    ``NUMBA_CACHE_DIR`` comes first, then the user's cache folder (``XDG_CACHE_HOME`` or the
    platform's). Making a new folder removes all but the latest few of other versions.

    Returns
    -------
    Path or None
        None where no folder can be written or read; that is said once, in the log.
    """
    name = f"jit-{_sources_digest()}" if _sources() else None
    homes = [home / _FOLDER for home in _cache_homes()] if name else []
    candidates = [home / str(name) for home in homes]
    for folder in candidates:
        if _is_writable(folder):
            _prune(folder)
            return folder
    for folder in candidates:
        # Filled while an image was built and read-only since: good to load from.
        if folder.is_dir():
            return folder
    _log.warning(
        "kernels will be compiled again in every process: no writable cache folder"
        " (set NUMBA_CACHE_DIR to one)"
    )
    return None


def _cache_homes() -> list[Path]:
    chosen = [_options.CACHE_DIR, os.environ.get("XDG_CACHE_HOME", "")]
    homes = [Path(home).absolute() for home in chosen if home]
    try:
        if sys.platform == "win32":
            homes.append(Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"))
        elif sys.platform == "darwin":
            homes.append(Path.home() / "Library" / "Caches")
        else:
            homes.append(Path.home() / ".cache")
    except RuntimeError:
        # A user without a home folder, as in some containers.
        pass
    return homes


@functools.lru_cache(maxsize=1)
def _sources() -> tuple[Path, ...]:
    # Empty in a zip file or a frozen program: without sources a stale cache could not be told.
    return tuple(sorted(Path(__file__).resolve().parent.rglob("*.py")))


@functools.lru_cache(maxsize=1)
def _sources_digest() -> str:
    digest = hashlib.sha256()
    # Options that change the code but not numba's own index of it. The processor is in that index,
    # but two machines filling one index at once would mix up their files.
    target = cpu_target.target_context.codegen().magic_tuple()
    options = (numba.__version__, _options.BOUNDSCHECK, _options.OPT, *target)
    digest.update(repr([str(option) for option in options]).encode())
    root = Path(__file__).resolve().parent
    for path in _sources():
        body = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}:{len(body)}:".encode())
        digest.update(body)
    return digest.hexdigest()[:16]


def _is_writable(folder: Path) -> bool:
    try:
        # Private: the files are pickles, and whoever writes them runs code here.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)
    except OSError:
        return False
    return True


def _prune(current: Path) -> None:
    """Remove the digests used longest ago; another process may do the same or use one of them."""
    dated: list[tuple[float, Path]] = []
    try:
        for folder in current.parent.iterdir():
            if _DIGEST_FOLDER.fullmatch(folder.name) and folder != current:
                dated.append((folder.stat().st_mtime, folder))
    except OSError:
        # Removed under our hands: the other process prunes.
        return
    dated.sort(reverse=True)
    for _, folder in dated[_KEPT_DIGESTS - 1 :]:
        # Renamed first, so that nobody finds a folder half removed. Its readers compile anew.
        doomed = folder.with_name(f"{folder.name[:20]}.old-{uuid.uuid4().hex[:8]}")
        try:
            folder.rename(doomed)
        except OSError:
            continue
        shutil.rmtree(doomed, ignore_errors=True)


class _Locator(caching._CacheLocator):  # type: ignore[misc]
    """Numba's view of `cache_directory`: one folder per module."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._folder = folder / function.__module__
        self._line = function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        """Give the folder of the function's module."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Give a digest of all kernels: one may have another compiled into it."""
        return _sources_digest()

    def get_disambiguator(self) -> str:
        """Give the line, by which functions of one name differ."""
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator | None:
        """Give the place of a function's compiled forms, or None where nothing can be written."""
        folder = cache_directory()
        return None if folder is None else cls(py_func, folder)


class _Files(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes: list[type[object]] = [_Locator]


class _FunctionCache(caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Files

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load a compiled form, as numba does but for what only a compiler needs."""
        # As numba's own, less the registries of all that it can compile: only a compiler reads
        # them, and filling them takes longer than loading all kernels. Nor is the runtime compiled:
        # what is kept of a kernel holds what it needs of that, but for these.
        for name, address in nrt._nrt.c_helpers.items():
            nrt.ll.add_symbol(name if name[0] == "_" else f"NRT_{name}", address)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


class _KernelCache(caching.NullCache):  # type: ignore[misc]
    """The cache of one kernel, looked for on its first call so that imports touch no files."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @functools.cached_property
    def _files(self) -> Any:
        try:
            return _FunctionCache(self._function)
        except RuntimeError:
            # No locator: what `cache_directory` has said once already.
            return caching.NullCache()

    @property
    def cache_path(self) -> str | None:
        """Folder of the compiled forms."""
        path: str | None = self._files.cache_path
        return path

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load a compiled form; None where there is none that can be used."""
        try:
            return self._files.load_overload(sig, target_context)
        except Exception as error:
            # Unpickling a damaged file may raise anything; compiling is always right.
            _log.debug("cached %s not usable: %s", self._function.__name__, error)
            with contextlib.suppress(OSError):
                # The damaged index would make saving fail too.
                self._files.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled form, where the disk takes it."""
        try:
            self._files.save_overload(sig, data)
        except OSError as error:
            # Read-only or full: the kernel in memory is as good.
            _log.debug("%s not cached: %s", self._function.__name__, error)
