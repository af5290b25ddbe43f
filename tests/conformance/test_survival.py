"""What other programs leave of a label: the tables in the documents, and what they rest on."""

from __future__ import annotations

import pytest

from tests.conformance import survival
from tests.conformance.survival import FILMS, Target, encoded, labelled, left, streamed


def test_the_tables_in_the_documents_are_these() -> None:
    text = survival.DOCUMENT.read_text()
    assert survival.film_table() in text
    assert survival.sound_table() in text
    assert survival.picture_table() in text


@pytest.mark.parametrize(
    ("options", "expected"), [({}, "copy"), ({"movflags": "use_metadata_tags"}, "label")]
)
def test_coding_anew_keeps_what_copying_keeps(options: dict[str, str], expected: str) -> None:
    data = labelled(FILMS["MP4"]())
    assert left(data) == "label, XMP, manifest"
    assert left(encoded(data, Target("mp4", options, "aac"), "libx264")) == expected


def test_segments_of_a_stream_keep_what_copies_keep() -> None:
    assert left(streamed(labelled(FILMS["MP4"]()))) == "copy"
