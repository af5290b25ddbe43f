"""Files in and out: paths, bytes and binary file objects; nothing is ever half written."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from genlabel._data import COPIED_BYTES, Data, Mapped, Scratch, opened
from genlabel._errors import MediaError
from genlabel._message import Message, Option
from genlabel._sidecar import read_sidecar
from genlabel.labels.containers import MAPPED, SNIFFED_BYTES, sniff

#: What a journey reads from: a path, the bytes themselves, or a binary file object.
SourceLike: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"
#: What a journey writes to: a path or a binary file object.
TargetLike: TypeAlias = "str | os.PathLike[str] | BinaryIO"

#: What is not mapped and larger than this is refused rather than read into memory.
MAX_FILE_BYTES = 1 << 30

_EXISTS = Message("already exists; ", Option("overwrite", True), " replaces it")
# File systems without hard links say so in one of these ways.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that has been read.

    Parameters
    ----------
    name : str
        As given, for messages and reports; ``"<bytes>"`` or ``"<stream>"`` where there is none.
    data : bytes or Mapped
        The whole file; of `MAPPED` kinds it stays on the disk, unless it was given as bytes.
    sidecar : bytes or None
        The C2PA manifest beside it, where it was given as a path.
    """

    name: str
    data: Data = field(repr=False)
    sidecar: bytes | None = field(default=None, repr=False)


def read_source(src: SourceLike, scratch: Scratch) -> Source:
    """Read a whole file, or map it where it is of a kind that may be large.

    Parameters
    ----------
    src : path-like, bytes-like or binary file object
        A file object is read from where it stands, and left open.
    scratch : Scratch
        Where what is mapped and has no path of its own is put as long as it is read.

    Raises
    ------
    MediaError
        It cannot be read, is empty, or is larger than `MAX_FILE_BYTES` and not mapped.
    """
    if isinstance(src, (bytes, bytearray, memoryview)):
        source = Source("<bytes>", bytes(src))
    elif isinstance(src, (str, os.PathLike)):
        name = _path_text(src)
        try:
            with open(name, "rb") as stream:
                path = Path(name) if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else None
                data = _read(stream, name, scratch, path)
                source = Source(name, data, read_sidecar(name))
        except (OSError, ValueError) as error:
            if isinstance(error, MediaError):
                raise
            raise MediaError(f"cannot be read: {_why(error)}", path=name) from error
    else:
        source = _read_stream(src, scratch)
    if not source.data:
        raise MediaError("is empty", path=source.name)
    return source


def scratch_for(dst: TargetLike) -> Scratch:
    """Give room for files on the way to a target: beside it, so that a rename puts one in place.

    Parameters
    ----------
    dst : path-like or binary file object
        The target.
    """
    if isinstance(dst, (str, os.PathLike)):
        return Scratch(os.path.dirname(os.path.realpath(dst)))
    return Scratch()


def check_target(dst: TargetLike, *, overwrite: bool) -> str:
    """Find out before the work whether a target could be written, and name it.

    Parameters
    ----------
    dst : path-like or binary file object
        Where a journey is asked to write.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    str
        The target's name, ``"<stream>"`` where it has none.

    Raises
    ------
    MediaError
        It exists and may not be replaced, is a folder or a device, or its folder is missing.
    """
    if not isinstance(dst, (str, os.PathLike)):
        if not hasattr(dst, "write"):
            raise MediaError(
                f"a target is a path or a binary file object, not {type(dst).__name__}"
            )
        return _stream_name(dst)
    name = _path_text(dst)
    try:
        mode = os.lstat(name).st_mode
        if overwrite and stat.S_ISLNK(mode):
            mode = os.stat(name).st_mode
    except FileNotFoundError:
        folder = os.path.dirname(os.path.realpath(name))
        if not os.path.isdir(folder):
            raise MediaError("cannot be written: its folder does not exist", path=name) from None
        return name
    except (OSError, ValueError) as error:
        raise MediaError(f"cannot be written: {_why(error)}", path=name) from error
    if stat.S_ISDIR(mode):
        raise MediaError("cannot be written: it is a folder", path=name)
    if not overwrite:
        raise MediaError(_EXISTS, path=name)
    if not stat.S_ISREG(mode):
        # Renaming over a device or a pipe would destroy it.
        raise MediaError("cannot be written: it is not a regular file", path=name)
    return name


