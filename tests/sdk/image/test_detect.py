"""The detector on marked pictures after what happens to pictures, and on unmarked ones."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.image.attacks import attack, random_for
from genlabel import Key, UnsupportedError
from genlabel._plane.measure import resize
from genlabel._plane.scales import Scales
from genlabel.image import detect, embed
from genlabel.image._codeword import decode, mark_secrets
from genlabel.image._evidence import promising
from genlabel.image._geometry import search, search_upright
from genlabel.image._hypotheses import (
    COARSE_RISK,
    FINE_RISK,
    MEASUREMENTS,
    TURNED_RISK,
    UPRIGHT_RISK,
    hypotheses,
)
from genlabel.image._pixels import luma
from genlabel_kernels.image.layout import fine_frame
from tests.sdk.image.conftest import Picture
from tests.sdk.image.drawings import FOOLING, UNMARKED, clouds, grey

Media = Callable[[str], Path]

#: Photographs of calm, fine and coarse texture, one of them upright.
KODAK = ["05", "15", "19", "23"]
#: What a picture has to survive.
FATES = ["jpeg-60", "resize-0.6", "rotate-5", "crop-area-0.5+jpeg-75"]
#: Cut and shrunk: what is left of the fine layer does not tell its pose, the coarse layer does.
CUT_THUMBNAILS = [f"crop-area-0.6+long-side-{side}+jpeg-75" for side in (360, 400)]

NOTHING = {
    "found": False,
    "payload": None,
    "key": None,
    "log10_p": 0.0,
    "geometry": None,
    "spans": [],
    "content": "unknown",
}


def after(pixels: np.ndarray, fate: str) -> np.ndarray:
    return attack(fate).apply(pixels, random_for("a test", fate))


@pytest.mark.parametrize("fate", [*FATES, *CUT_THUMBNAILS])
@pytest.mark.parametrize("number", KODAK)
def test_the_exact_payload_survives(
    marked_kodak: Picture, key: Key, payload: bytes, number: str, fate: str
) -> None:
    found = detect(after(marked_kodak(number), fate), key)
    assert found.found
    assert found.payload == payload
    assert found.key == key.name
    assert found.log10_p <= -9


def test_weak_thumbnails_of_crops_are_found_among_upright_poses(media: Media, key: Key) -> None:
    """Among all poses, noise's are as coherent."""
    with Image.open(media("images/flux-1.png")) as picture:
        marked = embed(np.asarray(picture.convert("RGB")), bytes(8), key, strength=0.8)
    cut = after(marked, "crop-area-0.6+long-side-256+jpeg-75")
    scales = Scales(luma(cut))
    assert next(search(scales, "coarse")).coherence < 7
    assert next(search_upright(scales, "coarse")).coherence > 5.5
    assert detect(cut, key).payload == bytes(8)


@pytest.mark.parametrize(("name", "frame"), [("coffee.png", 512), ("mj-1.png", 1152)])
def test_so_it_does_in_the_other_frames(
    media: Media, key: Key, payload: bytes, name: str, frame: int
) -> None:
    with Image.open(media(f"images/{name}")) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert fine_frame(*pixels.shape[:2]) == frame
    marked = embed(pixels, payload, key)
    for fate in [*FATES, *CUT_THUMBNAILS]:
        assert detect(after(marked, fate), key).payload == payload, fate


@pytest.mark.parametrize(
    ("number", "fate"), list(zip(KODAK, ["none", *FATES[1:3], CUT_THUMBNAILS[0]], strict=True))
)
def test_nothing_is_found_unmarked(kodak: Picture, key: Key, number: str, fate: str) -> None:
    assert detect(after(kodak(number), fate), key).to_dict() == NOTHING


@pytest.mark.parametrize(("number", "fate"), list(zip(KODAK, ["none", *FATES[1:]], strict=True)))
def test_nothing_is_found_under_another_key(
    marked_kodak: Picture, other_key: Key, number: str, fate: str
) -> None:
    assert detect(after(marked_kodak(number), fate), other_key).to_dict() == NOTHING


@pytest.mark.parametrize(
    "fate",
    [
        *("mirror", "turn-90", "turn-180", "turn-270", "mirror+turn-90"),
        *("gray", "invert", "brightness-1.3", "gamma-1.5", "noise-6", "blur-0.8"),
        *("webp-60", "resize-1.5+jpeg-75", "rotate-37", "aspect-0.85", "logo-0.3"),
        *("crop-linear-0.6", "screenshot-1.4", "mirror+rotate-10"),
        *("mirror+rotate-100", "invert+jpeg-60", "long-side-300"),
    ],
)
def test_other_fates_are_survived_too(
    marked_kodak: Picture, key: Key, payload: bytes, fate: str
) -> None:
    assert detect(after(marked_kodak("23"), fate), key).payload == payload


