"""WebVTT: comments, which players pass over.

References
----------
W3C WebVTT, 4.1 (a comment block begins with NOTE and ends with a blank line, and holds no arrow).
"""

from __future__ import annotations

import re

from genlabel._errors import MediaError
from genlabel.labels.containers import coding, spans
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.spans import Span

#: How a file begins.
SIGNATURE = re.compile(r"WEBVTT(?:[ \t\r\n]|\Z)")
_NOTE = re.compile(
    r"(?<=[\r\n])NOTE[ \t]+(?P<name>[A-Za-z0-9:]{1,80})(?:\r\n|\n|\r)(?P<text>[^\r\n]*)"
    r"(?:\r\n|\n|\r|\Z){1,2}"
)
_HEADER = re.compile(r"WEBVTT[^\r\n]*(?:(?:\r\n|\n|\r)[^\r\n]+)*(?:\r\n|\n|\r|\Z){0,2}")


def read(data: bytes, *, name: str) -> Contents:
    """Find comments that consist of a name and one line.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is not text, or does not begin as every WebVTT file does.
    """
    text = coding.decode(data, name=name).text
    if not SIGNATURE.match(text):
        raise MediaError("is a damaged WebVTT: it does not begin with WEBVTT", path=name)
    return spans.contents(_notes(text), "WebVTT NOTE")


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put comments behind the header.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.
    """
    coded = coding.decode(data, name=name)
    line = coded.newline
    text = coded.text
    header = _HEADER.match(text)
    at = 0 if header is None else header.end()
    # A header that ends the file lacks the blank line.
    lead = "" if re.search(r"(?:\r\n|\n|\r){2}\Z", text[:at]) else line * (1 + (at == len(text)))

    def render(keyword: str, value: str) -> str:
        """Write a comment and the blank line behind it."""
        # An arrow would make a cue of it; JSON reads the escape as the same.
        return f"NOTE {keyword}{line}{value.replace('-->', '--' + chr(92) + 'u003e')}{line}{line}"

    if edits.new:
        text, at = text[:at] + lead + text[at:], at + len(lead)
    return coded.encode(spans.edited(text, _notes(text), edits, at, render), name=name), ()


def _notes(text: str) -> list[Span]:
    return [
        Span(match["name"], match["text"], match.start(), match.end())
        for match in _NOTE.finditer(text)
    ]
