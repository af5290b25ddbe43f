"""What many sounds of one key give away together, and what two of them tell of each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from benchmarks import forgery
from benchmarks.audio import Sound
from benchmarks.audio.security import adversary
from benchmarks.audio.security.adversary import Exposed
from benchmarks.audio.security.hosts import Marked, Marking, file, mark, stream
from benchmarks.audio.sounds import Clip
from benchmarks.forgery import Chips
from benchmarks.marking import MARK_KEY, OTHER_KEY
from benchmarks.security import Cell, Table, mean
from genlabel.audio import detect

#: How many sounds are averaged, and how often at most.
SIZES = ((1, 8), (3, 8), (10, 8), (30, 8), (100, 3), (300, 1))
ONE_PAYLOAD = b"averaged"
_OTHERS = "different payloads, aligned"
_MARKINGS: dict[str, tuple[bytes | None, Marking]] = {
    "one payload, files": (ONE_PAYLOAD, file),
    "one payload, streams": (ONE_PAYLOAD, stream),
    "different payloads": (None, file),
    _OTHERS: (None, file),
}


def learners(pieces: Sequence[Clip], payload: bytes | None, marking: Marking) -> list[Marked]:
    """Mark pieces until there are enough of them."""
    marked: list[Marked] = []
    for piece in pieces:
        one = mark(piece, payload, marking=marking)
        if one is not None:
            marked.append(one)
        if len(marked) == SIZES[-1][0]:
            break
    return marked


def averaged(pieces: Sequence[Clip], targets: Sequence[Clip], victims: Sequence[Marked]) -> Table:
    """Average more and more sounds of one key; put the average on sounds, and take it off some."""
    rows: list[list[Cell]] = []
    failures: list[str] = []
    for name, (payload, marking) in _MARKINGS.items():
        marked = learners(pieces, payload, marking)
        seen = [adversary.exposed(one.sound) for one in marked]
        for size, most in SIZES:
            groups = range(min(most, len(marked) // size))
            rho, verdicts = [], []
            for group in groups:
                part = slice(group * size, (group + 1) * size)
                average = _average(name, seen[part])
                rho.append(_likeness(average, marked[part]))
                target = targets[group % len(targets)]
                forged = adversary.lay(target.sound, adversary.tiles_of(average))
                issued = {one.payload for one in marked[part]}
                found = detect(forged.samples, forged.rate, MARK_KEY)
                verdicts.append(forgery.verdict(found, issued))
            if not rho:
                continue
            left = [_left(one, _average(name, seen[:size])) for one in victims]
            copies, made = verdicts.count("copy"), verdicts.count("forged")
            removed = sum(not found for _, found in left)
            rows.append(
                [
                    *(name, size, len(rho), mean(rho), f"{copies}/{len(rho)}"),
                    f"{made}/{len(rho)}",
                    *(mean([t for t, _ in left]), f"{removed}/{len(left)}"),
                ]
            )
            if made:
                failures.append(f"never-issued payload from an average of {size}: {name}")
    return Table(
        "Averages of sounds of one key",
        "Folded tiles of pieces of 5 s, averaged and laid at normal strength on unmarked sounds of "
        "15 s. rho: correlation of the average with the nearest word that was issued. 'Aligned': "
        "every sound's message is first turned, without the key, into that of the one whose pilots "
        "are clearest. A copy is a "
        "verdict with a payload that one of the sounds carries. T left, removed: the average and "
        "what another marked sound of 15 s shows itself, turned to say the same, give signs that "
        "are taken off that sound, pilots included; T of 12.1 is enough to be proven. Before: "
        f"{mean([_standing(one) for one in victims]):.1f}.",
        (
            *("sounds with", "averaged", "groups", "rho", "accepted as copy", "as never issued"),
            *("T left, mean", "removed"),
        ),
        rows,
        tuple(failures),
    )


def linked(hosts: Sequence[Clip]) -> Table:
    """Compare sounds without a key: do they share a key, and what else leaks."""
    marks = {
        "same key, same payload": [mark(host, ONE_PAYLOAD) for host in hosts],
        "same key, different payloads": [mark(host, None) for host in hosts],
    }
    foreign = [mark(host, None, OTHER_KEY) for host in hosts]
    rows: list[list[Cell]] = []
    for name, some in marks.items():
        known = [one for one in some if one is not None]
        rows.append(_link_row(name, list(combinations(known, 2))))
    ours = [one for one in marks["same key, different payloads"] if one is not None]
    theirs = [one for one in foreign if one is not None]
    rows.append(_link_row("two keys", [(a, b) for a in ours for b in theirs if a.host != b.host]))
    return Table(
        "Linking two sounds without a key",
        "Sounds of 15 s. T: of the best code word in the product of two sounds' chips, least to "
        "most. 'Difference read': that word is m1 xor m2. 'Payload read': with the one payload "
        "known, the other follows, as it would if every message were encrypted alike.",
        ("two sounds", "pairs", "T, mean (least to most)", "difference read", "payload read"),
        rows,
    )


def t_of(sound: Sound, one: Marked, phase: int) -> float:
    """Correlate what is left in a sound with what was put in, in standard deviations."""
    chips = adversary.chips_at(sound, phase)
    return float(chips @ one.chips) / float(np.linalg.norm(chips))


def aligned(seen: Sequence[Exposed]) -> Chips:
    """Average sounds of one key, whatever they say, turned to say what the clearest does."""
    clearest = sorted(seen, key=lambda one: -one.clarity)
    return adversary.aligned_average([one.chips for one in clearest])


def _average(name: str, seen: Sequence[Exposed]) -> Chips:
    if name == _OTHERS:
        return aligned(seen)
    return np.asarray(np.mean([one.chips for one in seen], axis=0), np.float32)


def _likeness(average: Chips, marked: Sequence[Marked]) -> float:
    likeness = (float(one.chips @ average) / forgery.norms(one.chips, average) for one in marked)
    return max(likeness)


def _left(one: Marked, learnt: Chips) -> tuple[float, bool]:
    seen = adversary.exposed(one.sound)
    signs = np.sign(adversary.aligned_average([seen.chips, learnt]))
    rest = adversary.lay(one.sound, adversary.tiles_of(signs), seen.row, -1.0)
    found = detect(rest.samples, rest.rate, MARK_KEY, "quick").found
    return t_of(rest, one, seen.phase), found


def _standing(one: Marked) -> float:
    return t_of(one.sound, one, adversary.exposed(one.sound).phase)


def _link_row(name: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Cell]:
    correlations, differences, payloads = [], 0, 0
    for first, second in pairs:
        seen = map(adversary.exposed, (first.sound, second.sound))
        product = adversary.product_of_two(*(one.chips for one in seen))
        correlations.append(product.correlation)
        differences += bool((first.message ^ product.message == second.message).all())
        known = np.frombuffer(first.payload, np.uint8)
        payloads += (known ^ np.packbits(product.message)[:8]).tobytes() == second.payload
    spread = f"{mean(correlations):.1f} ({min(correlations):.1f} to {max(correlations):.1f})"
    count = len(pairs)
    return [name, count, spread, f"{differences}/{count}", f"{payloads}/{count}"]
