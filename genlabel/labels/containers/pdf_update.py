"""PDF files opened, and incremental updates: new objects behind a file that stays as it is.

References
----------
ISO 32000-2, 7.5.4 to 7.5.8 (cross-reference tables and streams, trailer, incremental updates), 14.4
(file identifiers).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from genlabel._errors import GenlabelError, MediaError, UnsupportedError

if TYPE_CHECKING:
    import pikepdf

#: What a stream may inflate to: object streams of whole books stay below.
MAX_FLATE_BYTES = 256 << 20
_START = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_SOURCE = re.compile(r"(?:stream )?<_io\.\S+ object at \w+>:? ?")
_TAIL_BYTES = 1 << 11
_ENCRYPTED = "is an encrypted PDF: decrypt it first"
# What looking at objects of unexpected types gives.
_ODDITIES = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, OverflowError)


@contextlib.contextmanager
def open_pdf(data: bytes, *, name: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF file; whatever is wrong with it inside the block is damage.

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
        It is encrypted, or pikepdf is not installed.
    """
    try:
        import pikepdf
    except ImportError:
        raise UnsupportedError(
            "is a PDF, for which pikepdf is needed: pip install 'genlabel[pdf]'", path=name
        ) from None
    # Warnings are looked at, not printed: without any handler they would go to stderr.
    log = logging.getLogger("pikepdf")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    if not pikepdf.settings.get_qpdf_limits()["flate_max_memory"]:
        pikepdf.settings.set_qpdf_limits(flate_max_memory=MAX_FLATE_BYTES)
    try:
        with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise UnsupportedError(_ENCRYPTED, path=name)
            # Reads the page tree, as far as it can be.
            len(pdf.pages)
            yield pdf
    except GenlabelError:
        raise
    except pikepdf.PasswordError:
        raise UnsupportedError(_ENCRYPTED, path=name) from None
    except (pikepdf.PikepdfError, *_ODDITIES) as error:
        # The library names its source, which is an object here.
        reason = _SOURCE.sub("", " ".join(str(error).split()))[:200]
        raise MediaError(f"is a damaged PDF: {reason}", path=name) from None


def refuse_change(data: bytes, pdf: pikepdf.Pdf, *, name: str) -> None:
    """Refuse a file that a change would harm.

    Parameters
    ----------
    data : bytes
        The file.
    pdf : pikepdf.Pdf
        The same, opened.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged, and was read by guessing.
    UnsupportedError
        It carries a digital signature.

    References
    ----------
    ISO 32000-2, 12.8.1 (ByteRange, which no object stream can hold) and 12.8.2.2 (DocMDP).
    """
    if data.find(b"/ByteRange") >= 0 or "/Perms" in pdf.Root:
        raise UnsupportedError(
            "carries a digital signature, which a change would put in doubt: label it before "
            "signing",
            path=name,
        )
    warnings = pdf.get_warnings()
    if warnings or _START.search(data[-_TAIL_BYTES:]) is None:
        warning = str(next(iter(warnings), "it has no cross-reference"))
        reason = _SOURCE.sub("", " ".join(warning.split()))[:200]
        raise MediaError(f"is a damaged PDF: {reason}", path=name)


