"""`label`: a file's metadata alone, no sample touched."""

from __future__ import annotations

from collections.abc import Sequence

from genlabel import _read_back, _steps
from genlabel import profiles as regimes
from genlabel._errors import errors_name
from genlabel._label import Label
from genlabel._mark import SignerLike, as_signer
from genlabel._media import (
    SourceLike,
    TargetLike,
    check_target,
    read_source,
    scratch_for,
)
from genlabel._receipt import Receipt


def label(
    src: SourceLike,
    dst: TargetLike,
    *,
    label: Label,
    profiles: Sequence[str] = regimes.DEFAULT,
    signer: SignerLike | None = None,
    overwrite: bool = False,
) -> Receipt:
    """Declare a label in a file's metadata and leave its samples as they are, bit for bit.

    Parameters
    ----------
    src : path-like, bytes or binary file object
        A picture (as `mark` takes, HEIC, JPEG XL, SVG), sound, film, text or document, recognised
        by content, bare text by its name.
    dst : path-like or binary file object
        Written whole or not at all.
    label : Label
        What the file declares.
    profiles : sequence of str
        Regimes to label for.
    signer : Signer, (chain path, key path) or None
        Signs a C2PA manifest over the labelled file; where the container has no place for one, it
        comes into ``x.c2pa`` beside it, if the target is a path.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Receipt
        What was written.

    Raises
    ------
    MediaError
        The source cannot be read, the target cannot be written, or a layer did not read back.
    UnsupportedError
        The kind of file, or a profile, is not served by this version.
    LabelError
        The label breaks a rule of its standard.
    SignerError
        The signer cannot sign, or the source is signed and there is no signer.
    """
    declared = _steps.settle(label)
    used = as_signer(signer)
    asked = regimes.load_all(profiles)
    target = check_target(dst, overwrite=overwrite)
    with scratch_for(dst) as scratch:
        source = read_source(src, scratch)
        with errors_name(source.name):
            work = _steps.open_source(source, declared, used, scratch)
            _steps.write_labels(work, asked)
            _steps.sign(work, used, dst)
            _steps.require_some(work)
            _read_back.check_labels(work)
        work.warnings += _read_back.unmet(work, asked)
        receipt = _steps.receipt(work, target, asked)
        _steps.put(work, dst, overwrite=overwrite)
    return receipt
