"""Errors: one root, one line, and the way back from a worker process."""

from __future__ import annotations

import pickle

import pytest

from genlabel import (
    CapacityError,
    GenlabelError,
    LabelError,
    MediaError,
    SecretError,
    SignerError,
    UnsupportedError,
)

LEAVES = [CapacityError, LabelError, MediaError, SecretError, SignerError, UnsupportedError]


@pytest.mark.parametrize("kind", LEAVES)
def test_leaves_are_genlabel_errors_and_value_errors(kind: type[GenlabelError]) -> None:
    error = kind("is broken", path="a.png")
    assert isinstance(error, GenlabelError) and isinstance(error, ValueError)
    assert str(error).startswith("a.png: is broken")


@pytest.mark.parametrize(
    "error",
    [
        MediaError("is broken"),
        MediaError("is broken", path="a.png"),
        CapacityError("is flat", path="a.png", required="a short side of 256 px"),
        LabelError("is wrong", field="producer", clause="Annex E"),
        SignerError("cannot sign", rule="key usage"),
    ],
)
def test_errors_travel_between_processes_with_their_fields(error: GenlabelError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


def test_what_would_fit_and_which_rule_are_in_the_line() -> None:
    assert str(CapacityError("is flat", required="256 px")) == "is flat (needs 256 px)"
    assert str(LabelError("is wrong", clause="Annex E")) == "is wrong [Annex E]"
