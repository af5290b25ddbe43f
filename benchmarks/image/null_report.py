"""What was examined, as a JSON record, as Markdown tables, and as a list of what speaks against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.environment import one_line
from benchmarks.image.decoding import Decoding, needed
from benchmarks.image.null import BOUND, LEVELS, NORMAL, WALSH_WORDS, Examined
from benchmarks.image.payloads import Edge
from benchmarks.image.unmarked import GROUPS
from benchmarks.results import listed, page, table
from genlabel._decoding import correlation_at
from genlabel._payload import FORMATS
from genlabel.image._hypotheses import MEASUREMENTS

SCHEMA = "genlabel.bench.false-positives/1"

# With fewer effective chips, T is not normal but keeps below the proven bound all the same.
_MANY_CHIPS = 300
# Chance findings of this probability are failures.
_SURPRISING = 1e-4
_TAIL = 0.01
# Fewer pictures do not tell a payload's mean from chance.
_ENOUGH = 8


def record(
    examined: Sequence[Examined], differences: dict[str, list[float]], edge: Sequence[Edge]
) -> dict[str, Any]:
    """Give everything measured as plain JSON types."""
    decoded = [decoding for one in examined for decoding in one.decoded]
    union = np.concatenate([one.union for one in examined])
    needed_union = [correlation_at(math.log(WALSH_WORDS / level)) for level in LEVELS]
    return {
        "schema": SCHEMA,
        "allowed": MEASUREMENTS,
        "contents": [
            {
                "name": one.name,
                "group": one.group,
                "evidences": one.evidences,
                "measurements": one.measurements,
                "calls": one.calls,
                "found": one.found,
                "least_chips": float(one.chips.min()) if len(one.chips) else None,
            }
            for one in examined
        ],
        "uniform": {group: _uniform(chosen) for group, chosen in _chosen(examined).items()},
        "tails": {
            "trials": sum(one.trials for one in examined),
            "normal": _summed(one.normal for one in examined),
            "bound": _summed(one.bound for one in examined),
        },
        "whole": {
            "trials": sum(len(one.chosen) for one in examined),
            "counts": _summed(one.whole for one in examined),
        },
        "union": {
            "trials": len(union),
            "counts": [int((union >= t).sum()) for t in needed_union],
        },
        "decodings": len(decoded),
        "accepted": sum(decoding.payload is not None for decoding in decoded),
        "formats": [
            # A long payload is decoded only where its energy may be there: noise seldom gets there.
            _format(decoded, index)
            for index in range(len(FORMATS))
            if any(decoding.best[index] is not None for decoding in decoded)
        ],
        "bits": {
            "encrypted": _balance(np.array([decoding.raw for decoding in decoded])),
            "decrypted": _balance(np.array([decoding.plain for decoding in decoded])),
        },
        "payloads": {name: _mean(values) for name, values in differences.items()},
        "edge": _edges(edge),
    }


def _chosen(examined: Sequence[Examined]) -> dict[str, NDArray[np.float32]]:
    """Give every T of one trial a key, by group."""
    empty = np.zeros(0, np.float32)
    by_group: dict[str, NDArray[np.float32]] = {}
    few = [one.chosen[one.chips < _MANY_CHIPS] for one in examined]
    for group in GROUPS:
        many = [one.chosen[one.chips >= _MANY_CHIPS] for one in examined if one.group == group]
        by_group[group] = np.concatenate([empty, *many])
    by_group["all of these"] = np.concatenate(list(by_group.values()))
    return by_group | {"few chips": np.concatenate(few)}


def _uniform(values: NDArray[np.float32]) -> dict[str, Any]:
    """Compare with the normal distribution, as Kolmogorov and Smirnov do."""
    if not len(values):
        return {"trials": 0, "distance": None, "p": None}
    ranks = np.arange(len(values) + 1) / len(values)
    below = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in np.sort(values)])
    distance = float(max(np.abs(ranks[1:] - below).max(), np.abs(ranks[:-1] - below).max()))
    scaled = distance * math.sqrt(len(values))
    terms = [(-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101)]
    p = 1.0 if scaled < 0.2 else min(1.0, 2 * sum(terms))
    return {"trials": len(values), "distance": distance, "p": p}


def _summed(counts: Iterable[NDArray[np.int64]]) -> list[int]:
    return [int(value) for value in np.sum(list(counts), axis=0)]


def _format(decoded: Sequence[Decoding], index: int) -> dict[str, Any]:
    """Summarise the best candidates of one payload size, and carry their tail on to the bound."""
    form = FORMATS[index]
    best = np.array([d.best[index] for d in decoded if d.best[index] is not None], np.float64)
    start = float(np.quantile(best, 1 - _TAIL))
    excess = float((best[best >= start] - start).mean())
    # Exponential from the last percent on: the true tail falls faster.
    beyond = math.log10(_TAIL) - (needed(form) - start) / (max(excess, 1e-9) * math.log(10))
    # Of all 2^bits words, whatever their tag, were each one's T normal and every one tried.
    words = form.bits * math.log10(2) + math.log10(0.5 * math.erfc(needed(form) / math.sqrt(2)))
    candidates = sum(d.candidates[index] for d in decoded)
    return {
        "payload_bytes": form.payload_bytes,
        "median": float(np.median(best)),
        "last_percent": start,
        "largest": float(best.max()),
        "needed": needed(form),
        "mean_excess": excess,
        "log10_beyond": beyond,
        "log10_words_beyond": words,
        "candidates": candidates,
        "tagged": sum(d.tagged[index] for d in decoded),
        "tagged_expected": candidates / 256**form.tag_bytes,
    }


def _balance(bits: NDArray[np.uint8]) -> dict[str, Any]:
    count, places = bits.shape
    deviations = (2.0 * bits.sum(axis=0) - count) / math.sqrt(count)
    largest = float(np.abs(deviations).max())
    return {
        "words": count,
        "distinct": len(np.unique(bits, axis=0)),
        "share_of_ones": float(bits.mean()),
        "largest_deviation": largest,
        # Of the largest of so many independent ones.
        "p": 1.0 - (1.0 - math.erfc(largest / math.sqrt(2))) ** places,
        "all_zeros": int((bits.sum(axis=1) == 0).sum()),
        "all_ones": int((bits.sum(axis=1) == places).sum()),
    }


def _mean(values: Sequence[float]) -> dict[str, Any]:
    if len(values) < 2:
        return {"pictures": len(values), "mean": None, "error": None}
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return {"pictures": len(values), "mean": float(np.mean(values)), "error": error}


def _edges(edge: Sequence[Edge]) -> list[dict[str, Any]]:
    rows = []
    for low in sorted({math.floor(one.t) for one in edge}):
        mine = [one for one in edge if math.floor(one.t) == low]
        rows.append(
            {
                "from": low,
                "marks": len(mine),
                "right": sum(one.right for one in mine),
                "wrong": sum(one.wrong for one in mine),
                "risk": sum(one.risk for one in mine) / len(mine),
            }
        )
    return rows


def failures(whole: dict[str, Any]) -> list[str]:
    """Say what speaks against the bound; empty where nothing does."""
    problems = []
    for row in whole["contents"]:
        problems += [f"found in {row['name']} by key {key}" for key in row["found"]]
        if row["measurements"] > whole["allowed"]:
            problems.append(f"{row['name']}: {row['measurements']} measurements")
    if whole["accepted"]:
        problems.append(f"{whole['accepted']} decodings of noise accepted")
    tails = whole["tails"]
    for name, trials, counts in (
        ("bound", tails["trials"], tails["bound"]),
        ("whole call", whole["whole"]["trials"], whole["whole"]["counts"]),
        ("union over words", whole["union"]["trials"], whole["union"]["counts"]),
    ):
        for level, count in zip(LEVELS, counts, strict=True):
            if count > trials * level + 4 * math.sqrt(trials * level) + 3:
                problems.append(f"{name}: {count} of {trials} at {level:g}")
    for group, row in whole["uniform"].items():
        if group in (*GROUPS, "all of these") and row["trials"] and row["p"] < _SURPRISING:
            problems.append(f"{group}: not normal, distance {row['distance']:.5f}")
    for name, row in whole["bits"].items():
        if row["p"] < _SURPRISING:
            problems.append(f"{name} bits are not balanced: {row['largest_deviation']:.1f} sigma")
    for name, row in whole["payloads"].items():
        if row["pictures"] >= _ENOUGH and abs(row["mean"]) > 4 * row["error"]:
            problems.append(f"payload {name}: T differs by {row['mean']:.2f}")
    problems += ["a wrong payload was read" for row in whole["edge"] if row["wrong"]]
    return problems


def markdown(whole: dict[str, Any]) -> str:
    """Give the tables."""
    parts = ["## False positives", one_line(whole["environment"])]
    parts.append(
        f"{whole['seconds']['cpu'] / 60:.0f} minutes of CPU; per content: {whole['settings']}"
    )
    parts += [_calls(whole), _uniformity(whole), _tails(whole), _decodings(whole)]
    parts += [_bits(whole), _payloads(whole), _at_edge(whole)]
    problems = failures(whole)
    parts.append(listed(problems))
    return page(*parts)


def _calls(whole: dict[str, Any]) -> str:
    lines = []
    for group in GROUPS:
        rows = [row for row in whole["contents"] if row["group"] == group]
        looked = sorted(row["measurements"] for row in rows)
        lines.append(
            (
                group,
                len(rows),
                sum(row["calls"] for row in rows),
                sum(len(row["found"]) for row in rows),
                looked[len(looked) // 2] if looked else 0,
                f"{max(looked, default=0)} of {whole['allowed']}",
            )
        )
    heads = ("contents", "pictures", "calls", "found", "median measurements", "most measurements")
    return table(heads, lines)


def _uniformity(whole: dict[str, Any]) -> str:
    lines = [
        (group, row["trials"], f"{row['distance']:.5f}", f"{row['p']:.3f}")
        for group, row in whole["uniform"].items()
        if row["trials"]
    ]
    return table(("T of one word, one trial a key", "trials", "KS distance", "p"), lines)


def _tails(whole: dict[str, Any]) -> str:
    tails = whole["tails"]
    columns = (
        (tails["normal"], tails["trials"]),
        (tails["bound"], tails["trials"]),
        (whole["union"]["counts"], whole["union"]["trials"]),
        (whole["whole"]["counts"], whole["whole"]["trials"]),
    )
    lines = [("trials", "", "", *(f"{trials:,}" for _, trials in columns))]
    for index, level in enumerate(LEVELS):
        counts = [f"{values[index] / trials:.3g} ({values[index]})" for values, trials in columns]
        lines.append((f"{level:g}", f"{NORMAL[index]:.2f}", f"{BOUND[index]:.2f}", *counts))
    heads = ("p", "T normal", "T bound", "normal", "bound", "2048 words", "whole call")
    return table(heads, lines)


def _decodings(whole: dict[str, Any]) -> str:
    lines = [
        (
            f"{8 * row['payload_bytes']} bits",
            f"{row['median']:.2f}",
            f"{row['last_percent']:.2f}",
            f"{row['largest']:.2f}",
            f"{row['needed']:.2f}",
            f"{row['log10_beyond']:.1f}, {row['log10_words_beyond']:.1f}",
            f"{row['candidates']:,}",
            f"{row['tagged']} ({row['tagged_expected']:.2g})",
        )
        for row in whole["formats"]
    ]
    heads = (
        *(
            "best T of a decoding",
            "median",
            "99 %",
            "largest",
            "needed",
            "log10 P beyond: tail, union",
        ),
        *("candidates", "right tag (expected)"),
    )
    title = f"{whole['decodings']:,} decodings of noise, {whole['accepted']} accepted.\n\n"
    return title + table(heads, lines)


def _bits(whole: dict[str, Any]) -> str:
    lines = [
        (
            name,
            row["words"],
            row["distinct"],
            f"{row['share_of_ones']:.4f}",
            f"{row['largest_deviation']:.2f}",
            f"{row['p']:.2f}",
            f"{row['all_zeros']}, {row['all_ones']}",
        )
        for name, row in whole["bits"].items()
    ]
    heads = ("best candidate", "words", "distinct", "ones", "worst bit, sigma", "p", "00.., ff..")
    return table(heads, lines)


def _payloads(whole: dict[str, Any]) -> str:
    lines = [
        (name, row["pictures"], f"{row['mean']:+.3f}", f"{row['error']:.3f}")
        for name, row in whole["payloads"].items()
        if row["mean"] is not None
    ]
    return table(("payload", "pictures", "T less that of random ones", "standard error"), lines)


def _at_edge(whole: dict[str, Any]) -> str:
    lines = [
        (
            f"{row['from']}-{row['from'] + 1}",
            row["marks"],
            row["right"],
            row["wrong"],
            f"{row['risk']:.1e}",
        )
        for row in whole["edge"]
    ]
    return table(("T, right key", "marks", "right", "wrong", "chance of a wrong payload"), lines)
