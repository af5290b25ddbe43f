"""Which stretches of a sound carry which payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._decoding import Decoded, decode_any
from genlabel._detection import Span
from genlabel.audio._codeword import key_sums, superframe_signs
from genlabel.audio._deep import deep_word
from genlabel.audio._edges import first_row, last_row
from genlabel.audio._track import (
    LEAST_SPREAD,
    Costs,
    Path,
    Values,
    agreement,
    folded,
    likely_path,
    likely_stretches,
    phase_scores,
)
from genlabel_kernels.audio.folding import PHASES, UNMARKED
from genlabel_kernels.audio.layout import BANDS, FRAMES, layout, pilot_map

# Rows of a block by which pilots are followed, and of one by which a known word is, which has five
# times as many tiles: an eighth and a fifteenth of a second.
_BLOCK = 44
_FINE_BLOCK = 24
_PILOT_SHARE = len(layout().pilots) / (BANDS * FRAMES)
# Standard deviations of a stretch that carries a word, and its amplitude against the surest's.
_SURE, _FAINT = 6.0, 0.4
# Blocks of a stretch: shorter ones, half a second, are likenesses.
_LEAST_BLOCKS = 7
# Blocks between two stretches, a second, that say nothing against the mark: a pause.
_PAUSE_BLOCKS = 14
# By how much a phase may have moved behind a silence and be the same.
_DRIFT = 2
# Amplitude of a known word that is assumed first, and those that are believed.
_FIRST_AMPLITUDE = 0.2
_AMPLITUDES = (0.1, 0.5)
_TINY = 1e-9
# The mark's amplitude and what changes of phase cost: in a sound with many cuts, in one with few
# whose mark is fainter; and the costs for a known word.
_FOLLOWED: tuple[tuple[float, Costs], ...] = (
    (0.2, (2.0, 4.0, 5.0, 6.0)),
    (0.15, (3.0, 6.0, 8.0, 9.0)),
)
_KNOWN_COSTS: Costs = (3.0, 6.0, 7.0, 8.0)
_WHOLE = 3
_SEGMENTS = 6
# Stretches of one phase that are read by themselves, and the amplitude assumed in them.
_ALONE, _AMPLITUDE_ALONE = 2, 0.15
#: Payloads looked for in one sound, at most.
MOST_PAYLOADS = 8
# Rows of a map in which another mark could be read.
_WORTHWHILE = 600
#: Measurements one search of a map looks at, at most.
MEASUREMENTS = MOST_PAYLOADS * (_WHOLE + len(_FOLLOWED) * (1 + _SEGMENTS) + _ALONE)


@dataclass(frozen=True, slots=True)
class Risk:
    """How the risk of a chance finding is shared out among measurements.

    Half of it goes to what is likeliest to be read, sounds at their own tempo without cuts, and
    half to all else: the union bound asks only that the shares sum to one.

    Parameters
    ----------
    pieces : int
        Maps of the sound as it is.
    maps : int
        Maps in all, at most.
    plain : bool
        Whether this map is of the sound as it is, and nothing was found in it before.
    searches : int
        Searches among which the risk was shared before: two where a deep one may follow.
    deep : bool
        Whether this is the deep one.
    """

    pieces: int
    maps: int
    plain: bool
    searches: int = 1
    deep: bool = False

    def trials(self, index: int) -> int:
        """Give the reciprocal of the share of a map's measurement of this index."""
        if self.deep:
            return self.searches * self.pieces * MOST_PAYLOADS * PHASES
        if self.plain and index < _WHOLE:
            return 2 * self.searches * self.pieces * _WHOLE
        return 2 * self.searches * self.maps * MEASUREMENTS


@dataclass(frozen=True, slots=True)
class Found:
    """A span and the key it was made with.

    Parameters
    ----------
    span : Span
        Where, and what.
    key : str
        Name of the key.
    """

    span: Span
    key: str


def find_spans(
    values: Values, secrets: Sequence[ChipSecrets], risk: Risk, row_seconds: float
) -> list[Found]:
    """Find all payloads of a sound.

    Parameters
    ----------
    values : (n, 41) float32 array
        The map's statistic.
    secrets : sequence of ChipSecrets
        Of all keys.
    risk : Risk
        Of chance findings, and how this map shares in it.
    row_seconds : float
        From one row to the next.

    Returns
    -------
    list of Found
        In the order in which they were found.
    """
    power = float(np.mean(values * values, dtype=np.float64))
    if not power > 0:
        return []
    rest: Values = values / np.float32(np.sqrt(power))
    found: list[Found] = []
    for turn in range(MOST_PAYLOADS):
        if np.count_nonzero(rest[:, 0]) < _WORTHWHILE:
            break
        one = (
            deep_word(rest, secrets, risk.trials(0) * len(secrets))
            if risk.deep
            else _first(rest, secrets, replace(risk, plain=risk.plain and turn == 0))
        )
        if one is None:
            break
        decoded, secret = one
        stretches = _stretches(rest, superframe_signs(decoded.word, secret))
        for start, stop in stretches:
            span = Span(
                start * row_seconds,
                stop * row_seconds,
                decoded.payload,
                decoded.log10_p,
            )
            found.append(Found(span, secret.name))
            rest[start:stop] = 0
        if not stretches:
            break
    return found


def _first(
    values: Values, secrets: Sequence[ChipSecrets], risk: Risk
) -> tuple[Decoded, ChipSecrets] | None:
    for number, (path, block) in enumerate(_paths(values)):
        trials = risk.trials(number) * len(secrets)
        sums = key_sums(folded(values, path, block), secrets)
        found = decode_any(sums, secrets, trials, likely=number < _WHOLE)
        if found is not None:
            return found
    return None


