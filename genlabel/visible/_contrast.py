"""How well letters stand out from what is behind them.

References
----------
W3C Web Content Accessibility Guidelines (WCAG) 2.2: relative luminance, contrast ratio, and success
criterion 1.4.3, by which text has a ratio of at least 4.5.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: What WCAG asks for, and what is aimed at: the watermark and lossy coding move both colours.
LEAST_RATIO, AIMED_RATIO = 4.5, 5.5

Floats = npt.NDArray[np.float32]


def luminance(colours: Floats) -> Floats:
    """Compute the relative luminance of sRGB colours.

    Parameters
    ----------
    colours : (..., 3) or (..., 1) float32 array
        0..1, gamma-coded; one channel is grey.

    Returns
    -------
    (...) float32 array
        0..1.
    """
    linear = np.where(colours <= 0.04045, colours / 12.92, np.power((colours + 0.055) / 1.055, 2.4))
    if colours.shape[-1] == 1:
        return np.asarray(linear[..., 0], np.float32)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def least_ratio(letters: float, behind: Floats) -> float:
    """Compute the contrast ratio where it is least.

    Parameters
    ----------
    letters : float
        Grey of the letters, 0..1, gamma-coded.
    behind : (..., 3) or (..., 1) float32 array
        What is behind them, 0..1.

    Returns
    -------
    float
        1 to 21.
    """
    ours = float(luminance(np.full((1, 1), letters, np.float32))[0])
    theirs = luminance(behind)
    # The nearest from either side: between two backgrounds letters may vanish.
    above, below = theirs[theirs >= ours], theirs[theirs < ours]
    ratios = [(float(above.min()) + 0.05) / (ours + 0.05)] if above.size else []
    ratios += [(ours + 0.05) / (float(below.max()) + 0.05)] if below.size else []
    return min(ratios, default=21.0)
