"""The cases of a public verifier's corpus, made anew: their shells are as bare as the originals'.

The names, sizes and SHA-256 are those of AigcTotal's samples/corpus (manifest.txt at 9d27adc and
a4aff3a), which its own program makes; none of its files or code is here. Two of its cases are what
its fuzzer found, and are left to ours.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

from tests.sdk.labels import papers, pdfs
from tests.sdk.labels.containers.films import avis, mp4s
from tests.sdk.labels.containers.pictures import gifs, tiffs
from tests.sdk.labels.containers.sound.test_flac import flac_of
from tests.sdk.labels.containers.sound.test_ogg import comments, opus_of
from tests.sdk.labels.containers.sound.test_wav import DATA, FMT, wav_of
from tests.sdk.labels.samples import (
    chunk,
    itxt,
    jpeg_with,
    picture,
    png_with,
    riff_chunk,
    segment,
    webp_of,
    xmp_segment,
)
from tests.sdk.labels.sounds import id3_frame, id3_tag, made

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def fields(
    status: str = "1", producer: str = "CorpusStudio", number: str = "C-001", **more: str
) -> str:
    """Seven fields, the propagator's and the reserved ones empty."""
    values = {"Label": status, "ContentProducer": producer, "ProduceID": number, **more}
    values |= dict.fromkeys(("ReservedCode1", "ContentPropagator", "PropagateID"), "")
    return json.dumps({**values, "ReservedCode2": ""}, separators=(",", ":"), ensure_ascii=False)


LABEL = fields()
WRAPPED = f'{{"AIGC":{LABEL}}}'
QUOTED = LABEL.replace('"', "&quot;")
XMP = (
    f'<?xml version="1.0"?><x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:rdf="{RDF}"><rdf:RDF>'
    '<rdf:Description Label="1" ContentProducer="CorpusStudio" ProduceID="C-001"/></rdf:RDF>'
    "</x:xmpmeta>"
).encode()
TC260_XMP = (
    '<?xml version="1.0" encoding="UTF-8"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" '
    'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"><TC260:AIGC>'
    + fields(number="C-002").replace('"', "&quot;")
    + "</TC260:AIGC></rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()
CUSTOM = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="AIGC">'
    f"<vt:lpwstr>{QUOTED}</vt:lpwstr></property></Properties>"
).encode()
MARKDOWN = (
    "---\nAIGC:\n  Label: '1'\n  ContentProducer: 'CorpusStudio'\n  ProduceID: 'C-002'\n---\n\n"
    "正文内容。\n"
).encode()
ARTICLES = {
    "article-ai.txt": "本内容由人工智能生成。\n这是一篇AI生成的正文。",
    "article-plain.txt": "这是一篇普通文章，没有任何提示语。",
    "article-ai-suffix.txt": (
        "这是一篇普通的文章，讲述一个漫长的故事，内容平实，没有使用任何特殊技术，"
        "也没有任何特殊的标记或者提示语，只是用来撑长开头窗口的一段正文。\n"
        "文末提示：本内容由AI生成。"
    ),
}


def text_chunk(text: str, keyword: bytes = b"AIGC") -> bytes:
    return chunk(b"tEXt", keyword + b"\0" + text.encode())


def stored(text: bytes) -> bytes:
    """A zlib stream of one block that is not deflated."""
    size = len(text)
    block = b"\1" + struct.pack("<HH", size, size ^ 0xFFFF) + text
    return b"\x78\1" + block + struct.pack(">I", zlib.adler32(text))


def broken_crc(piece: bytes) -> bytes:
    crc = int.from_bytes(piece[-4:], "big") ^ 0xDEADBEEF
    return piece[:-4] + crc.to_bytes(4, "big")


def bare_png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def bare_jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + b"\xff\xda\xff\xd9"


def comment_exif() -> bytes:
    value = b"ASCII\0\0\0" + WRAPPED.encode()
    entry = struct.pack("<HHHII", 1, 0x9286, 7, len(value), 26)
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + entry + bytes(4) + value)


FTYP = mp4s.box(b"ftyp", b"isom\0\0\0\1")
MDAT = mp4s.box(b"mdat", bytes(32))
AIGC_BOX = mp4s.box(b"udta", mp4s.box(b"aigc", LABEL.encode()))
UUID = mp4s.box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP)


