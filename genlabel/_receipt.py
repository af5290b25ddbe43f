"""What `mark` and `label` did to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genlabel._label import Label

RECEIPT_SCHEMA = "genlabel.receipt/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written, and what the reader should know about it.

    Parameters
    ----------
    source, target : str
        Names as given, or ``"<bytes>"``.
    media_type : str
        MIME type of what was written.
    sha256 : str
        Hex digest of the whole written file.
    label : Label
        What was declared; its ``mark_id`` is the payload.
    payload : bytes or None
        What the samples carry; None where only metadata was written.
    key : str or None
        Name of the key of the watermark.
    layers : tuple of str
        Layers written, in the order they were written.
    profiles : tuple of str
        Regimes the file was labelled for.
    visible : mapping or None
        The label that people see, hear or read. In pictures and films ``text``, ``icon``,
        ``position``, ``box`` (left, top, width, height in pixels as shown), ``ink_height``,
        ``contrast``, ``frames`` of an animation, ``spans`` of a film in seconds. In sound ``kind``,
        ``"rhythm"`` or ``"clip"``, ``language`` of a clip of genlabel's own, and ``spans`` in
        seconds. In texts and documents ``text``, ``at``, as asked for, and ``places``, for people.
    psnr : float or None
        Pictures: peak signal-to-noise ratio of the marked samples against the source with the
        label drawn, in dB.
    snr : float or None
        Sound: signal-to-noise ratio of the marked samples against the source, in dB.
    sidecar : str or None
        Where the C2PA manifest was put that the file itself has no place for.
    warnings : tuple of str
        Everything that was accepted but a careful user would want to know.
    """

    source: str
    target: str
    media_type: str
    sha256: str
    label: Label
    payload: bytes | None = None
    key: str | None = None
    layers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    visible: Mapping[str, Any] | None = None
    psnr: float | None = None
    snr: float | None = None
    sidecar: str | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the receipt as plain JSON types, with its schema id."""
        return {
            "schema": RECEIPT_SCHEMA,
            "source": self.source,
            "target": self.target,
            "media_type": self.media_type,
            "sha256": self.sha256,
            "label": self.label.to_dict(),
            "payload": None if self.payload is None else self.payload.hex(),
            "key": self.key,
            "layers": list(self.layers),
            "profiles": list(self.profiles),
            "visible": None if self.visible is None else dict(self.visible),
            "psnr": self.psnr,
            "snr": self.snr,
            "sidecar": self.sidecar,
            "warnings": list(self.warnings),
        }
