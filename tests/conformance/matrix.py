"""Every container and every layer, and who reads it: ``python -m tests.conformance.matrix``.

Each file holds what files hold before they are labelled: somebody's XMP, Exif, a colour profile,
comments, tags.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import c2pa
import pikepdf
from PIL import Image, ImageCms, PngImagePlugin

import genlabel
from genlabel import Label, Signer, UnsupportedError
from genlabel.certs import init
from genlabel.labels.aigc import compose
from genlabel.labels.c2pa._settings import context
from genlabel.labels.containers import files
from genlabel.labels.containers.contents import Edits
from tests.conformance.tables import ROOT, replaced
from tests.sdk.labels import films, papers, pdfs, sounds
from tests.sdk.labels.containers.pictures import gifs, heifs, tiffs
from tests.sdk.labels.samples import picture, rdf
from tests.sdk.labels.test_pictures import shown

DOCUMENT = ROOT / "docs" / "containers.md"
LABEL = Label(
    "001191110102MACQD9K64010000",
    produce_id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
    system="Painter",
    system_version="3.1-beta",
    created=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
    prompt="A walk over the hills",
    prompt_writer="Ada L",
)
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
#: IPTC's four, as exiftool names and finds them.
AI_FIELDS = {
    "AISystemUsed": LABEL.system,
    "AISystemVersionUsed": LABEL.system_version,
    "AIPromptInformation": LABEL.prompt,
    "AIPromptWriterName": LABEL.prompt_writer,
}
PROFILES = ("cn", "eu", "us-ca")
_OPAQUE = "application/octet-stream"

_SOMEBODYS = rdf(
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:own="urn:example:own" own:number="7">'
    "<dc:creator><rdf:Seq><rdf:li>Grace H</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
)
_TITLE = '<office:meta><meta:user-defined meta:name="Number">7</meta:user-defined></office:meta>'
_CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
    ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Number">'
    "<vt:i4>7</vt:i4></property></Properties>"
)
_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>A walk</title>'
    b'<rect width="9" height="9"/></svg>'
)


def _exif() -> bytes:
    block = Image.Exif()
    block[0x010F], block[0x013B] = "Acme", "Grace H"
    block.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0A walk"
    return block.tobytes()


def _options() -> dict[str, Any]:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return {"exif": _exif(), "icc_profile": profile.tobytes()}


def _png(frames: int) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "A walk")
    more = [Image.new("RGB", (24, 16), (9 * at, 40, 90)) for at in range(frames - 1)]
    animated: dict[str, Any] = {"save_all": True, "append_images": more} if more else {}
    return picture("PNG", pnginfo=texts, **animated, **_options())


def _heif_exif() -> bytes:
    return heifs.box(b"Exif", bytes(4), _exif().removeprefix(b"Exif\0\0"))


def _fragments() -> bytes:
    options = {"movflags": "frag_keyframe+empty_moov+cmaf+dash+global_sidx"}
    return films.film("mp4", options=options, **sounds.TAGS)


#: A file of each kind, its name told by the first word of its key.
MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JPEG": ("a.jpg", lambda: picture("JPEG", comment=b"A walk", **_options())),
    "PNG": ("a.png", lambda: _png(1)),
    "APNG": ("a.png", lambda: _png(3)),
    "WebP": ("a.webp", lambda: picture("WEBP", **_options())),
    "GIF": ("a.gif", lambda: gifs.gif_with(gifs.comment(b"A walk"), frames=3)),
    "TIFF": ("a.tif", lambda: picture("TIFF", description="A walk", **_options())),
    "BigTIFF": ("a.tif", lambda: tiffs.tiff("<", True, rows=((315, 2, b"Grace H\0"),))),
    "BMP": ("a.bmp", lambda: picture("BMP")),
    "AVIF": ("a.avif", lambda: heifs.avif(**_options())),
    "HEIC": ("a.heic", lambda: heifs.HEIC),
    "JPEG XL": ("a.jxl", lambda: heifs.jxl(_heif_exif())),
    "SVG": ("a.svg", lambda: _SVG),
    "WAV": ("a.wav", lambda: sounds.made("tagged.wav")),
    "RF64": ("a.wav", lambda: sounds.made("rf64.wav")),
    "MP3": ("a.mp3", lambda: sounds.made("padded.mp3")),
    "FLAC": ("a.flac", lambda: sounds.made("tagged.flac")),
    "Ogg Vorbis": ("a.ogg", lambda: sounds.made("vorbis.ogg")),
    "Ogg Opus": ("a.opus", lambda: sounds.made("ffmpeg.ogg")),
    "M4A": ("a.m4a", lambda: sounds.made("itunes.m4a")),
    "MP4": ("a.mp4", lambda: films.made("early.mp4")),
    "MP4, fragmented": ("a.mp4", _fragments),
    "MOV": ("a.mov", lambda: films.made("early.mov")),
    "MKV": ("a.mkv", lambda: films.made("early.mkv")),
    "WebM": ("a.webm", lambda: films.made("plain.webm")),
    "AVI": ("a.avi", lambda: films.made("tagged.avi")),
    "FLV": ("a.flv", lambda: films.made("keyframes.flv")),
    "MPEG-TS": ("a.ts", lambda: films.made("plain.ts")),
    "PDF": ("a.pdf", lambda: pdfs.pdf(title="A walk")),
    "DOCX": ("a.docx", lambda: papers.docx(**{"docProps/custom.xml": _CUSTOM})),
    "XLSX": ("a.xlsx", lambda: papers.PAPERS["walk.xlsx"]),
    "PPTX": ("a.pptx", lambda: papers.PAPERS["walk.pptx"]),
    "ODT": ("a.odt", lambda: papers.odt(_TITLE)),
    "EPUB": ("a.epub", papers.epub),
    "HTML": ("a.html", papers.HTML.encode),
    "Markdown": ("a.md", papers.MARKDOWN.encode),
    "WebVTT": ("a.vtt", papers.VTT.encode),
    "SubRip": ("a.srt", papers.SRT.encode),
    "plain text": ("a.txt", papers.TEXT.encode),
}
# What a label adds to a text: elements, lines of the front matter, comments.
_OUR_LINES = re.compile(
    rb'<meta name="(AIGC|Iptc4xmpExt:|xmp:)[^>]*>|^AIGC:\n(  .*\n)+|^(Iptc4xmpExt|xmp):.*\n'
    rb"|^NOTE (AIGC|Iptc4xmpExt|xmp).*\n(.+\n)*\n",
    re.MULTILINE,
)
# What says where things lie, how long they are, and what the whole packet is.
_PASSING = re.compile(
    r"SourceFile|(System|ExifTool|Composite|ZIP|XMP-x):|"
    r"(File:(ID3Size|FileSize|LineCount|WordCount)|RIFF:(RIFFSize64|Unknown\w*)|"
    r"QuickTime:(MediaData\w*|Unknown_mfra)|Track\d:ChunkOffset|"
    r"IFD0:(StripOffsets|ApplicationNotes)|Matroska:(SeekPosition|CueClusterPosition)|"
    r"Flash:(FileSizeBytes|Lastkeyframelocation|KeyFramePositions(#\d+)?)|\w+:Xmp)$"
)
# A chunk that exiftool shows if asked to.
_UNNAMED = "Unknown_"
# Tags of ID3 come out of signing in its newer version; one of a name after another has a number.
_SAME = re.compile(r"(?<=ID3v2_)[34]|:Copy\d+(?=:)")


@dataclass(frozen=True)
class Row:
    """A container: the file before, labelled, and signed too; None where a step is refused.

    Parameters
    ----------
    name : str
        The file's.
    plain, labelled, signed : bytes
        Without a label, with one, and with a manifest; the same where nothing was changed.
    sidecar : bytes or None
        The manifest, where it stands beside the file.
    """

    name: str
    plain: bytes
    labelled: bytes
    signed: bytes
    sidecar: bytes | None

    @property
    def held(self) -> str:
        """Whether the file holds its manifest."""
        if self.sidecar is not None:
            return "beside"
        return "inside" if self.signed != self.labelled else ""


@cache
def authority() -> tuple[Signer, bytes]:
    """Somebody who signs, and the root under which that is trusted."""
    with tempfile.TemporaryDirectory() as folder:
        made = init(Path(folder))
        return Signer.load(made.chain, made.key), made.root.read_bytes()


@cache
def row(kind: str) -> Row:
    """Label and sign a file that holds what files hold."""
    name, make = MAKERS[kind]
    plain = _with_packet(make(), name)
    with tempfile.TemporaryDirectory() as folder:
        source, target, signed = (Path(folder, each, name) for each in ("a", "b", "c"))
        for path in (source, target, signed):
            path.parent.mkdir()
        source.write_bytes(plain)
        try:
            genlabel.label(source, target, label=LABEL, profiles=PROFILES)
            labelled = target.read_bytes()
        except UnsupportedError:
            labelled = plain
        genlabel.label(source, signed, label=LABEL, profiles=PROFILES, signer=authority()[0])
        assert source.read_bytes() == plain
        beside = signed.with_suffix(".c2pa")
        manifest = beside.read_bytes() if beside.exists() else None
        return Row(name, plain, labelled, signed.read_bytes(), manifest)


def _with_packet(data: bytes, name: str) -> bytes:
    """Somebody's XMP in a file that has a place for it."""
    contents = files.read(data, name=name)
    if contents.named_fields or not contents.carrier:
        return data
    return files.write(data, contents, Edits(new_xmp=_SOMEBODYS), name=name)[0]


