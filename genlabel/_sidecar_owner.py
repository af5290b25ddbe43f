"""Whose manifest it is that stands beside a file, and where that of another goes."""

from __future__ import annotations

import os
from itertools import islice

from genlabel._data import Scratch
from genlabel._errors import GenlabelError
from genlabel._media import read_source
from genlabel._sidecar import SUFFIX, path_of, read_sidecar, sidecar_of
from genlabel.labels.c2pa import read_manifest
from genlabel.labels.containers import files

# A folder may hold any number of files of one name.
_MAX_NAMESAKES = 16


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
    path = path_of(dst)
    if path is None:
        return None
    longer = path + SUFFIX
    return longer if os.path.exists(longer) or is_anothers(path) else sidecar_of(path)


def is_anothers(path: str) -> bool:
    """Tell whether the manifest a file would have by its name is that of a namesake.

    Parameters
    ----------
    path : str
        The file, there or not: ``x.bmp`` where ``x.c2pa`` may be the manifest of ``x.ogg``. One
        that has a ``x.bmp.c2pa`` has its own.
    """
    manifest = None if os.path.exists(path + SUFFIX) else read_sidecar(path)
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
    try:
        with Scratch() as scratch:
            data = read_source(path, scratch).data
            media_type = files.read(data, name=path).media_type
            found = read_manifest(data, media_type, name=path, sidecar=manifest)
    except GenlabelError:
        return False
    return found.layer.state not in ("absent", "damaged")
