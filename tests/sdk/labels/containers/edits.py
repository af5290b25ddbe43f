"""Edits as the label modules make them, for tests of containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType

from genlabel._data import Piece, joined
from genlabel.labels.containers.contents import Contents, Edits, Held
from tests.sdk.labels.samples import rdf

PACKET = rdf("")
TEXT = b'{"Label":"1"}'


def own(found: Contents, keyword: str = "AIGC") -> list[Held]:
    """The places of a keyword that are the container's own."""
    return [held for held in found.texts if held.own and held.keyword == keyword]


def edited(
    module: ModuleType, data: bytes, text: bytes | None = TEXT, packet: bytes | None = PACKET
) -> bytes:
    """Put one text and one packet into a file, in place of those that are there."""
    found: Contents = module.read(data, name="a")
    places = own(found)
    new = text is not None and not places
    edits = Edits(
        xmp={} if packet is None else {held.index: packet for held in found.xmp},
        new_xmp=packet if not found.xmp else None,
        texts={} if text is None else {held.index: text for held in places[:1]},
        new_text=("AIGC", text) if new and text is not None else None,
        drop=frozenset(held.index for held in places[1:]),
    )
    write: Callable[..., tuple[bytes | Iterable[Piece], tuple[str, ...]]] = module.write
    new, _ = write(data, found, edits, name="a")
    return new if isinstance(new, bytes) else joined(data, new)


def check_edited(module: ModuleType, data: bytes) -> bytes:
    """Edit a file, and hold the result to what every container promises."""
    out = edited(module, data)
    found = module.read(out, name="a")
    assert [held.content() for held in own(found)] == [TEXT]
    assert {held.content() for held in found.xmp} == {PACKET}
    assert edited(module, out) == out
    return out
