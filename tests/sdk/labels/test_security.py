"""Signatures in labels: written, read in every dialect, and never taken for more than they are."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genlabel
from genlabel import Label, LabelError, sm2
from genlabel.labels import security
from genlabel.labels.aigc import compose
from tests.sdk.labels.samples import aigc_element, itxt, picture, png_with

# The example of GB/T 32918.5, Annex A.
KEY = sm2.SigningKey(
    bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
)
PINNED = (KEY.public,)
OTHER = sm2.SigningKey(bytes(31) + b"\x07")
LABEL = Label("001191110102MACQD9K64010000", "a-1")


def fields(label: Label) -> dict[str, str]:
    return dict(json.loads(compose(label)))


def block(**changes: Any) -> dict[str, Any]:
    return {"SecurityData": {"Type": "TC260PG", "Version": 1, **changes}}


def signed_by_hand(text: str, kind: str = "Md", key: sm2.SigningKey = KEY) -> dict[str, Any]:
    signature = key.sign(text.encode()).hex()
    return {
        "Type": "DS",
        "AlgID": security.SM3_WITH_SM2,
        "TBSData": {"Type": kind},
        "Signature": signature,
    }


def carried(value: str) -> dict[str, str]:
    return {"Type": "PubKey", "AlgID": security.SM3_WITH_SM2, "KeyValue": value}


def judged(reserved: object, pinned: tuple[sm2.PublicKey, ...] = ()) -> list[security.Signature]:
    text = reserved if isinstance(reserved, str) else json.dumps(reserved)
    return security.judge({**fields(LABEL), "ReservedCode1": text}, pinned)


A_1 = '"Label":"1","ContentProducer":"001191110102MACQD9K64010000","ProduceID":"a-1"'


def test_the_signed_text_is_that_of_the_guide() -> None:
    names = ("ContentProducer", "ProduceID")
    assert security.message(fields(LABEL), names).decode() == A_1


def test_what_is_signed_is_intact_and_authentic_under_a_pinned_key_only() -> None:
    signed = sm2.signed(LABEL, KEY)
    out = io.BytesIO()
    receipt = genlabel.label(picture("PNG"), out, label=signed)
    assert receipt.label.reserved1 == signed.reserved1
    for pinned, state in ((None, "intact"), (OTHER, "intact"), (KEY, "authentic")):
        trust = None if pinned is None else pem(pinned)
        report = genlabel.verify(out.getvalue(), sm2_trust=trust, samples=False)
        layer = report.layers["aigc"]
        assert (layer.state, layer.details["signature"]) == ("valid", state)
        assert layer.details["signatures"][0]["key"] == KEY.public.point.hex()


def pem(key: sm2.SigningKey) -> bytes:
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
    text = base64.encodebytes(head + key.public.point)
    return b"-----BEGIN PUBLIC KEY-----\n" + text + b"-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "change", [{"produce_id": "a-2"}, {"producer": "x"}, {"status": "possible"}]
)
def test_a_changed_label_is_broken(change: dict[str, str]) -> None:
    signed = sm2.signed(LABEL, KEY)
    (found,) = security.judge(fields(dataclasses.replace(signed, **change)), PINNED)
    assert found.state == "broken"
    assert found.problems[0].endswith("[TC260-PG-202511A A.1]")
    data = png_with(
        itxt("XML:com.adobe.xmp", aigc_element(compose(dataclasses.replace(signed, **change))))
    )
    assert genlabel.verify(data, samples=False).layers["aigc"].state == "present"


def test_the_propagator_may_change() -> None:
    signed = dataclasses.replace(sm2.signed(LABEL, KEY), propagator="platform", propagate_id="9")
    assert security.judge(fields(signed), PINNED)[0].state == "authentic"


def test_a_taken_field_is_not_overwritten() -> None:
    with pytest.raises(LabelError, match="reserved1 is taken"):
        sm2.signed(dataclasses.replace(LABEL, reserved1="x"), KEY)
    with pytest.raises(LabelError, match="reserved2 is taken"):
        sm2.signed(dataclasses.replace(LABEL, reserved2="x"), KEY, part="propagator")


def test_both_parts_are_signed_each_by_its_own_key() -> None:
    platform = dataclasses.replace(LABEL, propagator="platform", propagate_id="9")
    signed = sm2.signed(sm2.signed(platform, KEY), OTHER, part="propagator")
    text = security.message(fields(signed), ("ContentPropagator", "PropagateID"))
    assert text.decode() == '"Label":"1","ContentPropagator":"platform","PropagateID":"9"'
    out = io.BytesIO()
    genlabel.label(picture("PNG"), out, label=signed)
    for trust, states in (
        (None, ["intact", "intact"]),
        (pem(KEY), ["authentic", "intact"]),
        (pem(OTHER), ["intact", "authentic"]),
        (pem(KEY) + pem(OTHER), ["authentic", "authentic"]),
    ):
        report = genlabel.verify(out.getvalue(), sm2_trust=trust, samples=False)
        layer = report.layers["aigc"]
        assert layer.state == "valid"
        assert [found["state"] for found in layer.details["signatures"]] == states
    moved = dataclasses.replace(signed, propagate_id="10")
    assert [found.state for found in security.judge(fields(moved), ())] == ["intact", "broken"]


def test_a_marker_takes_a_signed_label_for_each_file() -> None:
    key = genlabel.Key("acme-2026", bytes(32))
    walk = b"---\ntitle: A walk\n---\n\nOver the hills.\n"
    marker = genlabel.Marker(key, LABEL)
    for number in ("a-1", "a-2"):
        source, out = io.BytesIO(walk), io.BytesIO()
        source.name = "a.md"
        own = sm2.signed(dataclasses.replace(LABEL, produce_id=number, propagate_id=None), KEY)
        assert marker.mark(source, out, label=own).label.reserved1 == own.reserved1
        out.name = "a.md"
        out.seek(0)
        layer = genlabel.verify(out, sm2_trust=pem(KEY)).layers["aigc"]
        assert (layer.state, layer.details["signature"]) == ("valid", "authentic")
    # With a number drawn for each file the signature would not fit.
    template, out = genlabel.Marker(key, sm2.signed(LABEL, KEY)), io.BytesIO()
    with pytest.raises(LabelError, match="signed for its own number"):
        template.mark(walk, out)
    assert not out.getvalue()


POINT = KEY.public.point.hex()
INFO = "3059301306072A8648CE3D020106082A811CCF5501822D034200" + POINT
DIALECTS: dict[str, tuple[dict[str, Any], str, int]] = {
    "the guide's": (block(PubSD=[signed_by_hand(A_1), carried(POINT)]), "authentic", 0),
    "coordinates": (block(PubSD=[signed_by_hand(A_1), carried(POINT[2:])]), "authentic", 0),
    "info of a key": (block(PubSD=[signed_by_hand(A_1), carried(INFO)]), "authentic", 0),
    "MiniMax": (
        block(
            PubSD=[
                signed_by_hand(A_1, "LabelMataData"),
                signed_by_hand("{}", "Binding"),
                carried("00" + POINT[2:66]),
            ]
        ),
        "authentic",
        1,
    ),
    "no key of its own": (block(PubSD=[signed_by_hand(A_1)]), "authentic", 0),
    "another text": (
        block(PubSD=[signed_by_hand(A_1 + " ", "LabelMataData"), carried(INFO)]),
        "broken",
        2,
    ),
    "another key": (
        block(PubSD=[signed_by_hand(A_1), carried(OTHER.public.point.hex())]),
        "broken",
        1,
    ),
    "no key at all": (block(PubSD=[signed_by_hand(A_1), carried("04")]), "authentic", 0),
    "Honor": (
        block(PubSd=[{"Type": "DS", "AlgID": "1.2.840.113549.1.1.11", "Signature": "00"}]),
        "unsupported",
        1,
    ),
    "nothing in it": (block(), "unsupported", 0),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialects(name: str) -> None:
    reserved, state, problems = DIALECTS[name]
    (found,) = judged(reserved, PINNED)
    assert (found.state, len(found.problems)) == (state, problems), found
    assert all("TC260-PG-202511A" in text for text in found.problems)


@pytest.mark.parametrize("name", [n for n, (_, state, _) in DIALECTS.items() if state != "broken"])
def test_nothing_is_authentic_without_a_pinned_key(name: str) -> None:
    (found,) = judged(DIALECTS[name][0])
    assert found.state in ("intact", "unsupported", "broken")


def test_a_nested_block_is_read(label: Label) -> None:
    nested = {**fields(LABEL), "ReservedCode1": DIALECTS["the guide's"][0]}
    data = png_with(itxt("XML:com.adobe.xmp", aigc_element(json.dumps(nested))))
    layer = genlabel.verify(data, samples=False, sm2_trust=pem(KEY)).layers["aigc"]
    assert layer.details["signature"] == "authentic"
    assert layer.problems == ("ReservedCode1 is not a string [GB 45438-2025 Annex E]",)


def test_what_a_propagator_signs_is_not_judged_strictly() -> None:
    text = '"Label":"1","ContentPropagator":"001191110102MACQD9K64010000","PropagateID":"a-1"'
    for signed, state in ((text, "intact"), (text + "?", "broken")):
        reserved = json.dumps(block(PubSD=[signed_by_hand(signed), carried(POINT)]))
        (found,) = security.judge({**fields(LABEL), "ReservedCode2": reserved}, ())
        assert (found.field, found.state, found.problems) == ("ReservedCode2", state, ())


@pytest.mark.parametrize("text", ["", "opaque", "[1]", '{"SecurityData":1}', "{}", "9" * 9999])
def test_other_integrity_data_is_no_signature(text: str) -> None:
    assert judged(text) == []


def test_without_the_library_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = fields(sm2.signed(LABEL, KEY))
    monkeypatch.setitem(sys.modules, "gmalg", None)
    (found,) = security.judge(signed, ())
    assert found.state == "unchecked"
    assert "genlabel[sm2]" in found.remarks[0]
    with pytest.raises(genlabel.UnsupportedError, match="pip install"):
        sm2.signed(LABEL, KEY)
    with pytest.raises(genlabel.UnsupportedError, match="pip install"):
        genlabel.verify(picture("PNG"), sm2_trust=PEM, samples=False)


PEM = pem(KEY)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.sampled_from([POINT, "00", "DS", "Md"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Type", "AlgID", "TBSData", "Signature", "KeyValue", "KeyID"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(VALUES, st.sampled_from(["PubSD", "PubSd", "Bindings"]))
def test_anything_is_read(value: object, key: str) -> None:
    for entries in (value, [value], [DIALECTS["the guide's"][0], value]):
        (found,) = judged(block(**{key: entries}))
        assert found.state != "authentic"
