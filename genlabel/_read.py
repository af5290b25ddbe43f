"""`read`: what a file's metadata declares, no sample decoded."""

from __future__ import annotations

from genlabel._data import Scratch
from genlabel._errors import LabelError, errors_name
from genlabel._label import Label
from genlabel._layers import read_declared
from genlabel._media import SourceLike, read_source


def read(src: SourceLike) -> Label | None:
    """Read what a file's metadata declares; no sample is decoded.

    Parameters
    ----------
    src : path-like, bytes or binary file object
        A picture (as `mark` takes, HEIC, JPEG XL, SVG), sound, film, text or document, recognised
        by content, bare text by its name.

    Returns
    -------
    Label or None
        As declared, right or wrong; None where nothing is declared. AIGC and XMP come before a
        C2PA manifest, whose signature is not judged here: see `genlabel.verify`.

    Raises
    ------
    MediaError
        The file cannot be read.
    UnsupportedError
        It is of no kind that this version serves.
    LabelError
        There is a label, but it is damaged beyond reading.
    """
    with Scratch() as scratch:
        source = read_source(src, scratch)
        with errors_name(source.name):
            declared = read_declared(source)
            label = declared.metadata.label or declared.manifest.label
            layers = (declared.metadata.aigc, declared.metadata.xmp, declared.manifest.layer)
            damaged = [layer for layer in layers if layer.state == "damaged"]
            if label is None and damaged:
                reason = next(iter(damaged[0].problems), "it is not readable")
                raise LabelError(f"holds a damaged label: {reason}")
        return label
