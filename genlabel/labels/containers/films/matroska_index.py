"""What in Matroska counts bytes from the beginning of the segment: its indices, and clusters.

References
----------
RFC 9559, 5.1.1 (SeekHead), 5.1.3.2 (Position), 5.1.5 (Cues), 16 (positions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from genlabel._data import Data
from genlabel._errors import MediaError
from genlabel.labels.containers.boxes import Patch
from genlabel.labels.containers.films import ebml
from genlabel.labels.containers.films.ebml import Element

SEEK_HEAD, CUES, CLUSTER = 0x114D9B74, 0x1C53BB6B, 0x1F43B675
_SEEK, _SEEK_POSITION = 0x4DBB, 0x53AC
_CUE_POINT, _CUE_TRACK, _CUE_REFERENCE = 0xBB, 0xB7, 0xDB
_MASTERS = (_SEEK, _CUE_POINT, _CUE_TRACK, _CUE_REFERENCE)
# SeekPosition, CueClusterPosition, CueCodecState and CueRefCluster.
_POSITIONS = (_SEEK_POSITION, 0xF1, 0xEA, 0x97)
_CLUSTER_POSITION = 0xA7
#: Larger indices are refused; one of 10 hours with a cue a second has 1 MB.
MAX_INDEX_BYTES = 64 << 20
#: What a cluster says of itself comes before its blocks.
_MAX_CLUSTER_HEAD = 8

Move = Callable[[int], int]


def moved(data: Data, index: Element, move: Move, name: str) -> bytes:
    """Write an index anew, every position in it moved.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    index : Element
        SeekHead or Cues.
    move : callable
        From an old position to the new one.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged or too large.
    """
    if index.end - index.payload > MAX_INDEX_BYTES:
        raise MediaError(f"has an index of more than {MAX_INDEX_BYTES >> 20} MiB", path=name)
    return ebml.framed(index.kind, b"".join(_moved(data, index, move, name)))


def cluster_patches(data: Data, cluster: Element, move: Move, name: str) -> Iterator[Patch]:
    """Move what a cluster says of its own position, at the same size.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    cluster : Element
        Where it stands.
    move : callable
        From an old position to the new one.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged.
    """
    checksum: Element | None = None
    for number, item in enumerate(ebml.walk(data, cluster.payload, cluster.end, name)):
        if item.kind == ebml.CRC_32:
            checksum = item
        elif item.kind == _CLUSTER_POSITION:
            width = item.end - item.payload
            place = move(item.number(data))
            if width and place < 1 << 8 * width:
                yield Patch(item.payload, item.end, place.to_bytes(width, "big"))
            else:
                yield Patch(item.start, item.end, ebml.void(item.end - item.start))
            if checksum is not None:
                size = checksum.end - checksum.start
                yield Patch(checksum.start, checksum.end, ebml.void(size))
        if number >= _MAX_CLUSTER_HEAD:
            return


def _moved(data: Data, parent: Element, move: Move, name: str) -> Iterator[bytes]:
    for item in ebml.walk(data, parent.payload, parent.end, name):
        if item.kind == ebml.CRC_32:
            # It is of what stood here before, and may be left out.
            continue
        if item.kind in _MASTERS:
            yield ebml.framed(item.kind, b"".join(_moved(data, item, move, name)))
        elif item.kind in _POSITIONS:
            place = move(item.number(data))
            width = max(item.end - item.payload, (place.bit_length() + 7) // 8)
            yield ebml.framed(item.kind, place.to_bytes(width, "big"))
        else:
            yield data[item.start : item.end]
