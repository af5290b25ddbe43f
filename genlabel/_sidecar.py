"""Manifests beside files that have no place for one: ``x.c2pa`` for ``x.bmp``.

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


def sidecar_for(dst: object) -> str | None:
    """Name the file beside a target that a manifest can be put into.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.

    Returns
    -------
    str or None
        None where the target has no path.
    """
    if not isinstance(dst, (str, os.PathLike)):
        return None
    path = os.fspath(dst)
    return sidecar_of(path) if isinstance(path, str) and sidecar_of(path) != path else None


def read_sidecar(path: str) -> bytes | None:
    """Read the manifest beside a file.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    bytes or None
        None where there is none that can be opened. One named ``x.bmp.c2pa`` is taken too.
    """
    for name in (sidecar_of(path), path + SUFFIX):
        try:
            with open(name, "rb") as stream:
                return stream.read(MAX_SIDECAR_BYTES)
        except (OSError, ValueError):
            continue
    return None
