from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
from PIL import Image

from benchmarks.image import decoding, false_positives, null, null_report, payloads, unmarked
from benchmarks.image.decoding import needed, observed_decode
from benchmarks.image.null import BOUND, LEVELS, NORMAL, Plan, key_of
from benchmarks.image.unmarked import GROUPS, Content, contents
from genlabel import Key
from genlabel._payload import FORMATS, code_words
from genlabel.image import detect, embed
from genlabel.image._codeword import decode, log10_bound, mark_secrets
from genlabel.image._evidence import Evidence, promising
from genlabel.image._hypotheses import MEASUREMENTS, UPRIGHT_RISK, hypotheses
from genlabel.image._pixels import luma
from genlabel_kernels.code.polar import encode_batch, frozen_mask, list_decode
from genlabel_kernels.image.layout import layout
from genlabel_kernels.plane.layout import CODE_BITS

TINY = Plan(keys=60, union_keys=10, decodings=3, calls=(1, 2))
KEY = Key("a key", bytes(range(32)))


@pytest.fixture(scope="module")
def textured() -> np.ndarray:
    # Half as rough as the benchmark's own drawing, so that it can be marked.
    pixels = unmarked._grey((unmarked._clouds(480) + 128) / 2 + unmarked._noise(480) / 16)
    return np.repeat(pixels[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def evidences(textured: np.ndarray) -> list[Evidence]:
    return list(hypotheses(luma(textured), [mark_secrets(KEY)]))


@pytest.fixture(scope="module")
def whole(textured: np.ndarray) -> dict[str, object]:
    """Give the record of a small but complete run."""
    made = [
        Content("clouds", "real", textured),
        Content("flat", "drawn", np.full_like(textured, 9)),
    ]
    examined = [null.examine(content, TINY) for content in made]
    differences = payloads.strengths(made)
    record = null_report.record(examined, differences, list(payloads.at_the_edge(6)))
    record |= {"environment": false_positives.environment.describe(), "settings": {}}
    return record | {"seconds": {"wall": 1.0, "cpu": 1.0}}


def test_cheap_t_is_the_decisions_own(evidences: list[Evidence]) -> None:
    """One matrix holds all measurements; its T are those of the readings that are decoded."""
    matrix = null.measurements(evidences)
    assert np.linalg.norm(matrix, axis=1) == pytest.approx(1, abs=1e-5)
    compared = 0
    for number in range(40):
        secrets = mark_secrets(key_of("test", "cheap", number))
        word = code_words(bytes(8), secrets.payload)[number]
        cheap = (matrix * word[null.bit_of_chip()]) @ secrets.chip_signs
        for evidence in evidences:
            for reading in promising(evidence, [secrets]):
                assert np.abs(cheap - word @ reading.sums).min() < 1e-4
                compared += 1
    assert compared > 10


def test_what_detect_looked_at_is_counted(textured: np.ndarray, evidences: list[Evidence]) -> None:
    seen, detection = null.observed_detect(textured, [KEY])
    assert detection == detect(textured, KEY)
    assert len(seen) == len(evidences)
    rows = sum(len(e.coarse) if b else 1 for e in seen for _, b in e.weights)
    assert rows == len(null.measurements(seen)) <= MEASUREMENTS
    marked = embed(textured, bytes(8), KEY)
    assert null.observed_detect(marked, [KEY])[1].payload == bytes(8)


def test_walsh_functions_are_code_words() -> None:
    index = np.arange(CODE_BITS)
    frozen = frozen_mask(CODE_BITS, FORMATS[0].bits)
    for number in (0, 1, 512, 683, 1023):
        parity = np.array([bin(value).count("1") % 2 for value in index & number])
        for word in (parity, 1 - parity):
            candidates, _ = list_decode(1.0 - 2.0 * word, frozen, 1)
            np.testing.assert_array_equal(encode_batch(candidates, frozen)[0], word)


def test_thresholds_are_those_of_the_levels() -> None:
    for level, normal, bound in zip(LEVELS, NORMAL, BOUND, strict=True):
        assert 0.5 * math.erfc(normal / math.sqrt(2)) == pytest.approx(level, rel=1e-3)
        assert log10_bound(bound, 0, 1) == pytest.approx(math.log10(level))
    for form in FORMATS:
        words = 8 * (form.payload_bytes + form.salt_bytes)
        trials = 2 * len(FORMATS) * UPRIGHT_RISK.trials
        assert log10_bound(needed(form), words, trials) == pytest.approx(-9)


def test_every_candidate_of_a_decoding_is_seen() -> None:
    secrets = mark_secrets(KEY)
    word = code_words(b"8 bytes.", secrets.payload)[5]
    fine = layout("fine").chips
    noise = np.random.default_rng(1).normal(0, 1, len(null.bit_of_chip()))
    accepted = []
    for amplitude in (0.0, 0.3):
        chips = noise + amplitude * secrets.chip_signs * word[null.bit_of_chip()]
        parts = np.split(chips.astype(np.float32), [fine])
        evidence = Evidence(parts[0], parts[1][None], ((1.0, 1.0),), np.eye(3), UPRIGHT_RISK)
        for reading in promising(evidence, [secrets]):
            seen = observed_decode(reading)
            verdict = decode(reading.sums, secrets, UPRIGHT_RISK.trials, thorough=reading.thorough)
            assert seen.payload == (verdict.payload if verdict else None)
            accepted.append(seen)
    assert accepted[-1].payload == b"8 bytes."
    assert (
        accepted[-1].plain.tobytes()
        == np.unpackbits(np.frombuffer(b"8 bytes.\x05", np.uint8)).tobytes()
    )
    assert accepted[-1].tagged[0] == 1
    # Found in the first format: the others were not reached.
    assert accepted[-1].best[1:] == (None, None)
    assert accepted[-1].best[0] > needed(FORMATS[0])


def test_faint_marks_are_as_strong_as_they_say() -> None:
    edge = list(payloads.at_the_edge(24))
    assert not any(one.wrong for one in edge)
    assert all(one.right for one in edge if one.t > 15.5)
    assert not any(one.right for one in edge if one.t < needed(FORMATS[0]) - 0.01)
    assert max(one.risk for one in edge) < 1e-4


def test_contents_are_of_all_groups_and_repeat(tmp_path: object, textured: np.ndarray) -> None:
    folder = tmp_path / "images"  # type: ignore[operator]
    folder.mkdir()
    Image.fromarray(textured).save(folder / "made.png")
    Image.new("RGBA", (300, 180), (0, 0, 0, 0)).save(folder / "clear.png")
    (folder / "MANIFEST.csv").write_text("file,kind\nmade.png,photo\nclear.png,logo_alpha\n")
    listed = list(contents(tmp_path))  # type: ignore[arg-type]
    assert {content.group for content in listed} == set(GROUPS)
    assert len({content.name for content in listed}) == len(listed) > 80
    assert all(content.pixels.dtype == np.uint8 for content in listed)
    assert listed[1].pixels.min() == 255
    # What cannot be marked is not among the marked.
    assert not any(c.name.startswith("clear") for c in listed if c.group == "other key")
    again = list(contents(tmp_path, every=30))  # type: ignore[arg-type]
    by_name = {content.name: content for content in listed}
    for content in again:
        np.testing.assert_array_equal(content.pixels, by_name[content.name].pixels)


def test_small_run_is_clean_and_told(whole: dict[str, object]) -> None:
    problems = null_report.failures(whole)
    assert problems == []
    assert json.loads(json.dumps(whole, allow_nan=False))["accepted"] == 0
    text = null_report.markdown(whole)
    assert "No failures." in text
    for table in text.split("\n\n"):
        if table.startswith("| "):
            assert len({line.count(" | ") for line in table.splitlines()}) == 1
    # A flat picture offers nothing to correlate with.
    assert whole["contents"][1]["least_chips"] is None  # type: ignore[index]


def test_whatever_speaks_against_the_bound_is_a_failure(whole: dict[str, object]) -> None:
    def broken(change: object) -> list[str]:
        other = copy.deepcopy(whole)
        change(other)  # type: ignore[operator]
        return null_report.failures(other)

    assert broken(lambda w: w["contents"][0]["found"].append("k")) == ["found in clouds by key k"]
    assert broken(lambda w: w["contents"][0].update(measurements=MEASUREMENTS + 1))
    assert broken(lambda w: w.update(accepted=1))
    assert broken(lambda w: w["tails"]["bound"].__setitem__(2, w["tails"]["trials"]))
    assert broken(lambda w: w["whole"]["counts"].__setitem__(4, 30))
    assert broken(lambda w: w["union"]["counts"].__setitem__(6, 10))
    assert broken(lambda w: w["uniform"]["real"].update(p=1e-6))
    assert broken(lambda w: w["bits"]["decrypted"].update(p=1e-6))
    assert broken(lambda w: w["payloads"]["ff .. ff"].update(pictures=9, mean=2.0, error=0.1))
    assert broken(lambda w: w["edge"][0].update(wrong=1))


def test_skewed_values_and_bits_are_noticed() -> None:
    rng = np.random.default_rng(3)
    assert null_report._uniform(rng.normal(0, 1, 5000).astype(np.float32))["p"] > 1e-3
    assert null_report._uniform(rng.normal(0.1, 1, 5000).astype(np.float32))["p"] < 1e-4
    fair = rng.integers(0, 2, (2000, 72), np.uint8)
    assert null_report._balance(fair)["p"] > 1e-3
    fair[:200, 7] = 1
    assert null_report._balance(fair)["p"] < 1e-3


def test_decoding_module_is_not_left_patched() -> None:
    from genlabel import _decoding
    from genlabel.image import _detect

    assert _decoding.list_decode is list_decode
    assert _detect.promising is promising
    assert decoding.decode is decode