def payload(data: bytes, name: str) -> str:
    """A digest of what is no metadata: coded streams, decoded pixels, text."""
    kind = files.read(data, name=name).media_type
    out = hashlib.sha256()
    if kind.startswith("image/"):
        parts: Iterable[bytes] = shown(data)
    elif kind.startswith("video/"):
        parts = [repr(films.coded(data)).encode()]
    elif kind.startswith("audio/"):
        parts = [sounds.coded(data).encode(), sounds.decoded(data).encode()]
    elif kind == "application/pdf":
        with pikepdf.open(io.BytesIO(data)) as file:
            parts = [page.Contents.read_bytes() for page in file.pages]
    elif data.startswith(b"PK"):
        held = papers.parts_of(data)
        parts = [part.encode() + held[part] for part in held if part not in papers.META_PARTS]
    else:
        parts = [_OUR_LINES.sub(b"", data)]
    for part in parts:
        out.update(len(part).to_bytes(8, "big") + part)
    return out.hexdigest()


@cache
def exiftool(state: Literal["plain", "labelled", "signed"]) -> dict[str, dict[str, str]]:
    """Ask exiftool for all it knows of all files, chunks without a name included."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{at}-{name}") for at, (name, _) in enumerate(MAKERS.values())]
        for path, kind in zip(paths, MAKERS, strict=True):
            path.write_bytes(getattr(row(kind), state))
        command = ["exiftool", "-json", "-G1:4", "-a", "-u", "-b", *map(str, paths)]
        said = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
    return {kind: _texts(tags) for kind, tags in zip(MAKERS, said, strict=True)}


def _texts(tags: Mapping[str, Any]) -> dict[str, str]:
    """Give what exiftool says as texts; those it takes for binary come in base64."""
    found = {}
    for key, value in tags.items():
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            text = str(each)
            if text.startswith("base64:"):
                text = base64.b64decode(text[7:]).decode("utf-8", "replace")
            found[f"{key}#{number}" if number else key] = text
    return found


def kept(before: Mapping[str, str], after: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Give what exiftool said before and no longer says: nothing, but for where things lie."""

    def told(tags: Mapping[str, str]) -> Counter[tuple[str, str]]:
        names = ((_SAME.sub("", name), value) for name, value in tags.items())
        return Counter((name, value) for name, value in names if not _PASSING.match(name))

    return dict(told(before) - told(after))


