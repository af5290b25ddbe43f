"""Incremental updates of PDF: new objects behind a file that stays as it is.

References
----------
ISO 32000-2, 7.5.4 to 7.5.8 (cross-reference tables and streams, trailer, incremental updates), 14.4
(file identifiers).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from genlabel.labels.containers.documents.pdf_file import cross_reference, open_pdf, refuse_change
from genlabel.labels.containers.documents.pdf_objects import dictionary, stream, unparsed

if TYPE_CHECKING:
    import pikepdf


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

    def finish(self, *, name: str) -> bytes:
        """Give the new file: the old one, the objects, and what finds them.

        Parameters
        ----------
        name : str
            For messages.

        Raises
        ------
        MediaError
            The old one is damaged where nothing has looked yet: the new one does not open.
        """
        previous = cross_reference(self._old)
        assert previous is not None
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
        new = bytes(self._out)
        with open_pdf(new, name=name) as pdf:
            refuse_change(new, pdf, name=name)
        return new


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
