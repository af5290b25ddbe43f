"""Embedding: what comes back, what is refused, what stays silent."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel import CapacityError, Key, UnsupportedError
from genlabel.audio import detect, embed

PAYLOAD = b"8 bytes!"
KEY = Key("own", bytes(range(32)))


def rustle(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.05, (int(seconds * rate), channels))
    return sound.astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (48000, 6)])
def test_shape_and_type_come_back_and_the_payload_is_read(
    dtype: type, rate: int, channels: int
) -> None:
    sound = rustle(10, rate, channels).astype(dtype)
    before = sound.copy()
    marked = embed(sound, rate, PAYLOAD, KEY)
    assert marked.dtype == sound.dtype and marked.shape == sound.shape
    assert np.array_equal(sound, before)
    found = detect(marked, rate, KEY)
    assert found.payload == PAYLOAD and found.log10_p <= -9


def test_one_dimension_stays_one() -> None:
    sound = rustle(8, 16000)[:, 0]
    marked = embed(sound, 16000, PAYLOAD, KEY)
    assert marked.shape == sound.shape
    assert detect(marked, 16000, KEY).payload == PAYLOAD


def test_what_comes_after_the_first_half_minute_is_marked_on() -> None:
    (span,) = detect(embed(rustle(45, 8000), 8000, PAYLOAD, KEY), 8000, KEY).spans
    assert span.start < 0.1 and span.end > 44.9


def test_a_second_mark_of_the_key_takes_the_place_of_the_first() -> None:
    sound = rustle(10, 24000)
    once = embed(sound, 24000, b"the old!", KEY)
    for older in (once, np.concatenate([once, np.zeros((24000, 1), np.float32)])):
        again = embed(older, 24000, PAYLOAD, KEY)
        found = detect(again, 24000, KEY)
        assert found.payload == PAYLOAD and {span.payload for span in found.spans} == {PAYLOAD}
        # The old one is gone, not drowned: two would change the sound by 3 dB more.
        changed = [np.square(one[: len(sound)] - sound).mean() for one in (once, again)]
        assert 10 * np.log10(changed[1] / changed[0]) < 1


def test_marks_of_another_key_or_of_a_part_stay() -> None:
    other = Key("other", bytes(range(1, 33)))
    sound = rustle(12, 24000)
    both = embed(embed(sound, 24000, b"the old!", other), 24000, PAYLOAD, KEY)
    assert detect(both, 24000, other).payload == b"the old!"
    assert detect(both, 24000, KEY).payload == PAYLOAD
    part = sound.copy()
    part[: 4 * 24000] = embed(sound[: 4 * 24000], 24000, b"the old!", KEY)
    changed = embed(part, 24000, PAYLOAD, KEY) - part
    # Nothing is taken off what comes after the part: no more is changed there than by one mark.
    alone = embed(sound, 24000, PAYLOAD, KEY) - sound
    ends = [np.square(one[5 * 24000 :]).mean() for one in (changed, alone)]
    assert ends[0] == pytest.approx(ends[1], rel=0.3)


def test_digital_silence_stays_silent() -> None:
    sound = rustle(12, 16000)
    sound[64000:80000] = 0
    # A sample of zero among others is none.
    sound[90000:90020] = 0
    marked = embed(sound, 16000, PAYLOAD, KEY)
    assert not marked[64000:80000].any()
    assert marked[90000:90020].any() and marked[63990:64000].any() and marked[80000:80010].any()


def test_too_short_silent_or_low_is_said_beforehand() -> None:
    with pytest.raises(CapacityError, match="needs"):
        embed(rustle(0.5, 16000), 16000, PAYLOAD, KEY)
    with pytest.raises(CapacityError):
        embed(np.zeros(160000, np.float32), 16000, PAYLOAD, KEY)
    with pytest.raises(CapacityError):
        embed(np.empty(0, np.float32), 16000, PAYLOAD, KEY)


@pytest.mark.parametrize("bits", [15, 40])
def test_bass_alone_cannot_be_marked(bits: int) -> None:
    hum = 0.3 * np.sin(2 * np.pi * 60 * np.arange(160000) / 16000)
    rounded = np.round(hum * 2.0**bits) / 2.0**bits
    with pytest.raises(CapacityError, match="too low"):
        embed(rounded.astype(np.float32), 16000, PAYLOAD, KEY)


@pytest.mark.parametrize(
    "bad",
    [
        [0.0, 1.0],
        np.zeros(9, np.int16),
        np.zeros((4, 4, 4), np.float32),
        np.full(9000, np.nan, np.float32),
        np.full(9000, -np.inf, np.float32),
        np.full(9000, 1e300),
        np.zeros((9000, 0), np.float32),
    ],
)
def test_other_arrays_are_refused(bad: object) -> None:
    with pytest.raises(UnsupportedError):
        embed(bad, 16000, PAYLOAD, KEY)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError):
        detect(bad, 16000, KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [7999, 192_001, 44100.0, "44100", True])
def test_other_rates_are_refused(rate: object) -> None:
    with pytest.raises(UnsupportedError):
        embed(rustle(1, 8000), rate, PAYLOAD, KEY)  # type: ignore[arg-type]


def test_other_payloads_and_strengths_are_refused() -> None:
    with pytest.raises(UnsupportedError):
        embed(rustle(8, 8000), 8000, b"short", KEY)
    with pytest.raises(UnsupportedError):
        embed(rustle(8, 8000), 8000, PAYLOAD, KEY, strength=9)
