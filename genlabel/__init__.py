"""Mark, label and verify generated pictures: watermark, metadata and signature in one call.

>>> import genlabel
>>> key = genlabel.Key.generate("acme-2026")
>>> label = genlabel.Label(producer="acme", system="Painter")
>>> receipt = genlabel.mark("in.png", "out.png", label=label, key=key)  # doctest: +SKIP
>>> report = genlabel.verify("out.png", keys=[key])  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from genlabel._lazy import attributes

__version__ = "0.1.0"

# Resolved on first use: `import genlabel` reaches neither numpy nor numba.
_HOME = {
    "CapacityError": "genlabel._errors",
    "Detection": "genlabel._detection",
    "GenlabelError": "genlabel._errors",
    "Key": "genlabel._key",
    "Label": "genlabel._label",
    "LabelError": "genlabel._errors",
    "Marker": "genlabel._mark",
    "MediaError": "genlabel._errors",
    "Receipt": "genlabel._receipt",
    "Report": "genlabel._report",
    "SecretError": "genlabel._errors",
    "Signer": "genlabel._signer",
    "SignerError": "genlabel._errors",
    "UnsupportedError": "genlabel._errors",
    "label": "genlabel._label_only",
    "mark": "genlabel._mark",
    "read": "genlabel._read",
    "verify": "genlabel._verify",
}

__all__ = [
    "CapacityError",
    "Detection",
    "GenlabelError",
    "Key",
    "Label",
    "LabelError",
    "Marker",
    "MediaError",
    "Receipt",
    "Report",
    "SecretError",
    "Signer",
    "SignerError",
    "UnsupportedError",
    "audio",
    "image",
    "label",
    "mark",
    "read",
    "verify",
    "video",
]

if TYPE_CHECKING:
    from genlabel import audio, image, video
    from genlabel._detection import Detection
    from genlabel._errors import (
        CapacityError,
        GenlabelError,
        LabelError,
        MediaError,
        SecretError,
        SignerError,
        UnsupportedError,
    )
    from genlabel._key import Key
    from genlabel._label import Label
    from genlabel._label_only import label
    from genlabel._mark import Marker, mark
    from genlabel._read import read
    from genlabel._receipt import Receipt
    from genlabel._report import Report
    from genlabel._signer import Signer
    from genlabel._verify import verify


_attribute = attributes(__name__, _HOME)


def __getattr__(name: str) -> Any:
    if name in ("audio", "image", "text", "video"):
        return importlib.import_module(f"genlabel.{name}")
    return _attribute(name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
