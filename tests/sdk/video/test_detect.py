"""Reading films, from planes and from files."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlabel import Key, MediaError, UnsupportedError
from genlabel.video import detect
from tests.sdk.video.conftest import FPS
from tests.sdk.video.films import PAYLOAD, encoded, marked

OTHER = Key("somebody else", bytes(range(1, 33)))
KEYS = [OTHER, *(Key(f"provider {n}", n.to_bytes(32, "big")) for n in range(3))]


def test_reads_planes_and_says_where(marked_room: np.ndarray, key: Key) -> None:
    detection = detect(iter(marked_room), [*KEYS, key], fps=FPS)
    assert detection.found
    assert (detection.payload, detection.key) == (PAYLOAD, key.name)
    assert detection.log10_p <= -100
    (span,) = detection.spans
    assert (span.start, span.payload) == (0.0, PAYLOAD)
    assert span.end == pytest.approx(len(marked_room) / FPS)
    scale = marked_room.shape[2] / 256
    np.testing.assert_allclose(np.diag(detection.geometry)[:2], scale, atol=1e-6)


@pytest.mark.parametrize("how", ["path", "bytes", "stream"])
def test_reads_files_after_coding(
    marked_room: np.ndarray, key: Key, tmp_path: Path, how: str
) -> None:
    data = encoded(marked_room, FPS, 30)
    path = tmp_path / "film.mkv"
    path.write_bytes(data)
    source = {"path": path, "bytes": data, "stream": io.BytesIO(data)}[how]
    detection = detect(source, key, effort="quick")
    assert detection.payload == PAYLOAD
    assert detection.spans[0].end == pytest.approx(3.0, abs=0.2)


def test_finds_nothing_where_nothing_is_or_the_key_is_another(
    room: np.ndarray, marked_room: np.ndarray, key: Key
) -> None:
    assert not detect(iter(room), key, fps=FPS).found
    assert detect(iter(marked_room), KEYS, fps=FPS).to_dict() == detect([], [], fps=1).to_dict()


def test_every_way_to_turn_or_mirror_a_film_is_read(marked_room: np.ndarray, key: Key) -> None:
    for turns in range(4):
        for step in (1, -1):
            planes = [np.rot90(luma, turns)[:, ::step] for luma in marked_room[:FPS]]
            assert detect(iter(planes), key, fps=FPS, effort="quick").payload == PAYLOAD


def test_what_was_cropped_is_found_and_laid_back(marked_room: np.ndarray, key: Key) -> None:
    cropped = marked_room[:, 60:370, 130:680]
    assert not detect(iter(cropped), key, fps=FPS, effort="quick").found
    detection = detect(iter(cropped), key, fps=FPS)
    assert detection.payload == PAYLOAD
    # From the frame to the crop: enlarged, and moved by whole tiles at most.
    matrix = np.array(detection.geometry)
    np.testing.assert_allclose(np.diag(matrix)[:2], marked_room.shape[2] / 256, rtol=0.01)


def test_of_large_films_a_part_is_read_first(
    marked_room: np.ndarray, room: np.ndarray, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    cropped = np.ascontiguousarray(marked_room[:, 60:370, 130:680])
    data = encoded(cropped, FPS, 23, keyframes=FPS)
    whole = detect(data, key)
    monkeypatch.setattr("genlabel.video._detect.LARGE", 1.0)
    part = detect(data, key)
    assert (part.payload, part.spans[0].payload) == (PAYLOAD, PAYLOAD)
    # What is found is placed as ever.
    assert [(one.start, one.end) for one in part.spans] == [
        (one.start, one.end) for one in whole.spans
    ]
    assert not detect(encoded(room, FPS, 23, keyframes=FPS), key).found


def test_what_was_scaled_and_put_into_another_picture_is_found(
    room: np.ndarray, marked_room: np.ndarray, key: Key
) -> None:
    planes = np.tile(room[0][::-1, ::-1] // 2, (len(room), 1, 1))
    for plane, luma in zip(planes, marked_room, strict=True):
        plane[40:364, 100:676] = cv2.resize(luma, (576, 324), interpolation=cv2.INTER_AREA)
    assert detect(iter(planes), key, fps=FPS).payload == PAYLOAD


def test_two_payloads_are_two_spans_and_what_is_unmarked_is_none(
    room: np.ndarray, marked_room: np.ndarray, key: Key
) -> None:
    second = bytes(8)
    film = [*room, *marked_room, *room, *marked(room, FPS, key, second)]
    spans = detect(iter(film), key, fps=FPS).spans
    assert [span.payload for span in spans] == [PAYLOAD, second]
    for span, start in zip(spans, (3.0, 9.0), strict=True):
        assert span.start == pytest.approx(start, abs=1.0)
        assert span.end == pytest.approx(start + 3.0, abs=1.0)


def test_edges_between_keyframes_are_found_in_files(
    room: np.ndarray, marked_room: np.ndarray, key: Key
) -> None:
    film = np.concatenate([room[:, ::-1, ::-1], marked_room, room[:, ::-1]])
    data = encoded(film, FPS, 26, keyframes=20)
    for effort in ("quick", "normal", "deep"):
        (span,) = detect(data, key, effort=effort).spans
        assert span.start == pytest.approx(3.0, abs=1.0)
        assert span.end == pytest.approx(6.0, abs=1.0)


def test_an_edge_is_placed_where_the_host_itself_resembles_the_word(
    room: np.ndarray, key: Key
) -> None:
    small = np.stack([cv2.resize(luma, (384, 216)) for luma in room])
    film = np.concatenate([small] * 6)
    film[70:130] = marked(film[70:130], FPS, key)
    data = encoded(film, FPS, 18, keyframes=50)
    (span,) = detect(data, key, effort="quick").spans
    assert (span.start, span.end) == pytest.approx((7.0, 13.0), abs=1.0)


def test_long_payloads_are_read(room: np.ndarray, key: Key) -> None:
    payload = bytes(range(16))
    assert detect(iter(marked(room, FPS, key, payload)), key, fps=FPS).payload == payload


def test_bad_input_is_said() -> None:
    key = KEYS[0]
    with pytest.raises(UnsupportedError, match="fps"):
        detect(iter([np.zeros((128, 128), np.uint8)]), key)
    with pytest.raises(UnsupportedError, match="effort"):
        detect([], key, fps=25, effort="hard")
    with pytest.raises(UnsupportedError, match="shape"):
        detect([np.zeros(3, np.uint8)], key, fps=25)
    with pytest.raises(MediaError):
        detect(b"no film at all", key)
    with pytest.raises(MediaError):
        detect("/nowhere/film.mp4", key)
