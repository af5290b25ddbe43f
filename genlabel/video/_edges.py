"""Where a word begins and ends between two keyframes of which only one carries it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genlabel.video._film import Film
from genlabel.video._pictures import Picture
from genlabel.video._reading import Word
from genlabel.video._spans import LEAST, Found, correlations

# Seconds of film that are read to find an edge; longer stretches are halved first.
_READ = 16.0
_PROBE = 1.0


def refined(one: Found, film: Film, times: list[float]) -> Found:
    """Look closer at where a span of keyframes begins and ends.

    Parameters
    ----------
    one : Found
        From keyframes, each of which stands for the time until the next.
    film : Film
        The film.
    times : list of float
        Of all keyframes that were looked at, in seconds.

    Returns
    -------
    Found
        With edges to within a second.
    """
    span = one.span
    before = [time for time in times if time < span.start]
    inside = [time for time in times if span.start <= time < span.end]
    start, end = span.start, span.end
    if before:
        start = _edge(film, one.word, before[-1], span.start, rising=True)
    if inside and any(time >= span.end for time in times):
        end = _edge(film, one.word, inside[-1], span.end, rising=False)
    return Found(replace(span, start=start, end=max(start, end)), one.word)


def _edge(film: Film, word: Word, first: float, last: float, *, rising: bool) -> float:
    while last - first > _READ:
        middle = (first + last) / 2
        if _carries(film, word, middle) == rising:
            last = middle
        else:
            first = middle
    # With a moment that is known to carry the word, which tells how strong it is.
    end = last + _PROBE if rising else last
    pictures = [Picture(moment) for moment in film.moments(first, end)]
    if not pictures:
        return last if rising else first
    values = correlations(pictures, word)
    strong = values[values > max(LEAST, values.max() / 2)]
    mean = float(np.median(strong)) if len(strong) else LEAST
    gains = mean * values - 0.5 * mean * mean
    # What all pictures from a place on say together; or up to it.
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    place = int(np.argmin(sums)) if rising else int(np.argmax(sums))
    edges = [picture.moment.start for picture in pictures] + [end]
    return edges[place]


def _carries(film: Film, word: Word, time: float) -> bool:
    pictures = [Picture(moment) for moment in film.moments(time, time + _PROBE)]
    return bool(len(pictures) and correlations(pictures, word).max() > LEAST)
