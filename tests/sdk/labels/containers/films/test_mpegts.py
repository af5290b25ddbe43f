"""Transport streams: recognised, and left as they are."""

from __future__ import annotations

import pytest

from genlabel.labels.containers import sniff
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.films import mpegts
from tests.sdk.labels.films import made


def test_packets_of_either_size() -> None:
    data = made("plain.ts")
    assert sniff(data[:4096]) == "mpegts"
    packets = [data[at : at + 188] for at in range(0, 188 * 9, 188)]
    assert sniff(b"".join(b"\0\0\0\0" + packet for packet in packets)) == "mpegts"
    assert sniff(data[: 188 * 2]) == "mpegts"


@pytest.mark.parametrize(
    "head", [b"G", b"Good morning " * 40, b"G" + bytes(187), b"G" + bytes(1000)]
)
def test_other_files_are_none(head: bytes) -> None:
    assert sniff(head) is None


def test_nothing_changes() -> None:
    data = made("plain.ts")
    found = mpegts.read(data, name="a")
    assert (found.carrier, found.texts, found.xmp) == (False, (), ())
    assert mpegts.write(data, found, Edits(), name="a") == ([range(len(data))], ())
