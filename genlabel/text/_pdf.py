"""PDF: a label is a line of real text at the top of a page, on a plate, in a form of its own.

References
----------
ISO 32000-2, 8.10 (form XObjects), 7.7.3.4 (inherited attributes), 14.9.2 (natural language),
7.5.6 (incremental updates); GB 45438-2025, 5.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from genlabel._errors import UnsupportedError
from genlabel.labels.containers.documents.pdf_file import open_pdf, refuse_change
from genlabel.labels.containers.documents.pdf_objects import dictionary, entries_of, stream
from genlabel.labels.containers.documents.pdf_update import Update
from genlabel.text._label import Notice, Place, Trace
from genlabel.text._pdf_font import Face, cut

_NAME = "/GenlabelNotice"
_WORDS = "/GenlabelText"
_MARK = b"genlabel notice 1"
#: Of the page's shorter side, and in points.
_SIZE, _LEAST_SIZE = 0.018, 7.0
_MARGIN = 0.03
_PADDING = 0.35
_MAX_PARENTS = 64
_MAX_PAGES = 20_000


def insert_pdf(data: bytes, notice: Notice, *, name: str) -> bytes:
    """Put a label onto pages, in place of one that genlabel has put there.

    Parameters
    ----------
    data : bytes
        The file.
    notice : Notice
        The label: start, middle and end are the first, the middle and the last page.
    name : str
        For messages.

    Returns
    -------
    bytes
        The new file, of which the old one is the beginning; the same where it holds the label.

    Raises
    ------
    MediaError
        It is damaged.
    UnsupportedError
        It is encrypted, digitally signed or without pages, or no font has a character.
    """
    with open_pdf(data, name=name) as pdf:
        refuse_change(data, pdf, name=name)
        count = len(pdf.pages)
        if not count:
            raise UnsupportedError("has no page for a label", path=name)
        numbers = sorted({_page_number(place, count) for place in notice.at})
        pages = [pdf.pages[number].obj for number in numbers]
        pages = [page for page in pages if _label_of(page) != notice.text]
        if not pages:
            return data
        update = Update(data, pdf, _MARK)
        line = _Line(notice, update)
        save = update.add(stream(b"q"))
        for page in pages:
            _stamp(update, page, line, save)
        return update.finish(name=name)


def find_pdf(data: bytes, *, name: str) -> Iterator[Trace]:
    """Find labels of ours; the text of others is not searched.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged.
    UnsupportedError
        It is encrypted.
    """
    with open_pdf(data, name=name) as pdf:
        for number in range(min(len(pdf.pages), _MAX_PAGES)):
            words = _label_of(pdf.pages[number].obj)
            if words is not None:
                yield Trace(words, f"page {number + 1}", own=True)


class _Line:
    """The label's text, its fonts embedded."""

    def __init__(self, notice: Notice, update: Update) -> None:
        from genlabel.visible._fonts import font_data, is_shaped, runs

        self.text = notice.text
        self.language = notice.parts[0][0] if len(notice.parts) == 1 else ""
        self.runs = runs(self.text, notice.font)
        if any(is_shaped(run.text) for run in self.runs):
            raise UnsupportedError(
                f"{self.text!r} has letters that change shape by their neighbours, which this "
                "version does not set in PDF"
            )
        self.faces: dict[str, Face] = {}
        for font in dict.fromkeys(run.font for run in self.runs):
            text = "".join(run.text for run in self.runs if run.font == font)
            self.faces[font] = cut(font_data(font), text, name=font)
        self.width = sum(self.faces[run.font].width(run.text) for run in self.runs)
        fonts = {self._name(font): face.embed(update) for font, face in self.faces.items()}
        self.resources = dictionary({b"/Font": dictionary(fonts)})

    def _name(self, font: str) -> bytes:
        return b"/F%d" % list(self.faces).index(font)

    def form(self, size: float) -> tuple[bytes, float, float]:
        """Give a form that shows the line on a plate, and how wide and high it is."""
        width, height = self.width * size + 2 * _PADDING * size, size * 1.6
        shown = b" ".join(
            b"%s %.2f Tf %s Tj" % (self._name(run.font), size, self.faces[run.font].shown(run.text))
            for run in self.runs
        )
        content = b"1 g 0 0 %.2f %.2f re f 0 g BT %.2f %.2f Td %s ET" % (
            *(width, height),
            *(_PADDING * size, 0.45 * size),
            shown,
        )
        entries = {
            b"/Type": b"/XObject",
            b"/Subtype": b"/Form",
            b"/BBox": b"[0 0 %.2f %.2f]" % (width, height),
            b"/Resources": self.resources,
            _WORDS.encode(): _string(self.text),
        }
        return stream(content, entries), width, height


