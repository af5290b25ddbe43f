"""Metadata boxes of MP4: texts under keys of their own, and those of iTunes.

References
----------
QuickTime File Format, metadata (boxes meta, hdlr of type mdta, keys, ilst, data and its
well-known types); ISO/IEC 14496-12, 8.11 (meta); the list of iTunes has the same items under
four-character names, and ---- with mean and name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genlabel._data import Data
from genlabel._errors import MediaError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box, Patch
from genlabel.labels.containers.contents import Edits, Held

_KEYED = b"mdta"
_FREEFORM = b"----"
_UTF_8, _UTF_16 = 1, 2
# No specification has this box; it holds nothing but text.
_LABEL = b"aigc"
# Texts of Macintosh languages are in Macintosh's coding, the others in UTF-8.
_FIRST_ISO_LANGUAGE = 0x400
_NO_LANGUAGE = 0x55C4
_COMMENTS = {
    b"\xa9cmt": "Comment",
    b"\xa9des": "Description",
    b"desc": "Description",
    b"ldes": "Description",
}


@dataclass(frozen=True, slots=True)
class Meta:
    """A metadata box, taken apart.

    Parameters
    ----------
    around : tuple of Box
        Itself last.
    handler : bytes
        Four bytes; ``mdta`` has keys of its own.
    keys : tuple of bytes
        Names in ``mdta``, empty for those of other kinds.
    keys_box, list_box : Box or None
        Where keys and items stand.
    items : tuple of Box
        In order.
    ends : tuple of (int, int, int)
        Where another box, another key and another item can stand.
    """

    around: tuple[Box, ...]
    handler: bytes
    keys: tuple[bytes, ...]
    keys_box: Box | None
    list_box: Box | None
    items: tuple[Box, ...]
    ends: tuple[int, int, int]

    @property
    def keyed(self) -> bool:
        """Whether texts have keys of their own here, and each its key."""
        return self.handler == _KEYED and all(self._key(item) is not None for item in self.items)

    def places(self, data: Data, first: int, where: str, name: str) -> Iterator[Held]:
        """Give every item that holds text.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        first : int
            The number of the first item's place; every item has one.
        where : str
            For people.
        name : str
            For messages.
        """
        own = self.keyed
        for index, item in enumerate(self.items, first):
            keyword = self._keyword(data, item, name)
            problem = boxes.too_long(item.end - item.payload)
            text = b"" if problem else _text(data, item, name)
            if keyword is not None and text is not None:
                title = f"{where} {keyword[:79]!r}"
                yield Held(index, title, text, keyword, problem=problem, own=own)

    def _key(self, item: Box) -> bytes | None:
        number = int.from_bytes(item.kind, "big")
        return self.keys[number - 1] if 0 < number <= len(self.keys) else None

    def _keyword(self, data: Data, item: Box, name: str) -> str | None:
        if self.handler == _KEYED:
            key = self._key(item)
            return None if key is None else key.decode("utf-8", "replace")
        if item.kind == _FREEFORM:
            named = boxes.first(boxes.walk(data, item.payload, item.end, name), b"name")
            # Version and flags come first.
            found = b"" if named is None else data[named.payload + 4 : named.end]
            return found.decode("utf-8", "replace")
        return title(item.kind)

    def patches(self, first: int, edits: Edits) -> list[Patch]:
        """Say what edits change here, in texts that are there.

        Parameters
        ----------
        first : int
            As for `places`.
        edits : Edits
            What to change.
        """
        found = []
        for index, item in enumerate(self.items, first):
            within = (*self.around, self.list_box) if self.list_box is not None else self.around
            if index in edits.texts:
                new = _item(item.kind, edits.texts[index])
                found.append(Patch(item.start, item.end, new, within))
            elif index in edits.drop:
                found.append(Patch(item.start, item.end, b"", within))
        return found

    def addition(self, texts: Sequence[tuple[str, bytes]]) -> list[Patch]:
        """Say what texts under keys of their own change here.

        Parameters
        ----------
        texts : sequence of (str, bytes)
            Keys and texts in UTF-8.
        """
        keys = list(self.keys)
        keys += [key for keyword, _ in texts if (key := keyword.encode()) not in keys]
        items = b"".join(
            _item((keys.index(keyword.encode()) + 1).to_bytes(4, "big"), text)
            for keyword, text in texts
        )
        new_keys = keys[len(self.keys) :]
        end, keys_end, list_end = self.ends
        found = []
        if self.keys_box is None:
            # FFmpeg wants keys before the items that have them.
            at = end if self.list_box is None else self.list_box.start
            found.append(Patch(at, at, _keys(new_keys), self.around))
        elif new_keys:
            count = self.keys_box.payload + 4
            found.append(Patch(count, count + 4, struct.pack(">I", len(keys))))
            within = (*self.around, self.keys_box)
            entries = b"".join(boxes.framed(_KEYED, key) for key in new_keys)
            found.append(Patch(keys_end, keys_end, entries, within))
        if self.list_box is None:
            found.append(Patch(end, end, boxes.framed(b"ilst", items), self.around))
        else:
            within = (*self.around, self.list_box)
            found.append(Patch(list_end, list_end, items, within))
        return found


def read(data: Data, around: Sequence[Box], name: str) -> Meta:
    """Take a metadata box apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    around : sequence of Box
        The boxes around it, and itself.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A box in it is damaged.
    """
    box = around[-1]
    # In ISO files version and flags come first, in QuickTime's nothing does.
    skipped = 0 if data[box.payload + 4 : box.payload + 8] == b"hdlr" else 4
    inside = boxes.walk(data, box.payload + skipped, box.end, name)
    handler = boxes.first(inside, b"hdlr")
    kind = b"" if handler is None else data[handler.payload + 8 : handler.payload + 12]
    keys_box, list_box = boxes.first(inside, b"keys"), boxes.first(inside, b"ilst")
    items = [] if list_box is None else boxes.walk(data, list_box.payload, list_box.end, name)
    entries = [] if keys_box is None else _entries(data, keys_box, name)
    keys = tuple(data[e.payload : e.end] if e.kind == _KEYED else b"" for e in entries)
    ends = (
        boxes.end_of(inside, box.payload + skipped),
        boxes.end_of(entries, 0 if keys_box is None else keys_box.payload + 8),
        boxes.end_of(items, 0 if list_box is None else list_box.payload),
    )
    return Meta(tuple(around), kind, keys, keys_box, list_box, tuple(items), ends)


def new(texts: Sequence[tuple[str, bytes]]) -> bytes:
    """Write a metadata box with texts under keys of their own.

    Parameters
    ----------
    texts : sequence of (str, bytes)
        Keys and texts in UTF-8.
    """
    handler = boxes.framed(b"hdlr", bytes(8) + _KEYED + bytes(13))
    items = (_item(number.to_bytes(4, "big"), text) for number, (_, text) in enumerate(texts, 1))
    keys = _keys([keyword.encode() for keyword, _ in texts])
    content = bytes(4) + handler + keys + boxes.framed(b"ilst", b"".join(items))
    return boxes.framed(b"meta", content)


def is_user_text(kind: bytes) -> bool:
    """Tell whether a box of udta is one of QuickTime's texts, or a label as some tools write it.

    Parameters
    ----------
    kind : bytes
        Four bytes.
    """
    return kind.startswith(b"\xa9") or kind == _LABEL


def title(kind: bytes) -> str:
    """Name a four-character key.

    Parameters
    ----------
    kind : bytes
        Four bytes.
    """
    return _COMMENTS.get(kind, kind.decode("latin-1"))


def new_user_text(kind: bytes, text: bytes) -> bytes:
    """Write one of QuickTime's texts, in no particular language.

    Parameters
    ----------
    kind : bytes
        Four bytes.
    text : bytes
        In UTF-8.
    """
    return boxes.framed(kind, struct.pack(">HH", len(text), _NO_LANGUAGE) + text)


def user_text(data: Data, box: Box) -> bytes:
    """Give one of QuickTime's texts, in its first language.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    box : Box
        Where it stands.
    """
    if box.kind == _LABEL:
        return data[box.payload : box.end]
    head = data[box.payload : min(box.payload + 4, box.end)]
    size, language = struct.unpack(">HH", head.ljust(4, b"\0"))
    text = data[box.payload + 4 : min(box.payload + 4 + size, box.end)]
    return text if language >= _FIRST_ISO_LANGUAGE else text.decode("mac_roman").encode()


def _keys(names: Sequence[bytes]) -> bytes:
    entries = b"".join(boxes.framed(_KEYED, name) for name in names)
    return boxes.framed(b"keys", bytes(4) + struct.pack(">I", len(names)) + entries)


def _item(kind: bytes, text: bytes) -> bytes:
    # The locale is any country and any language.
    return boxes.framed(kind, boxes.framed(b"data", struct.pack(">II", _UTF_8, 0) + text))


def _entries(data: Data, keys_box: Box, name: str) -> list[Box]:
    """List keys; they look like boxes, of the kind of key that they are."""
    start = keys_box.payload + 8
    if start > keys_box.end:
        raise MediaError("is a damaged MP4: its list of keys is cut short", path=name)
    return boxes.walk(data, start, keys_box.end, name)


def _text(data: Data, item: Box, name: str) -> bytes | None:
    value = boxes.first(boxes.walk(data, item.payload, item.end, name), b"data")
    if value is None or value.end - value.payload < 8:
        return None
    coding = int.from_bytes(data[value.payload : value.payload + 4], "big")
    content = data[value.payload + 8 : value.end]
    if coding == _UTF_16:
        return content.decode("utf-16-be", "replace").encode("utf-8", "replace")
    return content