class Update:
    """New and changed objects of a file, written behind it.

    Parameters
    ----------
    data : bytes
        The file.
    pdf : pikepdf.Pdf
        The same, opened, of which nothing was changed.
    mark : bytes
        A comment in front of the update, by which its writer knows it again.
    """

    def __init__(self, data: bytes, pdf: pikepdf.Pdf, mark: bytes) -> None:
        self._out = bytearray(data)
        if not data.endswith((b"\n", b"\r")):
            self._out += b"\n"
        self._out += b"%" + mark + b"\n"
        self._old = data
        self._begin = len(data)
        self._offsets: dict[tuple[int, int], int] = {}
        self._size = int(pdf.trailer.Size)
        self._trailer = {
            key: unparsed(pdf.trailer[key]) for key in ("/Root", "/Info") if key in pdf.trailer
        }
        ids = pdf.trailer.get("/ID")
        self._id = None if ids is None or len(ids) != 2 else unparsed(ids[0])

    def add(self, body: bytes) -> bytes:
        """Add an object.

        Parameters
        ----------
        body : bytes
            As it is written.

        Returns
        -------
        bytes
            A reference to it.
        """
        number = self._size
        self._size += 1
        return self.replace((number, 0), body)

    def replace(self, object_id: tuple[int, int], body: bytes) -> bytes:
        """Write an object anew.

        Parameters
        ----------
        object_id : (int, int)
            Number and generation.
        body : bytes
            As it is written.

        Returns
        -------
        bytes
            A reference to it.
        """
        number, generation = object_id
        self._offsets[object_id] = len(self._out)
        self._out += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
        return b"%d %d R" % object_id

    def point(self, key: str, reference: bytes) -> None:
        """Let the trailer point to an object.

        Parameters
        ----------
        key : str
            ``"/Info"``.
        reference : bytes
            As `add` gives it.
        """
        self._trailer[key] = reference

    def finish(self) -> bytes:
        """Give the new file: the old one, the objects, and what finds them."""
        match = _START.search(self._old[-_TAIL_BYTES:])
        assert match is not None
        previous = int(match[1])
        entries = {key.encode(): value for key, value in self._trailer.items()}
        entries[b"/Prev"] = b"%d" % previous
        if self._id is not None:
            digest = hashlib.sha256(self._out[self._begin :]).hexdigest()[:32].encode()
            entries[b"/ID"] = b"[%s <%s>]" % (self._id, digest)
        table = self._old[previous : previous + 32].lstrip().startswith(b"xref")
        start = len(self._out)
        if table:
            self._out += _table(self._offsets) + b"trailer\n"
            self._out += dictionary({b"/Size": b"%d" % self._size, **entries}) + b"\n"
        else:
            self._offsets[(self._size, 0)] = start
            self._out += _cross_reference_stream(self._offsets, self._size, entries)
        self._out += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(self._out)


def unparsed(value: Any) -> bytes:
    """Write a value of a PDF as it stands there, indirect objects as references.

    Parameters
    ----------
    value : pikepdf.Object or a plain type
        The value.
    """
    import pikepdf

    return pikepdf.Object.unparse(value) if isinstance(value, pikepdf.Object) else _plain(value)


def entries_of(value: Any) -> dict[bytes, bytes]:
    """Give a dictionary's keys and values as they are written.

    Parameters
    ----------
    value : pikepdf.Dictionary
        The dictionary; of a stream its own.
    """
    # Iterating over a stream is refused.
    return {str(key).encode(): unparsed(value[key]) for key in list(value.keys())}


def dictionary(entries: dict[bytes, bytes]) -> bytes:
    """Write a dictionary.

    Parameters
    ----------
    entries : dict
        Keys with their slash, and values.
    """
    return b"<< " + b" ".join(key + b" " + value for key, value in entries.items()) + b" >>"


def stream(content: bytes, entries: dict[bytes, bytes] | None = None) -> bytes:
    """Write a stream.

    Parameters
    ----------
    content : bytes
        As stored.
    entries : dict or None
        Of its dictionary, beside the length.
    """
    head = dictionary({**(entries or {}), b"/Length": b"%d" % len(content)})
    return head + b"\nstream\n" + content + b"\nendstream"


def _plain(value: object) -> bytes:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return b"null" if value is None else str(value).encode()


def _table(offsets: dict[tuple[int, int], int]) -> bytes:
    rows = [
        b"%d 1\n%010d %05d n \n" % (number, offset, generation)
        for (number, generation), offset in sorted(offsets.items())
    ]
    return b"xref\n" + b"".join(rows)


def _cross_reference_stream(
    offsets: dict[tuple[int, int], int], number: int, entries: dict[bytes, bytes]
) -> bytes:
    rows = sorted(offsets.items())
    content = b"".join(
        b"\1" + offset.to_bytes(4, "big") + generation.to_bytes(2, "big")
        for (_, generation), offset in rows
    )
    own = {
        b"/Type": b"/XRef",
        b"/W": b"[1 4 2]",
        b"/Index": b"[" + b" ".join(b"%d 1" % key[0] for key, _ in rows) + b"]",
        b"/Size": b"%d" % (number + 1),
    }
    return b"%d 0 obj\n%s\nendobj\n" % (number, stream(content, {**own, **entries}))
