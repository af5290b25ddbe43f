"""Files changed at random, and their checksums repaired."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Collection

from genlabel import GenlabelError, Label
from genlabel.labels.containers.sound import ogg_pages
from genlabel.labels.metadata import read_metadata, write_metadata


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Flip, drop, double or overwrite a few bytes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(out))
        length = rng.choice((1, 1, 1, 4, 40))
        what = rng.randrange(4)
        if what == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            del out[at : at + length]
        elif what == 2:
            out[at:at] = out[at : at + length]
        else:
            out[at : at + length] = bytes(
                [rng.choice((0, 0xFF, 0x7F, rng.randrange(256)))] * length
            )
    return bytes(out)


def with_crcs(data: bytes) -> bytes:
    """Repair a PNG's checksums as far as its chunks can be walked, to get behind them."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(out)


def with_sums(data: bytes) -> bytes:
    """Repair an Ogg file's checksums as far as its pages can be walked, to get behind them."""
    out, at = bytearray(data), 0
    while out[at : at + 4] == b"OggS" and at + 27 <= len(out):
        count = out[at + 26]
        end = at + 27 + count + sum(out[at + 27 : at + 27 + count])
        if end > len(out):
            break
        out[at:end] = ogg_pages.summed(bytes(out[at:end]))
        at = end
    return bytes(out)


def outcomes_of_changes(
    seed: bytes,
    label: Label,
    turns: int,
    *,
    repaired: Callable[[bytes], bytes] | None = None,
    states: Collection[str] = ("valid",),
) -> set[object]:
    """Label a file changed at random again and again: it must give a label or an error of ours.

    Checksums are repaired in three of four turns. Gives the kinds of errors, and the states of the
    labels that were in the changed files.
    """
    rng = random.Random(45438)
    outcomes: set[object] = set()
    for turn in range(turns):
        data = mutated(seed, rng)
        if repaired is not None and turn % 4:
            data = repaired(data)
        try:
            found = read_metadata(data, name="a")
            outcomes.add(found.aigc.state)
            out, _ = write_metadata(data, label, name="a")
        except GenlabelError as error:
            assert "\n" not in str(error) and str(error).startswith("a: ")
            outcomes.add(type(error))
            continue
        assert write_metadata(out, label, name="a")[0] == out
        after = read_metadata(out, name="a")
        assert after.aigc.state in states, (found.aigc, after.aigc)
    return outcomes
