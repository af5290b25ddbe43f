"""Poses of pictures that were cut and resized only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from genlabel._plane.search import Search
from genlabel._plane.upright import upright_poses
from genlabel_kernels.plane.layout import TILE
from genlabel_kernels.video.layout import layout

ROWS, COLUMNS = 100, 176
SEARCH = Search(layout(), COLUMNS, (0.25, 1.6), 50.0)
TURNS = [(quarter, mirrored) for quarter in range(4) for mirrored in (False, True)]


@dataclass(frozen=True)
class Shown:
    """Noise that shows the tones: a plane as a search takes it."""

    plane: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        return ROWS, COLUMNS

    def white(self, rows: int, columns: int) -> NDArray[np.float32]:
        assert (rows, columns) == self.shape
        return self.plane


def pose_of(scale: float, quarter: int, *, mirrored: bool) -> NDArray[np.float64]:
    """Map (x, y, 1) of the picture to the frame."""
    angle = quarter * math.pi / 2
    turn = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    if mirrored:
        turn = turn @ np.diag([-1.0, 1.0])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = 37.0, 101.0
    return matrix


def shown(matrix: NDArray[np.float64], coherence: float, seed: int = 1) -> Shown:
    """Draw the tones so that the coherent sum at their pose is about so many deviations."""
    plan = layout()
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    frame = np.tensordot(matrix[:2, :2], np.stack([x, y]), 1) + matrix[:2, 2, None, None]
    plane = np.random.default_rng(seed).normal(0, 1, (ROWS, COLUMNS))
    amplitude = coherence * math.sqrt(2 / (len(plan.tones) * ROWS * COLUMNS))
    for (down, across), phase in zip(plan.tones, plan.phases, strict=True):
        turns = (down * frame[1] + across * frame[0]) / TILE
        plane += amplitude * np.cos(2 * np.pi * turns + np.angle(phase))
    return Shown(plane.astype(np.float32))


@pytest.mark.parametrize(("quarter", "mirrored"), TURNS)
def test_faint_tones_are_heard_in_every_quarter_turn(quarter: int, mirrored: bool) -> None:
    true = pose_of(0.837, quarter, mirrored=mirrored)
    best = next(upright_poses(shown(true, 10.0), SEARCH))
    corners = np.array([[0, COLUMNS, 0, COLUMNS], [0, 0, ROWS, ROWS], [1, 1, 1, 1]], float)
    apart = ((best.matrix - true) @ corners)[:2]
    apart -= TILE * np.rint(apart.mean(axis=1, keepdims=True) / TILE)
    assert np.abs(apart).max() < 2.0
    assert best.coherence > 7.0


def test_without_turns_only_half_turns_are_tried() -> None:
    for quarter, mirrored in TURNS:
        seen = shown(pose_of(0.837, quarter, mirrored=mirrored), 10.0)
        best = next(upright_poses(seen, SEARCH, turned=False)).coherence
        assert (best > 7.0) == (quarter % 2 == 0 and not mirrored)


def test_noise_is_less_coherent_than_among_all_poses() -> None:
    best = [next(upright_poses(shown(np.eye(3), 0.0, seed), SEARCH)).coherence for seed in range(5)]
    assert 4.0 < np.mean(best) < 6.2


def test_poses_come_in_the_order_of_their_coherence() -> None:
    poses = list(upright_poses(shown(np.eye(3), 0.0), SEARCH))
    values = [pose.coherence for pose in poses]
    assert 1 < len(values) <= 16
    assert values == sorted(values, reverse=True)