@pytest.mark.parametrize("name", FOOLING)
def test_nothing_is_found_in_drawings(key: Key, name: str) -> None:
    assert not detect(grey(UNMARKED[name]), key).found


@pytest.mark.parametrize("name", ["heart_tiles_jon_phillips_01.png", "test-card.png"])
def test_nothing_is_found_in_tiles_and_screens(media: Media, key: Key, name: str) -> None:
    with Image.open(media(f"images/{name}")) as picture:
        pixels = np.asarray(picture.convert("RGBA"))[:600, :720]
    assert not detect(pixels, key).found


def test_the_right_key_among_many_is_named(marked_kodak: Picture, key: Key, payload: bytes) -> None:
    others = [Key(f"provider {number}", number.to_bytes(32, "big")) for number in range(20)]
    keys = [*others[:14], key, *others[14:]]
    for fate in ("none", "crop-area-0.5+jpeg-75"):
        found = detect(after(marked_kodak("23"), fate), keys)
        assert (found.payload, found.key) == (payload, key.name)
        alone = detect(after(marked_kodak("23"), fate), key)
        # The bound takes every key that was tried into account.
        assert found.log10_p >= alone.log10_p
    assert not detect(marked_kodak("23"), others).found


def test_bound_grows_with_the_number_of_keys(marked_kodak: Picture, key: Key) -> None:
    others = [Key(f"provider {number}", number.to_bytes(32, "big")) for number in range(9)]
    alone, joint = (detect(marked_kodak("23"), keys).log10_p for keys in (key, [key, *others]))
    assert joint - alone == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("fate", "place"), [("none", 0), ("resize-0.5", 0), ("mirror", 1), ("turn-90", 4)]
)
def test_whole_pictures_are_read_from_the_coarse_layer_first(
    marked_kodak: Picture, key: Key, payload: bytes, fate: str, place: int
) -> None:
    """Their fine layers, which cost most to read, are not touched until that fails."""
    secrets = mark_secrets(key)
    plane = luma(after(marked_kodak("23"), fate))
    evidences = list(itertools.islice(hypotheses(plane, [secrets]), 8))
    for evidence in evidences:
        assert not evidence.fine.any()
        assert evidence.weights == ((0.0, 1.0),)
        assert evidence.whole is not None
    (reading, *_) = promising(evidences[place], [secrets])
    decoded = decode(reading.sums, secrets, MEASUREMENTS)
    assert decoded is not None
    assert decoded.payload == payload
    # The picture is compared with what was marked as that lay.
    plane = luma(marked_kodak("23"))
    upright = evidences[place].whole.plane
    assert np.abs(upright - resize(plane, *upright.shape)).mean() < 1


def test_quick_effort_reads_whole_pictures_only(
    kodak: Picture, marked_kodak: Picture, key: Key, payload: bytes
) -> None:
    marked = marked_kodak("23")
    for fate in ("none", "jpeg-60", "resize-0.6", "turn-90", "mirror"):
        assert detect(after(marked, fate), key, effort="quick").payload == payload, fate
    cut = after(marked, "crop-area-0.5")
    assert not detect(cut, key, effort="quick").found
    assert detect(cut, key, effort="normal").payload == payload
    assert not detect(kodak("23"), key, effort="quick").found


def test_effort_shares_the_risk(marked_kodak: Picture, key: Key) -> None:
    quick, normal, deep = (
        detect(marked_kodak("23"), key, effort=e) for e in ("quick", "normal", "deep")
    )
    assert detect(marked_kodak("23"), key) == normal == quick
    assert deep.log10_p - normal.log10_p == pytest.approx(math.log10(2), abs=1e-6)


def test_kinds_of_hypotheses_share_the_risk(marked_kodak: Picture, key: Key) -> None:
    """Each counts as many measurements as there can be, over its share."""
    most = {UPRIGHT_RISK: 10, TURNED_RISK: 70, COARSE_RISK: 70, FINE_RISK: 792}
    assert sum(most.values()) == MEASUREMENTS
    assert sum(count / risk.trials for risk, count in most.items()) <= 1
    for fate in ("turn-90", "rotate-5", "crop-area-0.5+jpeg-75", "bend-4"):
        seen = dict.fromkeys(most, 0)
        for evidence in hypotheses(luma(after(marked_kodak("23"), fate)), [mark_secrets(key)]):
            shifts = [len(evidence.coarse) if coarse else 1 for _, coarse in evidence.weights]
            seen[evidence.risk] += sum(shifts)
        assert seen[UPRIGHT_RISK] > 0
        assert all(0 <= count <= most[risk] for risk, count in seen.items())


