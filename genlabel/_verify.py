"""`verify`: what a file says of itself, what its samples say, and what follows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from genlabel import _ladder
from genlabel._agreement import find_conflicts, mark_conflicting
from genlabel._data import Scratch
from genlabel._detection import EFFORTS, Detection, Effort
from genlabel._errors import SignerError, UnsupportedError, errors_name
from genlabel._key import Key, as_keys
from genlabel._layers import Declared, read_declared
from genlabel._media import Source, SourceLike, read_source
from genlabel._open_samples import open_samples
from genlabel._report import Layer, Report
from genlabel._sm2_keys import load_public_keys
from genlabel.labels.containers.documents.types import is_document

_MAX_TRUST_BYTES = 16 << 20
_UNBOUND = "the mark was made for other content: copied from elsewhere, or much was painted over"
_UNSEARCHED = Layer("absent", {"searched": False})


def verify(
    src: SourceLike,
    *,
    keys: Key | Iterable[Key] = (),
    trust: str | os.PathLike[str] | bytes | None = None,
    sm2_trust: str | os.PathLike[str] | bytes | None = None,
    effort: Effort = "normal",
    samples: bool = True,
) -> Report:
    """Read every layer of a file, compare them, and say what follows.

    Parameters
    ----------
    src : path-like, bytes or binary file object
        A picture, sound, film, text or document of any kind that ``label`` or `mark` takes,
        recognised by content, bare text by its name.
    keys : Key or iterable of Key
        Keys whose watermark to look for. Without any, the samples are not searched.
    trust : path-like, bytes or None
        PEM root certificates under which a C2PA signature is trusted: a file, or its content.
    sm2_trust : path-like, bytes or None
        PEM public keys or certificates of SM2, under which an AIGC label's own signature is
        ``authentic``; under any other key it is ``intact`` at most. Needs ``genlabel[sm2]``.
    effort : {"quick", "normal", "deep"}
        How long to look for the watermark, as `genlabel.image.detect` and
        `genlabel.audio.detect` take it.
    samples : bool
        False judges the metadata alone and decodes nothing.

    Returns
    -------
    Report
        Damage, disagreement and absence are results. The verdict ``"none"`` means that nothing
        was found, never that the content was not generated.

    Raises
    ------
    MediaError
        The file cannot be read, or its samples are damaged.
    UnsupportedError
        It is of no kind that this version serves, there is no such effort, or keys are given and
        the samples are left out.
    SecretError
        A key is no `Key`, or `sm2_trust` holds no keys.
    SignerError
        `trust` cannot be read or holds no certificates.

    References
    ----------
    Measures for Labelling AI-Generated Synthetic Content (2025), Article 6.

    Examples
    --------
    >>> report = verify("out.png", keys=[key])  # doctest: +SKIP
    >>> report.verdict, report.layers["watermark"].state  # doctest: +SKIP
    ('generated', 'valid')
    """
    wanted = as_keys(keys)
    anchors = _as_pem(trust)
    pinned = () if sm2_trust is None else load_public_keys(sm2_trust)
    if effort not in EFFORTS:
        raise UnsupportedError(f"effort is one of {', '.join(EFFORTS)}, not {effort!r}")
    if wanted and not samples:
        raise UnsupportedError("keys are looked for in the samples, which samples=False leaves out")
    with Scratch() as scratch:
        source = read_source(src, scratch)
        with errors_name(source.name):
            declared = read_declared(source, trust=anchors, pinned=pinned)
            if samples:
                detection, watermark, explicit = _search(source, wanted, declared, effort, scratch)
            else:
                detection, watermark, explicit = None, _UNSEARCHED, _UNSEARCHED
    layers = {
        "aigc": declared.metadata.aigc,
        "xmp": declared.metadata.xmp,
        "c2pa": declared.manifest.layer,
        "watermark": watermark,
        "visible": explicit,
    }
    conflicts = find_conflicts(declared, detection)
    verdict = _ladder.verdict(declared, detection, explicit)
    return Report(
        source=source.name,
        media_type=declared.media_type,
        verdict=verdict,
        notice=_ladder.notice(verdict),
        layers=mark_conflicting(layers, conflicts),
        label=declared.metadata.label or declared.manifest.label,
        detection=detection,
        conflicts=tuple(dict.fromkeys(conflict.sentence for conflict in conflicts)),
    )


def _search(
    source: Source, keys: Sequence[Key], declared: Declared, effort: Effort, scratch: Scratch
) -> tuple[Detection | None, Layer, Layer]:
    """Give the detection, and the layers of the watermark and of what people see or hear."""
    if is_document(declared.media_type):
        from genlabel.text._file import find_notices

        data = bytes(source.data)
        explicit = find_notices(data, declared.media_type, name=source.name)
        return None, Layer("absent", {"searched": False, "carrier": False}), explicit
    try:
        samples = open_samples(source.data, declared.media_type, scratch, name=source.name)
        # Decoded even where no key asks for it: a file cut short must not pass for a whole one.
        found = samples.search(keys, effort)
        explicit = samples.explicit()
    except UnsupportedError as error:
        layer = Layer("absent", {"searched": False}, (f"the samples: {error.reason}",))
        return None, layer, _UNSEARCHED
    if not keys:
        return None, _UNSEARCHED, explicit
    detection = found.detection
    details: dict[str, Any] = {"searched": True, "keys": len(keys), **found.details}
    if detection.found and detection.payload is not None:
        details |= {
            "payload": detection.payload.hex(),
            "key": detection.key,
            "log10_p": detection.log10_p,
            "content": detection.content,
        }
        # A hint only: the state stays what the tag makes it.
        hints = (_UNBOUND,) if detection.content == "unbound" else ()
        return detection, Layer("valid", details, hints + found.problems), explicit
    promised = "the C2PA manifest names a watermark that none of the given keys finds"
    problems = (promised,) if declared.manifest.binds_watermark else ()
    return detection, Layer("absent", details, problems), explicit


def _as_pem(trust: str | os.PathLike[str] | bytes | None) -> bytes | None:
    if trust is None or isinstance(trust, bytes):
        return trust
    try:
        with open(trust, "rb") as stream:
            data = stream.read(_MAX_TRUST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SignerError(f"cannot be read: {reason}", path=trust) from error
    if len(data) > _MAX_TRUST_BYTES:
        raise SignerError(f"is larger than {_MAX_TRUST_BYTES >> 20} MiB", path=trust)
    return data
