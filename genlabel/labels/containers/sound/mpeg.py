"""MPEG sound (MP3): ID3v2 tags, then frames; whatever tags follow the frames stay as they are.

References
----------
ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3 (frame header); ISO/IEC 13818-3, 2.4.2.3 (lower sampling
rates).
"""

from __future__ import annotations

from genlabel._data import Data, Piece
from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.sound import front_tags

# Between a tag and the sound some writers leave zeros, or a part of an older tag.
MAX_GAP_BYTES = 1 << 17
_LAYER_3, _VERSION_1 = 1, 3
_KBITS = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def read(data: Data, *, name: str) -> Contents:
    """Take the tags before MPEG sound apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Every frame of a tag is a place.

    Raises
    ------
    MediaError
        A tag is damaged, or no sound follows.
    """
    tags, end, _ = front_tags.read(data, name)
    if not _sound_follows(data, end):
        raise MediaError("is a damaged MP3: no MPEG sound follows its tags", path=name)
    return Contents.of(front_tags.places(tags))


def write(
    data: Data, contents: Contents, edits: Edits, *, name: str
) -> tuple[list[Piece], tuple[str, ...]]:
    """Put MPEG sound together again; new texts are frames of its first tag.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (list of bytes or range, tuple of str)
        The new file, and a warning where its tag is of another version now.

    Raises
    ------
    LabelError
        The tag grows beyond what it can hold.
    UnsupportedError
        The tag is of version 2.2, and holds what version 2.3 cannot.
    """
    tags, end, _ = front_tags.read(data, name)
    new, warnings = front_tags.edited(data, tags, edits, name)
    return [new, range(end, len(data))], warnings


def frame_bytes(header: bytes) -> int:
    """Say how long a frame is by its header.

    Parameters
    ----------
    header : bytes
        Four bytes.

    Returns
    -------
    int
        0 where it is no header of a frame, or leaves the length open.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bits, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 0 or bits in (0, 15) or rate == 3:
        return 0
    bit_rate = 1000 * _KBITS[version == _VERSION_1, layer][bits - 1]
    if layer == 3:
        return (12 * bit_rate // _RATES[version][rate] + padding) * 4
    halved = layer == _LAYER_3 and version != _VERSION_1
    return (72 if halved else 144) * bit_rate // _RATES[version][rate] + padding


def _sound_follows(data: Data, start: int) -> bool:
    """Look for a frame that another one follows, or the end of the file."""
    stop = min(start + MAX_GAP_BYTES, len(data))
    at = data.find(b"\xff", start, stop)
    while at >= 0:
        size = frame_bytes(data[at : at + 4])
        if size and (frame_bytes(data[at + size : at + size + 4]) or at + size >= len(data)):
            return True
        at = data.find(b"\xff", at + 1, stop)
    return False
