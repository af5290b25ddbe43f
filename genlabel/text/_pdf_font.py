"""Fonts in PDF: the few characters of a label, embedded, and their Unicode values beside them.

References
----------
ISO 32000-2, 9.7 (composite fonts), 9.8 (descriptors), 9.9 (embedded fonts), 9.10.3 (ToUnicode).
"""

from __future__ import annotations

import functools
import hashlib
import io
import zlib
from dataclasses import dataclass
from typing import Any

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers.documents.pdf_objects import dictionary, stream
from genlabel.labels.containers.documents.pdf_update import Update

_DEFLATED = {b"/Filter": b"/FlateDecode"}
_MAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CMapType 2 def
/CMapName /genlabel def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{rows}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


@dataclass(frozen=True, slots=True)
class Face:
    """A part of a font, ready to be embedded.

    Parameters
    ----------
    font : bytes
        TrueType font or CFF table, of these characters alone.
    name : str
        Its PostScript name.
    codes : dict
        Character identifiers by character.
    widths : dict
        In thousandths of an em, by identifier.
    outlines : str
        ``"CFF"`` or ``"TrueType"``.
    ascent, descent : int
        In thousandths of an em.
    """

    font: bytes
    name: str
    codes: dict[str, int]
    widths: dict[int, int]
    outlines: str
    ascent: int
    descent: int

    def width(self, text: str) -> float:
        """Give how wide a text is, in ems."""
        return sum(self.widths[self.codes[character]] for character in text) / 1000

    def shown(self, text: str) -> bytes:
        """Give a text as the operand of Tj."""
        return b"<" + "".join(f"{self.codes[c]:04X}" for c in text).encode() + b">"

    def embed(self, update: Update) -> bytes:
        """Write the font's objects, and give a reference to it."""
        is_cff = self.outlines == "CFF"
        kind = {b"/Subtype": b"/CIDFontType0C"} if is_cff else {}
        file = update.add(stream(zlib.compress(self.font, 9), {**_DEFLATED, **kind}))
        # Readers take fonts of one name for the same: each subset has a tag of its own (9.9.2).
        digest = hashlib.sha256(self.font).digest()
        tag = "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
        name = f"/{tag}+{self.name}".encode()
        descriptor = {
            b"/Type": b"/FontDescriptor",
            b"/FontName": name,
            b"/Flags": b"4",
            b"/FontBBox": b"[-1000 %d 3000 %d]" % (self.descent, self.ascent),
            b"/ItalicAngle": b"0",
            b"/Ascent": b"%d" % self.ascent,
            b"/Descent": b"%d" % self.descent,
            b"/CapHeight": b"%d" % self.ascent,
            b"/StemV": b"120",
            (b"/FontFile3" if is_cff else b"/FontFile2"): file,
        }
        widths = b" ".join(b"%d [%d]" % pair for pair in sorted(self.widths.items()))
        descendant = {
            b"/Type": b"/Font",
            b"/Subtype": b"/CIDFontType0" if is_cff else b"/CIDFontType2",
            b"/BaseFont": name,
            b"/CIDSystemInfo": b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
            b"/FontDescriptor": update.add(dictionary(descriptor)),
            b"/W": b"[" + widths + b"]",
        }
        if not is_cff:
            descendant[b"/CIDToGIDMap"] = b"/Identity"
        font = {
            b"/Type": b"/Font",
            b"/Subtype": b"/Type0",
            b"/BaseFont": name,
            b"/Encoding": b"/Identity-H",
            b"/DescendantFonts": b"[" + update.add(dictionary(descendant)) + b"]",
            b"/ToUnicode": update.add(stream(zlib.compress(self._map(), 9), _DEFLATED)),
        }
        return update.add(dictionary(font))

    def _map(self) -> bytes:
        from genlabel.visible._fonts import WORDS

        pairs = sorted((code, character) for character, code in self.codes.items())
        rows = [
            f"<{code:04X}> <{WORDS.get(character, character).encode('utf-16-be').hex().upper()}>"
            for code, character in pairs
        ]
        # A block holds a hundred at most.
        blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
        text = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return _MAP.format(rows=text).encode()


@functools.lru_cache(maxsize=32)
def cut(data: bytes, text: str, *, name: str) -> Face:
    """Cut a font down to the characters of a text.

    Parameters
    ----------
    data : bytes
        TrueType or OpenType font.
    text : str
        What will be written with it.
    name : str
        Of the font, for messages.

    Raises
    ------
    MediaError
        The font cannot be used.
    UnsupportedError
        It may not be embedded, or fonttools is not installed.
    """
    try:
        from fontTools import subset
        from fontTools.ttLib import TTFont, TTLibError
    except ImportError:
        raise UnsupportedError(
            "a label in a PDF needs fonttools: pip install 'genlabel[pdf]'"
        ) from None
    try:
        font = TTFont(io.BytesIO(data), recalcTimestamp=False)
        # Bit 1 of the licence bits alone: no embedding without permission.
        if font["OS/2"].fsType & 0xF == 2:
            raise UnsupportedError("its licence forbids embedding", path=name)
        options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
        options.drop_tables += ["GPOS", "GSUB", "GDEF", "STAT", "DSIG"]
        cutter = subset.Subsetter(options)
        cutter.populate(text=text)
        cutter.subset(font)
        return _face(font, TTFont)
    except (TTLibError, KeyError, ValueError, AssertionError, IndexError) as error:
        raise MediaError(f"is no font that can be embedded: {error}", path=name) from None


def _face(font: Any, opener: Any) -> Face:
    out = io.BytesIO()
    font.save(out)
    data, is_cff = out.getvalue(), "CFF " in font
    if is_cff:
        # The bare table: readers find glyphs by character identifier in it, in a whole font by
        # their place.
        data = opener(io.BytesIO(data)).reader["CFF "]
    glyphs = font.getBestCmap()
    scale = 1000 / font["head"].unitsPerEm
    # Of CID-keyed outlines the identifier is the character's own, of others its place in the font.
    keyed = is_cff and hasattr(font["CFF "].cff.topDictIndex[0], "ROS")
    codes = {
        chr(code): int(glyph[3:]) if keyed else font.getGlyphID(glyph)
        for code, glyph in glyphs.items()
    }
    widths = {
        codes[chr(code)]: round(font["hmtx"][glyph][0] * scale) for code, glyph in glyphs.items()
    }
    return Face(
        font=data,
        name=(font["name"].getDebugName(6) or "Font").replace(" ", ""),
        codes=codes,
        widths=widths,
        outlines="CFF" if is_cff else "TrueType",
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
    )
