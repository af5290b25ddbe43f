"""ZIP packages: the parts of a document, some of them changed and all others byte for byte.

References
----------
PKWARE APPNOTE 6.3.10: 4.3.7 (local file header), 4.3.12 (central directory), 4.3.16 (end of it).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.contents import MAX_INFLATED_BYTES, Unreadable

#: Workbooks of a thousand sheets and presentations full of pictures stay far below.
MAX_PARTS = 1 << 15
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
# 1980-01-01, the first there is: a label is to have the same bytes whenever it is written.
_DATE = 0x21


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the central directory.

    Parameters
    ----------
    name : str
        Path in the package.
    fields : tuple
        Of its fixed part, as in APPNOTE 4.3.12.
    tail : bytes
        Name, extra field and comment as stored.
    offset : int
        Of its local header.
    """

    name: str
    fields: tuple[int, ...]
    tail: bytes = field(repr=False)
    offset: int

    @property
    def flags(self) -> int:
        """General purpose bits."""
        return self.fields[2]

    @property
    def method(self) -> int:
        """How it is compressed."""
        return self.fields[3]

    @property
    def stored(self) -> bool:
        """Whether it is neither compressed nor encrypted."""
        return self.method == _STORED and not self.flags & _ENCRYPTED


@dataclass(frozen=True, slots=True)
class Package:
    """A package taken apart.

    Parameters
    ----------
    data : bytes
        The file.
    parts : tuple of Part
        In the order of the central directory.
    directory : int
        Where the central directory begins.
    comment : bytes
        Of the whole package.
    file : str
        For messages.
    """

    data: bytes = field(repr=False)
    parts: tuple[Part, ...]
    directory: int
    comment: bytes
    file: str

    def find(self, name: str) -> Part | None:
        """Find a part, if need be by another case of its name.

        Parameters
        ----------
        name : str
            Path in the package.
        """
        same = [part for part in self.parts if part.name.lower() == name.lower()]
        return next((part for part in same if part.name == name), same[0] if same else None)

    def content(self, part: Part, limit: int = MAX_INFLATED_BYTES) -> bytes:
        """Give a part, inflated.

        Parameters
        ----------
        part : Part
            One of `parts`.
        limit : int
            How many bytes it may inflate to.

        Raises
        ------
        Unreadable
            It is encrypted, of an unusual compression, damaged, or inflates beyond the limit.
        """
        if part.flags & _ENCRYPTED or part.method not in (_STORED, _DEFLATED):
            raise Unreadable(f"{part.name}: encrypted, or compressed in an unusual way")
        head = self.data[part.offset : part.offset + _LOCAL.size]
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            raise Unreadable(f"{part.name}: it has no local header")
        start = part.offset + _LOCAL.size + sum(struct.unpack_from("<2H", head, 26))
        size = part.fields[7]
        raw = self.data[start : start + size]
        content = raw[: limit + 1]
        if part.method == _DEFLATED:
            stream = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = stream.decompress(raw, limit + 1)
            except zlib.error:
                raise Unreadable(f"{part.name}: its deflated bytes are damaged") from None
        if len(content) > limit:
            raise Unreadable(f"{part.name}: it inflates beyond {limit} bytes")
        if len(raw) < size or zlib.crc32(content) != part.fields[6]:
            raise Unreadable(f"{part.name}: it is cut short, or fails its CRC")
        return content

    def edited(self, changes: Mapping[str, bytes]) -> bytes:
        """Give the package with parts replaced or added.

        Parameters
        ----------
        changes : mapping of name to bytes
            New contents; new parts come last.

        Raises
        ------
        MediaError
            Parts overlap, or one that changes is there twice.
        """
        wanted = dict(changes)
        order = sorted(range(len(self.parts)), key=lambda index: self.parts[index].offset)
        ends = [self.parts[index].offset for index in order[1:]] + [self.directory]
        out = bytearray()
        entries: dict[int, bytes] = {}
        for index, end in zip(order, ends, strict=True):
            part = self.parts[index]
            if part.offset >= end or self.data[part.offset : part.offset + 4] != b"PK\3\4":
                raise MediaError("is a damaged package: its parts overlap", path=self.file)
            new = wanted.pop(part.name, None)
            if new is None:
                fields = (*part.fields[:-1], len(out))
                entries[index] = _ENTRY.pack(b"PK\1\2", *fields) + part.tail
                out += memoryview(self.data)[part.offset : end]
            else:
                entry, local = _written(part.name, new, part.fields, len(out))
                entries[index] = entry
                out += local
        more = []
        for name, content in wanted.items():
            entry, local = _written(name, content, None, len(out))
            more.append(entry)
            out += local
        directory = b"".join([*(entries[index] for index in range(len(self.parts))), *more])
        count = len(self.parts) + len(more)
        end_of_it = (0, 0, count, count, len(directory), len(out), len(self.comment))
        return bytes(out) + directory + _END.pack(b"PK\5\6", *end_of_it) + self.comment


