"""DER, as far as the cryptography package does not read what it holds.

References
----------
ITU-T X.690, 8 and 10 (definite lengths only).
"""

from __future__ import annotations

from collections.abc import Iterator

# TBSCertificate of RFC 5280, 4.1: [1] issuerUniqueID and [2] subjectUniqueID, implicitly tagged.
_UNIQUE_IDENTIFIERS = {0x81, 0x82, 0xA1, 0xA2}
_MAX_LENGTH_BYTES = 4


def has_unique_identifiers(tbs: bytes) -> bool:
    """Whether a TBSCertificate has an issuerUniqueID or a subjectUniqueID.

    Parameters
    ----------
    tbs : bytes
        Its DER, already known to parse.

    Raises
    ------
    ValueError
        It is cut short.
    """
    inside = next(elements(tbs))[1]
    return any(tag in _UNIQUE_IDENTIFIERS for tag, _ in elements(inside))


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give elements one behind the other: their tags, of one byte, and contents.

    Parameters
    ----------
    data : bytes
        DER.

    Raises
    ------
    ValueError
        It is cut short, or a length takes more bytes than any here needs.
    """
    position = 0
    while position < len(data):
        header = data[position : position + 2]
        if len(header) < 2:
            raise ValueError("DER is cut short")
        position += 2
        length = header[1]
        if length & 0x80:
            count = length & 0x7F
            if not 0 < count <= _MAX_LENGTH_BYTES:
                raise ValueError("DER has a length of no known form")
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        if position + length > len(data):
            raise ValueError("DER is cut short")
        yield header[0], data[position : position + length]
        position += length


def number(value: int) -> bytes:
    """Write an integer that is not negative.

    Parameters
    ----------
    value : int
        Below ``2**1000``.
    """
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes([0x02, len(content)]) + content
