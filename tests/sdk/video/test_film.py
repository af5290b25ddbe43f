"""Films as they are read."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from genlabel.video._film import Film, plane_moments
from tests.sdk.video.films import encoded

FPS = 5


def test_keyframes_of_a_long_film_stand_once_and_until_the_next() -> None:
    plane = np.random.default_rng(0).integers(60, 190, (64, 96)).astype(np.uint8)
    data = encoded(np.repeat(plane[None], 30 * FPS, axis=0), FPS, 30, keyframes=10 * FPS)
    with Film(data) as film:
        # Five places, of which three lie between keyframes.
        moments = film.keyframes(5)
    assert [moment.start for moment in moments] == pytest.approx([0.0, 10.0, 20.0])
    assert [moment.end for moment in moments] == pytest.approx([10.0, 20.0, 30.0])


def test_a_stretch_begins_at_the_keyframe_before(room: np.ndarray) -> None:
    with Film(encoded(room, 10, 30, keyframes=10), thorough=True) as film:
        averaged = [moment for moment in film.stretch(1.7, 1.5) if not moment.key]
    assert [moment.start for moment in averaged] == pytest.approx([1.0, 2.0])
    assert averaged[-1].end == pytest.approx(2.5)


def test_frames_that_none_refers_to_hardly_change_a_moment(room: np.ndarray) -> None:
    data = encoded(room, 10, 30)
    seen = []
    for thorough in (True, False):
        with Film(data, thorough=thorough) as film:
            seen.append([one for one in film.moments() if not one.key])
    for whole, most in zip(*seen, strict=True):
        assert most.end == pytest.approx(whole.end, abs=0.3)
        # They were left out, and nothing is missing.
        assert 0.0 < np.abs(most.plane - whole.plane).mean() < 0.5


def test_beginnings_are_what_follows_each_keyframe(room: np.ndarray) -> None:
    with Film(encoded(room, 10, 30, keyframes=15), thorough=True) as film:
        assert film.samples == pytest.approx(3 * 10 * room[0].size)
        some = list(film.beginnings(film.keyframes(64), 0.4))
        whole = list(film.moments())
    starts = [0.0, 1.5]
    assert [moment.start for moment in some if moment.key] == pytest.approx(starts)
    assert [moment.start for moment in some if not moment.key] == pytest.approx(starts)
    for moment in (one for one in some if one.key):
        (same,) = (one for one in whole if one.key and one.start == moment.start)
        np.testing.assert_array_equal(moment.plane, same.plane)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_planes_of_any_depth_are_the_same_picture(room: np.ndarray, bits: int) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    planes = room[:3].astype(kind) << (bits - 8)
    (moment,) = plane_moments(planes, FPS)
    (eight,) = plane_moments(room[:3], FPS)
    # Full scale of b bits is 2 ** b - 1.
    assert np.allclose(moment.plane, eight.plane, rtol=0.005, atol=0.01)


@pytest.mark.parametrize("kind", ["mpeg", "mpegts", "matroska"])
def test_the_first_keyframe_is_found_in_formats_without_an_index(
    room: np.ndarray, kind: str
) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = room.shape[2], room.shape[1], "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = 12, 2
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(room[number], format="gray")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with Film(file.getvalue()) as film:
        assert [one.start for one in film.keyframes(8)] == pytest.approx([0.0, 0.48, 0.96])