def open_package(data: bytes, *, name: str) -> Package:
    """Read a package's central directory.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is cut short or damaged, has more than `MAX_PARTS`, or one name twice.
    UnsupportedError
        It is of the ZIP64 form, or spread over several files.
    """
    at = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - _MAX_COMMENT))
    if at < 0 or at + _END.size > len(data):
        raise MediaError("is cut short: its package has no directory", path=name)
    _, disk, other, here, count, size, start, length = _END.unpack_from(data, at)
    if 0xFFFF in (disk, other, here, count) or 0xFFFFFFFF in (size, start):
        raise UnsupportedError("is a ZIP64 package, which this version does not take", path=name)
    if disk or other or here != count or start + size != at or at + _END.size + length != len(data):
        raise MediaError("is a damaged package: its directory does not add up", path=name)
    if count > MAX_PARTS:
        raise MediaError(f"is a damaged package: more than {MAX_PARTS} parts", path=name)
    parts = []
    position = start
    for _ in range(count):
        part, position = _part(data, position, at, name)
        parts.append(part)
    if position != at or len({part.name for part in parts}) != count:
        raise MediaError("is a damaged package: its directory does not add up", path=name)
    first = min((part.offset for part in parts), default=start)
    if first != 0:
        raise MediaError("is a damaged package: something stands in front of it", path=name)
    return Package(data, tuple(parts), start, data[at + _END.size :], name)


def _part(data: bytes, at: int, end: int, name: str) -> tuple[Part, int]:
    if at + _ENTRY.size > end or data[at : at + 4] != b"PK\1\2":
        raise MediaError("is a damaged package: its directory does not add up", path=name)
    fields = _ENTRY.unpack_from(data, at)[1:]
    behind = at + _ENTRY.size + sum(fields[9:12])
    tail = data[at + _ENTRY.size : behind]
    if 0xFFFFFFFF in (fields[7], fields[8], fields[-1]):
        raise UnsupportedError("is a ZIP64 package, which this version does not take", path=name)
    if behind > end or fields[-1] >= end:
        raise MediaError("is a damaged package: its directory does not add up", path=name)
    encoding = "utf-8" if fields[2] & _UTF8_NAME else "cp437"
    part_name = tail[: fields[9]].decode(encoding, "replace")
    return Part(part_name, fields, tail, fields[-1]), behind


def _written(
    name: str, content: bytes, old: tuple[int, ...] | None, offset: int
) -> tuple[bytes, bytes]:
    """Give a part's entry in the directory, and its local header with the content."""
    raw_name = name.encode()
    flags = 0 if name.isascii() else _UTF8_NAME
    method = _DEFLATED if old is None else old[3]
    deflated = content
    if method != _STORED:
        method = _DEFLATED
        stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = stream.compress(content) + stream.flush()
    time, date = (0, _DATE) if old is None else old[4:6]
    sizes = (zlib.crc32(content), len(deflated), len(content))
    made_by, inner, outer = (20, 0, 0) if old is None else (old[0], old[13], old[14])
    head = (20, flags, method, time, date, *sizes, len(raw_name), 0)
    entry = (made_by, *head, 0, 0, inner, outer, offset)
    local = _LOCAL.pack(b"PK\3\4", *head) + raw_name + deflated
    return _ENTRY.pack(b"PK\1\2", *entry) + raw_name, local
