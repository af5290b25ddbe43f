"""The detector: cheapest hypotheses first, stopping at the first message that is proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genlabel._detection import EFFORTS, Content, Detection, Effort, Matrix
from genlabel._errors import UnsupportedError
from genlabel._key import Key, as_keys
from genlabel._plane.measure import Plane
from genlabel._plane.rectify import scaling
from genlabel._plane.scales import Scales
from genlabel.image._codeword import Decoded, MarkSecrets, decode, mark_secrets, word_chips
from genlabel.image._content import judge
from genlabel.image._deep import deep_readings
from genlabel.image._evidence import Evidence, Reading, promising
from genlabel.image._hypotheses import hypotheses, whole_picture
from genlabel.image._pixels import Pixels, check_pixels, luma_at
from genlabel_kernels.image.layout import FINE_FRAMES, layout
from genlabel_kernels.plane.layout import frame_size

# Pictures are averaged down to this long side: twice the largest frame.
_LONGEST = 2 * FINE_FRAMES[0]
_SHORTEST = 16


def detect(pixels: Pixels, keys: Sequence[Key] | Key, *, effort: Effort = "normal") -> Detection:
    """Look for a mark in a picture's samples, blindly.

    Parameters
    ----------
    pixels : (H, W), (H, W, 3) or (H, W, 4) array
        uint8, uint16, or float32 in 0..1; RGB(A) or grey.
    keys : Key or sequence of Key
        The keys to try.
    effort : {"quick", "normal", "deep"}
        How long to look. ``"quick"`` reads pictures of which nothing was cut off, at any size,
        turned by quarter turns or mirrored. ``"normal"`` also finds what was cut, turned,
        stretched, taken at an angle or bent. ``"deep"`` also finds what somebody took the public
        tones off, which takes seconds and time in proportion to the keys. What more hypotheses
        may find by chance is in ``log10_p``: what ``"normal"`` reads has .3 more with ``"deep"``,
        and what only ``"deep"`` finds has 8 to 9 more.

    Returns
    -------
    Detection
        ``geometry`` starts from the marked original at the size at which it was marked: scaled so
        that its long side has 1152, 768 or 512 px, whichever was nearest to its own.

    Raises
    ------
    UnsupportedError
        The array is not one that can be read, or there is no such effort.
    """
    check_pixels(pixels)
    if effort not in EFFORTS:
        raise UnsupportedError(f"effort is one of {', '.join(EFFORTS)}, not {effort!r}")
    secrets = [mark_secrets(key) for key in as_keys(keys)]
    if not secrets or min(pixels.shape[:2]) < _SHORTEST:
        return Detection(found=False)
    height, width = pixels.shape[:2]
    rows, columns = frame_size(height, width, min(_LONGEST, max(height, width)))
    plane = luma_at(pixels, rows, columns)
    original = scaling(columns / width, rows / height)
    # Two searches share the probability of an error, so that the long one does not blind the other.
    searches = 2 if effort == "deep" else 1
    for evidence, reading in _readings(plane, secrets, effort):
        decoded = decode(
            reading.sums,
            reading.secrets,
            searches * reading.risk.trials * len(secrets),
            polarities=reading.risk.polarities,
            thorough=reading.thorough,
        )
        if decoded is not None:
            inverse = np.linalg.inv(evidence.matrix @ original)
            return Detection(
                found=True,
                payload=decoded.payload,
                key=reading.secrets.name,
                log10_p=decoded.log10_p,
                geometry=_rows(inverse / inverse[2, 2]),
                content=_content(evidence, decoded, reading.secrets),
            )
    return Detection(found=False)


def _readings(
    plane: Plane, secrets: Sequence[MarkSecrets], effort: Effort
) -> Iterator[tuple[Evidence, Reading]]:
    """Yield what there is to decode, cheapest first."""
    quick = effort == "quick"
    for evidence in whole_picture(Scales(plane)) if quick else hypotheses(plane, secrets):
        for reading in promising(evidence, secrets):
            yield evidence, reading
    if effort == "deep":
        yield from deep_readings(plane, secrets)


def _rows(matrix: NDArray[np.float64]) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return (a, b, c), (d, e, f), (g, h, i)


def _content(evidence: Evidence, decoded: Decoded, secrets: MarkSecrets) -> Content:
    """Compare a whole picture with the hash its mark was made for."""
    whole = evidence.whole
    if whole is None:
        return "unknown"
    chips = word_chips(decoded.word, secrets)[layout("fine").chips :]
    amplitude = float((evidence.coarse[0] * chips).mean())
    return judge(whole.binding, amplitude, whole.plane, decoded.payload, secrets)
