"""What marked pictures and the detector's answers give away to somebody without the key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from benchmarks import forgery
from benchmarks.forgery import Chips
from benchmarks.image.security import adversary
from benchmarks.image.security.hosts import Host, Marked, mark_all
from benchmarks.marking import MARK_KEY, OTHER_KEY
from benchmarks.security import Cell, Table, mean
from genlabel.image import detect
from genlabel.image._pixels import add_luma


def linked(same: Sequence[Marked], different: Sequence[Marked], hosts: Sequence[Host]) -> Table:
    """Compare pictures without a key: do they share a key, a payload, and what else leaks."""
    foreign = mark_all([one.host for one in different], None, OTHER_KEY)
    chips = {
        "same key, same payload": [adversary.exposed_chips(one.pixels) for one in same],
        "same key, different payloads": [adversary.exposed_chips(one.pixels) for one in different],
        "unmarked": [adversary.exposed_chips(host.pixels) for host in hosts],
    }
    other = [adversary.exposed_chips(one.pixels) for one in foreign]
    rows: list[list[Cell]] = []
    for name, ours in chips.items():
        pairs = list(combinations(range(len(ours)), 2))
        marks = {"same key, same payload": same, "same key, different payloads": different}
        rows.append(_link_row(name, [(ours[a], ours[b]) for a, b in pairs], pairs, marks.get(name)))
    mixed = [(a, b) for a, b in combinations(range(len(other)), 2)]
    pairs_mixed = [(chips["same key, different payloads"][a], other[b]) for a, b in mixed]
    rows.append(_link_row("two keys", pairs_mixed, mixed, None))
    return Table(
        "Linking two pictures without a key",
        "z: correlation of two pictures' folded tiles, in standard deviations, largest absolute "
        "value in brackets. T: of the best code word in their chipwise product. 'Difference read': "
        "that word is m1 xor m2. 'Payload read': with the one payload known, the other follows, as "
        "it would if every message were encrypted alike.",
        (
            *("two pictures", "pairs", "z, mean (most)", "T, mean (least to most)"),
            *("difference read", "payload read"),
        ),
        rows,
    )


def scored(marked: Sequence[Marked], queries: int) -> Table:
    """Learn chips from the detector's score alone, by random perturbations."""
    rows: list[list[Cell]] = []
    for one in marked:
        rng = np.random.default_rng(5)
        steps, scores = [], []
        for _ in range(queries):
            step = rng.choice(np.array([-1, 1], np.float32), len(one.chips))
            parts = adversary.mark_parts(one.pixels, step, adversary.no_binding())
            asked = add_luma(one.pixels, 0.5 * (parts.fine + parts.coarse))
            steps.append(step)
            # The bound is a constant minus T squared over 2 ln 10: T is read off it.
            scores.append(math.sqrt(max(0.0, -detect(asked, MARK_KEY).log10_p)))
        weights = np.array(scores) - np.mean(scores)
        learnt = np.asarray(weights @ np.stack(steps), np.float32)
        free = adversary.exposed_chips(one.pixels)
        rows.append(
            [
                one.host.name,
                queries,
                float(learnt @ one.chips) / forgery.norms(learnt, one.chips),
                math.sqrt(queries / (queries + len(one.chips))),
                float(free @ one.chips) / forgery.norms(free, one.chips),
            ]
        )
    return Table(
        "The score as an oracle",
        "Random in-band patterns are added to a marked picture and `log10_p` is asked for each. "
        "rho: correlation of what is learnt with the true chips.",
        ("picture", "queries", "rho learnt", "rho of an exact score", "rho by folding, no query"),
        rows,
    )


def _link_row(
    name: str,
    chips: Sequence[tuple[Chips, Chips]],
    pairs: Sequence[tuple[int, int]],
    marks: Sequence[Marked] | None,
) -> list[Cell]:
    z = [float(a @ b) / forgery.norms(a, b) * math.sqrt(len(a)) for a, b in chips]
    products = [adversary.product_of_two(a, b) for a, b in chips]
    t = [product.correlation for product in products]
    read = "-", "-"
    if marks is not None:
        differences, payloads = 0, 0
        for (a, b), product in zip(pairs, products, strict=True):
            differences += bool((marks[a].message ^ product.message == marks[b].message).all())
            known = np.frombuffer(marks[a].payload, np.uint8)
            guess = known ^ np.packbits(product.message)[: len(known)]
            payloads += guess.tobytes() == marks[b].payload
        read = f"{differences}/{len(pairs)}", f"{payloads}/{len(pairs)}"
    shown_z = f"{mean(z):.1f} ({max(z, key=abs):.1f})"
    return [name, len(pairs), shown_z, f"{mean(t):.1f} ({min(t):.1f} to {max(t):.1f})", *read]
