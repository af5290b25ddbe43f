"""Labels: the rules of GB 45438 Annex E, and the identity they are found by."""

from __future__ import annotations

import hashlib
import json
import pickle
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import Label, LabelError

DOUBAO = "001191110102MACQD9K64010000"
ALLOWED = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) != "\\")


def test_the_smallest_label_is_complete() -> None:
    label = Label("acme")
    assert uuid.UUID(label.produce_id).version == 4
    # GB 45438 Annex E note 1: at first writing the propagator repeats the producer.
    assert (label.propagator, label.propagate_id) == ("acme", label.produce_id)
    assert label.status == "generated"
    assert Label("acme").produce_id != label.produce_id


def test_mark_id_is_one_documented_hash() -> None:
    label = Label("acme", "0001")
    documented = hashlib.sha256(b"genlabel/mark-id/1\0acme\x000001").digest()[:8]
    assert label.mark_id == documented
    # Marks in the field point to their labels through this value: it never changes.
    assert label.mark_id.hex() == "2d3e9d593e028a9d"


def test_mark_id_depends_on_producer_and_number_alone() -> None:
    label = Label("acme", "0001")
    passed_on = Label(
        "acme", "0001", status="suspected", system="Painter", propagator="p", propagate_id="q"
    )
    assert passed_on.mark_id == label.mark_id
    assert Label("acme", "0002").mark_id != label.mark_id
    # The separator keeps pairs apart that run together alike.
    assert Label("acme0", "001").mark_id != label.mark_id


@given(st.text(ALLOWED, min_size=1), st.text(ALLOWED, min_size=1))
def test_everything_annex_e_allows_is_accepted(producer: str, number: str) -> None:
    try:
        label = Label(producer, number)
    except LabelError as error:
        # Only a 27-character code with a wrong check character may still fail.
        assert len(producer) == 27 and error.clause is not None
    else:
        assert len(label.mark_id) == 8


@given(st.characters().filter(lambda c: c not in ALLOWED))
def test_everything_else_is_refused_with_its_clause(character: str) -> None:
    for field in ("producer", "produce_id", "propagator", "propagate_id", "reserved1"):
        values = {"producer": "acme", "produce_id": "1", field: f"a{character}b"}
        with pytest.raises(LabelError, match=r"Annex E j\)") as caught:
            Label(**values)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("producer", ""),
        ("produce_id", ""),
        ("status", "1"),
        ("status", None),
        ("source_type", "TrainedAlgorithmicMedia"),
        ("created", datetime(2026, 1, 1)),
        ("producer", 7),
        ("reserved2", None),
    ],
)
def test_a_broken_rule_names_its_field(field: str, value: object) -> None:
    with pytest.raises(LabelError) as caught:
        Label(**{"producer": "acme", field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_name_is_accepted_with_a_warning_and_a_code_without() -> None:
    assert "is a name" in Label("acme").warnings[0]
    assert Label(DOUBAO).warnings == ()


def test_a_wrong_check_character_is_refused_for_both_parties() -> None:
    wrong = DOUBAO[:21] + "1" + DOUBAO[22:]
    with pytest.raises(LabelError, match="check character is '0'"):
        Label(wrong)
    with pytest.raises(LabelError) as caught:
        Label(DOUBAO, propagator=wrong)
    assert caught.value.field == "propagator"


def test_a_declared_label_is_taken_as_it_is() -> None:
    label = Label.as_declared(producer="某公司", status="AIGC")
    assert (label.producer, label.produce_id, label.status) == ("某公司", "", "AIGC")
    assert len(label.mark_id) == 8
    with pytest.raises(TypeError, match="maker"):
        Label.as_declared(maker="x")


def test_a_label_is_plain_json_and_travels_to_workers() -> None:
    label = Label("acme", created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    record = json.loads(json.dumps(label.to_dict()))
    assert record["created"] == "2026-01-02T03:04:05+00:00"
    assert record["mark_id"] == label.mark_id.hex()
    assert pickle.loads(pickle.dumps(label)) == label
