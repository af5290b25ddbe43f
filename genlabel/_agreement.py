"""Whether a file's layers speak of the same content, and do not contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genlabel._detection import Detection
from genlabel._ladder import NOT_GENERATED_SOURCES, source_types
from genlabel._report import Layer
from genlabel.labels.iptc import GENERATED_TERMS

if TYPE_CHECKING:
    from genlabel._layers import Declared

_TITLES = {
    "aigc": "the AIGC label",
    "xmp": "the XMP metadata",
    "c2pa": "the C2PA manifest",
    "watermark": "the watermark",
}
_MARK_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement.

    Parameters
    ----------
    sentence : str
        What disagrees, for people.
    layers : tuple of str
        The layers involved.
    """

    sentence: str
    layers: tuple[str, ...]


def find_conflicts(declared: Declared, detection: Detection | None) -> list[Conflict]:
    """Compare every layer with every other.

    Parameters
    ----------
    declared : Declared
        What the metadata and the manifest say.
    detection : Detection or None
        What the samples say; None where they were not searched.
    """
    found = _identity_conflicts(identities(declared, detection))
    found += _source_conflicts(declared)
    missing = _missing_watermark(declared, detection)
    return [*found, *missing]


def identities(declared: Declared, detection: Detection | None) -> list[tuple[str, bytes]]:
    """List which content each layer says this is, as ``mark_id``.

    Returns
    -------
    list of (str, bytes)
        Layer name and the 8 bytes; a layer that names no content is left out.
    """
    from genlabel.labels.c2pa import SOFT_BINDING_ALG

    found: list[tuple[str, bytes]] = []
    metadata, manifest = declared.metadata, declared.manifest
    label = metadata.label
    if label is not None and label.producer and label.produce_id:
        # XMP repeats what AIGC says; where there is no AIGC it speaks for itself.
        readable = metadata.aigc.state not in ("absent", "damaged")
        found.append(("aigc" if readable else "xmp", label.mark_id))
    if manifest.label is not None and manifest.label.producer and manifest.label.produce_id:
        found.append(("c2pa", manifest.label.mark_id))
    found += [
        ("c2pa", binding.value)
        for binding in manifest.soft_bindings
        if binding.alg == SOFT_BINDING_ALG and len(binding.value) == _MARK_ID_BYTES
    ]
    payload = None if detection is None else detection.payload
    # Longer payloads are the caller's own and no mark_id.
    if payload is not None and len(payload) == _MARK_ID_BYTES:
        found.append(("watermark", payload))
    return list(dict.fromkeys(found))


def mark_conflicting(layers: Mapping[str, Layer], conflicts: list[Conflict]) -> dict[str, Layer]:
    """Set the layers that conflicts involve to ``conflicting``; damage stays damage."""
    involved = {name for conflict in conflicts for name in conflict.layers}
    return {
        name: replace(layer, state="conflicting")
        if name in involved and layer.state not in ("absent", "damaged")
        else layer
        for name, layer in layers.items()
    }


def _identity_conflicts(found: list[tuple[str, bytes]]) -> list[Conflict]:
    conflicts = []
    for index, (layer, mark_id) in enumerate(found):
        for other, other_id in found[index + 1 :]:
            if other_id != mark_id:
                sentence = (
                    f"{_TITLES[layer]} is about content {mark_id.hex()}, "
                    f"{_TITLES[other]} about {other_id.hex()}: one of them comes from another file"
                )
                conflicts.append(Conflict(sentence, (layer, other)))
    return conflicts


def _source_conflicts(declared: Declared) -> list[Conflict]:
    terms = source_types(declared)
    generated = [name for name, term in terms.items() if term in GENERATED_TERMS]
    if declared.metadata.aigc.state in ("present", "valid"):
        generated.insert(0, "aigc")
    captured = [name for name, term in terms.items() if term in NOT_GENERATED_SOURCES]
    return [
        Conflict(
            f"{_TITLES[one]} declares generated content, {_TITLES[other]} says {terms[other]}",
            (one, other),
        )
        for one in generated
        for other in captured
    ]


def _missing_watermark(declared: Declared, detection: Detection | None) -> list[Conflict]:
    if detection is None or detection.found or not declared.manifest.binds_watermark:
        return []
    if declared.manifest.layer.state == "trusted":
        # A trusted signer bound these very samples: the mark is there, under a key not given.
        return []
    sentence = (
        "the C2PA manifest says that a watermark was put in, and the given keys find none: "
        "it was made under another key, or the manifest comes from another file"
    )
    return [Conflict(sentence, ("c2pa", "watermark"))]
