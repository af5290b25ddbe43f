"""Opening the manifests of a file: c2pa-python's answer, or the reason there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from genlabel._data import Data, Mapped, opened
from genlabel.labels.c2pa._carriers import opaque
from genlabel.labels.c2pa._settings import context
from genlabel.labels.c2pa._shape import mapping, mappings, text

# The description box of a manifest store, the same bytes in every container: box type and the
# first four bytes of its UUID (C2PA Technical Specification 2.2, 11.1.4).
_STORE_MARK = b"jumdc2pa"
_REMOTE = re.compile(r"must fetch remote manifests from url (\S{1,2048})")
# What version 0.38 says of every package that is not merely stored.
_DEFLATED = "compression method not supported"
# Errors about the container, which say nothing about a manifest.
_CONTAINER_ERRORS = ("Io", "NotSupported", "Other")


@dataclass(frozen=True, slots=True)
class Store:
    """The manifests of a file, as c2pa-python reads them.

    Parameters
    ----------
    state : str
        ``"Invalid"``, ``"Valid"`` or ``"Trusted"``.
    active : str
        Label of the manifest about the file itself.
    manifests : mapping of str to mapping
        Every manifest, by its label.
    results : mapping
        What validation found.
    """

    state: str
    active: str
    manifests: Mapping[str, Any]
    results: Mapping[str, Any]

    def manifest(self, label: str | None) -> Mapping[str, Any]:
        """Give a manifest, empty where there is none of the label.

        Parameters
        ----------
        label : str or None
            The manifest's label.
        """
        return mapping(self.manifests.get(label)) if label is not None else {}

    def reachable(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the active manifest and every one below it, each once, with its label."""
        seen = {self.active}
        waiting = [self.active]
        while waiting:
            label = waiting.pop(0)
            manifest = self.manifest(label)
            yield label, manifest
            for ingredient in mappings(manifest.get("ingredients")):
                below = text(ingredient.get("active_manifest"))
                if below is not None and below not in seen:
                    seen.add(below)
                    waiting.append(below)

    def lineage(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the active manifest, its parent, that one's parent, and so on, with labels."""
        seen: set[str] = set()
        label: str | None = self.active
        while label is not None and label not in seen:
            seen.add(label)
            manifest = self.manifest(label)
            yield label, manifest
            parents = (
                text(item.get("active_manifest"))
                for item in mappings(manifest.get("ingredients"))
                if item.get("relationship") == "parentOf"
            )
            label = next(parents, None)


@dataclass(frozen=True, slots=True)
class NoStore:
    """Why there are no manifests to look at.

    Parameters
    ----------
    state : {"absent", "present", "damaged"}
        As in `genlabel._report.Layer`; ``present`` is a manifest kept elsewhere.
    reason : str
        One sentence; empty where there is simply none.
    url : str or None
        Where the manifest is kept.
    """

    state: Literal["absent", "present", "damaged"]
    reason: str = ""
    url: str | None = None


def open_store(
    data: Data, media_type: str, *, trust: bytes | None = None, sidecar: bytes | None = None
) -> Store | NoStore:
    """Read and validate the manifests of a file.

    Parameters
    ----------
    data : bytes or Mapped
        The whole file.
    media_type : str
        Its MIME type.
    trust : bytes or None
        PEM root certificates under which a signer is trusted.
    sidecar : bytes or None
        Manifests kept beside the file; those inside it are then not looked at.

    Raises
    ------
    SignerError
        `trust` holds no PEM certificates.
    """
    import c2pa

    settings = context(trust)
    known = c2pa.Reader.get_supported_mime_types()
    if sidecar is None and isinstance(data, Mapped) and media_type not in known:
        # Nothing would come of searching all of a film for one.
        return NoStore("absent")
    if sidecar is not None:
        media_type = opaque(data, media_type)
    try:
        with (
            opened(data) as stream,
            c2pa.Reader(media_type, stream, sidecar, context=settings) as reader,
        ):
            record = mapping(json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return NoStore("absent")
    except c2pa.C2paError as error:
        if sidecar is not None:
            return NoStore("damaged", f"the manifest cannot be read: {str(error)[:200]}")
        return _explain(data, " ".join(str(error).split()))
    except (ValueError, RecursionError):
        return NoStore("damaged", "the manifest cannot be read")
    active = text(record.get("active_manifest"))
    if active is None:
        return NoStore("damaged", "the manifest store names no active manifest")
    return Store(
        state=text(record.get("validation_state")) or "Invalid",
        active=active,
        manifests=mapping(record.get("manifests")),
        results=mapping(record.get("validation_results")),
    )


def _explain(data: Data, message: str) -> NoStore:
    remote = _REMOTE.search(message)
    if remote is not None:
        url = remote.group(1)
        return NoStore("present", f"the manifest is kept at {url} and was not fetched", url)
    if _DEFLATED in message and data.find(_STORE_MARK) >= 0:
        return NoStore("present", "the manifest of a package with deflated parts was not read")
    kind, _, explanation = message.partition(": ")
    if kind in _CONTAINER_ERRORS and data.find(_STORE_MARK) < 0:
        if kind == "NotSupported":
            return NoStore("absent")
        return NoStore("absent", f"the file could not be searched: {explanation[:200]}")
    return NoStore("damaged", f"the manifest cannot be read: {explanation[:200]}")
