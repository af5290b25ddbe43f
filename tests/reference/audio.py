"""The audio kernels, one sample, tile or state at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from genlabel_kernels.audio import folding, masking, residual
from genlabel_kernels.audio.layout import BANDS, FRAME, FRAMES

Array = NDArray[np.generic]


def convolve_at(
    samples: Array, origin: int, table: Array, up: int, down: int, first: int, out: Array
) -> None:
    phases, taps = table.shape
    for i in range(len(out)):
        whole, rest = divmod((first + i) * down, up)
        near = samples[whole - taps // 2 + 1 - origin :][:taps]
        out[i] = (near.astype(float) * table[rest * phases // up].astype(float)).sum()


def unpacked(row: Array) -> Array:
    """Complex bins 0 .. n/2 of a real DFT in packed order."""
    inner = row[1:-1].astype(float)
    return np.concatenate([[row[0]], inner[0::2] + 1j * inner[1::2], [row[-1]]])


def tile_gains(gains: Array) -> Array:
    """By bin of the doubled spectrum: four bins per tile, halves at the edges."""
    out = np.zeros(FRAME + 1)
    for band, gain in enumerate(gains):
        low = 23 + 4 * band
        out[low + 1 : low + 4] += gain
        out[[low, low + 4]] += gain / 2
    return out


def cut_rows(sound: Array, starts: Array, window: Array, out: Array) -> None:
    out[:] = 0
    for row, start in zip(out, starts, strict=True):
        row[: len(window)] = sound[start : start + len(window)] * window


def tile_powers(spectra: Array, out: Array) -> None:
    for k, row in enumerate(spectra):
        power = np.abs(unpacked(row)) ** 2
        for band in range(BANDS):
            one = np.zeros(BANDS)
            one[band] = 1
            out[k, band] += (tile_gains(one) * power).sum()


def scale_tiles(spectra: Array, gains: Array) -> None:
    for row, by_band in zip(spectra, gains, strict=True):
        scaled = unpacked(row) * tile_gains(by_band)
        row[1:-1:2], row[2:-1:2] = scaled[1:-1].real, scaled[1:-1].imag
        row[0] = row[-1] = 0


def overlap_add(rows: Array, window: Array, out: Array) -> None:
    for k, row in enumerate(rows):
        out[k * FRAME : k * FRAME + len(window)] += row[: len(window)] * window


def add_band_powers(spectra: Array, out: Array) -> None:
    for k, row in enumerate(spectra):
        power = np.abs(unpacked(row)) ** 2
        for band in range(BANDS):
            out[k, band] += power[12 + 2 * band : 14 + 2 * band].sum()


def tile_depths(powers: Array, totals: Array, matrix: Array, state: Array, out: Array) -> None:
    tiny = 1e-12
    for k, row in enumerate(powers.astype(float)):
        level = np.log(row + tiny)
        first = np.isnan(state[0, 0])
        if first:
            state[0] = level
        reference = max(state[3, 0] - 0.0107, level.max() - float(masking._BELOW_LOUDEST))
        sides = np.pad(level, 1, mode="edge")
        expected = 0.33 * (sides[:-2] + sides[2:]) + 0.34 * state[0]
        squares = np.minimum((level - expected) ** 2, 16)
        for band in range(BANDS):
            near = squares[max(0, band - 2) : band + 3]
            state[2, band] += 0.25 * (near.mean() - state[2, band])
        before = 0.25 * state[1]
        state[1] = np.maximum(row @ matrix.astype(float), before)
        ratio = np.minimum((state[1] + tiny) / (row + tiny), 1000)
        depth = ratio**0.25
        depth /= np.sqrt(np.sqrt(state[2]) / 1.5 + 0.15)
        depth /= 1 if first else np.sqrt(1 + row / (100 * before + tiny))
        depth /= 1 + np.exp(reference - 12.66 - level)
        out[k] = np.where(row <= 1e-7 * totals[k], 0, depth)
        state[0] = level
        state[3, 0] = reference


def lower_steady(powers: Array, matrix: Array, state: Array, depths: Array) -> None:
    matrix = matrix.astype(float)
    for k, row in enumerate(powers.astype(float)):
        now = row @ matrix > 0.25 * state[0]
        state[0] = np.maximum(row @ matrix, 0.25 * state[0])
        masking = state[0] + 1e-12
        step = np.where(np.isnan(state[1]), 1.0, np.abs(np.log(masking) - state[1]))
        state[1] = np.log(masking)
        change = depths[k] * row
        around = np.sqrt(change**2 @ matrix**2)
        sums = [
            (masking**0.25 * change / masking / (0.3 + step)).sum(),
            (masking**0.25).sum(),
            (masking**0.5 * around / masking / (0.03 + step)).sum(),
            (masking**0.5).sum(),
            -(masking**0.25 * np.log(row / masking + 1e-6))[now].sum(),
            (masking**0.25)[now].sum(),
        ]
        state[2, :6] = 0.9971 * state[2, :6] + sums
        moved, weights, still, amplitudes, sparse, counted = state[2, :6]
        depths[k] *= min(
            1.0,
            (1.45 * weights / max(moved, 1e-30)) ** 0.38,
            4.2 * amplitudes / max(still, 1e-30),
            math.exp(0.245 - 0.153 * sparse / (counted + 1e-12)),
        )


def maskings(powers: Array, matrix: Array, out: Array) -> None:
    for k, row in enumerate(powers.astype(float)):
        out[k] = np.maximum(row @ matrix.astype(float), 0.25 * out[k - 1] if k else 0.0)


def keep_silence(samples: Array, change: Array, least: int, fade: int, zeros: int) -> int:
    silent = [True] * zeros + [not any(column) for column in samples.T]
    known = zeros + change.shape[1]
    for start in range(len(silent) - least + 1):
        if all(silent[start : start + least]):
            change[:, max(0, start - zeros) : max(0, start + least - zeros)] = 0
            if start and not silent[start - 1]:
                for before in range(1, fade + 1):
                    if 0 <= start - before - zeros < change.shape[1]:
                        part = before / (fade + 1)
                        change[:, start - before - zeros] *= 3 * part**2 - 2 * part**3
    return next((i for i in range(known) if not silent[known - 1 - i]), known)


def residuals(powers: Array, table: Array, weights: Array, out: Array) -> None:
    rows, bands = powers.shape
    for row in range(rows):
        for band in range(bands):
            near = (
                powers[min(max(row + down, 0), rows - 1), min(max(band + across, 0), bands - 1)]
                for down, across in table
            )
            out[row, band] = powers[row, band] - sum(
                float(a) * float(b) for a, b in zip(weights[:, band], near, strict=True)
            )


def squares_across(values: Array, out: Array) -> None:
    for band in range(values.shape[1]):
        near = values[:, max(0, band - 2) : band + 3].astype(float)
        out[:, band] = (near**2).mean(axis=1)


def mean_rows(values: Array, reach: int, out: Array) -> None:
    for row in range(len(values)):
        out[row] = values[max(0, row - reach) : row + reach + 1].astype(float).mean(axis=0)


def mean_across(powers: Array, out: Array) -> None:
    for band in range(BANDS):
        out[:, band] = powers[:, max(0, band - 2) : band + 3].astype(float).mean(axis=1)


def gate(own: Array, around: Array, expected: Array, noise: Array, out: Array) -> None:
    for row in range(len(own)):
        for band in range(BANDS):
            foretold = max(float(expected[row, band]), float(noise[band]))
            standing = max(1 - noise[band] / float(around[row, band]), 0)
            sound = 0.1 + 0.9 * (standing + 1 - noise[band] / foretold) / 2
            heard = own[row, band] + 3 * noise[band]
            out[row, band] = sound * heard / (heard + 0.0126 * around[row, band])


def weigh(values: Array, squares: Array, gates: Array, hops: int) -> None:
    around = 16 * hops // residual.HOPS
    for row in range(len(values)):
        near = squares[max(0, row - around) : row + around + 1].astype(float)
        spread = np.sqrt(near.mean(axis=0) + 0.1)
        values[row] = np.clip(values[row] / spread, -2, 2) / spread**0.25 * gates[row]


def gather_phases(products: Array, first: int, block: int, out: Array) -> None:
    for row in range(len(products)):
        for frame in range(FRAMES):
            phase = (first + row - 8 * frame) % folding.PHASES
            out[(first + row) // block, phase] += products[row, frame]


def path_costs(costs: Array) -> Array:
    """Cost from state (row) to state (column); the last state is no mark."""
    phases = folding.PHASES
    out = np.full((phases + 1, phases + 1), float(costs[3]))
    for state in range(phases):
        for later in range(-8, 248):
            tier = 2 if later >= 24 else 1
            out[(state + later) % phases, state] = costs[tier]
        for beside in (-1, 1):
            out[(state + beside) % phases, state] = costs[0]
        out[state, state] = 0
    out[phases, phases] = 0
    return out


def best_sum(ratios: Array, costs: Array) -> float:
    """The most that any path gathers."""
    between = path_costs(costs)
    gains = np.pad(ratios.astype(float), ((0, 0), (0, 1)))
    best = gains[0] - np.append(np.full(folding.PHASES, float(costs[3])), 0)
    for gain in gains[1:]:
        best = (best[:, None] - between).max(axis=0) + gain
    return float(best.max())


def path_sum(ratios: Array, costs: Array, path: Array) -> float:
    """What one path gathers."""
    between = path_costs(costs)
    states = np.where(path < 0, folding.PHASES, path)
    gains = np.pad(ratios.astype(float), ((0, 0), (0, 1)))
    total = gains[0, states[0]] - (0 if states[0] == folding.PHASES else float(costs[3]))
    for block in range(1, len(states)):
        total += gains[block, states[block]] - between[states[block - 1], states[block]]
    return float(total)


def best_stretches(ratios: Array, sums: Array, stretches: Array) -> None:
    """Try every stretch of every phase; the rows for work stay as they are."""
    for phase in range(folding.PHASES):
        tried = [(0.0, 0, 0)]
        for start in range(len(ratios)):
            for stop in range(start + 1, len(ratios) + 1):
                tried.append((float(ratios[start:stop, phase].sum()), start, stop))
        sums[0, phase], stretches[0, phase], stretches[1, phase] = max(tried)


def marked_rows(path: Array, block: int, rows: int) -> list[tuple[int, int]]:
    """Rows of a map on which frames lie, and which frame of the superframe each is."""
    out = []
    for row in range(rows):
        phase = int(path[row // block])
        if phase >= 0 and (row - phase) % 8 == 0:
            out.append((row, (row - phase) // 8 % FRAMES))
    return out


def fold_along(values: Array, path: Array, block: int, out: Array) -> None:
    for row, frame in marked_rows(path, block, len(values)):
        out[frame] += values[row]


def agreement_along(values: Array, path: Array, block: int, signs: Array, out: Array) -> None:
    out[:] = 0
    for row, frame in marked_rows(path, block, len(values)):
        out[row // block, 0] += (values[row] * signs[frame]).sum()
        out[row // block, 1] += (values[row] ** 2).sum()


def scaled_bands(cumulative: Array, edges: Array, out: Array) -> None:
    places = np.arange(cumulative.shape[1])
    for row, sums in enumerate(cumulative):
        at = np.interp(edges, places, sums)
        out[row] = np.maximum(np.diff(at), 1e-20)


def drifting_agreement(products: Array, steps: int, block: int) -> float:
    phases = FRAMES * steps
    best = np.zeros(phases)
    for start in range(0, len(products), block):
        if start:
            best = np.max([best, np.roll(best, 1), np.roll(best, -1)], axis=0)
        for row in range(start, min(start + block, len(products))):
            for frame in range(FRAMES):
                best[(row - steps * frame) % phases] += products[row, frame]
    return float(best.max())


def signed_sums(values: Array, sign_rows: Array, out: Array) -> None:
    for key, rows in enumerate(sign_rows):
        out[key] = (values.astype(float) * rows).sum(axis=0)
