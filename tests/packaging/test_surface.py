"""The public names, pinned: a name that comes or goes is a decision."""

from __future__ import annotations

import genlabel

PUBLIC = [
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


def test_public_names_are_pinned() -> None:
    assert genlabel.__all__ == PUBLIC
    assert len(genlabel.__all__) <= 21


def test_every_public_name_resolves_and_is_documented() -> None:
    for name in genlabel.__all__:
        assert getattr(genlabel, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(genlabel, "marc")
    assert set(genlabel.__all__) <= set(dir(genlabel))


def test_every_error_has_the_one_root() -> None:
    errors = [getattr(genlabel, name) for name in genlabel.__all__ if name.endswith("Error")]
    assert all(issubclass(error, genlabel.GenlabelError) for error in errors)
