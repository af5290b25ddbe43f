"""The cases of AigcTotal's corpus: the very bytes, what we say of them, and where we differ."""

from __future__ import annotations

import hashlib

import pytest

import genlabel
from tests.conformance import tables
from tests.conformance.corpus import CASES
from tests.sdk.labels.samples import png_with


@pytest.mark.parametrize("name", CASES)
def test_the_bytes_are_the_published_ones(name: str) -> None:
    assert hashlib.sha256(CASES[name].bare()).hexdigest() == CASES[name].sha256


@pytest.mark.parametrize("name", CASES)
def test_a_difference_has_its_reason(name: str) -> None:
    row = tables.outcome(name)
    assert row.differs(CASES[name].verdict) == (name in tables.REASONS), row


def test_what_they_find_wrong_we_find_wrong() -> None:
    theirs = {name for name, case in CASES.items() if case.verdict in ("noncompliant", "not_found")}
    assert all(tables.outcome(name).whole == CASES[name].verdict for name in theirs)
    assert len(theirs) == 15


def test_a_label_that_is_there_is_never_absent() -> None:
    labelled = {name for name, case in CASES.items() if case.verdict != "not_found"}
    absent = {name for name in labelled if tables.outcome(name).whole == "not_found"}
    assert not absent


def test_the_table_in_the_documents_is_this_one() -> None:
    assert tables.corpus_table() in tables.DOCUMENT.read_text()


def test_a_file_without_content_is_no_file() -> None:
    assert tables.judged(png_with()[:33], "a.png") == "refused"


def test_the_table_of_real_files_is_this_one() -> None:
    table = tables.files_table()
    if not table:
        pytest.skip(f"needs the test data, expected under {tables.MEDIA}")
    assert table in tables.DOCUMENT.read_text()


def test_no_labelled_file_is_missing_from_the_table() -> None:
    """Of all pictures and sounds there are, those that declare anything are in it."""
    listed = {tables.MEDIA / name for name in tables.FILES.values()}
    found = [path for kind in ("images", "audio") for path in (tables.MEDIA / kind).glob("*.*")]
    if not found:
        pytest.skip(f"needs the test data, expected under {tables.MEDIA}")
    for path in sorted(set(found) - listed - set(tables.MEDIA.glob("*/MANIFEST.csv"))):
        layers = genlabel.verify(path, samples=False).layers
        assert {layers[name].state for name in ("aigc", "xmp", "c2pa")} == {"absent"}, path