def keyed_box() -> bytes:
    key = struct.pack(">I", 13) + b"mdtaAIGC\0"
    keys = mp4s.box(b"keys", struct.pack(">II", 0, 1) + key)
    item = mp4s.box(b"\0\0\0\1", mp4s.box(b"data", struct.pack(">II", 1, 0) + LABEL.encode()))
    return mp4s.box(b"udta", mp4s.box(b"meta", bytes(4), keys, mp4s.box(b"ilst", item)))


def bare_flac(text: str) -> bytes:
    comment = comments(text.encode(), vendor=b"test")
    size = len(comment).to_bytes(3, "big")
    return b"fLaC\0\0\0\x22" + bytes(34) + b"\x84" + size + comment


def bare_ogg() -> bytes:
    first = b"\1vorbis".ljust(33, b"\0")
    second = b"\3vorbis" + comments(f"AIGC={LABEL}".encode(), vendor=b"test")
    head = b"OggS\0\2" + bytes(8) + b"\1\0\0\0" + bytes(8)
    return head + bytes([2, len(first), len(second)]) + first + second


def info_list() -> bytes:
    inside = riff_chunk(b"AIGC", LABEL.encode() + b"\0") + riff_chunk(b"JUNK", b"\1\2\3\4")
    return riff_chunk(b"LIST", b"INFO" + inside)


def bare_webp() -> bytes:
    # An odd chunk without its byte of padding, which the format asks for.
    body = riff_chunk(b"VP8X", bytes(10)) + b"XMP " + struct.pack("<I", len(XMP)) + XMP
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def bare_tiff() -> bytes:
    entry = struct.pack("<HHHII", 1, 700, 7, len(XMP), 26)
    return b"II*\0\x08\0\0\0" + entry + bytes(4) + XMP


def bare_gif() -> bytes:
    screen = b"GIF89a\1\0\1\0\0\0\0\x21\xff\x0bXMP Data\xec\x1b\xdf"
    return screen + gifs.sub_blocks(XMP) + b"\x3b"


def bare_zip(name: bytes, content: bytes, *, method: int = 0, size: int | None = None) -> bytes:
    """A file's header and content, without the directory that every package has."""
    plain = len(content) if size is None else size
    head = struct.pack("<HHHIIIIHH", 20, 0, method, 0, 0, len(content), plain, len(name), 0)
    return b"PK\3\4" + head + name + content


def streamed_zip(name: bytes, content: bytes) -> bytes:
    """A file of unknown length, and a directory that gives it; the checksums are missing."""
    size = len(content)
    data = b"PK\3\4" + struct.pack("<HHHIIIIHH", 20, 8, 0, 0, 0, 0, 0, len(name), 0) + name
    data += content + b"PK\7\x08" + struct.pack("<III", 0, size, size)
    entry = struct.pack("<HHHHIIIIHHHHHII", 20, 20, 8, 0, 0, 0, size, size, len(name), *bytes(6))
    entry = b"PK\1\2" + entry + name
    return data + entry + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(data), 0)


def bare_pdf(behind: str, trailer: str = "/Root 1 0 R/Info 1 0 R") -> bytes:
    start = "%PDF-1.7\n1 0 obj<</Producer(CorpusStudio)>>endobj\n"
    return f"{start}trailer<<{trailer}>>\n{behind}%%EOF".encode()


def whole_pdf(**facts: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.pdf(1))) as file:
        for name, text in facts.items():
            file.docinfo[f"/{name}"] = text
        file.save(out)
    return out.getvalue()


def whole_mp3(keyword: bytes, text: str) -> bytes:
    frame = id3_frame(b"TXXX", b"\3" + keyword + b"\0" + text.encode())
    return id3_tag(frame) + made("plain.mp3")[:900]


@dataclass(frozen=True)
class Case:
    """One case: its published digest and verdict, its bytes, and the same label in a whole file."""

    sha256: str
    verdict: str
    bare: Callable[[], bytes]
    whole: Callable[[], bytes] | None = None


COMPLIANT, NOT, MISSING, UNSURE = "compliant", "noncompliant", "not_found", "inconclusive"
CUSTOM_NAME = b"docProps/custom.xml"


def _png(digest: str, verdict: str, *chunks: bytes) -> Case:
    return Case(digest, verdict, lambda: bare_png(*chunks), lambda: png_with(*chunks))


