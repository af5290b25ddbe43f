"""A short copy of the AIGC label, in words, for the comment of a film or sound.

Programs that copy streams into a new MP4 or WAV keep comments, and drop keys that they do not know.
The copy is no label of the standard, of which a file has exactly one: it says where to look for it.

References
----------
GB 45438-2025, 6.1 c) and Annex E j) (no value holds a space).
"""

from __future__ import annotations

import json
import re

from genlabel._label import Label, Status

_WORDS: dict[Status, tuple[str, str]] = {
    "generated": ("AI-generated", "1"),
    "possible": ("Possibly AI-generated", "2"),
    "suspected": ("Suspected to be AI-generated", "3"),
}
_COPY = re.compile(
    r"\A\s*(?:AI-generated|Possibly AI-generated|Suspected to be AI-generated)"
    r" \(AIGC Label=([123]) ContentProducer=([!-~]{1,2048}) ProduceID=([!-~]{1,2048})\)\s*\Z"
)


def compose_copy(label: Label) -> str:
    """Write the copy.

    Parameters
    ----------
    label : Label
        What is declared.
    """
    words, number = _WORDS[label.status]
    producer = f"ContentProducer={label.producer}"
    return f"{words} (AIGC Label={number} {producer} ProduceID={label.produce_id})"


def read_copy(text: str) -> str | None:
    """Read a copy.

    Parameters
    ----------
    text : str
        A comment.

    Returns
    -------
    str or None
        What it says as JSON, with the fields that a copy has; None where the text is none.
    """
    match = _COPY.match(text)
    if match is None:
        return None
    number, producer, produce_id = match.groups()
    fields = {"Label": number, "ContentProducer": producer, "ProduceID": produce_id}
    return json.dumps(fields, separators=(",", ":"))