def write_target(dst: TargetLike, data: Data, *, overwrite: bool) -> None:
    """Write a whole file, or nothing.

    A path gets a temporary file in its own folder, flushed to the disk and renamed; what is mapped
    is taken for such a file, and is gone afterwards. Where `overwrite` is false the rename itself
    refuses an existing file, so that no race replaces one.

    Parameters
    ----------
    dst : path-like or binary file object
        A file object is written from where it stands, and left open.
    data : bytes or Mapped
        The file; if mapped, made in `scratch_for` the target.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    MediaError
        It cannot be written; the target is then as it was.
    """
    name = check_target(dst, overwrite=overwrite)
    try:
        if isinstance(dst, (str, os.PathLike)):
            # A link keeps pointing to its file: the file is what gets replaced.
            _write_path(Path(os.path.realpath(name)), data, overwrite=overwrite)
        else:
            with opened(data) as stream:
                shutil.copyfileobj(stream, dst, COPIED_BYTES)
            dst.flush()
    except FileExistsError:
        raise MediaError(_EXISTS, path=name) from None
    except (OSError, ValueError, TypeError) as error:
        raise MediaError(f"cannot be written: {_why(error)}", path=name) from error


def _write_path(target: Path, data: Data, *, overwrite: bool) -> None:
    with _temporary_beside(target) as temporary:
        if isinstance(data, Mapped):
            os.replace(data.path, temporary)
        with open(temporary, "ab" if isinstance(data, Mapped) else "xb") as stream:
            if overwrite and target.exists():
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            if not isinstance(data, Mapped):
                stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            os.replace(temporary, target)
        else:
            _rename_unless_exists(temporary, target)
    _sync_folder(target.parent)


def _rename_unless_exists(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Claim the name first: whoever comes second finds it taken.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(temporary, target)


@contextlib.contextmanager
def _temporary_beside(target: Path) -> Iterator[Path]:
    temporary = target.with_name(f".genlabel-{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # The rename is done; not every system can flush a folder, and none needs to fail for it.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read_stream(stream: BinaryIO, scratch: Scratch) -> Source:
    if not hasattr(stream, "read"):
        kind = type(stream).__name__
        raise MediaError(f"a source is a path, bytes or a binary file object, not {kind}")
    name = _stream_name(stream)
    try:
        return Source(name, _read(stream, name, scratch))
    except OSError as error:
        raise MediaError(f"cannot be read: {_why(error)}", path=name) from error


def _read(stream: BinaryIO, name: str, scratch: Scratch, path: Path | None = None) -> Data:
    head = stream.read(SNIFFED_BYTES)
    if not isinstance(head, bytes):
        raise MediaError("was opened as text; genlabel needs it in binary mode", path=name)
    # A byte order mark of UTF-16 could begin MPEG sound of a layer nobody uses: only all of a text,
    # and its name, tell it from sound.
    if sniff(head) in MAPPED and not head.startswith(codecs.BOM_UTF16_LE):
        return _mapped(stream, head, path, scratch)
    data = head + stream.read(MAX_FILE_BYTES + 1 - len(head))
    if len(data) > MAX_FILE_BYTES:
        raise MediaError(f"is larger than {MAX_FILE_BYTES >> 20} MiB", path=name)
    return data


def _mapped(stream: BinaryIO, head: bytes, path: Path | None, scratch: Scratch) -> Mapped:
    if path is None:
        path = scratch.path()
        with open(path, "xb") as target:
            target.write(head)
            shutil.copyfileobj(stream, target, COPIED_BYTES)
    return Mapped(path)


def _stream_name(stream: BinaryIO) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and name else "<stream>"


def _path_text(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    if not isinstance(text, str):
        raise MediaError("a path is text, not bytes")
    if not text:
        raise MediaError("a path is empty")
    return text


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
