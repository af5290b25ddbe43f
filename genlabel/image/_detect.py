"""The detector: cheapest hypotheses first, stopping at the first message that is proven."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from genlabel._detection import Detection, Matrix
from genlabel._key import Key
from genlabel.image._codeword import Decoded, MarkSecrets, decode, mark_secrets
from genlabel.image._evidence import Evidence, promising
from genlabel.image._geometry import search
from genlabel.image._measure import Plane, measure, residual, resize
from genlabel.image._pixels import Pixels, check_pixels, luma
from genlabel_kernels.image.layout import (
    COARSE_FRAME,
    FINE_FRAMES,
    TILE,
    fine_frame,
    frame_size,
    layout,
)
from genlabel_kernels.image.tile import as_chips, tone_coherence

# A fine frame more than this many times larger than the picture holds nothing to read.
_MAX_ENLARGEMENT = 2.1
_POSES_READ = 6
_MIN_COHERENCE = 7.0
# Of the seven turned and mirrored orientations, those are read whose tones agree this well.
_LIKELY_COHERENCE = 3.0
_ORIENTATIONS = (
    (0, False), (0, True), (1, False), (2, False), (3, False), (1, True), (2, True), (3, True),
)  # fmt: skip
# How the layers are weighed against each other: which one survived better is not known.
_Weights = tuple[tuple[float, float], ...]
_WEIGHTS: _Weights = ((1.0, 1.0), (0.25, 1.0), (1.0, 0.4))
_FINE_ONLY: _Weights = ((1.0, 0.0),)
_COARSE_ONLY: _Weights = ((0.0, 1.0),)
_MIN_COARSE = 24
#: Measurements one call looks at, at most: 8 orientations of 3 frames at 3 weightings, and 6 poses
#: read once alone and at 29 shifts of the coarse layer with 3 weightings.
MEASUREMENTS = 8 * 3 * 3 + _POSES_READ * (1 + 3 * 29)
_MARGIN = 8
# Rectified planes begin and end on whole pixels of every coarse ratio (1/3, 1/2, 3/4).
_GRAIN = 12


def detect(pixels: Pixels, keys: Sequence[Key] | Key) -> Detection:
    """Look for a mark in a picture's samples, blindly.

    Parameters
    ----------
    pixels : (H, W), (H, W, 3) or (H, W, 4) array
        uint8, uint16, or float32 in 0..1; RGB(A) or grey.
    keys : Key or sequence of Key
        The keys to try.

    Returns
    -------
    Detection
        ``geometry`` maps the marked original, scaled so that its long side has 1152, 768 or 512
        px (whichever is nearest), to this picture.

    Raises
    ------
    UnsupportedError
        The array is not one that can be read.
    """
    check_pixels(pixels)
    secrets = [mark_secrets(key) for key in ([keys] if isinstance(keys, Key) else keys)]
    plane = luma(pixels)
    if not secrets or min(plane.shape) < 16:
        return Detection(found=False)
    trials = MEASUREMENTS * len(secrets)
    for evidence in _hypotheses(plane):
        for reading in promising(evidence, secrets):
            decoded = decode(reading.sums, reading.secrets, trials)
            if decoded is not None:
                return _found(decoded, reading.secrets, evidence.matrix)
    return Detection(found=False)


def _found(decoded: Decoded, secret: MarkSecrets, matrix: NDArray[np.float64]) -> Detection:
    inverse = np.linalg.inv(matrix)
    rows = [tuple(float(value) for value in row) for row in inverse / inverse[2, 2]]
    geometry: Matrix = tuple(rows)  # type: ignore[assignment]
    return Detection(True, decoded.payload, secret.name, decoded.log10_p, geometry)


def _hypotheses(plane: Plane) -> Iterator[Evidence]:
    """Yield what there is to decode, cheapest first: upright, turned by quarters, any pose."""
    yield from _whole_picture(plane)
    for index, pose in enumerate(search(plane)):
        if index == _POSES_READ or pose.coherence < _MIN_COHERENCE:
            return
        yield from _at_pose(plane, pose.matrix)


def _whole_picture(plane: Plane) -> Iterator[Evidence]:
    """Read a picture that nobody cut: upright in all its frames, then turned and mirrored."""
    height, width = plane.shape
    native = fine_frame(height, width)
    reach = _MAX_ENLARGEMENT * max(height, width)
    frames = sorted((f for f in FINE_FRAMES if f <= reach), key=lambda frame: frame != native)
    whitened: dict[int, Plane] = {}

    def white(side: int) -> Plane:
        if side not in whitened:
            whitened[side] = residual(resize(plane, *frame_size(height, width, side)))
        return whitened[side]

    for orientation in _ORIENTATIONS:
        coarse = as_chips(measure(_upright(white(COARSE_FRAME), orientation), "coarse")[0])
        for side in frames:
            bins, tones = measure(_upright(white(side), orientation), "fine")
            fitting = tone_coherence(tones, layout("fine")) > _LIKELY_COHERENCE
            if orientation == _ORIENTATIONS[0] or fitting:
                weights = _WEIGHTS
            elif side == frames[0]:
                weights = _COARSE_ONLY
            else:
                continue
            matrix = _orientation_matrix(height, width, side, orientation)
            yield Evidence(as_chips(bins), coarse[None], weights, matrix)


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
    scale_x, scale_y = columns / width, rows / height
    to_frame = np.array(
        [[scale_x, 0.0, (scale_x - 1) / 2], [0.0, scale_y, (scale_y - 1) / 2], [0.0, 0.0, 1.0]]
    )
    return to_frame @ matrix


def _at_pose(plane: Plane, matrix: NDArray[np.float64]) -> Iterator[Evidence]:
    """Rectify a picture and read its fine layer, then both at every shift of the coarse one."""
    rectified = _rectify(plane, matrix)
    if rectified is None:
        return
    flat, inside, top, left = rectified
    bins, _ = measure(residual(flat) * inside, "fine", top=top, left=left)
    fine = as_chips(bins)
    nothing = np.zeros((1, layout("coarse").chips), np.float32)
    yield Evidence(fine, nothing, _FINE_ONLY, matrix)
    for frame in FINE_FRAMES:
        ratio = COARSE_FRAME / frame
        rows, columns = (round(side * ratio) for side in flat.shape)
        if min(rows, columns) < _MIN_COARSE:
            continue
        shown = resize(inside.astype(np.float32), rows, columns) > 0.99
        white = residual(resize(flat, rows, columns)) * shown
        coarse, _ = measure(white, "coarse", top=round(top * ratio), left=round(left * ratio))
        yield Evidence(fine, _at_shifts(coarse, frame), _WEIGHTS, matrix)


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


def _rectify(
    plane: Plane, matrix: NDArray[np.float64]
) -> tuple[Plane, NDArray[np.bool_], int, int] | None:
    """Lay a picture out on its fine frame.

    Returns
    -------
    tuple or None
        The plane, which of its pixels the picture covers, and the frame coordinates of its first
        pixel; None where the pose would need an unreasonable plane.
    """
    height, width = plane.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], float).T
    placed = (matrix @ corners)[:2]
    low = np.floor(placed.min(axis=1) / _GRAIN).astype(int) * _GRAIN
    high = np.ceil(placed.max(axis=1) / _GRAIN).astype(int) * _GRAIN
    columns, rows = (int(side) for side in high - low)
    if not (min(rows, columns) >= TILE // 4 and max(rows, columns) <= 4 * FINE_FRAMES[0]):
        return None
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    source, to_frame = plane, matrix
    if scale < 0.8:
        # Averaged down before it is turned, so that nothing folds over.
        small = resize(plane, max(1, round(height * scale)), max(1, round(width * scale)))
        grow_x, grow_y = width / small.shape[1], height / small.shape[0]
        grow = np.array([[grow_x, 0, (grow_x - 1) / 2], [0, grow_y, (grow_y - 1) / 2], [0, 0, 1.0]])
        source, to_frame = small, matrix @ grow
    shift = np.array([[1.0, 0.0, -low[0]], [0.0, 1.0, -low[1]], [0.0, 0.0, 1.0]])
    affine = (shift @ to_frame)[:2]
    flat = cv2.warpAffine(
        source, affine, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    covered = cv2.warpAffine(np.ones(source.shape, np.uint8), affine, (columns, rows))
    inside = cv2.erode(covered, np.ones((_MARGIN, _MARGIN), np.uint8)) > 0
    return np.asarray(flat, np.float32), inside, int(low[1]), int(low[0])
