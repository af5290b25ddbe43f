"""Making sounds pass for marked without the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks import forgery
from benchmarks.audio import Sound, noise, quality
from benchmarks.audio.attacks import random_for
from benchmarks.audio.security import adversary
from benchmarks.audio.security.hosts import Marked
from benchmarks.audio.sounds import Clip
from benchmarks.marking import MARK_KEY
from benchmarks.security import Cell, Table, mean
from genlabel._payload import FORMATS
from genlabel.audio import detect
from genlabel.audio._codeword import key_sums, mark_secrets

#: Marks of which products are made.
FACTORS = 3


def multiplied(marked: Sequence[Marked], targets: Sequence[Clip]) -> Table:
    """Multiply the chips of three sounds with different payloads, and lay the product."""
    rows: list[list[Cell]] = []
    failures: list[str] = []
    seen = [adversary.exposed(one.sound).chips for one in marked]
    for name, known in (("three single sounds", 1), ("three, each averaged from 5 aligned", 5)):
        right, correlations, accepted = 0, [], 0
        for index, target in enumerate(targets):
            chosen = [(index + k) % len(marked) for k in range(FACTORS)]
            rest = [seen[place] for place in range(len(marked)) if place not in chosen]
            chips = [adversary.aligned_average([seen[p], *rest[: known - 1]]) for p in chosen]
            forged = adversary.lay(target.sound, adversary.tiles_of(forgery.product(*chips)))
            wanted = np.bitwise_xor.reduce([marked[place].message for place in chosen])
            message, correlation = _read_untagged(forged)
            right += bool((message == wanted).all())
            correlations.append(correlation)
            accepted += detect(forged.samples, forged.rate, MARK_KEY).found
        rows.append([name, len(targets), mean(correlations), right, accepted])
        if accepted:
            failures.append(f"{accepted} products of three marks accepted")
    return Table(
        "Product of three marks",
        "Chipwise product of three sounds of 15 s of one key and different payloads, laid at "
        "normal strength on an unmarked sound. T: of the word that is read (12.1 is enough to be "
        "proven). 'Word right': a decoder with the key reads m1 xor m2 xor m3 without an error, "
        "which any linear checksum accepts. 'Accepted': by the detector with its keyed tag.",
        ("made from", "forgeries", "mean T", "word right", "accepted"),
        rows,
        tuple(failures),
    )


def altered(marked: Sequence[Marked], targets: Sequence[Clip]) -> Table:
    """Write chosen messages with learnt chips: all but the tag can be chosen."""
    rng = np.random.default_rng(7)
    known = adversary.aligned_average([adversary.exposed(one.sound).chips for one in marked])
    rows: list[list[Cell]] = []
    failures: list[str] = []
    for name, count in (("tag kept", 1), ("one guessed tag", 1), ("32 guessed tags, mixed", 32)):
        right, accepted, short, long = 0, 0, [], []
        for target in targets:
            changes = [forgery.change(rng, guess_tag=name != "tag kept") for _ in range(count)]
            for change in changes[1:]:
                # The same payload with many tags: nearby words, so that one list holds them.
                change[: -forgery.TAG_BITS] = changes[0][: -forgery.TAG_BITS]
            chips = np.sum([adversary.turned(known, change) for change in changes], axis=0)
            tiles = adversary.tiles_of(np.asarray(chips, np.float32))
            forged = adversary.lay(target.sound, tiles)
            right += bool((_read_untagged(forged)[0] == marked[0].message ^ changes[0]).all())
            with forgery.tags_checked() as checked:
                accepted += detect(forged.samples, forged.rate, MARK_KEY).found
            short.append(float(sum(len(message) == FORMATS[0].bits for message in checked)))
            long.append(float(len(checked)) - short[-1])
        read = "-" if count > 1 else f"{right}/{len(targets)}"
        rows.append([name, len(targets), read, mean(short), int(max(short)), mean(long), accepted])
        if accepted:
            failures.append(f"{accepted} chosen payloads accepted: {name}")
    return Table(
        "Chosen payloads",
        f"Chips learnt from {len(marked)} sounds of 15 s of one key, turned to say another "
        "payload. 'Word right': the chosen message is what a decoder reads. 'Tags checked': "
        "distinct messages per call whose tag the detector computes, each a guess with chance "
        "2^-24 or, in the formats of the longer payloads, 2^-32.",
        (
            *("message", "forgeries", "word right", "24-bit tags checked, mean", "most"),
            *("32-bit tags", "accepted"),
        ),
        rows,
        tuple(failures),
    )


def copied(marked: Sequence[Marked], targets: Sequence[Clip]) -> Table:
    """Take the mark of one sound to another."""

    def folded(one: Marked, target: Sound) -> Sound:
        tiles = adversary.tiles_of(adversary.exposed(one.sound).chips)
        return adversary.lay(target, tiles)

    def signs(one: Marked, target: Sound) -> Sound:
        tiles = adversary.tiles_of(np.sign(adversary.exposed(one.sound).chips))
        return adversary.lay(target, tiles)

    def beneath(decibels: float) -> Callable[[Marked, Sound], Sound]:
        def laid(one: Marked, target: Sound) -> Sound:
            return noise.bed(target, decibels, random_for(one.host.name, "beneath"), one.sound)

        return laid

    ways: dict[str, Callable[[Marked, Sound], Sound]] = {
        "folded tiles": folded,
        "signs of folded tiles": signs,
        "the marked sound itself, 0 dB beneath": beneath(0.0),
        "the marked sound itself, 6 dB beneath": beneath(6.0),
        "the marked sound itself, 12 dB beneath": beneath(12.0),
    }
    rows: list[list[Cell]] = []
    for name, way in ways.items():
        accepted, grades, apart = 0, [], []
        for index, one in enumerate(marked):
            target = targets[(index + 1) % len(targets)].sound
            copy = way(one, target)
            found = detect(copy.samples, copy.rate, MARK_KEY)
            accepted += found.payload == one.payload
            apart.append(quality.snr(target.samples, copy.samples))
            grades.append(quality.peaq_odg(target.samples, copy.samples, copy.rate))
        rows.append([name, f"{accepted}/{len(marked)}", mean(apart), mean(grades), min(grades)])
    return Table(
        "Copies of a mark",
        "What one marked sound of 15 s shows is laid on another, at normal strength; or it is "
        "mixed in as it is. SNR and ODG against the sound that was not marked.",
        ("copied", "accepted with the copied payload", "SNR, dB", "ODG, mean", "worst"),
        rows,
    )


def _read_untagged(sound: Sound) -> tuple[forgery.Message, float]:
    """Decode a sound under the key, whatever its tag says."""
    tiles = adversary.exposed(sound).tiles
    return forgery.read_untagged(key_sums(tiles, [mark_secrets(MARK_KEY)])[0])