def ffmpeg(data: bytes, name: str) -> dict[str, str]:
    """Ask FFmpeg's libraries for a file's tags; pictures and texts have none there."""
    kind = files.read(data, name=name).media_type.partition("/")[0]
    if kind == "video":
        return films.tags_of(data)
    return sounds.tags_of(data) if kind == "audio" else {}


def manifest(made: Row) -> tuple[str, Mapping[str, Any]]:
    """Ask c2pa-python for the state of a file's manifest, and the assertions in it."""
    kind = _OPAQUE if made.sidecar else files.read(made.signed, name=made.name).media_type
    source = io.BytesIO(made.signed)
    trusted = context(authority()[1])
    with c2pa.Reader(kind, source, made.sidecar, context=trusted) as reader:
        record = json.loads(reader.json())
    active = record["manifests"][record["active_manifest"]]
    said = {assertion["label"]: assertion["data"] for assertion in active["assertions"]}
    return record["validation_state"], said


def table() -> str:
    """Give the table of who reads what."""
    tags = exiftool("labelled")
    lines = [
        "| container | AIGC label | source type, AI fields, time | manifest |",
        "|---|---|---|---|",
    ]
    for kind in MAKERS:
        made = row(kind)
        cells = (kind, _label_readers(made, tags[kind]), _fact_readers(tags[kind]), made.held)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _label_readers(made: Row, tags: Mapping[str, str]) -> str:
    text = compose(LABEL)
    names = [name for name, value in tags.items() if text in value]
    readers = ["exiftool -u" if _UNNAMED in names[0] else "exiftool"] if names else []
    if text in ffmpeg(made.labelled, made.name).values():
        readers.append("FFmpeg")
    return ", ".join(readers)


def _fact_readers(tags: Mapping[str, str]) -> str:
    created = LABEL.created
    assert created is not None
    dates = (created.isoformat(), created.isoformat(" ").replace("-", ":", 2))
    values = set(tags.values())
    facts = [SOURCE_TYPE, *filter(None, AI_FIELDS.values())]
    if values.issuperset(facts) and values.intersection(dates):
        return "exiftool"
    packets = (all(fact in value for fact in (*facts, dates[0])) for value in values)
    return "exiftool, as one text" if any(packets) else ""


def main() -> None:
    """Write the table anew."""
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(replaced(text, "Who reads it", table()))


if __name__ == "__main__":
    main()
