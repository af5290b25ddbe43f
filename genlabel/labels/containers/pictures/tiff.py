"""TIFF: an XMP packet under tag 700 of a directory, its pages and what is in them.

References
----------
TIFF 6.0, 2; XMP Specification Part 3, 3.2.1.1 (tag 700); TC260-PG-20259A (of undefined type).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.pictures import tiff_directories
from genlabel.labels.containers.pictures.tiff_directories import Directory, Field, Form

_XMP = 700
_DESCRIPTION = 270
_STRIPS = ((273, 279), (324, 325))
# Where fields point to: strips, tiles, and directories of sub-pictures, Exif and GPS.
_OFFSETS = (273, 324, 330, 34665, 34853)
_MANIFEST = 52545
_BYTES = (1, 2, 6, 7)
_UNDEFINED = 7
_ALIGNED = 8
_RAW_MARKS = {b"CR": "Canon's"}


def read(data: bytes, *, name: str) -> Contents:
    """Find the packets of a TIFF's directories.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every directory has two numbers: an even one for its packet, the next for its
        description. The Exif block of a classic TIFF is the file itself.

    Raises
    ------
    MediaError
        The file is cut short, or its directories are damaged.
    """
    form = tiff_directories.form_of(data, name)
    directories = tiff_directories.read(data, form, name)
    if any(end > len(data) for page in directories for _, end in _samples(data, page, form)):
        raise MediaError("is cut short: it ends within its samples", path=name)
    exif = None if form.big else Held(-1, "TIFF", data)
    # Exif's own reader looks into the first directory of a classic file.
    plain = directories if form.big else directories[1:]
    first = len(directories) - len(plain)
    return Contents(
        xmp=tuple(_packets(data, directories)),
        exif=exif,
        texts=tuple(_descriptions(data, plain, first)),
    )


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put packets into a TIFF; what grows is put behind the end, so that nothing else moves.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file, and descriptions that could not be removed.

    Raises
    ------
    MediaError
        It grows beyond what its offsets can say.
    UnsupportedError
        It is a camera's raw file, whose first directory has to stay where it is.
    """
    if data[8:10] in _RAW_MARKS:
        maker = _RAW_MARKS[data[8:10]]
        raise UnsupportedError(f"is a raw file of {maker}, which is not written", path=name)
    form = tiff_directories.form_of(data, name)
    directories = tiff_directories.read(data, form, name)
    out = bytearray(data if edits.exif is None else edits.exif)
    warnings = []
    for index in sorted(edits.drop):
        field = directories[index // 2].field(_DESCRIPTION)
        assert field is not None
        if _shared(data, field, directories, form):
            warnings.append("a description shares its bytes with other fields and was left")
        else:
            out[field.start : field.end] = bytes(field.end - field.start)
    for index, packet in edits.xmp.items():
        field = directories[index // 2].field(_XMP)
        assert field is not None
        if data[field.start : field.end] == packet:
            continue
        shared = _shared(data, field, directories, form)
        _replace(out, field, packet, form, shared=shared, name=name)
    if edits.new_xmp is not None:
        _add(out, directories[0], edits.new_xmp, form, name)
    return bytes(out), tuple(warnings)


def pages(data: bytes, name: str) -> int:
    """Count a TIFF's pages.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        Its directories are damaged.
    """
    return len(tiff_directories.read(data, tiff_directories.form_of(data, name), name))


def parts(data: bytes, name: str) -> Iterator[tuple[str, int, int]]:
    """Name all that a TIFF holds besides a C2PA manifest, wherever in the file it is.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Yields
    ------
    tuple of (str, int, int)
        What it is, and where its bytes begin and end. Offsets are left out.
    """
    form = tiff_directories.form_of(data, name)
    for directory in tiff_directories.read(data, form, name):
        for field in directory.fields:
            if field.tag not in _OFFSETS and field.tag != _MANIFEST:
                yield f"field {field.tag}", field.start, field.end
        for start, end in _samples(data, directory, form):
            yield "samples", start, end


def _packets(data: bytes, directories: list[Directory]) -> Iterator[Held]:
    for number, directory in enumerate(directories):
        field = directory.field(_XMP)
        if field is None:
            continue
        problem = None
        if field.kind not in _BYTES:
            problem = f"its values are of type {field.kind}, not bytes"
        elif field.end > len(data):
            problem = "it lies beyond the end of the file"
        where = f"TIFF tag 700{f' of page {number + 1}' if number else ''}"
        yield Held(2 * number, where, data[field.start : field.end], problem=problem)


def _descriptions(data: bytes, directories: list[Directory], first: int) -> Iterator[Held]:
    for number, directory in enumerate(directories, first):
        field = directory.field(_DESCRIPTION)
        if field is not None and field.end <= len(data):
            text = data[field.start : field.end].rstrip(b"\0")
            where = f"TIFF ImageDescription of page {number + 1}"
            yield Held(2 * number + 1, where, text, "Description")


def _replace(
    out: bytearray, field: Field, packet: bytes, form: Form, *, shared: bool, name: str
) -> None:
    """Put a packet where one was, or behind the end where it does not fit."""
    room = field.end - field.start
    at_end = field.end == len(out) and not shared
    fits = len(packet) <= room and not shared
    if not shared:
        out[field.start : field.end] = bytes(room)
    if at_end:
        del out[field.start :]
    start = field.start if fits or at_end else _end(out)
    out[start : start + len(packet)] = packet
    form.offset.pack_into(out, field.at + 4, len(packet))
    _point(out, field.at + 4 + form.offset.size, start, form, name)


def _add(out: bytearray, directory: Directory, packet: bytes, form: Form, name: str) -> None:
    """Write the first directory anew behind the end, with a field more."""
    start = _end(out)
    out += packet
    field = bytearray(form.field_bytes)
    struct.pack_into(form.order + "HH", field, 0, _XMP, _UNDEFINED)
    form.offset.pack_into(field, 4, len(packet))
    _point(field, 4 + form.offset.size, start, form, name)
    before = sum(field.tag < _XMP for field in directory.fields)
    first = directory.start + form.count.size
    cut = first + before * form.field_bytes
    place = _end(out)
    out += form.count.pack(len(directory.fields) + 1)
    out += out[first:cut] + field + out[cut : directory.end]
    _point(out, form.pointer, place, form, name)


def _end(out: bytearray) -> int:
    """Pad to where something new can stand."""
    out += bytes(-len(out) % _ALIGNED)
    return len(out)


def _point(out: bytearray, at: int, position: int, form: Form, name: str) -> None:
    try:
        form.offset.pack_into(out, at, position)
    except struct.error:
        raise MediaError("would grow beyond what its offsets can say", path=name) from None


def _shared(data: bytes, field: Field, directories: list[Directory], form: Form) -> bool:
    """Tell whether anything else lies on a field's values, or they are not there at all."""
    if field.end > len(data):
        return True
    return any(
        start < field.end and field.start < end
        for start, end in _taken(data, field, directories, form)
    )


def _taken(
    data: bytes, this: Field, directories: list[Directory], form: Form
) -> Iterator[tuple[int, int]]:
    yield 0, form.header_bytes
    room = form.offset.size
    for directory in directories:
        yield directory.start, directory.start + form.count.size
        yield directory.end - room, directory.end
        for field in directory.fields:
            yield field.at, field.at + 4 + room
            if field.at != this.at:
                yield field.at + 4 + room, field.at + form.field_bytes
                yield field.start, field.end
        yield from _samples(data, directory, form)


def _samples(data: bytes, directory: Directory, form: Form) -> Iterator[tuple[int, int]]:
    for offsets, sizes in _STRIPS:
        starts = tiff_directories.numbers(data, directory.field(offsets), form)
        lengths = tiff_directories.numbers(data, directory.field(sizes), form)
        yield from ((at, at + size) for at, size in zip(starts, lengths, strict=False))
