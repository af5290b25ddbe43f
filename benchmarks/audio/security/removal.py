"""Taking a mark off, and putting another on top of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.audio import Sound, quality
from benchmarks.audio.attacks import attack, random_for
from benchmarks.audio.security import adversary
from benchmarks.audio.security.hosts import Marked, file
from benchmarks.audio.security.learning import t_of
from benchmarks.forgery import Chips
from benchmarks.marking import MARK_KEY, OTHER_KEY
from benchmarks.security import Cell, Table, mean
from genlabel import Key
from genlabel.audio import detect

_HANDLED = "crop-10+mp3-64"
_SECOND = bytes.fromhex("fedcba9876543210")
_Removal = Callable[[Sound, Chips], Sound]
#: What anybody can do without knowing the scheme.
_HANDLING = (
    *("white-20", "white-10", "smooth-40", "mp3-32", "opus-12", "reverb-0.5-3", "echo-0.5-0.5"),
    *("tempo-1.05+pitch-1", "tempo-1.3", "pitch-3", "lowpass-1000", "levels-8"),
)


def removed(marked: Sequence[Marked], learnt: Chips, count: int) -> Table:
    """Try each removal on each sound; read what is left, whole and handled.

    Parameters
    ----------
    marked : sequence of Marked
        Sounds of one key.
    learnt : (n,) float32 array
        Chips, averaged from other sounds of the key.
    count : int
        From how many.
    """
    rows = [_row(name, removal, marked, learnt) for name, removal in _removals(count).items()]
    return Table(
        "Removal",
        "Sounds of 15 s. Means; ODG of PEAQ's basic version against the sound before it was "
        "marked, -0.2 or so as marked. T: correlation with the true chips where they were put, "
        f"12.1 is enough to be proven. Handled: `{_HANDLED}` after the removal. 'Own tiles': what "
        "the sound shows when it is folded; 'learnt': from other sounds of the key.",
        (
            *("removal", "SNR to marked, dB", "ODG, mean", "worst", "T left", "read"),
            *("read deeply", "handled, deeply"),
        ),
        rows,
    )


def filtered(marked: Sequence[Marked]) -> Table:
    """Handle each sound as anybody can, without knowing the scheme."""
    rows: list[list[Cell]] = []
    for name in _HANDLING:
        read, grades = 0, []
        for one in marked:
            now = attack(name).apply(one.sound, random_for(one.host.name, name))
            read += _reads(one, now)
            if now.samples.shape == one.host.sound.samples.shape:
                grades.append(_grade(one, now))
        rows.append([name, mean(grades) if grades else "-", f"{read}/{len(marked)}"])
    return Table(
        "Removal by handling",
        "What needs no knowledge of the scheme; names as in benchmarks/audio/attacks.py. ODG "
        "against the unmarked sound, where the length stays.",
        ("handling", "ODG, mean", "read"),
        rows,
    )


def removed_with_oracle(marked: Sequence[Marked]) -> Table:
    """Ask a detector until it finds nothing: the gentlest subtraction of the own tiles."""
    rows: list[list[Cell]] = []
    for one in marked:
        for query, strength in enumerate(np.arange(0.2, 4.05, 0.1), 1):
            now = adversary.without_own_tiles(one.sound, float(strength))
            if not detect(now.samples, now.rate, MARK_KEY, "deep").found:
                snr = quality.snr(one.sound.samples, now.samples)
                told = [float(strength), snr, _grade(one, now)]
                again = _deeply(one, _after(now, one, _HANDLED))
                rows.append([one.host.name, query, *told, "yes" if again else "no"])
                break
        else:
            rows.append([one.host.name, query, "not removed", "-", "-", "-"])
    return Table(
        "Removal with a detector to ask",
        "The strength at which the own tiles are taken off grows by .1 until the verdict is "
        "'nothing found' by a deep search; only the yes or no is used.",
        ("sound", "queries", "strength", "SNR to marked, dB", "ODG", "read handled"),
        rows,
    )


def second_marks(marked: Sequence[Marked]) -> Table:
    """Put a second mark on: another key's, and the same key's with another payload."""
    rows: list[list[Cell]] = []
    for fate in ("none", _HANDLED):
        counts = dict.fromkeys(("own", "other", "both", "new", "old", "nothing"), 0)
        for one in marked:
            over = _after(file(one.sound, _SECOND, OTHER_KEY), one, fate)
            counts["own"] += _reads(one, over)
            counts["other"] += _payload(over, OTHER_KEY) == _SECOND
            found = detect(over.samples, over.rate, [MARK_KEY, OTHER_KEY])
            counts["both"] += {span.payload for span in found.spans} == {one.payload, _SECOND}
            again = _payload(_after(file(one.sound, _SECOND, MARK_KEY), one, fate), MARK_KEY)
            names: dict[bytes | None, str] = {_SECOND: "new", one.payload: "old"}
            counts[names.get(again, "nothing")] += 1
        rows.append([fate, *(f"{many}/{len(marked)}" for many in counts.values())])
    return Table(
        "A second mark on top",
        "Another key's mark, read with either key alone and with both; or the same key's with "
        "another payload, where one verdict is given.",
        (
            *("then", "two keys: first read", "second read", "both by one call"),
            *("one key: new payload read", "old payload read", "nothing"),
        ),
        rows,
    )


def remarked(marked: Sequence[Marked]) -> Table:
    """Mark a sound again and again, with the same payload, other payloads, or other keys."""
    rows: list[list[Cell]] = []
    for name in ("same key, same payload", "same key, other payloads", "other keys"):
        for times in (1, 2, 3):
            apart, grades, last = [], [], 0
            for one in marked:
                now, payload, key = one.sound, one.payload, MARK_KEY
                for turn in range(1, times):
                    if name != "same key, same payload":
                        payload = bytes([turn]) * 8
                    if name == "other keys":
                        key = Key(f"number {turn}", bytes([turn]) * 32)
                    now = file(now, payload, key)
                apart.append(quality.snr(one.host.sound.samples, now.samples))
                grades.append(_grade(one, now))
                last += _payload(now, key) == payload
            told: list[Cell] = [mean(apart), mean(grades), min(grades)]
            told.append(f"{last}/{len(marked)}")
            rows.append([name, times, *told])
    return Table(
        "Marked more than once",
        "Each marking starts from the marked sound before it. Quality against the original.",
        ("markings with", "times", "SNR, dB", "ODG, mean", "worst", "last one read"),
        rows,
    )


def _removals(count: int) -> dict[str, _Removal]:
    def own(strength: float) -> _Removal:
        return lambda sound, learnt: adversary.without_own_tiles(sound, strength)

    def known(strength: float) -> _Removal:
        return lambda sound, learnt: adversary.without_learnt(sound, learnt, strength)

    return {
        "nothing": lambda sound, learnt: sound,
        "public pilots": lambda sound, learnt: adversary.without_pilots(sound),
        "own tiles, x 1": own(1.0),
        "own tiles, x 1.5": own(1.5),
        "own tiles, x 2": own(2.0),
        f"learnt from {count}, x 1": known(1.0),
        f"learnt from {count}, x 1.2": known(1.2),
    }


def _row(name: str, removal: _Removal, marked: Sequence[Marked], learnt: Chips) -> list[Cell]:
    apart, grades, left, read, deeply, handled = [], [], [], 0, 0, 0
    for one in marked:
        phase = adversary.exposed(one.sound).phase
        now = removal(one.sound, learnt)
        apart.append(quality.snr(one.sound.samples, now.samples))
        grades.append(_grade(one, now))
        left.append(t_of(now, one, phase))
        read += _reads(one, now)
        deeply += _deeply(one, now)
        handled += _deeply(one, _after(now, one, _HANDLED))
    told = [mean(apart), mean(grades), min(grades), mean(left)]
    return [name, *told, *(f"{many}/{len(marked)}" for many in (read, deeply, handled))]


def _after(sound: Sound, one: Marked, fate: str) -> Sound:
    return attack(fate).apply(sound, random_for(one.host.name, fate))


def _deeply(one: Marked, sound: Sound) -> bool:
    return detect(sound.samples, sound.rate, MARK_KEY, "deep").payload == one.payload


def _reads(one: Marked, sound: Sound) -> bool:
    return _payload(sound, MARK_KEY) == one.payload


def _payload(sound: Sound, key: Key) -> bytes | None:
    return detect(sound.samples, sound.rate, key).payload


def _grade(one: Marked, sound: Sound) -> float:
    return quality.peaq_odg(one.host.sound.samples, sound.samples, sound.rate)
