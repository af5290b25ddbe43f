"""One file on its way through the steps of marking and labelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genlabel._data import Data, Scratch
from genlabel._label import Label
from genlabel._layers import Declared
from genlabel._media import Source


@dataclass(slots=True)
class Work:
    """One file on its way from source to target.

    Parameters
    ----------
    source : Source
        The file as it came.
    label : Label
        What is declared.
    before : Declared
        What the source declares.
    data : bytes or Mapped
        The file as far as it is done.
    scratch : Scratch
        Where it is done, if it is too large for memory.
    layers, warnings : list of str
        For the receipt.
    visible : mapping or None
        The label that people see, hear or read, for the receipt.
    sidecar : bytes or None
        A manifest for a file of its own.
    sidecar_path : str
        Where that comes.
    """

    source: Source
    label: Label
    before: Declared
    data: Data = field(repr=False)
    scratch: Scratch = field(repr=False)
    layers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    visible: Mapping[str, Any] | None = None
    sidecar: bytes | None = field(default=None, repr=False)
    sidecar_path: str = ""

    def become(self, data: Data) -> None:
        """Take the next state of the file in place of the last."""
        if self.data is not self.source.data:
            self.scratch.drop(self.data)
        self.data = data
