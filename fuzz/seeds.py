"""Small files of every kind to begin with, made by the tests' own code."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from genlabel import Label, UnsupportedError
from genlabel.labels.metadata import write_metadata
from tests.conformance.corpus import CASES, XMP
from tests.sdk.labels import films, papers, pdfs, sounds
from tests.sdk.labels.containers.films import avis, mkvs, mp4s
from tests.sdk.labels.containers.pictures import gifs, heifs, tiffs
from tests.sdk.labels.containers.sound import test_wav
from tests.sdk.labels.samples import (
    BARE,
    DOUBAO,
    WRAPPED,
    aigc_attribute,
    aigc_element,
    exif_block,
    picture,
)

#: Containers, and the endings of their names.
SUFFIXES = {
    "png": "png",
    "jpeg": "jpg",
    "webp": "webp",
    "gif": "gif",
    "tiff": "tiff",
    "bmp": "bmp",
    "avif": "avif",
    "jxl": "jxl",
    "svg": "svg",
    "wav": "wav",
    "mp3": "mp3",
    "flac": "flac",
    "ogg": "ogg",
    "m4a": "m4a",
    "mp4": "mp4",
    "matroska": "mkv",
    "avi": "avi",
    "flv": "flv",
    "pdf": "pdf",
    "docx": "docx",
    "odt": "odt",
    "epub": "epub",
    "markdown": "md",
    "html": "html",
    "vtt": "vtt",
}
#: Those whose samples are decoded as well.
VERIFIED = (
    *("png", "jpeg", "webp", "gif", "tiff", "bmp", "avif"),
    *("wav", "flac", "mp3", "ogg", "mp4", "flv"),
    *("html", "docx", "vtt", "markdown", "pdf"),
)

_CORPUS_PREFIXES = {"jpeg": "jpeg", "markdown": "md", "docx": "ooxml", "matroska": "-"}
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><metadata/><rect width="9" height="9"/></svg>'


def files(name: str) -> list[bytes]:
    """Give small whole files of a kind: labelled by others, not at all, and by genlabel."""
    prefix = _CORPUS_PREFIXES.get(name, name)
    others = [
        case.whole()
        for key, case in CASES.items()
        if key.startswith(f"{prefix}-") and case.whole is not None
    ]
    plain = _MADE[name]() if name in _MADE else []
    return [*plain, *others, *(_labelled(data, f"a.{SUFFIXES[name]}") for data in plain)]


def _labelled(data: bytes, name: str) -> bytes:
    try:
        return write_metadata(data, Label("acme", "2"), name=name)[0]
    except UnsupportedError:
        return data


def _mp4s() -> list[bytes]:
    itunes = mp4s.itunes(mp4s.freeform(b"AIGC", WRAPPED.encode()))
    return [mp4s.ISO + mp4s.box(b"moov", mp4s.FILM), mp4s.mp4_of(itunes), mp4s.mp4_of(late=True)]


_MADE: dict[str, Callable[[], list[bytes]]] = {
    "png": lambda: [picture("PNG")],
    "jpeg": lambda: [picture("JPEG")],
    "webp": lambda: [picture("WEBP")],
    "gif": lambda: [gifs.gif(2)],
    "tiff": lambda: [tiffs.tiff(">", True, pages=2)],
    "bmp": lambda: [picture("BMP")],
    "avif": lambda: [heifs.avif()],
    "jxl": lambda: [heifs.jxl(), heifs.JXL],
    "svg": lambda: [_SVG],
    "wav": lambda: [test_wav.wav_of(test_wav.FMT, test_wav.DATA)],
    "mp3": lambda: [sounds.made("plain.mp3")[:2000]],
    "m4a": _mp4s,
    "mp4": _mp4s,
    "matroska": lambda: [mkvs.mkv_of(), mkvs.mkv_of(unknown=True, early=True)],
    "avi": lambda: [avis.avi_of(), avis.avi_of(opendml=True, forms=2)],
    "flv": lambda: [films.made("keyframes.flv")],
    "pdf": lambda: [pdfs.pdf(1), pdfs.pdf(1, streams=True)],
    "docx": lambda: [papers.docx()],
    "odt": lambda: [papers.odt()],
    "epub": lambda: [papers.epub()],
    "markdown": lambda: [CASES["md-front-matter.md"].bare(), papers.MARKDOWN.encode()],
    "html": lambda: [papers.HTML.encode()],
    "vtt": lambda: [papers.VTT.encode()],
}


def json_texts() -> list[bytes]:
    """Give AIGC labels as they are found, one with security data."""
    signed = {"SecurityData": {"Type": "TC260PG", "PubSD": [{"Type": "DS", "AlgID": "1.2"}]}}
    nested = json.dumps({**DOUBAO, "ReservedCode1": json.dumps(signed)})
    return [BARE.encode(), WRAPPED.encode(), json.dumps(BARE).encode(), nested.encode()]


def packets() -> list[bytes]:
    """Give XMP packets."""
    return [
        XMP,
        aigc_element(BARE),
        aigc_attribute(BARE),
        aigc_element(BARE).decode().encode("utf-16"),
    ]


def exif_blocks() -> list[bytes]:
    """Give Exif blocks."""
    value = b"ASCII\0\0\0" + WRAPPED.encode()
    return [exif_block(0x9286, value), exif_block(0x010E, value, order=">")]


def keys() -> list[bytes]:
    """Give a public key in PEM."""
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
    point = bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    text = base64.encodebytes(head + point)
    return [b"-----BEGIN PUBLIC KEY-----\n" + text + b"-----END PUBLIC KEY-----\n"]
