"""Whether an Exif block holds a small copy of the picture, which no new samples reach.

References
----------
Exif 3.0 (CIPA DC-008), 4.5.6 and 4.6.9: the second directory is about the thumbnail.
"""

from __future__ import annotations

import struct

_THUMBNAIL = 0x0201
# The standard's own fields of a thumbnail are about ten.
_MAX_FIELDS = 512


def has_thumbnail(block: bytes) -> bool:
    """Tell whether there is a thumbnail.

    Parameters
    ----------
    block : bytes
        From its TIFF header on; a damaged block has none.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return False
    try:
        (first,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, first)
        (second,) = struct.unpack_from(order + "I", block, first + 2 + 12 * count)
        if second == 0:
            return False
        (count,) = struct.unpack_from(order + "H", block, second)
        starts = range(second + 2, second + 2 + 12 * min(count, _MAX_FIELDS), 12)
        return any(struct.unpack_from(order + "H", block, at)[0] == _THUMBNAIL for at in starts)
    except struct.error:
        return False
