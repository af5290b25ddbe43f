"""What is declared about a generated file."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, get_args

from genlabel._errors import LabelError
from genlabel._message import Message, Option
from genlabel._provider_code import check_provider_code, is_provider_code

Status = Literal["generated", "possible", "suspected"]
_STATUSES = get_args(Status)

#: Terms of the IPTC Digital Source Type vocabulary that C2PA accepts.
SOURCE_TYPES = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
    "algorithmicMedia",
    "algorithmicallyEnhanced",
    "digitalCreation",
    "dataDrivenMedia",
    "humanEdits",
    "composite",
    "compositeCapture",
    "computationalCapture",
    "digitalCapture",
    "screenCapture",
    "virtualRecording",
)

# GB 45438-2025 Annex E j): 0x21, 0x23-0x5B, 0x5D-0x7E and the escaped quotation mark.
_ANNEX_E_FORBIDDEN = re.compile(r"[^\x21-\x5b\x5d-\x7e]")
_AIGC_FIELDS = ("producer", "produce_id", "propagator", "propagate_id", "reserved1", "reserved2")
_OTHER_TEXTS = ("system", "system_version", "registration", "prompt", "prompt_writer")
_MARK_ID_DOMAIN = b"genlabel/mark-id/1"


def annex_e_violation(value: str) -> str | None:
    """Name the first character Annex E does not allow in a value.

    Parameters
    ----------
    value : str
        A field's value, before JSON escaping; ``"`` is allowed, since JSON escapes it.

    Returns
    -------
    str or None
        The character, or None where the value is allowed.

    References
    ----------
    GB 45438-2025, Annex E j).
    """
    match = _ANNEX_E_FORBIDDEN.search(value)
    return None if match is None else match.group()


def _option(field: str) -> Option:
    return Option(f"Label.{field}")


@dataclass(frozen=True, slots=True)
class Label:
    """What a file declares about its origin.

    The constructor is strict: what it accepts may be written. What a file declares, right or
    wrong, is represented through `Label.as_declared`.

    Parameters
    ----------
    producer : str
        The provider's 27-character code (TC260-PG-20252A), or its name.
    produce_id : str or None
        The provider's own unique number of this content; None makes a new UUID.
    status : {"generated", "possible", "suspected"}
        GB 45438 Label values 1, 2 and 3.
    system, system_version : str or None
        The generator's name and version.
    registration : str or None
        The model's public filing number.
    created : datetime or None
        When the content was made, with a time zone; None means the time of marking.
    source_type : str
        A term of the IPTC Digital Source Type vocabulary.
    propagator, propagate_id : str or None
        The platform's part; None repeats the producer's part (GB 45438 Annex E note 1).
    reserved1, reserved2 : str
        The producer's and the propagator's integrity data.
    prompt, prompt_writer : str or None
        What the generator was asked for, and who asked. They are written for everyone to read, and
        only where they are given.

    Raises
    ------
    LabelError
        A field breaks GB 45438-2025 Annex E or the coding rule of provider codes.
    """

    producer: str
    produce_id: str | None = None
    status: Status = "generated"
    system: str | None = None
    system_version: str | None = None
    registration: str | None = None
    created: datetime | None = None
    source_type: str = "trainedAlgorithmicMedia"
    propagator: str | None = None
    propagate_id: str | None = None
    reserved1: str = ""
    reserved2: str = ""
    prompt: str | None = None
    prompt_writer: str | None = None

    def __post_init__(self) -> None:
        if self.produce_id is None:
            object.__setattr__(self, "produce_id", str(uuid.uuid4()))
        if self.propagator is None:
            object.__setattr__(self, "propagator", self.producer)
        if self.propagate_id is None:
            object.__setattr__(self, "propagate_id", self.produce_id)
        self._check()

    @classmethod
    def as_declared(cls, **declared: Any) -> Label:
        """Represent what a file says, right or wrong, without any check.

        Parameters
        ----------
        **declared
            Fields of `Label`; what is left out is an empty string for ``producer`` and
            ``produce_id``, and the default for the rest.
        """
        label = object.__new__(cls)
        empty: dict[str, Any] = {"producer": "", "produce_id": ""}
        for item in fields(cls):
            object.__setattr__(
                label, item.name, declared.pop(item.name, empty.get(item.name, item.default))
            )
        if declared:
            raise TypeError(f"Label has no field {sorted(declared)[0]!r}")
        return label

    def _check(self) -> None:
        for name in _AIGC_FIELDS:
            value = getattr(self, name)
            if not isinstance(value, str):
                raise LabelError(Message(_option(name), " must be text"), field=name)
            bad = annex_e_violation(value)
            if bad is not None:
                raise LabelError(
                    Message(_option(name), f" holds {bad!r}, which is not allowed there"),
                    field=name,
                    clause="GB 45438-2025 Annex E j)",
                )
        for name in ("producer", "produce_id"):
            if not getattr(self, name):
                raise LabelError(
                    Message(_option(name), " is empty"),
                    field=name,
                    clause="GB 45438-2025 Annex E d), e)",
                )
        if self.status not in _STATUSES:
            raise LabelError(
                Message(
                    _option("status"), f" is {self.status!r}, not one of {', '.join(_STATUSES)}"
                ),
                field="status",
                clause="GB 45438-2025 Annex E c)",
            )
        if self.source_type not in SOURCE_TYPES:
            raise LabelError(
                Message(
                    _option("source_type"),
                    f" {self.source_type!r} is no IPTC Digital Source Type term",
                ),
                field="source_type",
            )
        self._check_kinds()
        for name in ("producer", "propagator"):
            code = getattr(self, name)
            if is_provider_code(code):
                check_provider_code(code, field=name)

    def _check_kinds(self) -> None:
        for name in _OTHER_TEXTS:
            if not isinstance(getattr(self, name), str | None):
                raise LabelError(Message(_option(name), " must be text"), field=name)
        if self.created is None:
            return
        if not isinstance(self.created, datetime):
            raise LabelError("created must be a datetime", field="created")
        if self.created.tzinfo is None:
            raise LabelError("created has no time zone", field="created")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is accepted, but a careful user would want to know."""
        if is_provider_code(self.producer):
            return ()
        return (
            f"producer {self.producer!r} is a name, not a 27-character provider code "
            "(TC260-PG-20252A); GB 45438-2025 Annex E d) allows either",
        )

    @property
    def mark_id(self) -> bytes:
        """The 8-byte payload that ties the samples to this label.

        The first 8 bytes of ``SHA-256("genlabel/mark-id/1" 00 producer 00 produce_id)``, texts in
        UTF-8, so anyone holding a registry of labels can find a label by its payload.
        """
        text = b"\0".join(
            (_MARK_ID_DOMAIN, self.producer.encode(), (self.produce_id or "").encode())
        )
        return hashlib.sha256(text).digest()[:8]

    def to_dict(self) -> dict[str, Any]:
        """Give the label as plain JSON types, with its ``mark_id`` in hex."""
        record: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        record["created"] = None if self.created is None else self.created.isoformat()
        record["mark_id"] = self.mark_id.hex()
        return record
