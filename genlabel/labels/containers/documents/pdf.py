"""PDF: the information dictionary and the metadata stream, changed by an update at the end.

References
----------
ISO 32000-2, 14.3.2 (metadata streams) and 14.3.3 (document information dictionary);
TC260-PG-20258A (entry AIGC of the latter).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.documents.pdf_file import open_pdf, refuse_change
from genlabel.labels.containers.documents.pdf_objects import dictionary, entries_of, stream
from genlabel.labels.containers.documents.pdf_update import Update

if TYPE_CHECKING:
    import pikepdf

#: In front of updates that hold metadata alone.
_MARK = b"genlabel metadata 1"
_METADATA = 0
# Places of texts that are in no dictionary count from here.
_ASTRAY = 1 << 20
_ENTRY = re.compile(rb"/AIGC\s{0,8}(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\)){0,65536}+\))", re.S)
_MAX_ENTRIES = 1024


def read(data: bytes, *, name: str) -> Contents:
    """Find the metadata stream and the texts of the information dictionary.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged beyond reading.
    UnsupportedError
        It is encrypted.
    """
    try:
        with open_pdf(data, name=name) as pdf:
            packet, information = _packet(pdf), _information(pdf)
    except MediaError:
        astray = _astray(data)
        if not astray:
            raise
        return Contents(texts=astray)
    texts = tuple(
        Held(index, f"PDF Info {key[1:]!r}", value.encode("utf-8", "replace"), key[1:], own=True)
        for index, (key, value) in enumerate(information.items(), 1)
    )
    if not any("AIGC" in held.keyword.upper() for held in texts):
        texts += _astray(data)
    return Contents(xmp=() if packet is None else (packet,), texts=texts)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put metadata behind the file, in place of what was put there before.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file, of which the old one is the beginning; there are no warnings.

    Raises
    ------
    MediaError
        It is damaged.
    UnsupportedError
        It is encrypted or digitally signed.
    """
    with open_pdf(data, name=name) as pdf:
        refuse_change(data, pdf, name=name)
        names = dict(enumerate(_information(pdf), 1))
        packet = edits.xmp.get(_METADATA, edits.new_xmp)
        if not _changes(contents, edits, packet):
            return data, ()
        if packet is None and contents.xmp:
            packet = contents.xmp[0].content()
        entries = _entries(pdf)
    for index in edits.drop & names.keys():
        entries.pop(names[index].encode(), None)
    texts = {names[index]: text for index, text in edits.texts.items() if index in names}
    for key, text in {**texts, **{f"/{key}": text for key, text in edits.new.items()}}.items():
        entries[key.encode()] = _string(text.decode())
    base = _without_own(data)
    with open_pdf(base, name=name) as pdf:
        update = Update(base, pdf, _MARK)
        _inform(update, pdf, entries)
        if packet is not None:
            _describe(update, pdf, packet)
        return update.finish(name=name), ()


def parts(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Name what people and programs see of a file: its pages' content and its metadata.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Yields
    ------
    (str, bytes)
        A name for people, and the part or its digest.
    """
    import pikepdf

    with open_pdf(data, name=name) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            found = page.obj.get("/Contents")
            streams = list(found) if isinstance(found, pikepdf.Array) else [found]
            digest = hashlib.blake2b()
            for one in streams:
                digest.update(one.read_raw_bytes() if isinstance(one, pikepdf.Stream) else b"")
            yield f"page {number}", digest.digest()
        for key, text in _information(pdf).items():
            yield f"Info {key}", text.encode("utf-8", "replace")
        packet = _packet(pdf)
        yield "the metadata stream", b"" if packet is None else packet.raw


def _astray(data: bytes) -> tuple[Held, ...]:
    """Find labels that no structure of the file leads to, as simple writers put them."""
    found = list(islice(_ENTRY.finditer(data), _MAX_ENTRIES))
    return tuple(
        Held(_ASTRAY + number, "PDF, outside the information dictionary", text, "AIGC")
        for number, match in enumerate(found)
        if (text := _literal(match[1])) is not None
    )


def _literal(written: bytes) -> bytes | None:
    import pikepdf

    try:
        return str(pikepdf.Object.parse(written)).encode("utf-8", "replace")
    except (pikepdf.PikepdfError, ValueError):
        return None


def _changes(contents: Contents, edits: Edits, packet: bytes | None) -> bool:
    held = {text.index: text.raw for text in contents.texts}
    old = contents.xmp[0].raw if contents.xmp and not contents.xmp[0].deflated else None
    same = packet is None or (contents.xmp and contents.xmp[0].content() == packet) or packet == old
    texts = any(held.get(index) != text for index, text in edits.texts.items())
    return bool(edits.new or edits.drop or texts or not same)


def _information(pdf: pikepdf.Pdf) -> dict[str, str]:
    import pikepdf

    found = pdf.trailer.get("/Info")
    if not isinstance(found, pikepdf.Dictionary):
        return {}
    keys = list(found.keys())[:_MAX_ENTRIES]
    return {key: str(found[key]) for key in keys if isinstance(found[key], pikepdf.String)}


def _packet(pdf: pikepdf.Pdf) -> Held | None:
    import pikepdf

    found = pdf.Root.get("/Metadata")
    if not isinstance(found, pikepdf.Stream):
        return None
    where = "PDF metadata stream"
    filters = found.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    raw = found.read_raw_bytes()
    if filters is None or (isinstance(filters, pikepdf.Array) and not len(filters)):
        return Held(_METADATA, where, raw)
    if filters == pikepdf.Name.FlateDecode and "/DecodeParms" not in found:
        return Held(_METADATA, where, raw, deflated=True)
    return Held(_METADATA, where, raw, problem="it is stored in an unusual way")


def _without_own(data: bytes) -> bytes:
    """Take off an update of ours that is the last of a file."""
    at = data.rfind(b"%" + _MARK + b"\n")
    # The line ending in front may be ours or the file's: it is kept, and does no harm.
    if at > 0 and data.count(b"startxref", at) == 1 and data.rfind(b"%%EOF", 0, at) > 0:
        return data[:at]
    return data


def _entries(pdf: pikepdf.Pdf) -> dict[bytes, bytes]:
    import pikepdf

    found = pdf.trailer.get("/Info")
    return entries_of(found) if isinstance(found, pikepdf.Dictionary) else {}


def _string(text: str) -> bytes:
    import pikepdf

    return bytes(pikepdf.String(text).unparse())


def _inform(update: Update, pdf: pikepdf.Pdf, entries: dict[bytes, bytes]) -> None:
    import pikepdf

    old = pdf.trailer.get("/Info")
    # In order: the same label gives the same bytes, whatever was there.
    body = dictionary(dict(sorted(entries.items())))
    if isinstance(old, pikepdf.Dictionary) and old.is_indirect:
        update.replace(old.objgen, body)
    else:
        update.point("/Info", update.add(body))


def _describe(update: Update, pdf: pikepdf.Pdf, packet: bytes) -> None:
    import pikepdf

    body = stream(packet, {b"/Type": b"/Metadata", b"/Subtype": b"/XML"})
    old = pdf.Root.get("/Metadata")
    if isinstance(old, pikepdf.Stream):
        update.replace(old.objgen, body)
    else:
        reference = update.add(body)
        update.replace(
            pdf.Root.objgen, dictionary({**entries_of(pdf.Root), b"/Metadata": reference})
        )