def _stamp(update: Update, page: Any, line: _Line, save: bytes) -> None:
    box, turn = _box(page), int(_inherited(page, "/Rotate") or 0) % 360
    across, up = box[2] - box[0], box[3] - box[1]
    if turn in (90, 270):
        across, up = up, across
    margin = _MARGIN * min(across, up)
    size = max(_LEAST_SIZE, _SIZE * min(across, up))
    size = min(size, (across - 2 * margin) / (line.width + 2 * _PADDING))
    form, _, height = line.form(size)
    old = _own(page)
    if old is not None:
        # Drawn already: only what is drawn changes.
        update.replace(old.objgen, form)
        return
    reference = update.add(form)
    matrix = {
        90: (0, 1, -1, 0, box[2], box[1]),
        180: (-1, 0, 0, -1, box[2], box[3]),
        270: (0, -1, 1, 0, box[0], box[3]),
    }.get(turn, (1, 0, 0, 1, box[0], box[1]))
    place = b"%g %g %g %g %.3f %.3f cm 1 0 0 1 %.3f %.3f cm" % (
        *matrix,
        *(margin, up - margin - height),
    )
    language = b"<< /Lang %s >>" % _string(line.language) if line.language else b"<< >>"
    drawn = b"Q /Span %s BDC q %s %s Do Q EMC" % (language, place, _NAME.encode())
    entries = entries_of(page)
    entries[b"/Contents"] = _around(page, save, update.add(stream(drawn)))
    entries[b"/Resources"] = _resources(page, reference)
    update.replace(page.objgen, dictionary(entries))


def _around(page: Any, before: bytes, behind: bytes) -> bytes:
    """Give a page's content between two others: it may leave any state behind."""
    import pikepdf

    old = page.get("/Contents")
    parts = list(old) if isinstance(old, pikepdf.Array) else [] if old is None else [old]
    inside = b" ".join(pikepdf.Object.unparse(part) for part in parts)
    return b"[" + b" ".join((before, inside, behind)) + b"]"


def _resources(page: Any, reference: bytes) -> bytes:
    import pikepdf

    old = _inherited(page, "/Resources")
    entries = entries_of(old) if isinstance(old, pikepdf.Dictionary) else {}
    forms = old.get("/XObject") if isinstance(old, pikepdf.Dictionary) else None
    named = entries_of(forms) if isinstance(forms, pikepdf.Dictionary) else {}
    entries[b"/XObject"] = dictionary({**named, _NAME.encode(): reference})
    return dictionary(entries)


def _own(page: Any) -> Any:
    import pikepdf

    resources = _inherited(page, "/Resources")
    forms = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    form = forms.get(_NAME) if isinstance(forms, pikepdf.Dictionary) else None
    return form if isinstance(form, pikepdf.Stream) and _WORDS in form else None


def _label_of(page: Any) -> str | None:
    form = _own(page)
    return None if form is None else str(form.get(_WORDS))


def _box(page: Any) -> tuple[float, float, float, float]:
    box = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox")
    try:
        x, y, right, top = (float(value) for value in box)
    except (TypeError, ValueError):
        x, y, right, top = 0.0, 0.0, 612.0, 792.0
    return min(x, right), min(y, top), max(x, right), max(y, top)


def _inherited(page: Any, key: str) -> Any:
    """Give a page's attribute, its own or that of a node above it."""
    import pikepdf

    node = page
    for _ in range(_MAX_PARENTS):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _page_number(place: Place, count: int) -> int:
    return {"start": 0, "middle": count // 2, "end": count - 1}[place]


def _string(text: str) -> bytes:
    import pikepdf

    return bytes(pikepdf.String(text).unparse())