@pytest.mark.parametrize("effort", ["", "Quick", "fast", None])
def test_unknown_effort_is_refused(marked_kodak: Picture, key: Key, effort: object) -> None:
    with pytest.raises(UnsupportedError, match="effort is one of quick, normal, deep"):
        detect(marked_kodak("23"), key, effort=effort)  # type: ignore[arg-type]


def test_key_alone_and_in_a_list_are_the_same(marked_kodak: Picture, key: Key) -> None:
    assert detect(marked_kodak("23"), key) == detect(marked_kodak("23"), [key])
    assert detect(marked_kodak("23"), key) == detect(marked_kodak("23"), (key,))
    assert not detect(marked_kodak("23"), []).found


def test_of_two_marks_one_is_found_by_each_key(
    marked_kodak: Picture, key: Key, other_key: Key, payload: bytes
) -> None:
    twice = embed(marked_kodak("23"), b"of later", other_key)
    assert detect(twice, other_key).payload == b"of later"
    # The earlier one has lost nothing but a little of its distance from the noise.
    assert detect(twice, key).payload == payload
    assert detect(twice, [key, other_key]).payload in (payload, b"of later")


def test_marking_again_with_the_same_key_gives_one_of_both_payloads(
    marked_kodak: Picture, key: Key, payload: bytes
) -> None:
    twice = embed(marked_kodak("23"), b"of later", key)
    assert detect(twice, key).payload in (payload, b"of later")


def test_detection_is_repeatable_and_changes_nothing(marked_kodak: Picture, key: Key) -> None:
    pixels = after(marked_kodak("19"), "rotate-5")
    before = pixels.copy()
    first = detect(pixels, key)
    assert detect(pixels, key) == first
    np.testing.assert_array_equal(pixels, before)


def test_layout_in_memory_does_not_matter(marked_kodak: Picture, key: Key) -> None:
    pixels = marked_kodak("23")
    found = detect(pixels, key)
    for view in (
        np.repeat(pixels, 2, axis=1)[:, ::2],
        np.asfortranarray(pixels),
        np.ascontiguousarray(pixels[..., ::-1])[..., ::-1],
    ):
        view.flags.writeable = False
        assert not view.flags.c_contiguous
        same = detect(view, key)
        assert (same.payload, same.geometry) == (found.payload, found.geometry)
        assert same.log10_p == pytest.approx(found.log10_p, rel=1e-3)


def test_detection_is_plain_json(marked_kodak: Picture, key: Key, payload: bytes) -> None:
    record = json.loads(json.dumps(detect(marked_kodak("23"), key).to_dict(), allow_nan=False))
    assert record["found"] is True
    assert record["payload"] == payload.hex()
    assert record["key"] == key.name
    assert np.array(record["geometry"]).shape == (3, 3)


def test_threads_do_not_disturb_each_other(
    kodak: Picture, marked_kodak: Picture, key: Key, other_key: Key
) -> None:
    def work(number: int) -> object:
        picture = KODAK[number % len(KODAK)]
        if number % 3 == 0:
            return embed(kodak(picture), number.to_bytes(8, "big"), key).tobytes()
        if number % 3 == 1:
            return detect(after(marked_kodak(picture), FATES[number % len(FATES)]), key)
        return detect(marked_kodak(picture)[:300, :340], [other_key, key])

    serial = [work(number) for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(6))) == serial


@settings(max_examples=8)
@given(
    st.one_of(
        st.tuples(st.integers(1, 70), st.integers(1, 70)),
        st.tuples(st.integers(1, 40), st.integers(1, 1300)),
    ),
    st.booleans(),
)
def test_pictures_of_any_size_are_looked_at(shape: tuple[int, int], upright: bool) -> None:
    pixels = grey(clouds(*shape, 1)) if min(shape) > 1 else np.full(shape, 9, np.uint8)
    pixels = np.ascontiguousarray(pixels.T) if upright else pixels
    assert not detect(pixels, Key("any", bytes(32))).found


@pytest.mark.parametrize("shape", [(0, 0), (0, 5, 3), (300, 0, 4)])
def test_nothing_is_found_in_nothing(key: Key, shape: tuple[int, ...]) -> None:
    assert not detect(np.zeros(shape, np.uint8), key).found


@pytest.mark.parametrize("pixels", [None, np.zeros((300, 300)), np.zeros((9, 9, 9), np.uint8)])
def test_other_arrays_are_refused(key: Key, pixels: object) -> None:
    with pytest.raises(UnsupportedError, match="pixels are"):
        detect(pixels, key)  # type: ignore[arg-type]
