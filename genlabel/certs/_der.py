"""The two fields of a certificate that the cryptography package does not show."""

from __future__ import annotations

from collections.abc import Iterator

# TBSCertificate of RFC 5280, 4.1: [1] issuerUniqueID and [2] subjectUniqueID, implicitly tagged.
_UNIQUE_IDENTIFIERS = {0x81, 0x82, 0xA1, 0xA2}


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
    inside = next(_elements(tbs))[1]
    return any(tag in _UNIQUE_IDENTIFIERS for tag, _ in _elements(inside))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        header = data[position : position + 2]
        if len(header) < 2:
            raise ValueError("DER is cut short")
        position += 2
        length = header[1]
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        yield header[0], data[position : position + length]
        position += length
