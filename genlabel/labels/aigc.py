"""The AIGC label: seven fields as JSON, written as the standard has it and read as it is found.

References
----------
GB 45438-2025, 6.1 c) (one label per file) and Annex E (fields); TC260-PG-20259A (placement in
pictures: an XMP property), TC260-PG-202510A and TC260-PG-20257A (in sound and video: a text of the
container's own); all put the bare object under the key AIGC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel._errors import LabelError
from genlabel._label import Label, Status, annex_e_violation
from genlabel._provider_code import check_provider_code, is_provider_code
from genlabel.labels._aigc_claim import PICTURES, SOUND, TEXT, VIDEO, Claim, Guide
from genlabel.labels._aigc_json import DamagedAigc, load, load_object

__all__ = [
    "NAMESPACE",
    "PICTURES",
    "PREFIX",
    "PROPERTY",
    "SOUND",
    "TEXT",
    "VIDEO",
    "Claim",
    "DamagedAigc",
    "Declared",
    "FIELDS",
    "Guide",
    "agree",
    "compose",
    "interpret",
    "is_label_text",
]

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
PREFIX = "TC260"
PROPERTY = "AIGC"

_ANNEX = "GB 45438-2025 Annex E"
_ATTRIBUTES = {
    "Label": "status",
    "ContentProducer": "producer",
    "ProduceID": "produce_id",
    "ReservedCode1": "reserved1",
    "ContentPropagator": "propagator",
    "PropagateID": "propagate_id",
    "ReservedCode2": "reserved2",
}
#: The standard's names, in its order.
FIELDS = tuple(_ATTRIBUTES)
_STATUSES: dict[str, Status] = {"1": "generated", "2": "possible", "3": "suspected"}
_CODES = {status: code for code, status in _STATUSES.items()}
# Spellings seen in the field, and what they stand for.
_MISSPELT = {
    "reservecode1": "ReservedCode1",
    "reservecode2": "ReservedCode2",
    "producer": "ContentProducer",
    "producerid": "ProduceID",
    "propagator": "ContentPropagator",
    "propagatorid": "PropagateID",
    "propatorid": "PropagateID",
} | {name.lower(): name for name in _ATTRIBUTES}


@dataclass(frozen=True, slots=True)
class Declared:
    """A readable AIGC label.

    Parameters
    ----------
    fields : mapping of str to str
        The standard's fields, as far as they are there.
    problems, remarks : tuple of str
        Departures from the standard; facts that are none but may matter.
    """

    fields: Mapping[str, str]
    problems: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def label_fields(self) -> dict[str, str]:
        """The fields by their names in `Label`; a status nobody knows counts as suspected."""
        found = {_ATTRIBUTES[name]: value for name, value in self.fields.items()}
        found["status"] = _STATUSES.get(self.fields.get("Label", ""), "suspected")
        return {**dict.fromkeys(_ATTRIBUTES.values(), ""), **found}


def compose(label: Label) -> str:
    """Write a label as the bare object of seven string fields.

    Parameters
    ----------
    label : Label
        What is declared.

    Returns
    -------
    str
        JSON without white space, in the order of Annex E.
    """
    values = {name: getattr(label, attribute) for name, attribute in _ATTRIBUTES.items()}
    values["Label"] = _CODES[label.status]
    return json.dumps(values, separators=(",", ":"))


def interpret(claim: Claim) -> Declared:
    """Read one label leniently and judge it strictly.

    Parameters
    ----------
    claim : Claim
        As found.

    Returns
    -------
    Declared
        What it says, and every departure with its clause.

    Raises
    ------
    DamagedAigc
        It is not JSON, not an object, too long or too deep.
    """
    if claim.text is None:
        raise DamagedAigc("; ".join(claim.problems))
    problems = list(claim.problems)
    if not claim.standard:
        problems.append(
            f"stored in {claim.where}, which the guide does not name [{claim.guide.number}]"
        )
    remarks: list[str] = []
    # What the guide for sound says of the wrapper is not known for certain.
    wrapped = problems if claim.guide.in_xmp else remarks
    found = _unwrapped(claim, load_object(claim.text, problems), problems, wrapped)
    fields = _fields(found, problems)
    for name, value in fields.items():
        _judge(name, value, problems, remarks)
    same = fields.get("ContentPropagator") == fields.get("ContentProducer")
    if same and fields.get("PropagateID") not in ("", fields.get("ProduceID")):
        remarks.append(f"PropagateID is not the producer's own number [{_ANNEX} note 1]")
    return Declared(fields, tuple(problems), tuple(remarks))


def is_label_text(text: str) -> bool:
    """Tell whether a text of no particular kind is nothing but a wrapped AIGC label.

    Parameters
    ----------
    text : str
        A comment or description.
    """
    stripped = text.strip("\0 \t\r\n")
    return stripped.startswith("{") and '"AIGC"' in stripped[:64].replace('\\"', '"')


def _unwrapped(
    claim: Claim, found: dict[str, Any], problems: list[str], wrapped: list[str]
) -> dict[str, Any]:
    key = next((key for key in found if key.upper() == PROPERTY), None)
    if key is None:
        if not claim.keyed:
            problems.append(f"no key that contains AIGC [{_ANNEX} a)]")
        return found
    if claim.keyed:
        wrapped.append(f"wrapped in an object under the key AIGC once more [{claim.guide.number}]")
    if key != PROPERTY or len(found) > 1:
        problems.append(f"the wrapper holds other keys than AIGC [{_ANNEX}]")
    inner = found[key]
    if isinstance(inner, str):
        problems.append(f"JSON inside a JSON string [{_ANNEX}]")
        inner = load(inner, problems)
    if not isinstance(inner, dict):
        raise DamagedAigc("the value of AIGC is not a JSON object")
    return inner


def _fields(found: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for key, value in found.items():
        name = key if key in _ATTRIBUTES else _MISSPELT.get(key.lower())
        if name is None:
            problems.append(f"unknown key {_shown(key)} [{_ANNEX}]")
            continue
        if name != key:
            problems.append(f"key {_shown(key)} is misspelt, the standard has {name} [{_ANNEX}]")
        if not isinstance(value, str):
            problems.append(f"{name} is not a string [{_ANNEX}]")
            value = json.dumps(value, separators=(",", ":"))
        # Half a surrogate pair is text to JSON, but to nothing behind it.
        text = value.encode("utf-8", "replace").decode()
        if text != value:
            problems.append(f"{name} holds half a surrogate pair [{_ANNEX} j)]")
        if name == key or name not in fields:
            fields[name] = text
    missing = [name for name in _ATTRIBUTES if name not in fields]
    if len(missing) == len(_ATTRIBUTES):
        raise DamagedAigc("none of the standard's fields is there")
    if missing:
        problems.append(f"{', '.join(missing)} missing [{_ANNEX}]")
    return {name: fields[name] for name in _ATTRIBUTES if name in fields}


def _judge(name: str, value: str, problems: list[str], remarks: list[str]) -> None:
    bad = annex_e_violation(value)
    if bad is not None:
        problems.append(f"{name} holds {bad!r}, which is not allowed there [{_ANNEX} j)]")
    if name == "Label" and value not in _STATUSES:
        problems.append(f"Label is {_shown(value)}, not 1, 2 or 3 [{_ANNEX} c)]")
    elif not value and name == "ContentProducer":
        problems.append(f"ContentProducer is empty [{_ANNEX} d)]")
    elif not value and name == "ProduceID":
        problems.append(f"ProduceID is empty [{_ANNEX} e)]")
    elif not value and name in ("ContentPropagator", "PropagateID"):
        # A note does not bind; large generators leave these to the first platform.
        remarks.append(f"{name} is empty; a first label repeats the producer's [{_ANNEX} note 1]")
    if name in ("ContentProducer", "ContentPropagator") and is_provider_code(value):
        try:
            check_provider_code(value, field=name)
        except LabelError as error:
            problems.append(str(error))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def agree(declared: Sequence[Declared]) -> bool:
    """Tell whether several labels of one file say the same.

    Parameters
    ----------
    declared : sequence of Declared
        One or more.
    """
    return all(other.fields == declared[0].fields for other in declared)