def _paths(values: Values) -> Iterator[tuple[Path, int]]:
    """Yield where superframes may lie, the likeliest first."""
    scores = phase_scores(values, pilot_map(), _BLOCK)
    for phase in np.argsort(-scores.sum(axis=0))[:_WHOLE]:
        yield np.full(len(scores), phase, np.int64), _BLOCK
    for amplitude, costs in _FOLLOWED:
        path = likely_path(values, scores, _PILOT_SHARE, costs, amplitude)
        if (path == UNMARKED).all():
            continue
        yield path, _BLOCK
        runs = _runs(path)
        if len(runs) > 1:
            for start, stop in sorted(runs, key=lambda run: run[0] - run[1])[:_SEGMENTS]:
                alone = np.full(len(path), UNMARKED, np.int64)
                alone[start:stop] = path[start:stop]
                yield alone, _BLOCK
    for path in likely_stretches(values, scores, _PILOT_SHARE, _AMPLITUDE_ALONE, _ALONE):
        yield path, _BLOCK


def _runs(path: Path) -> list[tuple[int, int]]:
    """List the stretches of blocks in which the phase stays, but for drift."""
    changes = np.flatnonzero(np.abs(np.diff(path)) > 1) + 1
    edges = [0, *changes.tolist(), len(path)]
    pairs = zip(edges[:-1], edges[1:], strict=True)
    return [(start, stop) for start, stop in pairs if path[start] != UNMARKED]


def _stretches(values: Values, signs: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Find the rows that carry a known word: whole stretches, cuts inside not counted."""
    scores = phase_scores(values, signs, _FINE_BLOCK)
    path = likely_path(values, scores, 1.0, _KNOWN_COSTS, _FIRST_AMPLITUDE)
    pairs, sure, amplitudes = _surveyed(values, _bridged(values, path), signs)
    if not len(pairs):
        return [(0, len(values))]
    # Once its amplitude is known, the mark is told from the sound's own likeness to the word, which
    # was chosen for it and is in unmarked parts as well.
    amplitude = float(np.clip(amplitudes[np.argmax(sure)], *_AMPLITUDES))
    path = _bridged(values, likely_path(values, scores, 1.0, _KNOWN_COSTS, amplitude))
    pairs, sure, amplitudes = _surveyed(values, path, signs)
    long = pairs[:, 1] - pairs[:, 0] >= _LEAST_BLOCKS
    kept = pairs[long & (sure >= _SURE) & (amplitudes >= _FAINT * amplitude)]
    stretches: list[tuple[int, int]] = []
    for start, stop in kept.tolist():
        first = start
        if stretches and start - stretches[-1][1] <= _PAUSE_BLOCKS:
            first = stretches.pop()[0]
        stretches.append((first, stop))
    # The word is proven, so it is somewhere, even if no stretch is sure by itself.
    whole = [] if stretches else [(0, len(values))]
    return whole + [_bounded(values, signs, path, one, amplitude) for one in stretches]


def _bridged(values: Values, path: Path) -> Path:
    """Let a path go on through short silences, which say nothing: barks and steps are one sound."""
    squares = (values * values).mean(axis=1)
    blocks = np.pad(squares, (0, -len(squares) % _FINE_BLOCK)).reshape(-1, _FINE_BLOCK)
    silent = blocks.mean(axis=1) < LEAST_SPREAD**2
    bridged = path.copy()
    for start, stop in _gaps(path != UNMARKED):
        # The blocks beside a pause, hardly filled, may have any phase.
        before, behind = path[max(start - 2, 0) : start], path[stop : stop + 2]
        drift = np.abs(behind[:, None] - before).min()
        if stop - start <= _PAUSE_BLOCKS and silent[start:stop].all() and drift <= _DRIFT:
            bridged[start:stop] = path[start - 1]
    return bridged


def _gaps(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the runs of False between two of True."""
    edges = np.flatnonzero(np.diff(marked.astype(np.int8)))
    if len(edges) and marked[edges[0] + 1]:
        edges = edges[1:]
    pairs = edges[: len(edges) // 2 * 2].reshape(-1, 2) + 1
    return [(start, stop) for start, stop in pairs.tolist()]


def _bounded(
    values: Values,
    signs: NDArray[np.float32],
    path: Path,
    stretch: tuple[int, int],
    amplitude: float,
) -> tuple[int, int]:
    """Find the rows at which a stretch of blocks begins and ends."""
    start, stop = stretch
    runs = [(start + first, start + last) for first, last in _runs(path[start:stop])]
    # At the very ends, what agrees for less than half a second at a phase of its own is a likeness.
    long = [run for run in runs if run[1] - run[0] >= _LEAST_BLOCKS] or runs
    start, stop = long[0][0], long[-1][1]
    rows = start * _FINE_BLOCK, min(stop * _FINE_BLOCK, len(values))
    first = first_row(values, signs, int(path[start]), rows[0], amplitude)
    last = last_row(values, signs, int(path[stop - 1]), rows[1], amplitude)
    # Each edge is looked for by itself, and of a short stretch they could pass each other.
    return (first, last) if first < last else rows


def _surveyed(
    values: Values, path: Path, signs: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """List the marked stretches of a path, in blocks, how sure each is, and their amplitudes."""
    marked = np.concatenate([[0], path != UNMARKED, [0]]).astype(np.int8)
    pairs = np.flatnonzero(np.diff(marked)).reshape(-1, 2)
    sums = np.pad(np.cumsum(agreement(values, path, _FINE_BLOCK, signs), axis=0), ((1, 0), (0, 0)))
    products, squares = (sums[pairs[:, 1]] - sums[pairs[:, 0]]).T
    return pairs, products / np.sqrt(squares + _TINY), products / (squares + _TINY)
