"""Which files have a place for a C2PA manifest, and which of them can be signed here.

References
----------
C2PA Technical Specification 2.4, annex A (embedding manifests): WAV, MP3, FLAC and MP4 among sound,
MP4 and AVI among films, PDF and ZIP packages among documents.
"""

from __future__ import annotations

from genlabel._data import Data
from genlabel.labels.containers.documents.types import EPUB, PDF, is_document
from genlabel.labels.containers.films import avi
from genlabel.labels.containers.pictures import tiff

_NO_PLACE = {
    "bmp": "BMP",
    "ogg": "Ogg",
    "matroska": "Matroska",
    "webm": "WebM",
    "x-flv": "FLV",
    "mp2t": "transport streams",
}
_ANY = "application/octet-stream"
_LONG_FORMS = (b"RF64", b"BW64")


def no_carrier(data: Data, media_type: str) -> str | None:
    """Say why a file cannot carry a manifest.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    media_type : str
        Its MIME type by content.

    Returns
    -------
    str or None
        One sentence; None where it can.
    """
    place = _NO_PLACE.get(media_type.partition("/")[2])
    if place is not None:
        return f"no C2PA manifest was put in: the standard has no place for one in {place}"
    if _is_package(media_type):
        return "no C2PA manifest was put in: c2pa-python takes no packages with deflated parts"
    if is_document(media_type) and media_type != PDF:
        return f"no C2PA manifest was put in: the standard has no place for one in {media_type}"
    if media_type == "audio/wav" and data[:4] in _LONG_FORMS:
        return f"no C2PA manifest was put in: c2pa-python takes RIFF files, not {data[:4].decode()}"
    if media_type == "video/x-msvideo" and not avi.is_whole(data):
        return "no C2PA manifest was put in: c2pa-python takes AVI files of one RIFF form"
    if media_type == "image/tiff" and isinstance(data, bytes) and tiff.pages(data, "") > 1:
        # It adds a page that holds nothing else, at which viewers stop.
        return "no C2PA manifest was put in: c2pa-python takes TIFF files of one page"
    return None


def opaque(data: Data, media_type: str) -> str:
    """Say as what a file is signed whose manifest stands beside it.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    media_type : str
        Its MIME type by content.

    Returns
    -------
    str
        The same, but for what c2pa-python would try to open, and cannot.
    """
    import c2pa

    known = media_type in c2pa.Reader.get_supported_mime_types()
    return _ANY if known and no_carrier(data, media_type) is not None else media_type


def _is_package(media_type: str) -> bool:
    return media_type == EPUB or media_type.startswith("application/vnd.")
