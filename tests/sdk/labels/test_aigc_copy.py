"""The copy of the label in words: what it says, and what is none."""

from __future__ import annotations

import json

import pytest

from genlabel import Label
from genlabel._label import Status
from genlabel.labels._aigc_copy import compose_copy, read_copy


@pytest.mark.parametrize("status", ["generated", "possible", "suspected"])
def test_says_what_the_label_says(status: Status) -> None:
    label = Label("acme(1)", produce_id='a"=)(b', status=status)
    said = read_copy(f" {compose_copy(label)}\n")
    assert said is not None
    assert json.loads(said) == {
        "Label": {"generated": "1", "possible": "2", "suspected": "3"}[status],
        "ContentProducer": "acme(1)",
        "ProduceID": 'a"=)(b',
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AI-generated",
        "AI-generated (AIGC Label=4 ContentProducer=a ProduceID=b)",
        "AI-generated (AIGC Label=1 ContentProducer=a b ProduceID=b)",
        "AI-generated (AIGC Label=1 ContentProducer=a ProduceID=)",
        "So they say: AI-generated (AIGC Label=1 ContentProducer=a ProduceID=b)",
        f"AI-generated (AIGC Label=1 ContentProducer={'a' * 2049} ProduceID=b)",
    ],
)
def test_other_comments_are_none(text: str) -> None:
    assert read_copy(text) is None
