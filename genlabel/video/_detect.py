"""The detector: keyframes, then stretches, then everything, stopping when sure."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from genlabel._chip_secrets import ChipSecrets
from genlabel._detection import EFFORTS, Detection, Effort, Matrix, Span
from genlabel._errors import UnsupportedError
from genlabel._key import Key, as_keys
from genlabel.video._codeword import mark_secrets
from genlabel.video._edges import refined
from genlabel.video._film import LARGE, Film, Moment, plane_moments
from genlabel.video._pictures import Picture
from genlabel.video._reading import THREADS, Risk, Total, Word, find_word
from genlabel.video._spans import Found, correlations, joined, spans_of
from genlabel_kernels.plane.layout import frame_size
from genlabel_kernels.video.layout import FRAME

#: Payloads looked for in one stretch, at most.
MOST_PAYLOADS = 8
# Pictures that are read together, at most: of keyframes, and of all frames.
_KEYFRAMES = 64
_TOGETHER = 16
# Seconds of a film that is read as a whole; of longer ones, so many places of so many seconds.
_SHORT = 30.0
# Of a large short film so much is read as of one that is just not large, the first frames after
# each keyframe, but no less than this: many pixels make up for fewer frames.
_LEAST_SHARE = 0.25
# Stretches in which poses are searched for, at most: cropped films are cropped all along.
_SEARCHES: dict[Effort, int] = {"quick": 0, "normal": 3, "deep": 1 << 30}
# Seconds between keyframes above which nothing is taken for granted, in films that are no longer
# than the other.
_UNSEEN = 12.0
_SINGLE = 120.0
_PLACES = 10
_PLACE = 2.0


def detect(
    src: str | os.PathLike[str] | bytes | BinaryIO | Iterable[NDArray[Any]],
    keys: Sequence[Key] | Key,
    *,
    fps: float | None = None,
    effort: Effort = "normal",
) -> Detection:
    """Look for a mark in a film's pictures, blindly.

    Parameters
    ----------
    src : str, path-like, bytes, binary file object, or iterable of (H, W) arrays
        A film file, or its planes of luma in order, uint8 or uint16; how many bits these have is
        seen from their values.
    keys : Key or sequence of Key
        The keys to try.
    fps : float or None
        Frames per second of planes; files know their own.
    effort : {"quick", "normal", "deep"}
        How long to look. ``"quick"`` reads keyframes, 64 of a long film, of pictures of which
        nothing was cut off, turned by quarter turns or mirrored. ``"normal"`` also looks, where
        these say nothing, at a film of half a minute and at ten places of a longer one, and finds
        what was cut, turned, stretched or put into another picture, by its keyframes or its first
        three stretches of a quarter of a minute. What lies between two keyframes with one payload
        is taken to have it too, unless they are far apart. Frames to which no other refers are left
        out, and of a short film with more samples than ten seconds of 720p it looks at the first
        frames after each keyframe. ``"deep"`` looks at all of any film. Of planes of luma all are
        looked at.

    Returns
    -------
    Detection
        With the spans that carry a payload, and ``geometry`` from the marked original at a long
        side of 256 px to this film's pictures.

    Raises
    ------
    MediaError
        The file cannot be read, or has no pictures.
    UnsupportedError
        Planes without `fps`, or there is no such effort.
    """
    if effort not in EFFORTS:
        raise UnsupportedError(f"effort is one of {', '.join(EFFORTS)}, not {effort!r}")
    secrets = [mark_secrets(key) for key in as_keys(keys)]
    reader = _Reader(secrets, searches=_SEARCHES[effort])
    if isinstance(src, (str, bytes, bytearray, memoryview, os.PathLike)) or hasattr(src, "read"):
        with Film(src, thorough=effort == "deep") as film:  # type: ignore[arg-type]
            return _of_file(film, reader, effort)
    reader.read_all(plane_moments(src, fps))
    return reader.detection()


def _of_file(film: Film, reader: _Reader, effort: Effort) -> Detection:
    if effort == "deep":
        reader.read_all(film.moments())
        return reader.detection()
    keyframes, seconds = film.keyframes(_KEYFRAMES), film.seconds
    unseen = max((moment.end - moment.start for moment in keyframes), default=0.0) > _UNSEEN
    reader.read(keyframes, posed=False)
    if effort == "quick" or (reader.found and not (unseen and (seconds or 0.0) <= _SINGLE)):
        times = [moment.start for moment in keyframes]
        reader.found = [refined(one, film, times) for one in joined(reader.found)]
        return reader.detection()
    if reader.found or seconds is None or seconds <= _SHORT:
        share = LARGE / max(film.samples, LARGE)
        if not reader.found and share < 1.0 and len(keyframes) < _KEYFRAMES:
            reader.read_all(film.beginnings(keyframes, max(share, _LEAST_SHARE)))
            if not reader.found:
                return reader.detection()
        reader.found.clear()
        reader.read_all(film.moments())
        return reader.detection()
    reader.read(keyframes, upright=False)
    # A long film's are some 60 MB.
    keyframes.clear()
    with contextlib.closing(_decoded_ahead(film, seconds)) as places:
        while not reader.found and (moments := next(places, None)) is not None:
            reader.read(moments)
    return reader.detection()


def _decoded_ahead(film: Film, seconds: float) -> Generator[list[Moment], None, None]:
    """Give what is seen at places all over a film; while one is read, the next is decoded."""

    def decoded(place: int) -> list[Moment]:
        """Give the moments of a stretch at one of the places."""
        return list(film.stretch((place + 0.5) / _PLACES * seconds, _PLACE))

    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(decoded, 0)
        for place in range(1, _PLACES):
            moments = ahead.result()
            ahead = pool.submit(decoded, place)
            yield moments
        yield ahead.result()


class _Reader:
    """What was found so far.

    Parameters
    ----------
    secrets : sequence of ChipSecrets
        Of all keys.
    searches : int
        Stretches in which poses are searched for, at most.
    """

    def __init__(self, secrets: Sequence[ChipSecrets], *, searches: int) -> None:
        self._secrets = secrets
        self._searches = searches
        self._risk = Risk(len(secrets))
        self._words: list[Word] = []
        self._total = Total()
        self.found: list[Found] = []

    def read_all(self, moments: Iterator[Moment]) -> None:
        """Read a film stretch by stretch, so that memory does not grow with it."""
        while stretch := list(itertools.islice(moments, _TOGETHER)):
            self.read(stretch)
            if not self.found:
                self._total.add(stretch)
        if not self.found:
            self._read_total()

    def read(self, moments: Sequence[Moment], *, posed: bool = True, upright: bool = True) -> None:
        """Find all payloads of successive moments; not upright if they were read so before."""
        if not self._secrets:
            return
        left = [Picture(moment) for moment in moments]
        if upright:
            # Much of the time of a search goes into whitening, which threads share.
            with ThreadPoolExecutor(THREADS) as pool:
                deque(pool.map(_whiten, left), maxlen=0)
        posed = posed and self._searches > 0
        self._searches -= posed
        for known in self._words:
            left = self._take(left, known)
        for _ in range(MOST_PAYLOADS):
            ways = {"posed": posed, "upright": upright}
            word = find_word(left, self._secrets, self._risk, **ways)
            if word is None:
                return
            # What is left was not read by itself.
            upright = True
            self._words.append(word)
            before = len(left)
            left = self._take(left, word)
            if len(left) == before:
                return

    def _read_total(self) -> None:
        """Read what no stretch shows, but all together."""
        word = self._total.word(self._secrets, self._risk) if self._secrets else None
        if word is not None:
            decoded = word.decoded
            span = Span(*self._total.times, decoded.payload, decoded.log10_p)
            self.found.append(Found(span, word))

    def _take(self, pictures: list[Picture], word: Word) -> list[Picture]:
        """Note which pictures carry a word, and give the others."""
        spans = spans_of(pictures, correlations(pictures, word), word)
        self.found += spans
        return [
            picture
            for picture in pictures
            if not any(
                one.span.start <= picture.moment.start and picture.moment.end <= one.span.end
                for one in spans
            )
        ]

    def detection(self) -> Detection:
        """Sum up."""
        if not self.found:
            return Detection(found=False)
        spans = joined(self.found)
        best = min(spans, key=lambda one: one.span.log10_p)
        inverse = np.linalg.inv(best.word.matrix)
        return Detection(
            found=True,
            payload=best.span.payload,
            key=best.word.secrets.name,
            log10_p=best.span.log10_p,
            geometry=_rows(inverse / inverse[2, 2]),
            spans=tuple(one.span for one in spans),
        )


def _whiten(picture: Picture) -> None:
    picture.white(*frame_size(*picture.shape, FRAME))


def _rows(matrix: NDArray[np.float64]) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return (a, b, c), (d, e, f), (g, h, i)
