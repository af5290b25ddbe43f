"""Small PDF files of every form."""

from __future__ import annotations

import io

import pikepdf


def pdf(
    pages: int = 3, *, streams: bool = False, title: str = "", rotate: int = 0, **saving: object
) -> bytes:
    """Pages with a line of text each, whose graphics state is left open."""
    file = pikepdf.new()
    for number in range(pages):
        page = file.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        text = f"q 0.5 0 0 0.5 0 0 cm BT /F1 24 Tf 100 800 Td (Page {number + 1}) Tj ET"
        page.obj.Contents = file.make_stream(text.encode())
        if rotate:
            page.obj.Rotate = rotate
    if title:
        file.docinfo["/Title"] = title
    out = io.BytesIO()
    mode = pikepdf.ObjectStreamMode
    kind = mode.generate if streams else mode.disable
    file.save(out, object_stream_mode=kind, deterministic_id=not saving, **saving)
    return out.getvalue()


#: By what is special about them.
PDFS = {
    "table": pdf(),
    "streams": pdf(streams=True),
    "title": pdf(title="Ein Märchen 童话"),
    "linear": pdf(linearize=True),
}
