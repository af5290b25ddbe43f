"""The index of a multi-picture JPEG, which gives sizes and offsets of the pictures behind it.

References
----------
CIPA DC-007 (Multi-Picture Format), 5.2: offsets count from the index's own byte order mark; the
first picture's offset is 0.
"""

from __future__ import annotations

import struct

SIGNATURE = b"MPF\0"
_ENTRIES_TAG = 0xB002
_ENTRY_BYTES = 16
# The standard's own count of pictures fits; more is damage.
_MAX_FIELDS = 64


def moved(payload: bytes, *, first_grows: int, others_move: int) -> bytes | None:
    """Amend an index after the file around it has grown.

    Parameters
    ----------
    payload : bytes
        The APP2 segment's payload, signature included.
    first_grows : int
        Bytes by which the first picture has grown.
    others_move : int
        Bytes by which the other pictures have moved away from the index.

    Returns
    -------
    bytes or None
        An index of the same length; None where it is damaged.
    """
    base = len(SIGNATURE)
    order = {b"II": "<", b"MM": ">"}.get(payload[base : base + 2])
    if order is None:
        return None
    out = bytearray(payload)
    try:
        span = _entries(payload[base:], order)
        if span is None:
            return None
        for at in range(base + span[0], base + span[1], _ENTRY_BYTES):
            size, offset = struct.unpack_from(order + "II", payload, at + 4)
            first = at == base + span[0]
            size += first_grows if first else 0
            offset += others_move if offset else 0
            struct.pack_into(order + "II", out, at + 4, size, offset)
    except struct.error:
        return None
    return bytes(out)


def _entries(tiff: bytes, order: str) -> tuple[int, int] | None:
    """Find where the entries begin and end."""
    (directory,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    for number in range(min(count, _MAX_FIELDS)):
        tag, _, size, start = struct.unpack_from(order + "HHII", tiff, directory + 2 + 12 * number)
        if tag == _ENTRIES_TAG and size % _ENTRY_BYTES == 0 and start + size <= len(tiff):
            return start, start + size
    return None
