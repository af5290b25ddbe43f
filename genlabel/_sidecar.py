"""Manifests beside files that have no place for one: ``x.c2pa`` for ``x.bmp``.

Where ``x.c2pa`` is the manifest of another file of that name, ``x.bmp.c2pa``.

References
----------
C2PA Technical Specification 2.4, 11.4 (external manifests); named as c2patool names them.
"""

from __future__ import annotations

import os
from itertools import islice

SUFFIX = ".c2pa"
#: What is read of one; a longer one reads as damaged.
MAX_SIDECAR_BYTES = 64 << 20
# A folder may hold any number of files of one name.
_MAX_NAMESAKES = 16


def sidecar_of(path: str) -> str:
    """Name the file that the manifest of another is kept in.

    Parameters
    ----------
    path : str
        The other file.
    """
    return os.path.splitext(path)[0] + SUFFIX


def sidecar_for(dst: object) -> str | None:
    """Name the file beside a target that a manifest can be put into.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.

    Returns
    -------
    str or None
        The one it has already, or the shorter name, unless that is another file's manifest; None
        where the target has no path.
    """
    path = _path(dst)
    if path is None:
        return None
    longer = path + SUFFIX
    return longer if os.path.exists(longer) or is_anothers(path) else sidecar_of(path)


def sidecar_there(dst: object) -> str | None:
    """Name the manifest that stands beside a target by its name, whosever it is.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.
    """
    path = _path(dst)
    names = () if path is None else (path + SUFFIX, sidecar_of(path))
    return next((name for name in names if os.path.exists(name)), None)


def _path(dst: object) -> str | None:
    path = os.fspath(dst) if isinstance(dst, (str, os.PathLike)) else None
    return path if isinstance(path, str) and sidecar_of(path) != path else None


def is_anothers(path: str) -> bool:
    """Tell whether the manifest a file would have by its name is that of a namesake.

    Parameters
    ----------
    path : str
        The file, there or not: ``x.bmp`` where ``x.c2pa`` may be the manifest of ``x.ogg``. One
        that has a ``x.bmp.c2pa`` has its own.
    """
    manifest = None if os.path.exists(path + SUFFIX) else _read(sidecar_of(path))
    return manifest is not None and any(_holds(other, manifest) for other in _namesakes(path))


def _namesakes(path: str) -> list[str]:
    """List files that differ in the end of their name alone."""
    stem, folder = os.path.splitext(path)[0], os.path.dirname(path)
    taken = (path, stem + SUFFIX)
    try:
        with os.scandir(folder or ".") as entries:
            names = (os.path.join(folder, entry.name) for entry in entries if entry.is_file())
            alike = (name for name in names if os.path.splitext(name)[0] == stem)
            return list(islice((name for name in alike if name not in taken), _MAX_NAMESAKES))
    except OSError:
        return []


def _holds(path: str, manifest: bytes) -> bool:
    """Tell whether a manifest was made for a file as it is."""
    from genlabel._data import Scratch
    from genlabel._errors import GenlabelError
    from genlabel._media import read_source
    from genlabel.labels.c2pa import read_manifest
    from genlabel.labels.containers import files

    try:
        with Scratch() as scratch:
            data = read_source(path, scratch).data
            media_type = files.read(data, name=path).media_type
            found = read_manifest(data, media_type, name=path, sidecar=manifest)
    except GenlabelError:
        return False
    return found.layer.state not in ("absent", "damaged")


def read_sidecar(path: str) -> bytes | None:
    """Read the manifest beside a file.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    bytes or None
        None where there is none that can be opened. The longer name, ``x.bmp.c2pa``, comes first.
    """
    own = _read(path + SUFFIX)
    return _read(sidecar_of(path)) if own is None else own


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_SIDECAR_BYTES)
    except (OSError, ValueError):
        return None
