"""What genlabel states in a manifest, in the form `c2pa.Builder` takes.

References
----------
C2PA Technical Specification 2.4: actions (18.15), regions of interest (18.2), soft binding (18.10),
claim generator info;
IPTC Photo Metadata 2025.1, in a ``cawg.metadata`` assertion as ``c2pa.metadata`` does not allow
its AI fields.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from genlabel._label import Label
from genlabel.labels.c2pa._settings import SOFT_BINDING_ALG
from genlabel.labels.iptc import EXTENSION, VOCABULARY

SPEC_VERSION = "2.4.0"
LABEL_ASSERTION = "org.genlabel.label"
LABEL_SCHEMA = "genlabel.assertion/1"
SOFT_BINDING_ASSERTION = "c2pa.soft-binding"
ACTIONS_ASSERTION = "c2pa.actions.v2"
METADATA_ASSERTION = "cawg.metadata"
WATERMARKED = "c2pa.watermarked.bound"

#: The name by which the first action points to the signed original.
PARENT_ID = "parent"

_MAX_TITLE_CHARACTERS = 255
# Of a label that comes again and again the first times are enough.
_MAX_SPANS = 64


@dataclass(frozen=True, slots=True)
class Statement:
    """What was done to a file, and what it declares.

    Parameters
    ----------
    label : Label
        What it declares.
    title : str
        The file's name.
    payload : bytes or None
        What its watermark carries.
    opened : bool
        Whether it comes from a file with a manifest of its own, which becomes its parent.
    declared : bool
        Whether that parent already says what the label says about the source type.
    visible : mapping or None
        The label that people see, hear or read in it, as `genlabel.Receipt` tells of it.
    """

    label: Label
    title: str
    payload: bytes | None
    opened: bool
    declared: bool = False
    visible: Mapping[str, Any] | None = None

    def definition(self) -> dict[str, Any]:
        """Give the manifest definition for ``c2pa.Builder``."""
        assertions = [
            (ACTIONS_ASSERTION, {"actions": self._actions(), "allActionsIncluded": True}),
            (LABEL_ASSERTION, self._declaration()),
            (METADATA_ASSERTION, self._metadata()),
        ]
        if self.payload is not None:
            assertions.append((SOFT_BINDING_ASSERTION, _soft_binding(self.payload)))
        return {
            "title": self.title[-_MAX_TITLE_CHARACTERS:],
            "claim_generator_info": [{**_generator(), "specVersion": SPEC_VERSION}],
            # Without "created" the signer would only pass on what others are said to have said.
            "assertions": [
                {"label": name, "data": data, "created": True} for name, data in assertions
            ],
        }

    def _actions(self) -> list[dict[str, Any]]:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        source = {"digitalSourceType": VOCABULARY + self.label.source_type}
        made = (self.label.created or datetime.now(UTC)).isoformat(timespec="seconds")
        agent = self._system()
        actions: list[dict[str, Any]] = []
        if self.opened:
            # A source type is no part of "opened": the file's origin is its parent's to state.
            actions.append(
                {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT_ID]}, "when": now}
            )
            if not self.declared:
                actions.append({"action": "c2pa.edited", **source, **agent, "when": made})
        else:
            actions.append({"action": "c2pa.created", **source, **agent, "when": made})
        own = {"softwareAgent": _generator(), "when": now}
        if self.visible is not None:
            actions.append({**_explicit_label(self.visible), **own})
        if self.payload is not None:
            # No relatedAssertions: the library salts every assertion as it signs, so that the
            # hash such a link must carry cannot be known before.
            actions.append({"action": WATERMARKED, **own})
        if self.opened:
            actions.append({"action": "c2pa.edited.metadata", **own})
        return actions

    def _system(self) -> dict[str, Any]:
        if self.label.system is None:
            return {}
        agent = {"name": self.label.system}
        if self.label.system_version is not None:
            agent["version"] = self.label.system_version
        return {"softwareAgent": agent}

    def _declaration(self) -> dict[str, Any]:
        record = {name: value for name, value in self.label.to_dict().items() if value}
        return {"schema": LABEL_SCHEMA, **record}

    def _metadata(self) -> dict[str, Any]:
        fields = {
            "DigitalSourceType": VOCABULARY + self.label.source_type,
            "AISystemUsed": self.label.system,
            "AISystemVersionUsed": self.label.system_version,
            "AIPromptInformation": self.label.prompt,
            "AIPromptWriterName": self.label.prompt_writer,
        }
        named = {f"Iptc4xmpExt:{name}": value for name, value in fields.items() if value}
        return {"@context": {"Iptc4xmpExt": EXTENSION}, **named}


def _explicit_label(told: Mapping[str, Any]) -> dict[str, Any]:
    action = {
        # There is no action for a sound that is added.
        "action": "c2pa.addedText" if "text" in told else "c2pa.edited",
        "digitalSourceType": VOCABULARY + "algorithmicallyEnhanced",
        "description": "A label that says the content is generated was put in.",
    }
    where = [_rectangle(told["box"])] if "box" in told else []
    spans = told.get("spans", ())[:_MAX_SPANS]
    changes = [{"region": [*where, _time(*span)]} for span in spans]
    if where and not changes:
        changes = [{"region": where}]
    return {**action, "changes": changes} if changes else action


def _rectangle(box: Sequence[int]) -> dict[str, Any]:
    left, top, width, height = map(float, box)
    shape = {"type": "rectangle", "unit": "pixel", "origin": {"x": left, "y": top}}
    return {"type": "spatial", "shape": {**shape, "width": width, "height": height}}


def _time(start: float, end: float) -> dict[str, Any]:
    # Normal play time, RFC 2326, 3.6: seconds.
    return {"type": "temporal", "time": {"type": "npt", "start": f"{start:g}", "end": f"{end:g}"}}


def _soft_binding(payload: bytes) -> dict[str, Any]:
    # Text, as others on the soft binding list write it: the library turns a list of numbers into
    # a CBOR array of numbers, and has no way to write a CBOR byte string here.
    value = base64.b64encode(payload).decode("ascii")
    return {"alg": SOFT_BINDING_ALG, "blocks": [{"scope": {}, "value": value}]}


def _generator() -> dict[str, str]:
    import genlabel

    return {"name": "genlabel", "version": genlabel.__version__}
