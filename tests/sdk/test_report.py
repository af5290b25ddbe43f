"""Results as JSON: the schemas that ship, and what they refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from genlabel import Detection, Label, Receipt, Report
from genlabel._detection import Span
from genlabel._report import Layer

LAYERS = ("aigc", "xmp", "c2pa", "watermark", "visible")
IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def sample_report() -> Report:
    return Report(
        source="a.png",
        media_type="image/png",
        verdict="generated",
        notice={"zh": "内容由AI生成", "en": "AI-generated"},
        layers={name: Layer("valid", {"x": [1, None]}, ("y",)) for name in LAYERS},
        label=Label("acme", "1", created=datetime(2026, 1, 1, tzinfo=UTC)),
        detection=Detection(
            True, bytes(8), "k", -20.0, IDENTITY, (Span(0.0, 1.5, bytes(8), -12.0),)
        ),
        conflicts=("z",),
    )


def sample_receipt() -> Receipt:
    return Receipt(
        source="a.png",
        target="b.png",
        media_type="image/png",
        sha256="0" * 64,
        label=Label("acme", "1"),
        payload=bytes(8),
        key="k",
        layers=("watermark", "aigc"),
        profiles=("cn",),
        psnr=45.0,
        warnings=("w",),
    )


@pytest.mark.parametrize("make", [sample_report, sample_receipt])
def test_full_and_empty_results_keep_their_schema(
    make: Callable[[], Any], check_schema: Callable[[Any], None]
) -> None:
    check_schema(make())


def test_results_with_nothing_in_them_keep_their_schema(
    check_schema: Callable[[Any], None],
) -> None:
    layers = {name: Layer("absent") for name in LAYERS}
    notice = {"zh": "a", "en": "b"}
    check_schema(Report("<bytes>", "image/png", "none", notice, layers))
    check_schema(Report("a", "image/png", "none", notice, layers, detection=Detection(False)))
    check_schema(Receipt("a", "b", "image/png", "0" * 64, Label("acme")))
    # What a file declares may break every rule, and is reported all the same.
    odd = Label.as_declared(producer="某", status="suspected", source_type="")
    check_schema(Report("a", "image/png", "suspected", notice, layers, label=odd))


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(record: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for step in way:
            record = record[step]
        if value is None:
            del record[last]
        else:
            record[last] = value

    return apply


@pytest.mark.parametrize(
    "spoil",
    [
        change("schema", "genlabel.report/2"),
        change("verdict", "not generated"),
        change("conflicts", None),
        change("extra", 1),
        change("layers.aigc", None),
        change("layers.aigc.state", "fine"),
        change("notice.en", None),
        change("label.mark_id", "00"),
        change("detection.log10_p", -5.0),
        change("detection.key", 7),
        change("detection.payload", "00"),
    ],
)
def test_the_report_schema_refuses_what_is_no_report(
    spoil: Callable[[dict[str, Any]], None],
) -> None:
    text = files("genlabel").joinpath("schemas", "genlabel.report-1.json").read_text("utf-8")
    validator = jsonschema.Draft202012Validator(json.loads(text))
    record = json.loads(json.dumps(sample_report().to_dict()))
    validator.validate(record)
    spoiled = copy.deepcopy(record)
    spoil(spoiled)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(spoiled)
