"""The blind search: poses under which a picture may show either layer's public tones."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from genlabel._plane.scales import Scales
from genlabel._plane.search import Pose, Search, search_poses
from genlabel._plane.upright import upright_poses
from genlabel_kernels.image.layout import layout

# Searches by name: the layer, the long side of the picture that is searched, how many frame pixels
# one of its pixels may be, and the mean radius of the tones. "deep" finds what a tight crop of a
# large original shows.
_SEARCHES = {
    "coarse": ("coarse", 420, (0.28, 1.2), 35.0),
    "deep": ("fine", 512, (0.45, 1.15), 46.0),
    "fine": ("fine", 1152, (0.5, 2.1), 46.0),
}


def search(picture: Scales, name: str) -> Iterator[Pose]:
    """Find poses from one layer's tones, the most coherent first.

    Parameters
    ----------
    picture : Scales
        At all its sizes.
    name : {"coarse", "deep", "fine"}
        Which search: for the coarse layer's tones, or for the fine layer's in a smaller or a
        larger copy of the picture.

    Yields
    ------
    Pose
        At most 16.
    """
    return search_poses(picture, _search(name))


def search_upright(picture: Scales, name: str) -> Iterator[Pose]:
    """Find poses of a picture that was neither turned nor stretched nor mirrored; as `search`."""
    return upright_poses(picture, _search(name), turned=False)


@functools.cache
def _search(name: str) -> Search:
    layer, side, scales, mean_radius = _SEARCHES[name]
    return Search(layout(layer), side, scales, mean_radius)