CASES: dict[str, Case] = {
    "png-label-valid.png": _png(
        "c4afb14195b58ccd3c7b2c3d8905ed2bdeba33b09d5e0edf89bd5db369de8948",
        COMPLIANT,
        text_chunk(LABEL),
    ),
    "png-itxt-xmp.png": _png(
        "24a25779fc6ca53f1f2a3611e31b2084be27d50267030cdca2f9bde6df72ab9b",
        COMPLIANT,
        itxt("XML:com.adobe.xmp", TC260_XMP),
    ),
    "png-no-label.png": _png(
        "e57f1d10ff5b6304204efe694ad948f9b80dfa683474307ce9d291a816bc04a0",
        MISSING,
        text_chunk("plain image", b"Comment"),
    ),
    "png-label-missing-field.png": _png(
        "aa5c932c2c4c3feca9092c119b3cde94d6b9e42c45687d24553ef07fdb554def",
        NOT,
        text_chunk('{"Label":"1","ContentProducer":"CorpusStudio"}'),
    ),
    "png-label-duplicate.png": _png(
        "c883cbac2dd27141a5a14fa9e7f704b1539ef6ab73cf56381487d01bb1cc7f06",
        NOT,
        text_chunk(LABEL),
        text_chunk(LABEL),
    ),
    "png-label-charset-violation.png": _png(
        "d8636ee6d3d80c75589c1d91f4bc06464aa3493fa7109777a26f7bb0ce8c997f",
        NOT,
        text_chunk(fields(producer="中文平台", number="C-104")),
    ),
    "png-label-invalid-enum.png": _png(
        "de82a5ada88ca88f9993cc9f0ccb2bcf4e64b3b80c1c80c06dbca26213652544",
        NOT,
        text_chunk(fields("5", number="C-101")),
    ),
    "png-label-unknown-field.png": _png(
        "3257309987d2233fa01cc5492494f88117544adf42ec1dba904827bc3552b747",
        NOT,
        text_chunk(fields(number="C-102", Extra="x")),
    ),
    "png-label-disagree.png": _png(
        "447c96a39ecbee28efb5e66379a6159ed91b3ee10ff529c814fd4f4a0ec8c0c1",
        NOT,
        text_chunk(fields("1", "StudioA", "C-103")),
        text_chunk(fields("2", "StudioB", "C-103")),
    ),
    "png-text-empty-shell.png": _png(
        "f0fb4edeb2c59cd38b2dee089a662455fda2c75dfea8bbfc5ea0aa9fcd449870",
        UNSURE,
        text_chunk(""),
    ),
    "png-crc-corrupt.png": _png(
        "255c2699f0c437f12c785f4ed579e109ae7c607bd300930fb1b54997567242a3",
        COMPLIANT,
        broken_crc(text_chunk(LABEL)),
    ),
    "png-text-wrapped.png": _png(
        "67a346abad0ec62e2a9d71984061495433d00212fe7dc930f8394ba15832c738",
        COMPLIANT,
        text_chunk(WRAPPED),
    ),
    "png-ztxt-aigc.png": _png(
        "de8e99c740aa2b4594f04e429266898dd2d88d6dec29ef2cd6b01afa1c68cc79",
        COMPLIANT,
        chunk(b"zTXt", b"AIGC\0\0" + stored(LABEL.encode())),
    ),
    "png-ztxt-truncated-tail.png": _png(
        "2b13de94f33a1558a2bee2b2929e5f8c5c7824e9887ce37cee161fba1009147f",
        UNSURE,
        chunk(b"zTXt", b"AIGC\0\0\x78"),
    ),
    "png-truncated.png": Case(
        "29e5f5483fab2effb6b2ed028d18effd8694a0d765b6522df8ea13554e56523c",
        UNSURE,
        lambda: bare_png(text_chunk(LABEL))[:-4],
        lambda: png_with(text_chunk(LABEL))[:-4],
    ),
    "jpeg-xmp-valid.jpg": Case(
        "f0627c65360287d18d50dfabd32c0aecc50f5f3072b4346162c85933831644fe",
        COMPLIANT,
        lambda: bare_jpeg(xmp_segment(XMP)),
        lambda: jpeg_with(xmp_segment(XMP)),
    ),
    "jpeg-no-xmp.jpg": Case(
        "32461d5bd1773012acef0ba15636752949bd7c2ce50f9172159d9f56cf0dd9af",
        MISSING,
        lambda: b"\xff\xd8\xff\xd9",
        lambda: picture("JPEG"),
    ),
    "jpeg-exif-usercomment.jpg": Case(
        "b3303ad69ae82ae635cc5a6871719ab1481842772be0bb1cc0482a44e40be490",
        COMPLIANT,
        lambda: bare_jpeg(comment_exif()),
        lambda: jpeg_with(comment_exif()),
    ),
    "mp4-udta-aigc.mp4": Case(
        "57c7295266aa66ce5c9838010b8e422c3d02e96d89b0ea26907ebd091a758639",
        COMPLIANT,
        lambda: FTYP + mp4s.box(b"moov", AIGC_BOX) + MDAT,
        lambda: mp4s.ISO + mp4s.box(b"moov", mp4s.FILM, AIGC_BOX) + MDAT,
    ),
    "mp4-udta-meta-aigc.mp4": Case(
        "3fe713387a3f62bef6fb6a9923451eb7d8128d9029c3cf1f938fd770ef8064d4",
        COMPLIANT,
        lambda: FTYP + mp4s.box(b"moov", keyed_box()) + MDAT,
        lambda: (
            mp4s.ISO + mp4s.box(b"moov", mp4s.FILM, mp4s.keyed((b"AIGC", LABEL.encode()))) + MDAT
        ),
    ),
    "mp4-uuid-xmp.mp4": Case(
        "43667df67dade7539da6790ad7950c974536156a4643df97841c4a384ebd0a83",
        COMPLIANT,
        lambda: FTYP + UUID,
        lambda: mp4s.ISO + mp4s.box(b"moov", mp4s.FILM) + MDAT + UUID,
    ),
    "mp4-no-label.mp4": Case(
        "d12a713646645757db17ad4a7ab3cc2d9e6b65e541ecfc719d86b55edb517390",
        MISSING,
        lambda: FTYP + MDAT,
        lambda: mp4s.ISO + mp4s.box(b"moov", mp4s.FILM) + MDAT,
    ),
    "flac-aigc.flac": Case(
        "8d921fe62acf8057faaff49c0c2596ca1228c1a4d0f5646e5fd7fe90c967f5b4",
        COMPLIANT,
        lambda: bare_flac(f"AIGC={LABEL}"),
        lambda: flac_of((4, comments(f"AIGC={LABEL}".encode()))),
    ),
    "flac-no-label.flac": Case(
        "5f2163bc94a586a918adff92d8d2c671e42ac109de3bbe150b67461fe5c94e93",
        MISSING,
        lambda: bare_flac(f"OTHER={LABEL}"),
        lambda: flac_of((4, comments(f"OTHER={LABEL}".encode()))),
    ),
    "ogg-aigc.ogg": Case(
        "fd3eaf44c2d313f3cdb800a0c7e4badc14973b40337907f885900044b5f1d613",
        COMPLIANT,
        bare_ogg,
        lambda: opus_of(comments(f"AIGC={LABEL}".encode())),
    ),
    "avi-aigc.avi": Case(
        "82ab82f78b9be82a9fa6c28cceed5fc804a7be50b1526135d95945b238593ca5",
        COMPLIANT,
        lambda: riff_chunk(b"RIFF", b"AVI " + info_list()),
        lambda: avis.avi_of(info_list()),
    ),
    "webp-xmp.webp": Case(
        "6c9029bdd3c324600184039724916fd4ba35bbdbec424330dd29065967394b75",
        COMPLIANT,
        bare_webp,
        lambda: webp_of(picture("WEBP")[12:], riff_chunk(b"XMP ", XMP)),
    ),
    "tiff-xmp.tiff": Case(
        "8902c0771464825fd24b3b384256faa20924eb397f4ae995f4b0674b2dc0ea59",
        COMPLIANT,
        bare_tiff,
        lambda: tiffs.tiff(rows=((700, 7, XMP),)),
    ),
    "gif-xmp.gif": Case(
        "4b61a376f79d65dcd21122f1aafb5fd699e47fae169b97bb6aba4e01379ba290",
        COMPLIANT,
        bare_gif,
        lambda: gifs.gif_with(gifs.xmp(XMP)),
    ),
    "ooxml-custom-aigc.docx": Case(
        "f84b45a037580e6b852f49b29859a52c09ffae713a743ee9cc5d35f90ff41f54",
        COMPLIANT,
        lambda: bare_zip(CUSTOM_NAME, CUSTOM),
        lambda: papers.docx(**{CUSTOM_NAME.decode(): CUSTOM}),
    ),
    "ooxml-custom-aigc-streaming.docx": Case(
        "12c48b43792902168ec5a3f4c8c6c1995a8be84fbc82b62ff36ebf23d76f94eb",
        COMPLIANT,
        lambda: streamed_zip(CUSTOM_NAME, CUSTOM),
    ),
    "ooxml-no-label.docx": Case(
        "c1fb5ac5f70dc868e8ca643d78a33f768488b827a2c0eb9b60f8932ea8bcd7dc",
        MISSING,
        lambda: bare_zip(b"docProps/core.xml", b"<x/>"),
        papers.docx,
    ),
    "pdf-info-aigc.pdf": Case(
        "0d5599f15ab0b03e510355adfc64a109b8ecd239b4c8d25c06eb7e2328782068",
        COMPLIANT,
        lambda: bare_pdf(f"/AIGC ({LABEL})\n"),
        lambda: whole_pdf(AIGC=LABEL),
    ),
    "pdf-no-label.pdf": Case(
        "0060b1ed0a8ad4dff725abe03c7354c57664cd9b35e087e7d044f544c766036b",
        MISSING,
        lambda: bare_pdf("", "/Root 1 0 R"),
        lambda: whole_pdf(Producer="CorpusStudio"),
    ),
    "md-front-matter.md": Case(
        "4c5acc109e9a6eff179a73440b95b53958967fca0ebb7b3e17e8c622e97a9c9b",
        COMPLIANT,
        lambda: MARKDOWN,
    ),
    "wav-aigc.wav": Case(
        "7eb85627880ca2a586a2496d8afe715f29a1393db9ebf1d0df40d8321530396c",
        COMPLIANT,
        lambda: wav_of(riff_chunk(b"fmt ", bytes(16)), riff_chunk(b"AIGC", LABEL.encode())),
        lambda: wav_of(FMT, riff_chunk(b"AIGC", LABEL.encode()), DATA),
    ),
    "wav-no-label.wav": Case(
        "007e4103a8e171adacd6357d5862b2d2675d0ae60dd795526c3123a940de8712",
        MISSING,
        lambda: wav_of(riff_chunk(b"fmt ", bytes(16))),
        lambda: wav_of(FMT, DATA),
    ),
    "mp3-txxx-aigc.mp3": Case(
        "270f3b8c9e2edd46e758f7f814d621c353c1c59dfa7a57c9e2fbb59f297ac32c",
        COMPLIANT,
        lambda: id3_tag(id3_frame(b"TXXX", b"\3AIGC\0" + LABEL.encode())),
        lambda: whole_mp3(b"AIGC", LABEL),
    ),
    "mp3-no-label.mp3": Case(
        "d4db8c75efc45cb96e0cffdfcd5c977c640a81c08dfe169d6e0100cb3a411300",
        MISSING,
        lambda: id3_tag(id3_frame(b"TXXX", b"\3Comment\0nothing")),
        lambda: whole_mp3(b"Comment", "nothing"),
    ),
    "article-ai.txt": Case(
        "8e2edf684a555a2af91039e43140f3a20ab578ea89ef08a779994110511c488a",
        COMPLIANT,
        lambda: ARTICLES["article-ai.txt"].encode(),
    ),
    "article-ai-suffix.txt": Case(
        "14ea9202340b70c5c62f48f0ef3e878ac59b9464eacb9d19b73204360377c933",
        COMPLIANT,
        lambda: ARTICLES["article-ai-suffix.txt"].encode(),
    ),
    "article-plain.txt": Case(
        "bbff0445fd01deb799b65fbe04bdc893394d3b9f24a3c49d455d7e03b7ba6bed",
        MISSING,
        lambda: ARTICLES["article-plain.txt"].encode(),
    ),
    "polyglot-ambiguous.bin": Case(
        "4ebcec6c535ee49b3596996dab44569e972ddb22d1189028a93b485c3ed5dacc",
        UNSURE,
        lambda: b"\xff\xd8\xff\xe0ftyp\0\0\1\2",
    ),
}
