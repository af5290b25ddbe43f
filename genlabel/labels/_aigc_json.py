"""JSON out of AIGC labels: read leniently, within limits.

References
----------
GB 45438-2025, Annex E; TC260-PG-20259A.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

#: Longer texts are damaged labels: integrity data takes a few kilobytes at most.
MAX_TEXT_CHARACTERS = 1 << 16
MAX_JSON_DEPTH = 16

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")


class DamagedAigc(Exception):
    """A text that is there as an AIGC label cannot be read as one."""


def load_object(text: str, problems: list[str]) -> dict[str, Any]:
    """Read a JSON object, or one that was written as a JSON string once more.

    Parameters
    ----------
    text : str
        As found.
    problems : list of str
        Departures are added here.

    Returns
    -------
    dict
        Values of any JSON type.

    Raises
    ------
    DamagedAigc
        It is no JSON object, too long or too deep.
    """
    value = load(text, problems)
    if isinstance(value, str):
        problems.append("JSON inside a JSON string [GB 45438-2025 Annex E]")
        value = load(value, problems)
    if not isinstance(value, dict):
        raise DamagedAigc("not a JSON object")
    return value


def load(text: str, problems: list[str]) -> Any:
    """Read JSON, undoing an escape too many.

    Parameters
    ----------
    text : str
        As found.
    problems : list of str
        Departures are added here.

    Returns
    -------
    object
        Any JSON value.

    Raises
    ------
    DamagedAigc
        It is not JSON, too long or too deep.
    """
    text = text.strip("\0\ufeff \t\r\n")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise DamagedAigc(f"longer than {MAX_TEXT_CHARACTERS} characters")
    if text.startswith("{&"):
        problems.append("escaped twice [TC260-PG-20259A]")
        text = html.unescape(text)
    elif text.startswith('{\\"'):
        problems.append("its quotation marks are escaped once too often [GB 45438-2025 Annex E]")
        text = text.replace('\\"', '"')
    # The parser recurses; brackets outside strings bound how deep.
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_JSON_DEPTH:
            raise DamagedAigc(f"nested more than {MAX_JSON_DEPTH} deep")
    try:
        return json.loads(
            text,
            parse_constant=_no_constant,
            object_pairs_hook=lambda pairs: _object(pairs, problems),
        )
    except ValueError:
        raise DamagedAigc(f"not JSON: {text[:40]!r}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]], problems: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        problems.append("a key is there twice [GB 45438-2025 Annex E]")
    return found
