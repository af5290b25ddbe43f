"""Hypotheses about how a picture lies on a frame of the marked original, and what each measures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._plane.measure import Plane, resize
from genlabel._plane.rectify import Rectified, rectify, scaling
from genlabel._plane.scales import Scales
from genlabel._plane.search import Pose
from genlabel.image._codeword import MarkSecrets
from genlabel.image._evidence import Evidence, Risk, Whole, excess_energies
from genlabel.image._geometry import search, search_upright
from genlabel.image._measure import measure
from genlabel.image._mesh import unbend
from genlabel_kernels.image.layout import COARSE_FRAME, FINE_FRAMES, fine_frame, layout
from genlabel_kernels.plane.layout import TILE, frame_size
from genlabel_kernels.plane.tile import as_chips, tone_coherence

# Smaller pictures show nothing at the scales of the deep search that the fine one misses.
_DEEP = 700
# A fine frame more than this many times larger than the picture holds nothing to read.
_MAX_ENLARGEMENT = 2.1
#: Poses of each search that are read, and the coherence below which none is. Weak marks in turned
#: and shrunk pictures begin at 7.0, which noise reaches in about every tenth search.
_POSES = {"coarse": 3, "deep": 2, "fine": 4}
_MIN_COHERENCE = 7.0
#: The same among upright poses, which are so few that noise is less coherent; of the coarse layer
#: those are read that some key's energy does not speak against.
_UPRIGHT_POSES = {"coarse": 4, "fine": 2}
_MIN_UPRIGHT = {"coarse": 5.0, "fine": 6.0}
_MIN_ENERGY = 0.0
# In pixels of a frame, pictures longer than this show much else besides the marked one. They cost
# the most to read, so their poses must be surer.
_WIDE = 1.5 * FINE_FRAMES[0]
_MIN_WIDE_COHERENCE = 8.0
_NEAR_BEST = 0.6
_DOUBTFUL = 12.0
# Poses that move no pixel by more than this against each other count once.
_SAME_POSE = 4.0
# Frames of a whole picture whose tones agree this well are read at once.
_LIKELY_COHERENCE = 3.0
_ORIENTATIONS = (
    (0, False), (0, True), (1, False), (2, False), (3, False), (1, True), (2, True), (3, True),
)  # fmt: skip
# How the layers are weighed against each other: which one survived better is not known.
_Weights = tuple[tuple[float, float], ...]
_WEIGHTS: _Weights = ((1.0, 1.0), (0.25, 1.0), (1.0, 0.4))
_FINE_ONLY: _Weights = ((1.0, 0.0),)
_COARSE_ONLY: _Weights = ((0.0, 1.0),)
# Measurements of each kind that one call looks at, at most: of an upright whole picture, the coarse
# layer alone and 3 frames at 3 weightings; the same of its 7 other orientations, and of 7 poses of
# the coarse layer; 8 poses of the fine layer and a mesh, alone and at 29 shifts of the coarse one.
_UPRIGHT, _TURNED, _COARSE, _FINE = 1 + 3 * 3, 7 * (1 + 3 * 3), 7 * (1 + 3 * 3), 9 * (1 + 3 * 29)
#: All of them.
MEASUREMENTS = _UPRIGHT + _TURNED + _COARSE + _FINE
#: Each kind has a share of the risk: the likelier it is to show a mark, the more each of its
#: measurements has. The shares, 1/4, 1/8, 1/4 and 3/8, add up to one. Tones of a picture in
#: negative are not found, so that with a pose its sign is known.
UPRIGHT_RISK = Risk(4 * _UPRIGHT, (1, -1))
TURNED_RISK = Risk(8 * _TURNED, (1, -1))
COARSE_RISK = Risk(4 * _COARSE, (1,))
FINE_RISK = Risk(8 * _FINE // 3, (1,))


def hypotheses(plane: Plane, secrets: Sequence[MarkSecrets]) -> Iterator[Evidence]:
    """Yield what a normal search looks at, cheapest first."""
    picture = Scales(plane)
    yield from whole_picture(picture)
    for pose in _worth_reading(picture, "coarse"):
        yield from _at_coarse_pose(plane, pose.matrix)
    for pose in _worth_reading(picture, "deep") if max(plane.shape) > _DEEP else []:
        yield from at_rectified(rectify(plane, pose.matrix), pose.matrix)
    yield from _tilted_or_bent(picture)
    for pose in _upright_poses(picture, "coarse"):
        yield from _at_coarse_pose(plane, pose.matrix, secrets)
    for pose in _upright_poses(picture, "fine"):
        yield from at_rectified(rectify(plane, pose.matrix), pose.matrix)


def _tilted_or_bent(picture: Scales) -> Iterator[Evidence]:
    """Read poses of the fine layer, and the picture laid flat."""
    plane = picture.plane
    fine = _worth_reading(picture, "fine")
    # Poses of chance cost more to read than a look for the bends that made the true one fail.
    doubtful = not fine or fine[0].coherence < _DOUBTFUL
    for pose in [] if doubtful else fine:
        yield from at_rectified(rectify(plane, pose.matrix), pose.matrix)
    bent = unbend(picture)
    if bent is not None:
        yield from at_rectified(bent.picture, bent.matrix)
    for pose in fine if doubtful else []:
        yield from at_rectified(rectify(plane, pose.matrix), pose.matrix)


def _worth_reading(picture: Scales, name: str) -> list[Pose]:
    """Keep the coherent poses that differ from each other."""
    return _distinct(picture, search(picture, name), _MIN_COHERENCE, _POSES[name])


def _upright_poses(picture: Scales, name: str) -> list[Pose]:
    """Search upright pictures for tones that are lost among all poses."""
    poses = search_upright(picture, name)
    return _distinct(picture, poses, _MIN_UPRIGHT[name], _UPRIGHT_POSES[name])


def _distinct(picture: Scales, poses: Iterator[Pose], least: float, most: int) -> list[Pose]:
    chosen: list[Pose] = []
    for pose in poses:
        best = chosen[0].coherence if chosen else 0.0
        if pose.coherence < max(least, _NEAR_BEST * best):
            break
        if pose.coherence < _MIN_WIDE_COHERENCE and _scale(pose) * max(picture.shape) > _WIDE:
            continue
        if all(_differ(pose, other, max(picture.shape)) for other in chosen):
            chosen.append(pose)
        if len(chosen) == most:
            break
    return chosen


def _scale(pose: Pose) -> float:
    """Frame pixels to one of the picture."""
    return float(np.sqrt(abs(np.linalg.det(pose.matrix[:2, :2]))))


def _differ(one: Pose, other: Pose, side: int) -> bool:
    """Whether two poses turn and stretch a picture of that side by more than a few pixels."""
    return bool(np.abs(one.matrix[:2, :2] - other.matrix[:2, :2]).max() * side > _SAME_POSE)


def whole_picture(picture: Scales) -> Iterator[Evidence]:
    """Read a picture that nobody cut: upright in all its frames, then turned and mirrored."""
    height, width = picture.shape
    native = fine_frame(height, width)
    reach = _MAX_ENLARGEMENT * max(height, width)
    frames = sorted((f for f in FINE_FRAMES if f <= reach), key=lambda frame: frame != native)
    coarse_size = frame_size(height, width, COARSE_FRAME)
    small = resize(picture.plane, *coarse_size)
    white = picture.white(*coarse_size)
    nothing = np.zeros(layout("fine").chips, np.float32)
    coarse: list[NDArray[np.float32]] = []
    wholes: list[Whole] = []
    for orientation in _ORIENTATIONS:
        risk = TURNED_RISK if wholes else UPRIGHT_RISK
        values = measure(_upright(white, orientation), "coarse")
        coarse.append(as_chips(values.bins)[None])
        wholes.append(Whole(_upright(small, orientation), values.binding))
        matrix = _orientation_matrix(height, width, native, orientation)
        yield Evidence(nothing, coarse[-1], _COARSE_ONLY, matrix, risk, wholes[-1])
    for side in frames:
        white = picture.white(*frame_size(height, width, side))
        for index, orientation in enumerate(_ORIENTATIONS):
            fine = measure(_upright(white, orientation), "fine")
            likely = tone_coherence(fine.tones, layout("fine")) > _LIKELY_COHERENCE
            if likely or (side == native and index == 0):
                matrix = _orientation_matrix(height, width, side, orientation)
                chips = as_chips(fine.bins)
                risk = UPRIGHT_RISK if index == 0 else TURNED_RISK
                yield Evidence(chips, coarse[index], _WEIGHTS, matrix, risk, wholes[index])


def _upright(white: Plane, orientation: tuple[int, bool]) -> Plane:
    """Undo a mirroring, then quarter turns."""
    quarter_turns, mirrored = orientation
    view = np.rot90(white[:, ::-1] if mirrored else white, quarter_turns)
    return np.ascontiguousarray(view)


def _orientation_matrix(
    height: int, width: int, side: int, orientation: tuple[int, bool]
) -> NDArray[np.float64]:
    """Picture pixels to frame pixels for one of the eight orientations of a whole picture."""
    quarter_turns, mirrored = orientation
    matrix = np.eye(3)
    if mirrored:
        matrix = np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    for _ in range(quarter_turns):
        # np.rot90: the right column becomes the top row.
        turn = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0], [0.0, 0.0, 1.0]])
        matrix = turn @ matrix
        height, width = width, height
    rows, columns = frame_size(height, width, side)
    return scaling(columns / width, rows / height) @ matrix


def _at_coarse_pose(
    plane: Plane, matrix: NDArray[np.float64], doubting: Sequence[MarkSecrets] = ()
) -> Iterator[Evidence]:
    """Read the coarse layer, then both: its tile tells where the fine layer's tiles lie.

    Where keys are given that doubt the pose, the coarse layer has to show some energy of theirs.
    """
    coarse = rectify(plane, matrix)
    if coarse is None:
        return
    chips = as_chips(coarse.bins(layout("coarse")))[None]
    poses = {f: scaling(f / COARSE_FRAME, f / COARSE_FRAME) @ matrix for f in FINE_FRAMES}
    scales = {f: float(np.sqrt(abs(np.linalg.det(m[:2, :2])))) for f, m in poses.items()}
    likely = min(FINE_FRAMES, key=lambda frame: abs(np.log(scales[frame])))
    nothing = np.zeros(layout("fine").chips, np.float32)
    alone = Evidence(nothing, chips, _COARSE_ONLY, poses[likely], COARSE_RISK)
    yield alone
    if doubting and excess_energies(alone, doubting).max() < _MIN_ENERGY:
        return
    for frame in FINE_FRAMES:
        fine = rectify(plane, poses[frame]) if scales[frame] < _MAX_ENLARGEMENT else None
        if fine is not None:
            both = as_chips(fine.bins(layout("fine"))), chips
            yield Evidence(*both, _WEIGHTS, poses[frame], COARSE_RISK)


def at_rectified(picture: Rectified | None, matrix: NDArray[np.float64]) -> Iterator[Evidence]:
    """Read the fine layer of its rectified frame, then both at every shift of the coarse one."""
    if picture is None:
        return
    fine = as_chips(picture.bins(layout("fine")))
    nothing = np.zeros((1, layout("coarse").chips), np.float32)
    yield Evidence(fine, nothing, _FINE_ONLY, matrix, FINE_RISK)
    for frame in FINE_FRAMES:
        small = picture.shrunk(COARSE_FRAME / frame)
        if small is not None:
            shifted = _at_shifts(small.bins(layout("coarse")), frame)
            yield Evidence(fine, shifted, _WEIGHTS, matrix, FINE_RISK)


def _at_shifts(coarse: NDArray[np.complex64], frame: int) -> NDArray[np.float32]:
    """Shift the coarse layer by every number of whole fine tiles that its own tile tells apart.

    A crop hides which of the fine layer's repeats it shows; the coarse layer repeats less often.
    """
    step = TILE * COARSE_FRAME / frame
    period = frame // math.gcd(frame, COARSE_FRAME)
    bins = layout("coarse").bins.astype(np.float64)
    rows = []
    for down in range(period):
        for across in range(period):
            turn = -2j * np.pi * step / TILE * (bins[:, 0] * down + bins[:, 1] * across)
            rows.append(as_chips((coarse * np.exp(turn)).astype(np.complex64)))
    return np.stack(rows)
