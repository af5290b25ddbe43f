"""A file's bytes: most are held in memory, films and sound are mapped and never held whole.

Everything that looks into a file takes `Data`: it slices, has a length and can be searched, whether
it is in memory or on the disk. What changes a file gives pieces, new bytes and ranges of the old
file, which are put together where there is room for them.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeAlias, TypeVar, cast

#: Bytes copied at once.
COPIED_BYTES = 1 << 20
# With each look comes a page, or some.
_LOOKS_KEPT = 512


class Mapped(mmap.mmap):
    """A file on the disk, mapped for reading; slices of it are bytes.

    Parameters
    ----------
    path : Path
        The file, which must not change as long as it is mapped. It holds a byte at least.
    """

    path: Path

    def __new__(cls, path: Path) -> Mapped:
        """Map a file."""
        with open(path, "rb") as stream:
            mapped = super().__new__(cls, stream.fileno(), 0, access=mmap.ACCESS_READ)
        mapped.path = path
        if hasattr(mmap, "MADV_RANDOM"):
            # Pages around those that are looked at would count as memory in use.
            mapped.madvise(mmap.MADV_RANDOM)
        return mapped


#: A file's bytes, in memory or mapped.
Data: TypeAlias = bytes | Mapped
#: What is in memory stays there, and what is mapped comes out mapped.
AnyData = TypeVar("AnyData", bound=Data)
#: Part of a new file: new bytes, or which of the old file's come here.
Piece: TypeAlias = bytes | range


class Scratch:
    """Room on the disk for files on the way; taken where it is needed, and left empty.

    Parameters
    ----------
    folder : str or None
        Where; beside the target, so that the last file can be renamed into its place. None for
        where the system keeps such files.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._parent = folder
        self._folder: Path | None = None

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def path(self) -> Path:
        """Name a new file."""
        if self._folder is None:
            parent = self._parent or tempfile.gettempdir()
            # Noted before it is made: an end that comes between the two leaves no folder behind.
            self._folder = Path(parent, f".genlabel-{secrets.token_hex(8)}.tmp")
            self._folder.mkdir(mode=0o700)
        return self._folder / secrets.token_hex(8)

    def own(self, data: Data) -> Data:
        """Give a file as it is if it was made here, or is in memory, else a copy of it.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        """
        if isinstance(data, bytes) or data.path.parent == self._folder:
            return data
        return joined(data, [range(len(data))], self)

    def drop(self, data: Data) -> None:
        """Delete a file that was made here and is no longer needed; leave any other alone.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        """
        if isinstance(data, Mapped) and data.path.parent == self._folder:
            data.close()
            data.path.unlink(missing_ok=True)


def forget(data: Data, looks: int) -> None:
    """Let go of what a walk over a file has looked at, from time to time.

    Parameters
    ----------
    data : bytes or Mapped
        The file; of a mapped one pages count as memory in use as long as they are kept.
    looks : int
        At how many places it has looked.
    """
    if looks % _LOOKS_KEPT == 0 and isinstance(data, Mapped) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)


def opened(data: Data) -> io.BytesIO | io.BufferedReader:
    """Open a file's bytes for one pass.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    """
    # Read, not through the map: what is read that way does not count as memory in use.
    return open(data.path, "rb") if isinstance(data, Mapped) else io.BytesIO(data)


def joined(data: AnyData, pieces: Iterable[Piece], scratch: Scratch | None = None) -> AnyData:
    """Put a new file together: in memory where the old one is, on the disk where that is.

    Parameters
    ----------
    data : bytes or Mapped
        The old file.
    pieces : iterable of bytes or range
        The new one.
    scratch : Scratch or None
        Where a file on the disk is put.
    """
    if isinstance(data, bytes):
        view = memoryview(data)
        parts = (view[p.start : p.stop] if isinstance(p, range) else p for p in pieces)
        return cast(AnyData, b"".join(parts))
    assert scratch is not None, "a mapped file needs room for another"
    path = scratch.path()
    with open(path, "xb") as target:
        write_pieces(data, pieces, target)
    return cast(AnyData, Mapped(path))


def write_pieces(data: Data, pieces: Iterable[Piece], target: BinaryIO) -> None:
    """Write a new file.

    Parameters
    ----------
    data : bytes or Mapped
        The old one.
    pieces : iterable of bytes or range
        The new one.
    target : binary file object
        Where to write.
    """
    with opened(data) as source:
        for piece in pieces:
            if isinstance(piece, range):
                source.seek(piece.start)
                copy_bytes(source, len(piece), target)
            else:
                target.write(piece)


def copy_bytes(source: BinaryIO, count: int, target: BinaryIO) -> None:
    """Copy so many bytes from where a file stands, a part at a time.

    Parameters
    ----------
    source : binary file object
        Where to read.
    count : int
        How much; less where it ends before.
    target : binary file object
        Where to write.
    """
    while count > 0:
        part = source.read(min(count, COPIED_BYTES))
        if not part:
            return
        target.write(part)
        count -= len(part)


def sha256(data: Data) -> str:
    """Give a file's digest, in hexadecimal.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    """
    with opened(data) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
