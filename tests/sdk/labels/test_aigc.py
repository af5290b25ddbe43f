"""Judging an AIGC label by Annex E."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import Label
from genlabel.labels.aigc import Claim, DamagedAigc, Declared, compose, interpret
from tests.sdk.labels.samples import BARE, DOUBAO, FULL

ANNEX_E = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"))
NON_EMPTY = ANNEX_E.filter(lambda text: bool(text) and not text.startswith("001"))


def read(text: str) -> Declared:
    return interpret(Claim("XMP AIGC", text, keyed=True, standard=True))


def fields(**changes: object) -> str:
    return json.dumps({**FULL, **changes})


@given(NON_EMPTY, NON_EMPTY, NON_EMPTY, ANNEX_E, ANNEX_E, ANNEX_E)
def test_what_is_composed_is_valid(
    producer: str, number: str, by: str, by_number: str, one: str, two: str
) -> None:
    label = Label(
        producer,
        number,
        status="suspected",
        propagator=by,
        propagate_id=by_number,
        reserved1=one,
        reserved2=two,
    )
    text = compose(label)
    found = read(text)
    assert not found.problems
    assert Label.as_declared(**found.label_fields) == label
    assert list(json.loads(text)) == list(DOUBAO)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (fields(ContentProducer="a b"), "ContentProducer holds ' ', which is not allowed there"),
        (fields(ContentProducer="豆包"), "ContentProducer holds '豆'"),
        (fields(ReservedCode2="a\\b"), "ReservedCode2 holds '\\\\'"),
        (fields(ProduceID="\ud800"), "half a surrogate"),
        (fields(Label="4"), "Label is '4', not 1, 2 or 3"),
        (fields(Label="AIGC"), "Label is 'AIGC'"),
        (fields(Label=1), "Label is not a string"),
        (fields(Label=[1]), "Label is not a string"),
        (fields(ProduceID=""), "ProduceID is empty"),
        (fields(ContentProducer=""), "ContentProducer is empty"),
        (fields(ContentProducer="001191110102MACQD9K65010000"), "check character"),
        (fields(Extra="x"), "unknown key 'Extra'"),
        (json.dumps({k: v for k, v in FULL.items() if k[:3] != "Res"}), "ReservedCode1, Res"),
        (BARE.replace("ReservedCode1", "ReserveCode1"), "'ReserveCode1' is misspelt"),
        (BARE.replace("PropagateID", "PropatorID"), "the standard has PropagateID"),
        (BARE.replace("Label", "label"), "the standard has Label"),
        (BARE.replace("{", '{"Label":"1",'), "a key is there twice"),
        (BARE.replace('"', '\\"'), "escaped once too often"),
        (json.dumps({"AIGC": FULL, "more": 1}), "other keys than AIGC"),
    ],
)
def test_every_departure_has_its_clause(text: str, problem: str) -> None:
    found = read(text)
    matching = [each for each in found.problems if problem in each]
    assert matching, found.problems
    assert all("GB 45438" in each or "TC260-PG" in each for each in found.problems)


def test_misspelt_keys_are_read() -> None:
    found = read(BARE.replace("ProduceID", "ProducerID"))
    assert found.label_fields["produce_id"] == FULL["ProduceID"]


def test_a_number_is_read_as_text() -> None:
    assert read(fields(Label=2)).label_fields["status"] == "possible"


def test_a_status_nobody_knows_is_suspected() -> None:
    assert read(fields(Label="AIGC")).label_fields["status"] == "suspected"


def test_empty_propagator_is_a_remark() -> None:
    found = read(json.dumps(DOUBAO))
    assert not found.problems
    assert len(found.remarks) == 2
    assert found.label_fields["propagator"] == ""


def test_a_text_without_key_needs_the_wrapper() -> None:
    found = interpret(Claim("Exif UserComment", BARE, keyed=False, standard=True))
    assert any("Annex E a)" in text for text in found.problems)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Label=1;ContentProducer=x",
        "[]",
        "null",
        "{}",
        '{"AIGC":1}',
        '{"Label":Infinity}',
        '{"Label":"1"',
        "9" * 5000,
        '{"Label":' * 20000,
        "[" * 60000,
        '"' + '\\"' * 30000,
        '{"Label":"' + "x" * 70000 + '"}',
        json.dumps(json.dumps(BARE)),
    ],
    ids=lambda text: f"{text[:12]} ({len(text)})",
)
def test_damaged(text: str) -> None:
    with pytest.raises(DamagedAigc):
        read(text)


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_read_or_damaged(text: str) -> None:
    try:
        found = read(text)
    except DamagedAigc:
        return
    assert found.fields
