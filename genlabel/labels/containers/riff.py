"""RIFF forms: chunks, with sizes of 32 bits, or of 64 bits in RF64 and BW64.

References
----------
Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), 2; EBU
Tech 3306 and ITU-R BS.2088 (chunk ds64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genlabel._data import Data, Piece
from genlabel._errors import MediaError

MAX_CHUNKS = 1 << 16
_HEADER_BYTES = 12
_FRAME_BYTES = 8
_LONG_FORMS = (b"RF64", b"BW64")
# Of a form or of its samples: written by programs that send sound before they know its length, and
# in long forms a sign that the size is in ds64.
_UNKNOWN = 0xFFFFFFFF
# Other such programs write a little less than what 31 bits can say.
_SURELY_UNKNOWN = 0x7FFFF000
# The most that a file of 32-bit sizes can be.
MAX_FORM_BYTES = 0xFFFFFFF6


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk.

    Parameters
    ----------
    kind : bytes
        Four characters.
    start, payload, end, stop : int
        Where it, its content, and what pads it begin and end.
    open : bool
        Whether it reaches to the end of the file, its length unknown when it was written.
    """

    kind: bytes
    start: int
    payload: int
    end: int
    stop: int
    open: bool = False

    def content(self, data: Data) -> bytes:
        """Give what it holds.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        """
        return data[self.payload : self.end]

    @property
    def stored(self) -> tuple[Piece, ...]:
        """It as it stands, with what writers leave out at the end of a file: size and padding."""
        size = self.end - self.payload
        whole: tuple[Piece, ...] = (range(self.start, self.stop),)
        if self.open:
            whole = self.kind + struct.pack("<I", size), range(self.payload, self.end)
        padded = (self.stop - self.payload) % 2 == 0
        return whole if padded else (*whole, b"\0")


@dataclass(frozen=True, slots=True)
class Form:
    """A RIFF file.

    Parameters
    ----------
    chunks : tuple of Chunk
        In order.
    end : int
        Where it ends; what follows is no part of it.
    long : int
        Where the 64-bit size of the form stands; 0 where it has one of 32 bits.
    open : bool
        Whether its length was not known when its header was written.
    """

    chunks: tuple[Chunk, ...]
    end: int
    long: int
    open: bool

    def around(self, data: Data, chunks: Sequence[Piece], name: str) -> list[Piece]:
        """Put the form together again around new chunks.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        chunks : sequence of bytes or range
            All chunks; in a long form the first one is as it was.
        name : str
            For messages.

        Returns
        -------
        list of bytes or range
            The new file.

        Raises
        ------
        MediaError
            It grows beyond what its header can say.
        """
        header, size = bytearray(data[:_HEADER_BYTES]), 4 + sum(map(len, chunks))
        out = list(chunks)
        if self.long:
            first = bytearray(gathered(data, out[:1]))
            struct.pack_into("<Q", first, self.long - _HEADER_BYTES, size)
            out[0] = bytes(first)
        elif size > MAX_FORM_BYTES:
            raise MediaError("would grow beyond what a RIFF file can hold", path=name)
        else:
            struct.pack_into("<I", header, 4, size)
        return [bytes(header), *out, range(self.end, len(data))]


def gathered(data: Data, pieces: Iterable[Piece]) -> bytes:
    """Read pieces of a file.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    pieces : iterable of bytes or range
        In order.
    """
    return b"".join(data[p.start : p.stop] if isinstance(p, range) else p for p in pieces)


def walk(data: Data, form: bytes, what: str, name: str, *, overcount: int = 0) -> Form:
    """List the chunks of a RIFF file.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    form : bytes
        Four characters, as WAVE.
    what : str
        What the form is called, for messages.
    name : str
        For messages.
    overcount : int
        Bytes that the header may claim beyond those that are there.

    Raises
    ------
    MediaError
        The file is cut short, a chunk runs beyond the end, or there are more than `MAX_CHUNKS`.
    """
    if len(data) < _HEADER_BYTES or data[8:12] != form:
        raise MediaError(f"is cut short: it ends in its {what} header", path=name)
    sizes = _long_sizes(data) if data[:4] in _LONG_FORMS else {}
    size = _size(data, 4)
    long = 20 if sizes and size == _UNKNOWN else 0
    size = sizes.get(b"RIFF", size) if long else size
    unknown = size == 0 or size >= _SURELY_UNKNOWN
    if not unknown and size + _FRAME_BYTES > len(data) + overcount:
        raise MediaError(
            f"is cut short: its header claims {size + 8} bytes, {len(data)} are there", path=name
        )
    limit = len(data) if unknown else min(size + _FRAME_BYTES, len(data))
    chunks = _chunks(data, (limit, unknown), sizes, what, name)
    # Less than a chunk's frame may be left over.
    unknown = unknown or any(chunk.open for chunk in chunks)
    return Form(tuple(chunks), chunks[-1].stop, long, unknown)


def framed(kind: bytes, payload: bytes) -> bytes:
    """Write a chunk.

    Parameters
    ----------
    kind : bytes
        Four characters.
    payload : bytes
        What it holds.
    """
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) & 1)


def _chunks(
    data: Data, form: tuple[int, bool], sizes: dict[bytes, int], what: str, name: str
) -> list[Chunk]:
    """List chunks up to a form's end, which may not be the one that was meant."""
    limit, unknown = form
    found: list[Chunk] = []
    at = _HEADER_BYTES
    while at + _FRAME_BYTES <= limit:
        kind, payload = data[at : at + 4], at + _FRAME_BYTES
        size = _size(data, at + 4)
        if size == _UNKNOWN:
            size = sizes.get(kind, size)
        unsaid = (size >= _SURELY_UNKNOWN and payload + size > limit) or (unknown and size == 0)
        open_ = kind == b"data" and unsaid
        end = limit if open_ else payload + size
        if end > limit:
            raise MediaError(
                f"is a damaged {what}: its {kind.decode('latin-1')!r} chunk claims {size} bytes, "
                f"{limit - payload} are there",
                path=name,
            )
        stop = end if open_ else min(end + (size & 1), limit)
        found.append(Chunk(kind, at, payload, end, stop, open_))
        at = stop
        if len(found) > MAX_CHUNKS:
            raise MediaError(f"is a damaged {what}: more than {MAX_CHUNKS} chunks", path=name)
    if not found:
        raise MediaError(f"is a damaged {what}: it holds no chunk", path=name)
    return found


def _long_sizes(data: Data) -> dict[bytes, int]:
    """Read the 64-bit sizes of the first chunk, ds64."""
    if data[12:16] != b"ds64" or _size(data, 16) < 28 or len(data) < 48:
        return {}
    form, samples = struct.unpack_from("<QQ", data, 20)
    sizes = {b"RIFF": form, b"data": samples}
    for at in range(48, min(20 + _size(data, 16), len(data)) - 11, 12):
        sizes.setdefault(data[at : at + 4], struct.unpack_from("<Q", data, at + 4)[0])
    return sizes


def _size(data: Data, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
