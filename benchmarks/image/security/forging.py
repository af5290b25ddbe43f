"""Making pictures pass for marked without the key."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import forgery
from benchmarks.image import Pixels, metrics
from benchmarks.image.security import adversary
from benchmarks.image.security.hosts import Host, Marked
from benchmarks.marking import MARK_KEY
from benchmarks.security import Cell, Table, mean
from genlabel._payload import FORMATS, code_words
from genlabel.image import detect
from genlabel.image._codeword import bit_sums, mark_secrets, word_chips
from genlabel.image._measure import measure_upright
from genlabel.image._pixels import add_luma, luma

_SIZES = ((1, 8), (3, 8), (10, 8), (30, 3), (100, 1))
_COPY_DB = 42.0


def multiplied(marked: Sequence[Marked], targets: Sequence[Host]) -> Table:
    """Multiply the chips of three pictures with different payloads, and paste the product."""
    rows: list[list[Cell]] = []
    failures: list[str] = []
    for name, known in (("three single pictures", 1), ("three, each averaged from 5 aligned", 5)):
        correct, correlations, accepted = 0, [], 0
        for index, target in enumerate(targets):
            chosen = [(index + 3 * k) % len(marked) for k in range(3)]
            three = [marked[place] for place in chosen]
            rest = [one for place, one in enumerate(marked) if place not in chosen]
            others = rest[: known - 1]
            chips = [
                adversary.aligned_average([adversary.exposed_chips(o.pixels) for o in (m, *others)])
                for m in three
            ]
            forged = adversary.paste(target.pixels, forgery.product(*chips))
            wanted = three[0].message ^ three[1].message ^ three[2].message
            message, correlation = _read_untagged(forged)
            correct += bool((message == wanted).all())
            correlations.append(correlation)
            accepted += forgery.verdict(detect(forged, MARK_KEY), set()) == "forged"
        rows.append([name, len(targets), mean(correlations), correct, accepted])
        if accepted:
            failures.append(f"{accepted} products of three marks accepted")
    return Table(
        "Product of three marks",
        "Chipwise product of three pictures of one key and different payloads, pasted at normal "
        "strength on an unmarked picture. T: of the word that the product is (12.6 is enough to "
        "be proven). 'Word right': a decoder with the key reads m1 xor m2 xor m3 without an "
        "error, which any linear checksum accepts. 'Accepted': by the detector with its keyed tag.",
        ("made from", "forgeries", "mean T", "word right", "accepted"),
        rows,
        tuple(failures),
    )


def averaged(same: Sequence[Marked], different: Sequence[Marked], targets: Sequence[Host]) -> Table:
    """Average the chips of 1 to 100 pictures of one key, and paste the average."""
    rows: list[list[Cell]] = []
    failures: list[str] = []
    seen = {
        "one payload": [adversary.exposed_chips(one.pixels) for one in same],
        "different payloads": [adversary.exposed_chips(one.pixels) for one in different],
    }
    seen["different payloads, aligned"] = seen["different payloads"]
    secrets = mark_secrets(MARK_KEY)
    every_word = np.stack(
        [word_chips(word, secrets) for word in code_words(same[0].payload, secrets.payload)]
    )
    for name, chips in seen.items():
        marks = same if name == "one payload" else different
        for size, groups in _SIZES:
            found, ours, verdicts = min(groups, len(chips) // size), [], []
            for group in range(found):
                part = slice(group * size, (group + 1) * size)
                if name.endswith("aligned"):
                    average = adversary.aligned_average(chips[part])
                else:
                    average = np.asarray(np.mean(chips[part], axis=0), np.float32)
                words = every_word if marks is same else np.stack([m.chips for m in marks[part]])
                ours.append(float(np.max(words @ average)) / forgery.norms(average, words[0]))
                forged = adversary.paste(targets[group % len(targets)].pixels, average)
                issued = {one.payload for one in marks[part]}
                verdicts.append(forgery.verdict(detect(forged, MARK_KEY), issued))
            if found:
                copies, made = verdicts.count("copy"), verdicts.count("forged")
                rows.append([name, size, found, mean(ours), f"{copies}/{found}", f"{made}/{found}"])
                if made:
                    failures.append(f"never-issued payload from an average of {size}: {name}")
    return Table(
        "Averages of pictures of one key",
        "Folded tiles averaged and pasted at normal strength on an unmarked picture. rho: "
        "correlation of the average with the nearest word that was issued. 'Aligned': every "
        "picture's message is first turned, without the key, into the first one's. A copy is a "
        "verdict with a payload that one of the pictures carries.",
        ("pictures with", "averaged", "groups", "rho", "accepted as copy", "as never issued"),
        rows,
        tuple(failures),
    )


def altered(different: Sequence[Marked], targets: Sequence[Host]) -> Table:
    """Write chosen messages with chips known from some pictures: all but the tag can be chosen."""
    rng = np.random.default_rng(7)
    known = adversary.aligned_average([adversary.exposed_chips(m.pixels) for m in different])
    rows: list[list[Cell]] = []
    failures: list[str] = []
    for name, count in (("tag kept", 1), ("one guessed tag", 1), ("32 guessed tags, mixed", 32)):
        right, accepted, checks, long_checks = 0, 0, [], []
        for target in targets:
            changes = [forgery.change(rng, guess_tag=name != "tag kept") for _ in range(count)]
            if count > 1:
                # The same payload with many tags: nearby words, so that one list holds them.
                for change in changes:
                    change[: -forgery.TAG_BITS] = changes[0][: -forgery.TAG_BITS]
            chips = np.sum([adversary.turned(known, change) for change in changes], axis=0)
            forged = adversary.paste(target.pixels, np.asarray(chips, np.float32))
            right += bool((_read_untagged(forged)[0] == different[0].message ^ changes[0]).all())
            with forgery.tags_checked() as checked:
                accepted += detect(forged, MARK_KEY).found
            short = sum(len(message) == FORMATS[0].bits for message in checked)
            checks.append(float(short))
            long_checks.append(float(len(checked) - short))
        read = "-" if count > 1 else f"{right}/{len(targets)}"
        checked_tags = [mean(checks), int(max(checks)), mean(long_checks)]
        rows.append([name, len(targets), read, *checked_tags, accepted])
        if accepted:
            failures.append(f"{accepted} chosen payloads accepted: {name}")
    return Table(
        "Chosen payloads",
        f"Chips learnt from {len(different)} pictures of one key, turned to say another payload. "
        "'Word right': the chosen message is what a decoder reads. 'Tags checked': distinct "
        "messages per call whose tag the detector computes, each a guess with chance 2^-24 or, in "
        "the formats of the longer payloads, 2^-32.",
        (
            *("message", "forgeries", "word right", "24-bit tags checked, mean", "most"),
            *("32-bit tags", "accepted"),
        ),
        rows,
        tuple(failures),
    )


def copied(marked: Sequence[Marked], hosts: Sequence[Host]) -> Table:
    """Take the mark of one picture to another."""
    rows: list[list[Cell]] = []
    for name in (f"denoising residual, {_COPY_DB:g} dB", "denoising residual, x 1", "folded tiles"):
        verdicts, decibels = [], []
        for index, one in enumerate(marked):
            target = hosts[(index + len(hosts) // 2) % len(hosts)].pixels
            if name == "folded tiles":
                chips = adversary.exposed_chips(one.pixels)
                copy = adversary.paste(target, chips, adversary.exposed_binding(one.pixels))
            else:
                # The residual lies where it lay, so the target takes the marked picture's shape.
                size = one.pixels.shape[1::-1]
                target = np.asarray(
                    cv2.resize(target, size, interpolation=cv2.INTER_AREA), np.uint8
                )
                residual = adversary.noise_residual(one.pixels)
                own = 255 / 10 ** (_COPY_DB / 20) / float(np.sqrt(np.mean(residual**2)))
                gain = 1.0 if name.endswith("1") else own
                copy = add_luma(target, residual * np.float32(gain))
            decibels.append(metrics.psnr(target, copy))
            detection = detect(copy, MARK_KEY)
            if detection.payload == one.payload:
                verdicts.append(detection.content)
        told = ", ".join(str(verdicts.count(one)) for one in ("unbound", "unknown", "bound"))
        accepted = f"{len(verdicts)}/{len(marked)}"
        rows.append([name, accepted, told, mean(decibels), min(decibels)])
    return Table(
        "Copies of a mark",
        "What one marked picture shows is added to an unmarked one. Residual: the picture's luma "
        "minus its non-local means (strength 5). Content: what the detector says of those, whether "
        "the mark was made for the picture.",
        (
            *("copied", "accepted with the copied payload", "content: unbound, unknown, bound"),
            *("PSNR, dB, mean", "least"),
        ),
        rows,
    )


def _read_untagged(pixels: Pixels) -> tuple[NDArray[np.uint8], float]:
    """Decode a whole picture under the key, whatever its tag says."""
    secrets = mark_secrets(MARK_KEY)
    chips = measure_upright(luma(pixels))
    sums = bit_sums(chips / np.linalg.norm(chips), secrets)
    return forgery.read_untagged(sums)
