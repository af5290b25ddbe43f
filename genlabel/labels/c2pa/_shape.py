"""Taking parts out of JSON that somebody else wrote: whatever is not as expected is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MAX_ITEMS = 1024
_MAX_CHARACTERS = 1024


def text(value: Any) -> str | None:
    """Give a text, cut to a bounded length, or None for anything else.

    Parameters
    ----------
    value : object
        Any JSON value.
    """
    return value[:_MAX_CHARACTERS] if isinstance(value, str) and value else None


def mapping(value: Any) -> Mapping[str, Any]:
    """Give an object, or an empty one for anything else.

    Parameters
    ----------
    value : object
        Any JSON value.
    """
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a list, a bounded number of them.

    Parameters
    ----------
    value : object
        Any JSON value.
    """
    if not isinstance(value, list):
        return []
    return [item for item in value[:_MAX_ITEMS] if isinstance(item, dict)]


def codes(value: Any) -> list[str]:
    """Give the ``code`` of each entry of a list of validation statuses.

    Parameters
    ----------
    value : object
        Any JSON value.
    """
    found = (text(item.get("code")) for item in mappings(value))
    return [code for code in found if code is not None]
