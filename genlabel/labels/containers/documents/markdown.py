"""Markdown: the front matter, a YAML mapping between two lines of three hyphens.

Everything but the entries concerned stays as it is, comments, order and line endings included.

References
----------
YAML 1.2.2, 7.3 and 8.2 (scalars and block mappings); TC260-PG-20258A (the label as a mapping
``AIGC`` with quoted values).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from genlabel._errors import MediaError
from genlabel.labels.containers import coding, spans
from genlabel.labels.containers.contents import Contents, Edits
from genlabel.labels.containers.spans import Span

#: The parser takes a second for this much, and builds a tree of it.
MAX_FRONT_MATTER = 1 << 16
# A label has seven texts; aliases could repeat a large value without end.
_MAX_NODES = 256
_MAX_DEPTH = 64
_FENCED = re.compile(
    r"---[ \t]*(?:\r\n|\n|\r)(?P<body>.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.S
)
_OPENED = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\n|\r|\Z)")
_PLACE = "Markdown front matter"


def has_front_matter(text: str) -> bool:
    """Tell whether a text begins with a front matter.

    Parameters
    ----------
    text : str
        Its beginning.
    """
    return _FENCED.match(text[: MAX_FRONT_MATTER + 16]) is not None


def end_of_front_matter(text: str) -> int:
    """Give where the text begins behind its front matter, if it has one.

    Parameters
    ----------
    text : str
        The whole text.
    """
    match = _FENCED.match(text[: MAX_FRONT_MATTER + 16])
    if match is None or _entries(text)[1] is None:
        return 0
    line = _LINE_END.match(text, match.end())
    return match.end() if line is None else line.end()


def read(data: bytes, *, name: str) -> Contents:
    """Find the entries of a front matter that have a text or a mapping of texts.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        A mapping is given as JSON.

    Raises
    ------
    MediaError
        It is not text.
    """
    return spans.contents(_entries(coding.decode(data, name=name).text)[0], _PLACE)


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[bytes, tuple[str, ...]]:
    """Put entries into a front matter, or one in front of the text.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (bytes, tuple of str)
        The new file; there are no warnings.

    Raises
    ------
    MediaError
        The front matter is no YAML mapping, or larger than `MAX_FRONT_MATTER`.
    """
    coded = coding.decode(data, name=name)
    found, end, problem = _entries(coded.text)
    if problem is not None:
        raise MediaError(f"has a front matter that would be lost: {problem}", path=name)
    newline = coded.newline

    def render(keyword: str, value: str) -> str:
        """Write an entry of the front matter."""
        return _entry(keyword, value).replace("\n", newline)

    if end is None:
        fence = f"---{newline}"
        text = coded.text if not edits.new else f"{fence}{fence}{newline}{coded.text}"
        end = len(fence)
    else:
        text = coded.text
    return coded.encode(spans.edited(text, found, edits, end, render), name=name), ()


def _entries(text: str) -> tuple[list[Span], int | None, str | None]:
    """Give the entries, where a new one goes, and why a front matter cannot be read."""
    match = _FENCED.match(text[: MAX_FRONT_MATTER + 16])
    if match is None:
        # A rule of hyphens may open a text as well.
        long = _OPENED.match(text) is not None and "AIGC" in text[: 4 * MAX_FRONT_MATTER]
        return [], None, f"it has no end in {MAX_FRONT_MATTER} characters" if long else None
    body, start = match["body"], match.start("body")
    try:
        found = [*_spans(body, start)]
    except _Prose:
        return [], None, None
    except _Unreadable as error:
        named = re.search(r"^[\"']?AIGC", body, re.M)
        broken = Span("AIGC", "", start, start, f"the front matter is damaged: {error}")
        return [broken] if named else [], match.end("body"), str(error)
    return found, match.end("body"), None


class _Unreadable(Exception):
    """The front matter is no YAML mapping."""


class _Prose(Exception):
    """What stands between two rules of hyphens is a paragraph."""


def _spans(body: str, offset: int) -> Iterator[Span]:
    import yaml

    depth = 0
    # The parser takes quadratic time for open brackets.
    for bracket in re.findall(r"[\[{\]}]", body):
        depth += 1 if bracket in "[{" else -1
        if depth > _MAX_DEPTH:
            raise _Unreadable(f"brackets are nested more than {_MAX_DEPTH} deep")
    try:
        root = yaml.compose(body, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _Unreadable(" ".join(str(error).split())[:200]) from None
    if root is None:
        return
    if isinstance(root, yaml.ScalarNode):
        raise _Prose
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _Unreadable("it is no mapping in block style")
    if root.start_mark.column:
        raise _Unreadable("its entries are indented")
    starts = [key.start_mark.index for key, _ in root.value]
    for (key, node), start in zip(root.value, starts, strict=True):
        if not isinstance(key, yaml.ScalarNode):
            continue
        end = _end_of_entry(body, node.end_mark.index)
        problem, text = None, ""
        try:
            value = _value(node, [_MAX_NODES])
            compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            text = value if isinstance(value, str) else compact
        except _Unreadable as error:
            problem = str(error)
        yield Span(key.value, text, offset + start, offset + end, problem)


def _end_of_entry(body: str, end: int) -> int:
    """Give where the line ends on which a value does; a block value ends behind its last line."""
    if end and body[end - 1] in "\r\n":
        # Blank lines and comments behind a block belong to what follows.
        lines = body[:end].splitlines(keepends=True)
        while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            end -= len(lines.pop())
        return end
    match = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)").match(body, end)
    return end if match is None else match.end()


def _value(node: Any, budget: list[int]) -> Any:
    """Give a node as JSON has it; only whole numbers and nothing at all are no texts."""
    import yaml

    budget[0] -= 1
    if budget[0] < 0:
        raise _Unreadable(f"more than {_MAX_NODES} values in one entry")
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _value(value, budget) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, budget) for item in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return ""
    if kind == "int" and re.fullmatch("[0-9]{1,18}", node.value):
        return int(node.value)
    return node.value


def _entry(keyword: str, value: str) -> str:
    try:
        fields = json.loads(value) if value.startswith("{") else None
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return f"{keyword}: {_quoted(value)}\n"
    lines = [f"  {key}: {_quoted(str(text))}\n" for key, text in fields.items()]
    return "".join([f"{keyword}:\n", *lines])


def _quoted(text: str) -> str:
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
