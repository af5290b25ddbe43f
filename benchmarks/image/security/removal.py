"""Taking a mark away, and putting another on top of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from benchmarks.image import Pixels, metrics
from benchmarks.image.attacks import attack, random_for
from benchmarks.image.security import adversary
from benchmarks.image.security.hosts import Marked
from benchmarks.marking import MARK_KEY, OTHER_KEY
from benchmarks.security import Cell, Table, mean
from genlabel import Key
from genlabel.image import detect, embed
from genlabel.image._measure import measure_upright
from genlabel.image._pixels import add_luma, luma

_CROP = "crop-area-0.5"
_HANDLED = "crop-area-0.5+jpeg-75"
_HARSH = "resize-0.5+jpeg-60"
_Removal = Callable[[Pixels, np.random.Generator], Pixels]


def _filters() -> dict[str, _Removal]:
    """Name what anybody can do without knowing the scheme."""
    return {
        "nothing": lambda pixels, rng: pixels,
        "median 5": lambda pixels, rng: cv2.medianBlur(pixels, 5),
        "bilateral, 9 px, sigma 30, 3": lambda pixels, rng: cv2.bilateralFilter(pixels, 9, 30, 3),
        "non-local means, 5": lambda pixels, rng: adversary.denoised(pixels),
        "non-local means, 10": lambda pixels, rng: adversary.denoised(pixels, 10),
        "minus 2 x the residual of it": lambda pixels, rng: _minus_residual(pixels, 2.0),
        "in-band noise, 33 dB": lambda pixels, rng: adversary.in_band_noise(pixels, 33, rng),
        "in-band noise, 30 dB": lambda pixels, rng: adversary.in_band_noise(pixels, 30, rng),
    }


def _informed() -> dict[str, _Removal]:
    """Name what takes the scheme, but no key and no detector."""

    def tiles(fine: float, coarse: float) -> _Removal:
        return lambda pixels, rng: adversary.without_own_tiles(pixels, fine, coarse)

    def tiles_then_denoised(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        return adversary.denoised(adversary.without_own_tiles(pixels, 1.1, 1.3))

    return {
        "public tones subtracted": lambda pixels, rng: adversary.without_tones(pixels),
        "own tiles, fine x 1": tiles(1.0, 0.0),
        "own tiles, x 1 and x 1": tiles(1.0, 1.0),
        "own tiles, x 1.15 and x 1.15": tiles(1.15, 1.15),
        "own tiles, x 1.15 and x 1.5": tiles(1.15, 1.5),
        "own tiles, x 1.1 and x 1.3, then non-local means, 5": tiles_then_denoised,
    }


def removed(marked: Sequence[Marked]) -> Table:
    """Try each removal on each picture; read what is left, whole and cropped."""
    rows: list[list[Cell]] = []
    for name, removal in (_filters() | _informed()).items():
        results = [_removed(one, name, removal) for one in marked]
        columns = list(zip(*results, strict=True))
        rows.append(
            [
                name,
                *(mean(column) for column in columns[:4]),
                *(f"{sum(column)}/{len(marked)}" for column in columns[4:]),
            ]
        )
    return Table(
        "Removal",
        "Means over the pictures. dB: PSNR. T: correlation of each layer with the true chips where "
        f"they were put, 12.6 of both together is enough to be proven. Cropped: `{_CROP}` after "
        f"the removal; harsh: `{_HARSH}` after it.",
        (
            *("removal", "dB to marked", "dB to original", "fine T", "coarse T"),
            *("read whole", "read cropped", "read harsh"),
        ),
        rows,
    )


def _removed(one: Marked, name: str, removal: _Removal) -> tuple[float, ...]:
    now = np.asarray(removal(one.pixels, random_for(one.host.name, name)), np.uint8)
    chips = measure_upright(luma(now))
    layers = zip(adversary.by_layer(chips), adversary.by_layer(one.chips), strict=True)
    fine, coarse = (float(seen @ true) / float(np.linalg.norm(seen)) for seen, true in layers)
    return (
        _decibel(one.pixels, now),
        _decibel(one.host.pixels, now),
        fine,
        coarse,
        *(_reads(one, _after(now, one, fate)) for fate in (None, _CROP, _HARSH)),
    )


def removed_with_oracle(marked: Sequence[Marked]) -> Table:
    """Ask a detector until it finds nothing: the cheapest gains of subtracting the own tiles."""
    rows: list[list[Cell]] = []
    for one in marked:
        queries, best = 0, None
        parts = adversary.own_parts(one.pixels)
        for fine, coarse in _gains():
            queries += 1
            mark = np.float32(fine) * (parts.fine + parts.tones)
            now = add_luma(one.pixels, -mark - np.float32(coarse) * parts.coarse)
            if not detect(now, MARK_KEY).found:
                best = now
                break
        if best is None:
            rows.append([one.host.name, queries, "not removed", "-", "-"])
        else:
            reads = _reads(one, _after(best, one, _CROP))
            to_marked, to_original = _decibel(one.pixels, best), _decibel(one.host.pixels, best)
            rows.append([one.host.name, queries, to_marked, to_original, "yes" if reads else "no"])
    return Table(
        "Removal with a detector to ask",
        "Gains of the fine and the coarse layer's subtraction are varied until the verdict is "
        "'nothing found', smallest first; only the yes or no is used.",
        ("picture", "queries", "dB to marked", "dB to original", "read cropped"),
        rows,
    )


def _gains() -> Iterator[tuple[float, float]]:
    """List gains to try, the gentlest first."""
    pairs = [(f, c) for f in np.arange(0.86, 1.36, 0.04) for c in np.arange(0.9, 2.0, 0.2)]
    yield from sorted(pairs, key=lambda pair: pair[0] ** 2 + 0.8 * pair[1] ** 2)


def second_marks(marked: Sequence[Marked]) -> Table:
    """Put a second mark on: another key's, and the same key's with another payload."""
    rows: list[list[Cell]] = []
    second = bytes.fromhex("fedcba9876543210")
    for fate in (None, _HANDLED, _HARSH):
        counts = dict.fromkeys(("own", "other", "both listed", "new", "old", "none"), 0)
        for one in marked:
            over = _after(embed(one.pixels, second, OTHER_KEY), one, fate)
            counts["own"] += _reads(one, over)
            counts["other"] += detect(over, OTHER_KEY).payload == second
            again = detect(_after(embed(one.pixels, second, MARK_KEY), one, fate), MARK_KEY)
            told = {second: "new", one.payload: "old", None: "none"}[again.payload]
            counts[told] += 1
        n = len(marked)
        rows.append(
            [
                fate or "nothing",
                f"{counts['own']}/{n}",
                f"{counts['other']}/{n}",
                *(f"{counts[told]}/{n}" for told in ("new", "old", "none")),
            ]
        )
    return Table(
        "A second mark on top",
        "Another key's mark, read with either key; or the same key's with another payload, where "
        "one verdict is given.",
        (
            *("then", "two keys: first read", "second read"),
            *("one key: new payload read", "old payload read", "none"),
        ),
        rows,
    )


def remarked(marked: Sequence[Marked]) -> Table:
    """Mark a picture again and again, with the same payload, other payloads, or other keys."""
    rows: list[list[Cell]] = []
    for name in ("same key, same payload", "same key, other payloads", "other keys"):
        for times in (1, 2, 3):
            decibels, visible, last = [], [], 0
            for one in marked:
                now = one.pixels
                payload, key = one.payload, MARK_KEY
                for turn in range(1, times):
                    if name != "same key, same payload":
                        payload = bytes([turn]) * 8
                    if name == "other keys":
                        key = Key(f"number {turn}", bytes([turn]) * 32)
                    now = embed(now, payload, key)
                decibels.append(_decibel(one.host.pixels, now))
                visible.append(metrics.psnr_hvs_m(one.host.pixels, now))
                last += detect(now, key).payload == payload
            rows.append([name, times, mean(decibels), mean(visible), f"{last}/{len(marked)}"])
    return Table(
        "Marked more than once",
        "Each marking starts from the marked picture before it. Quality against the original.",
        ("markings with", "times", "PSNR, dB", "PSNR-HVS-M, dB", "last one read"),
        rows,
    )


def _minus_residual(pixels: Pixels, gain: float) -> Pixels:
    return add_luma(pixels, -np.float32(gain) * adversary.noise_residual(pixels))


def _after(pixels: Pixels, one: Marked, fate: str | None) -> Pixels:
    return pixels if fate is None else attack(fate).apply(pixels, random_for(one.host.name, fate))


def _reads(one: Marked, pixels: Pixels) -> bool:
    return detect(pixels, MARK_KEY).payload == one.payload


def _decibel(first: Pixels, second: Pixels) -> float:
    return metrics.psnr(first, second)
