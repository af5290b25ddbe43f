"""Texts of a document's own kind: where each stands, and the document with some of them changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import AnyStr

from genlabel.labels.containers.contents import Contents, Edits, Held


@dataclass(frozen=True, slots=True)
class Span:
    """A named text in a document.

    Parameters
    ----------
    keyword : str
        Its name.
    value : str
        What it says, unescaped.
    start, end : int
        What to cut to remove it.
    problem : str or None
        Why it cannot be read.
    """

    keyword: str
    value: str
    start: int
    end: int
    problem: str | None = None


def contents(spans: Sequence[Span], place: str) -> Contents:
    """Give a document's named texts as places.

    Parameters
    ----------
    spans : sequence of Span
        In the order of the document.
    place : str
        Where they stand, for people.
    """
    texts = (
        Held(
            index,
            f"{place} {span.keyword!r}",
            span.value.encode("utf-8", "replace"),
            span.keyword,
            problem=span.problem,
            own=True,
        )
        for index, span in enumerate(spans)
    )
    return Contents(texts=tuple(texts), named_fields=True)


def unreadable(where: str, reason: object) -> Contents:
    """Give the place of a document's named texts as damaged: what it says cannot be known.

    Parameters
    ----------
    where : str
        The place, for people.
    reason : object
        Why it cannot be read.
    """
    return Contents(xmp=(Held(0, where, b"", problem=str(reason)),), named_fields=True)


def edited(
    text: AnyStr, spans: Sequence[Span], edits: Edits, at: int, render: Callable[[str, str], AnyStr]
) -> AnyStr:
    """Give a document with named texts replaced, dropped and added.

    Parameters
    ----------
    text : str or bytes
        The document.
    spans : sequence of Span
        What is there, in order and apart.
    edits : Edits
        Places count as in `spans`.
    at : int
        Where new texts go.
    render : callable
        Writes a name and its text as the document has them, surroundings included.

    Returns
    -------
    str or bytes
        Where no place changes, the document itself.
    """
    nothing = text[:0]
    new = nothing.join(render(key, value.decode()) for key, value in edits.new.items())
    changes = [(at, at, new)]
    for index, span in enumerate(spans):
        if index in edits.drop:
            changes.append((span.start, span.end, nothing))
        elif index in edits.texts:
            value = edits.texts[index].decode()
            # Written anew only where it says something new, so that its form stays.
            if value != span.value:
                changes.append((span.start, span.end, render(span.keyword, value)))
    out: list[AnyStr] = []
    position = 0
    for start, end, piece in sorted(changes, key=lambda change: change[:2]):
        out += [text[position:start], piece]
        position = end
    out.append(text[position:])
    return nothing.join(out)
