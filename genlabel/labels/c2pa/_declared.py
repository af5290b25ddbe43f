"""What a manifest declares, ours or anybody's, in genlabel's terms."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from genlabel._label import Label
from genlabel.labels.c2pa._finding import SoftBinding
from genlabel.labels.c2pa._judge import damaged_manifests
from genlabel.labels.c2pa._shape import mapping, mappings, text
from genlabel.labels.c2pa._statement import (
    LABEL_ASSERTION,
    LABEL_SCHEMA,
    SOFT_BINDING_ASSERTION,
)
from genlabel.labels.c2pa._store import Store
from genlabel.labels.iptc import GENERATED_TERMS, RETIRED_TERMS

_MAX_BINDINGS = 64


def label_of(store: Store) -> Label | None:
    """Give what the manifests declare about generation.

    The file's own manifest is asked first, then its parent, and so on: a manifest that only says
    what was edited leaves the origin to those below.

    Parameters
    ----------
    store : Store
        The manifests; parents that are not what was signed are passed over.

    Returns
    -------
    Label or None
        None where nothing says that the content was generated. ``producer`` and ``produce_id``
        are empty where the manifest is not genlabel's.
    """
    lineage = list(_sound_lineage(store))
    for manifest in lineage:
        own = _own_label(manifest)
        if own is not None:
            return own
    for manifest in lineage:
        found = _foreign_label(manifest)
        if found is not None:
            return found
    return None


def source_type_of(store: Store) -> str | None:
    """Give the source type the manifests declare: a generative one if any is.

    Parameters
    ----------
    store : Store
        The manifests; parents that are not what was signed are passed over.
    """
    found = [term for manifest in _sound_lineage(store) for term in source_types(manifest)]
    return next((term for term in found if term in GENERATED_TERMS), found[0] if found else None)


def source_types(manifest: Mapping[str, Any]) -> list[str]:
    """Give the terms of the Digital Source Types a manifest's actions and metadata name.

    Parameters
    ----------
    manifest : mapping
        The manifest.
    """
    named = [action.get("digitalSourceType") for action in actions(manifest)]
    named += [
        data.get("Iptc4xmpExt:DigitalSourceType")
        for name, data in _assertions(manifest)
        if name in ("cawg.metadata", "c2pa.metadata", "stds.iptc")
    ]
    return [_term(uri) for uri in map(text, named) if uri is not None]


def actions(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give a manifest's actions, in order.

    Parameters
    ----------
    manifest : mapping
        The manifest.
    """
    return [
        action
        for name, data in _assertions(manifest)
        if name.startswith("c2pa.actions")
        for action in mappings(data.get("actions"))
    ]


def soft_bindings(manifest: Mapping[str, Any]) -> tuple[SoftBinding, ...]:
    """Give a manifest's soft bindings.

    Parameters
    ----------
    manifest : mapping
        The manifest.
    """
    found = []
    for name, data in _assertions(manifest):
        alg = text(data.get("alg"))
        # Several assertions of a kind are told apart by "__1", "__2", ... at the end.
        if name.partition("__")[0] == SOFT_BINDING_ASSERTION and alg is not None:
            values = (text(block.get("value")) for block in mappings(data.get("blocks")))
            found += [SoftBinding(alg, _bytes(value)) for value in values if value is not None]
    return tuple(found[:_MAX_BINDINGS])


def _term(uri: str) -> str:
    term = uri.rstrip("/").rpartition("/")[2]
    return RETIRED_TERMS.get(term, term)


def _bytes(value: str) -> bytes:
    # Byte strings arrive as base64, and texts as they are.
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value.encode()


def _assertions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for assertion in mappings(manifest.get("assertions")):
        name = text(assertion.get("label"))
        if name is not None:
            yield name, mapping(assertion.get("data"))


def _sound_lineage(store: Store) -> Iterator[Mapping[str, Any]]:
    damaged = damaged_manifests(store)
    return (manifest for label, manifest in store.lineage() if label not in damaged)


def _own_label(manifest: Mapping[str, Any]) -> Label | None:
    for name, data in _assertions(manifest):
        if name == LABEL_ASSERTION and data.get("schema") == LABEL_SCHEMA:
            known = {item.name for item in fields(Label)} - {"created"}
            declared: dict[str, Any] = {
                field: value
                for field, value in data.items()
                if field in known and isinstance(value, str)
            }
            return Label.as_declared(created=_time(data.get("created")), **declared)
    return None


def _foreign_label(manifest: Mapping[str, Any]) -> Label | None:
    terms = [term for term in source_types(manifest) if term in GENERATED_TERMS]
    if not terms:
        return None
    done = [
        action
        for action in actions(manifest)
        if _term(text(action.get("digitalSourceType")) or "") == terms[0]
    ]
    action = done[0] if done else {}
    system, version = _agent(action.get("softwareAgent"))
    if system is None:
        system, version = _agent(next(iter(mappings(manifest.get("claim_generator_info"))), None))
    signed = mapping(manifest.get("signature_info")).get("time")
    return Label.as_declared(
        source_type=terms[0],
        system=system or text(manifest.get("claim_generator")),
        system_version=version,
        created=_time(action.get("when")) or _time(signed),
    )


def _agent(agent: Any) -> tuple[str | None, str | None]:
    if isinstance(agent, str):
        return text(agent), None
    return text(mapping(agent).get("name")), text(mapping(agent).get("version"))


def _time(value: Any) -> datetime | None:
    written = text(value)
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
