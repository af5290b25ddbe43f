"""Provider codes: 27 characters that name who generated or spread a file.

References
----------
TC260-PG-20252A (coding rule): positions 1-2 format ``00``, 3 subject type, 4 kind of code,
5-22 Unified Social Credit Code, 23 service type, 24-27 self-assigned.
GB 32100-2015: the check character of a Unified Social Credit Code.
"""

from __future__ import annotations

import re

from genlabel._errors import LabelError
from genlabel._message import Message, Option

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_CODE_SHAPE = re.compile(r"001[0-9A-Z]{24}")


def is_provider_code(text: str) -> bool:
    """Whether a producer is meant as a code: 27 digits and capitals that begin with ``001``."""
    return _CODE_SHAPE.fullmatch(text) is not None


def uscc_check_character(body: str) -> str:
    """Compute the 18th character of a Unified Social Credit Code.

    Parameters
    ----------
    body : str
        The first 17 characters.

    Raises
    ------
    ValueError
        A character that no Unified Social Credit Code holds (I, O, S, V, Z and lower case).

    References
    ----------
    GB 32100-2015, 4.5: weights are powers of 3 modulo 31.
    """
    total = sum(
        _USCC_ALPHABET.index(character) * weight
        for character, weight in zip(body, _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[-total % 31]


def check_provider_code(code: str, *, field: str) -> None:
    """Check a provider code's structure and its credit code's check character.

    Parameters
    ----------
    code : str
        27 characters, as `is_provider_code` tells.
    field : str
        The field of `Label` it stands in, for the error.

    Raises
    ------
    LabelError
        The structure or the check character is wrong.
    """
    if code[3] != "1":
        # Other bindings than the credit code exist; their inner layout is not published.
        return
    uscc, told = code[4:22], Message(Option(f"Label.{field}"), f" {code!r}: ")
    try:
        expected = uscc_check_character(uscc[:17])
    except ValueError:
        raise LabelError(
            Message(told, f"{uscc!r} holds a character that no credit code has"),
            field=field,
            clause="GB 32100-2015",
        ) from None
    if uscc[17] != expected:
        raise LabelError(
            Message(
                told,
                f"the credit code {uscc!r} ends in {uscc[17]!r}, its check character is "
                f"{expected!r}",
            ),
            field=field,
            clause="TC260-PG-20252A, GB 32100-2015",
        )
    if code[22] not in "012":
        raise LabelError(
            Message(told, f"service type {code[22]!r} is not 0, 1 or 2"),
            field=field,
            clause="TC260-PG-20252A",
        )
