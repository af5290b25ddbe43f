"""How far films are from being read: told how they lie, and told the unmarked film as well.

::

    python -m benchmarks.video.limits --seconds 5 --attack crop-0.55+x264-28

For every clip the correlation T of its word, in standard deviations of noise: *posed*, as the
detector measures under the true pose; *bare*, of the difference to the unmarked film after the same
attack, so that the codec's noise alone is left. Prints Markdown.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import environment
from benchmarks.marking import MARK_KEY, payload_of
from benchmarks.options import add_jobs, add_names
from benchmarks.processes import mapped
from benchmarks.results import table
from benchmarks.video import Film, clips, codecs
from benchmarks.video.attacks import attack
from benchmarks.video.clips import Clip
from benchmarks.video.robustness import PUBLISHED, marked
from genlabel._payload import code_words
from genlabel._plane.measure import read_layer
from genlabel._plane.rectify import rectify, scaling
from genlabel.video._codeword import key_sums, mark_secrets, word_chips
from genlabel.video._film import Film as Read
from genlabel.video._pictures import Picture, chips_of, grouped, together, weights
from genlabel.video._placing import Placed, Window, orientations, shift
from genlabel_kernels.plane.tile import as_chips
from genlabel_kernels.video.layout import layout

# Steps that move pixels, and are understood here; and those that move none.
_MOVING = {"crop", "resize", "pip"}
_STILL = {"none", "brightness", *codecs.ENCODERS}
Matrix = NDArray[np.float64]


def lies(name: str, shape: tuple[int, int]) -> tuple[Matrix, Window | None]:
    """Say how an attacked film lies, without looking at it.

    Parameters
    ----------
    name : str
        Of an attack.
    shape : (int, int)
        Height and width before it.

    Returns
    -------
    (3, 3) float64 array
        From the attacked film's pixels to those before.
    Window or None
        Where it is shown; None: everywhere.

    Raises
    ------
    ValueError
        A step moves pixels in a way that is not understood.
    """
    matrix, window = np.eye(3), None
    height, width = shape
    for part in name.split("+"):
        word, _, value = part.rpartition("-")
        if word in _STILL or part in _STILL:
            continue
        if word not in _MOVING:
            raise ValueError(f"it is not known how {part!r} moves pixels")
        ratio = float(value)
        rows, columns = (round(side * ratio) // 2 * 2 for side in (height, width))
        if word == "crop":
            matrix = matrix @ shift((width - columns) // 2 + 5, (height - rows) // 2 + 3)
            height, width = rows, columns
            continue
        matrix = matrix @ scaling(width / columns, height / rows)
        if word == "pip":
            top, left = round(height * 0.06), round(width * 0.9) - columns
            window = top, left, top + rows, left + columns
            matrix = matrix @ shift(-left, -top)
        else:
            height, width = rows, columns
    return matrix, window


def correlations(name: str, seconds: float, clip: Clip) -> tuple[float, float]:
    """Measure one clip after one attack: posed and bare."""
    plain = clip.film(seconds)
    films = [
        attack(name).apply(codecs.coded(film, "x264", PUBLISHED))
        for film in (marked(plain, payload_of(clip.name)), plain)
    ]
    data = films[0].data
    if data is None:
        raise ValueError(f"{name} does not end in a codec")
    with Read(data) as read:
        pictures = [Picture(moment) for moment in read.moments()]
    shape = plain.planes.shape[1] // 2 * 2, plain.planes.shape[2] // 2 * 2
    placed = _placed(pictures[0], *lies(name, shape), shape)
    measured = np.array([one.measured(placed) for one in pictures])
    posed = chips_of(together(grouped(measured, pictures)))
    bare = weights(pictures) @ np.array([_bare(one, films, placed) for one in pictures])
    word = _word(clip.name, bare)
    return _correlation(posed, word), _correlation(bare, word)


def _placed(
    picture: Picture, matrix: Matrix, window: Window | None, shape: tuple[int, int]
) -> Placed:
    """Lay a film's pictures, as they are read, out on the frame."""
    frame = orientations(*shape)[0].matrix @ matrix @ np.linalg.inv(picture.scaling)
    if window is None:
        return Placed(None, frame)
    down, across = picture.scaling[1, 1], picture.scaling[0, 0]
    top, left, bottom, right = (
        round(side * scale)
        for side, scale in zip(window, (down, across, down, across), strict=True)
    )
    return Placed(None, frame, (top, left, bottom, right))


def _bare(picture: Picture, films: Sequence[Film], placed: Placed) -> NDArray[np.float32]:
    """Measure what the marked film has and the other has not, in the time of one picture."""
    moment, fps = picture.moment, float(films[0].fps)
    first = round(moment.start * fps)
    last = first + 1 if moment.key else max(first + 1, round(moment.end * fps))
    means = [film.planes[first:last].mean(axis=0, dtype=np.float32) for film in films]
    rows, columns = picture.shape
    difference = cv2.resize(means[0] - means[1], (columns, rows), interpolation=cv2.INTER_AREA)
    top, left, bottom, right = placed.window or (0, 0, rows, columns)
    part = np.ascontiguousarray(difference[top:bottom, left:right], np.float32)
    laid = rectify(part, placed.matrix @ shift(left, top))
    if laid is None:
        raise AssertionError("a known pose lies on the frame")
    values = read_layer(laid.plane * laid.inside, layout(), top=laid.top, left=laid.left)
    return as_chips(values.bins)


def _word(name: str, chips: NDArray[np.float32]) -> NDArray[np.int8]:
    """Find out which of a payload's words a clip carries."""
    secrets = mark_secrets(MARK_KEY)
    words = code_words(payload_of(name), secrets.payload)
    return np.asarray(words[int(np.argmax(key_sums(chips, [secrets])[0] @ words.T))])


def _correlation(chips: NDArray[np.float32], word: NDArray[np.int8]) -> float:
    signs = word_chips(word, mark_secrets(MARK_KEY))
    return float(chips @ signs / np.linalg.norm(chips))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video.limits", description=__doc__)
    parser.add_argument("--attack", action="append", required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    add_names(parser, "--clip", clips.CLIPS, tuple(clips.CLIPS))
    parser.add_argument("--data", type=Path, default=clips.DEFAULT_DATA)
    add_jobs(parser)
    options = parser.parse_args(arguments)
    chosen = list(clips.load(options.clip, options.data))
    lines = []
    for name in options.attack:
        work = functools.partial(correlations, name, options.seconds)
        found = mapped(work, chosen, options.jobs)
        cells = [f"{posed:.1f} / {bare:.1f}" for posed, bare in found]
        lines.append((f"`{name}`, {options.seconds:g} s", *cells))
    heads = ("posed / bare", *(clip.name for clip in chosen))
    print(environment.one_line(environment.describe()), table(heads, lines), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
