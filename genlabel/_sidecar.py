"""Manifests beside files that have no place for one: ``x.c2pa`` for ``x.bmp``.

Where ``x.c2pa`` is the manifest of another file of that name, ``x.bmp.c2pa``.

References
----------
C2PA Technical Specification 2.4, 11.4 (external manifests); named as c2patool names them.
"""

from __future__ import annotations

import os

SUFFIX = ".c2pa"
#: What is read of one; a longer one reads as damaged.
MAX_SIDECAR_BYTES = 64 << 20


def sidecar_of(path: str) -> str:
    """Name the file that the manifest of another is kept in.

    Parameters
    ----------
    path : str
        The other file.
    """
    return os.path.splitext(path)[0] + SUFFIX


def sidecar_there(dst: object) -> str | None:
    """Name the manifest that stands beside a target by its name, whosever it is.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.
    """
    path = path_of(dst)
    names = () if path is None else (path + SUFFIX, sidecar_of(path))
    return next((name for name in names if os.path.exists(name)), None)


def path_of(dst: object) -> str | None:
    """Give a target's path; None where it has none, or is itself named as a manifest.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.
    """
    path = os.fspath(dst) if isinstance(dst, (str, os.PathLike)) else None
    return path if isinstance(path, str) and sidecar_of(path) != path else None


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
