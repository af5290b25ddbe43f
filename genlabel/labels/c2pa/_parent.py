"""The manifest a file had before, which becomes the parent of the new one."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genlabel._data import Data, opened
from genlabel._errors import MediaError
from genlabel.labels.c2pa._declared import source_types
from genlabel.labels.c2pa._statement import PARENT_ID
from genlabel.labels.c2pa._store import NoStore, Store, open_store

_STORE_TYPE = "application/c2pa"
_RESOURCE = "parent.c2pa"


@dataclass(frozen=True, slots=True)
class Parent:
    """A file that may have a manifest.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    media_type : str
        Its MIME type.
    sidecar : bytes or None
        A manifest kept beside it.
    """

    data: Data
    media_type: str
    sidecar: bytes | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A file with a manifest.

    Parameters
    ----------
    file : Parent
        The file.
    store : Store or NoStore
        Its manifests, or where they are kept.
    """

    file: Parent
    store: Store | NoStore

    def declares(self, source_type: str) -> bool:
        """Tell whether it already says what a label says of its origin.

        Parameters
        ----------
        source_type : str
            The label's.
        """
        store = self.store
        return isinstance(store, Store) and any(
            source_type in source_types(manifest) for _, manifest in store.lineage()
        )

    def kept_in(self, store: Store) -> bool:
        """Tell whether a new store holds all its manifests.

        Parameters
        ----------
        store : Store
            The new one.
        """
        return isinstance(self.store, NoStore) or set(self.store.manifests) <= set(store.manifests)

    def ingredients(self, title: str) -> list[dict[str, Any]]:
        """Give what a manifest definition says of a parent whose manifest is kept beside it.

        Parameters
        ----------
        title : str
            The file's.
        """
        if self.file.sidecar is None or isinstance(self.store, NoStore):
            return []
        return [
            {
                **_about(title),
                "format": self.file.media_type,
                "active_manifest": self.store.active,
                "validation_results": dict(self.store.results),
                "manifest_data": {"format": _STORE_TYPE, "identifier": _RESOURCE},
            }
        ]

    def add_to(self, builder: Any, title: str) -> None:
        """Make it the parent in a builder whose definition has its `ingredients`.

        Parameters
        ----------
        builder : c2pa.Builder
            The new manifest's.
        title : str
            The file's.
        """
        if self.file.sidecar is not None:
            builder.add_resource(_RESOURCE, io.BytesIO(self.file.sidecar))
            return
        with opened(self.file.data) as stream:
            builder.add_ingredient(_about(title), self.file.media_type, stream)


def find_earlier(files: Iterable[Parent], name: str) -> Earlier | None:
    """Find the file whose manifest must be kept: the first that has one.

    Parameters
    ----------
    files : iterable of Parent
        The original a file was made from, and the file itself.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It has one that cannot be carried on.
    """
    for file in files:
        store = open_store(file.data, file.media_type, sidecar=file.sidecar)
        if isinstance(store, Store) or store.state == "present":
            return Earlier(file, store)
        if store.state == "damaged":
            raise MediaError(
                f"has a C2PA manifest that cannot be carried on: {store.reason}", path=name
            )
    return None


def _about(title: str) -> dict[str, str]:
    return {"title": title, "relationship": "parentOf", "label": PARENT_ID}
