"""Tags of Matroska: texts under names, of the whole file or of parts of it.

References
----------
RFC 9559, 5.1.8 (Tags), 5.1.8.1.1 (Targets); Matroska Media Container Tag Specifications
(draft-ietf-cellar-tags), 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genlabel._data import Data
from genlabel._errors import MediaError
from genlabel.labels.containers.contents import Edits, Held
from genlabel.labels.containers.films import ebml
from genlabel.labels.containers.films.ebml import Element

TAGS = 0x1254C367
_TAG, _TARGETS, _SIMPLE_TAG = 0x7373, 0x63C0, 0x67C8
_NAME, _STRING, _BINARY = 0x45A3, 0x4487, 0x4485
_TARGET_LEVEL, _TARGET_NAME = 0x68CA, 0x63CA
# The level of a whole film, concert or album; it is meant where none is given.
_WHOLE = 50
_XMP = "XMP"
#: Longer lists of texts are refused.
MAX_TAGS_BYTES = 16 << 20
#: More are refused.
MAX_TEXTS = 1 << 14
#: A text may have texts of its own.
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Text:
    """A text under a name.

    Parameters
    ----------
    element : Element
        Where it stands.
    name : str
        Its name.
    value : Element or None
        Where its string or bytes stand.
    whole : bool
        Whether it is of the whole file, and no text's text.
    around : tuple of Element
        The elements around it, the outermost first.
    """

    element: Element
    name: str
    value: Element | None
    whole: bool
    around: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Tags:
    """An element Tags, taken apart.

    Parameters
    ----------
    element : Element
        Where it stands.
    texts : tuple of Text
        Every text that has a name, in order.
    home : Element or None
        The first Tag that is of the whole file and nothing else.
    """

    element: Element
    texts: tuple[Text, ...]
    home: Element | None

    def places(self, data: Data, first: int, kind: str) -> Iterator[tuple[Held, bool]]:
        """Give every text.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        first : int
            The number of the first text's place.
        kind : str
            What the file is called, for people.
        """
        for index, text in enumerate(self.texts, first):
            where = f"{kind} tag {text.name[:79]!r}"
            raw = b"" if text.value is None else text.value.content(data)
            yield Held(index, where, raw, text.name, own=text.whole), text.name == _XMP

    def edited(self, data: Data, first: int, edits: Edits) -> bytes:
        """Write it anew.

        Parameters
        ----------
        data : bytes or Mapped
            The file.
        first : int
            As for `places`.
        edits : Edits
            What to change; new texts are of the whole file.
        """
        changed: dict[int, bytes] = {}
        for index, text in enumerate(self.texts, first):
            new = edits.texts.get(index, edits.xmp.get(index))
            if index in edits.drop:
                changed[text.element.start] = b""
            elif new is not None and not _says(data, text, new):
                changed[text.element.start] = _with_value(data, text, new)
        more = added(edits)
        if not changed and not more:
            return data[self.element.start : self.element.end]
        around = {item.start for text in self.texts for item in text.around}
        content = b"".join(self._tags(data, changed, around, more))
        if more and self.home is None:
            content += new_tag(more)
        return ebml.framed(TAGS, content)

    def _tags(
        self, data: Data, changed: dict[int, bytes], around: set[int], more: bytes
    ) -> Iterator[bytes]:
        for tag in ebml.walk(data, self.element.payload, self.element.end, ""):
            if tag.kind == ebml.CRC_32:
                # It is of what stood here before, and may be left out.
                continue
            extra = more if self.home == tag else b""
            new = _rebuilt(data, tag, changed, around, 0) if tag.start in around else None
            content = tag.content(data) if new is None else new
            if extra or (new is not None and _holds_text(new)):
                yield ebml.framed(_TAG, content + extra)
            elif new is None:
                yield data[tag.start : tag.end]


def read(data: Data, element: Element, name: str) -> Tags:
    """Take an element Tags apart.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    element : Element
        Where it stands.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged or too long.
    """
    if element.end - element.payload > MAX_TAGS_BYTES:
        raise MediaError(f"has tags of more than {MAX_TAGS_BYTES >> 20} MiB", path=name)
    texts: list[Text] = []
    home: Element | None = None
    for tag in ebml.walk(data, element.payload, element.end, name):
        if tag.kind != _TAG:
            continue
        inside = list(ebml.walk(data, tag.payload, tag.end, name))
        targets = _targets(data, ebml.named(inside, _TARGETS), name)
        whole = all(_is_whole(data, target) for target in targets)
        # FFmpeg puts a level's name before those of its texts.
        plain = whole and all(target.kind != _TARGET_NAME for target in targets)
        home = tag if home is None and plain else home
        for text in _texts(data, inside, whole, (element, tag), name):
            texts.append(text)
            if len(texts) > MAX_TEXTS:
                raise MediaError(f"has more than {MAX_TEXTS} tags", path=name)
    return Tags(element, tuple(texts), home)


def added(edits: Edits) -> bytes:
    """Write the texts that are new to a file.

    Parameters
    ----------
    edits : Edits
        What to change.
    """
    new = edits.new_texts
    if edits.new_xmp is not None:
        new.append((_XMP, edits.new_xmp))
    return b"".join(
        ebml.framed(_SIMPLE_TAG, ebml.framed(_NAME, keyword.encode()) + ebml.framed(_STRING, text))
        for keyword, text in new
    )


def new_tag(texts: bytes) -> bytes:
    """Write a Tag of the whole file.

    Parameters
    ----------
    texts : bytes
        As `added` gives them.
    """
    return ebml.framed(_TAG, ebml.framed(_TARGETS, b"") + texts)


def _targets(data: Data, targets: Element | None, name: str) -> list[Element]:
    """List what a Tag is of."""
    inside = [] if targets is None else ebml.walk(data, targets.payload, targets.end, name)
    return [item for item in inside if item.kind not in (ebml.VOID, ebml.CRC_32)]


def _is_whole(data: Data, target: Element) -> bool:
    """Tell whether a target is the whole file: no part of it, and no level but that."""
    if target.kind == _TARGET_LEVEL:
        return target.number(data) == _WHOLE
    return target.kind == _TARGET_NAME


def _texts(
    data: Data, elements: Iterable[Element], whole: bool, around: tuple[Element, ...], name: str
) -> Iterator[Text]:
    """List texts, and those of texts, down to a depth that no program writes."""
    waiting = [(item, whole, around) for item in elements if item.kind == _SIMPLE_TAG][::-1]
    while waiting:
        item, own, outer = waiting.pop()
        inside = list(ebml.walk(data, item.payload, item.end, name))
        named = ebml.named(inside, _NAME)
        title = b"" if named is None else named.content(data)
        value = ebml.named(inside, _STRING) or ebml.named(inside, _BINARY)
        yield Text(item, title.decode("utf-8", "replace"), value, own, outer)
        if len(outer) < MAX_DEPTH:
            below = [(each, False, (*outer, item)) for each in inside if each.kind == _SIMPLE_TAG]
            waiting += below[::-1]


def _says(data: Data, text: Text, new: bytes) -> bool:
    value = text.value
    return value is not None and value.kind == _STRING and value.content(data) == new


def _with_value(data: Data, text: Text, new: bytes) -> bytes:
    kept = [
        data[item.start : item.end]
        for item in ebml.walk(data, text.element.payload, text.element.end, "")
        if item.kind not in (_STRING, _BINARY, ebml.CRC_32)
    ]
    return ebml.framed(_SIMPLE_TAG, b"".join(kept) + ebml.framed(_STRING, new))


def _rebuilt(
    data: Data, parent: Element, changed: dict[int, bytes], around: set[int], depth: int
) -> bytes | None:
    """Write what an element holds anew; None where nothing in it changes."""
    out: list[bytes] = []
    same = True
    for item in ebml.walk(data, parent.payload, parent.end, ""):
        new = changed.get(item.start)
        if new is None and item.start in around and depth <= MAX_DEPTH:
            below = _rebuilt(data, item, changed, around, depth + 1)
            new = None if below is None else ebml.framed(item.kind, below)
        same = same and new is None
        if item.kind != ebml.CRC_32:
            out.append(data[item.start : item.end] if new is None else new)
    return None if same else b"".join(out)


def _holds_text(tag: bytes) -> bool:
    return any(item.kind == _SIMPLE_TAG for item in ebml.walk(tag, 0, len(tag), ""))
