"""Where labels are put: files as pieces, taken apart and put together without loss.

A container module knows bytes and segments, never what a label means.
"""

from __future__ import annotations

from genlabel._data import Data
from genlabel.labels.containers.documents.types import DOCUMENT_TYPES

#: Containers this version serves, and their MIME types; that of sound where a film may be in it.
MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
    "jxl": "image/jxl",
    "svg": "image/svg+xml",
    "bmp": "image/bmp",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "matroska": "audio/matroska",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "mpegts": "video/mp2t",
    **DOCUMENT_TYPES,
}
# Brands of pictures in boxes, of the coding each tells.
_AVIF = (b"avif", b"avis")
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs")
# Those of any coding: other brands of the file tell which. Canon's raw pictures are not served.
_PICTURES = (b"mif1", b"msf1", b"mif2", b"crx ")
# Of a codestream alone, and of boxes around one.
_JXL = (b"\xff\x0a", b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a")
# Boxes that QuickTime files begin with that are older than ftyp.
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
#: Containers of films and sound: such files are mapped, and never held in memory.
MAPPED = frozenset(("mp4", "matroska", "avi", "flv", "mpegts", "wav", "flac", "ogg", "mp3"))
#: So many bytes tell them from other files, and one from the other.
SNIFFED_BYTES = 1 << 12
# Classic and BigTIFF, in either byte order.
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What packets of a transport stream begin with; their size, and where in it that stands: Blu-ray's
# form puts four bytes before it (ISO/IEC 13818-1, 2.4.3.2).
_SYNC = 0x47
_PACKET_FORMS = ((188, 0), (192, 4))
_PACKETS = 4
# Headers of OS/2, Windows 3, and what came later.
_BMP_INFO_BYTES = (12, 16, 40, 52, 56, 64, 108, 124)
_TAG_HEADER_BYTES = 10
_MAX_TAGS = 8


def sniff(head: bytes) -> str | None:
    """Recognise a container by its first bytes.

    Parameters
    ----------
    head : bytes
        The beginning of a file, 12 bytes or more. What stands behind an ID3 tag is looked at where
        it is there, and taken for MPEG sound where it is not.

    Returns
    -------
    str or None
        A key of `MEDIA_TYPES`; None for anything else.
    """
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if head[:4] in _TIFF:
        return "tiff"
    if head.startswith(_JXL):
        return "jxl"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_INFO_BYTES:
        return "bmp"
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[:4] == b"FLV\1":
        return "flv"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"OggS":
        return "ogg"
    if head[4:8] in _OLD_QUICKTIME:
        return "mp4"
    if head[4:8] == b"ftyp":
        return _boxed(head)
    return "mpegts" if _transport(head) else behind_tags(head)


def _transport(head: bytes) -> bool:
    """Tell whether a file begins with packets of a transport stream."""
    return any(
        len(head) >= 2 * size and all(byte == _SYNC for byte in head[at : size * _PACKETS : size])
        for size, at in _PACKET_FORMS
    )


def _boxed(head: bytes) -> str | None:
    """Tell pictures in boxes from films and sound."""
    brand = head[8:12]
    others = [head[at : at + 4] for at in range(16, int.from_bytes(head[:4], "big") & 0xFFF, 4)]
    for kind, brands in (("avif", _AVIF), ("heic", _HEIC)):
        if brand in brands or (brand in _PICTURES and any(each in brands for each in others)):
            return kind
    return None if brand in _PICTURES else "mp4"


def behind_tags(head: Data) -> str | None:
    """Recognise what may stand behind ID3 tags.

    Parameters
    ----------
    head : bytes or Mapped
        The beginning of a file, or all of it.

    Returns
    -------
    str or None
        As `sniff`.
    """
    at = tags = 0
    while head[at : at + 3] == b"ID3" and tags < _MAX_TAGS:
        size = 0
        for byte in head[at + 6 : at + _TAG_HEADER_BYTES]:
            size = size << 7 | byte & 0x7F
        at, tags = at + _TAG_HEADER_BYTES + size, tags + 1
    sound = head[at : at + 4]
    if sound == b"fLaC":
        return "flac"
    # A layer of zero is that of AAC in ADTS, which begins alike.
    mpeg = len(sound) >= 2 and sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0 and sound[1] & 0x06
    return "mp3" if mpeg or (at and not _other(sound)) else None


def _other(sound: bytes) -> bool:
    """Tell whether what follows a tag is known to be something else than MPEG sound."""
    adts = len(sound) >= 2 and sound[0] == 0xFF and sound[1] & 0xF6 == 0xF0
    return adts or sound in (b"OggS", b"RIFF", b"FORM", b"MAC ", b"wvpk")
