"""What is checked before a file is written: every layer reads back; what a regime still misses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from genlabel._errors import CapacityError, MediaError
from genlabel._key import Key
from genlabel._label import Label
from genlabel._message import Message, Option
from genlabel._open_samples import open_samples
from genlabel._samples import Coding, Samples
from genlabel._work import Work
from genlabel.labels.containers.documents.types import is_document

if TYPE_CHECKING:
    from genlabel.profiles import Profile
    from genlabel.text._label import Notice

_NOT_WRITTEN = {
    "visible": Message(
        "a label people can see, for which none was chosen (", Option("visible", "auto"), ")"
    ),
    "c2pa": Message(
        "a signed C2PA manifest, for which no signer was given (", Option("signer"), ")"
    ),
    "watermark": "a watermark, which writing metadata alone does not give",
}
_NO_PLACE = (
    "a signed C2PA manifest, for which such files have no place: with a signer and a path, "
    "one is put beside the file"
)
_TAKEN_AWAY = Message(
    "encoding took it away; raise ",
    *(Option("strength"), ", ", Option("quality"), " or ", Option("bitrate")),
)
# Usual films have 38 to 48 dB: below this, people see it.
_COARSE = 34.0
_LOSSLESS_SOUNDS = ("audio/wav", "audio/flac")
_ANOTHER = "an older mark of this key is read instead; mark what was not marked before"
_NOT_HEARD = Message(
    "a label people can hear, for which none was chosen (",
    *(Option("visible", "auto"), ", or a spoken one)"),
)
_OF_DOCUMENTS = {
    "visible": Message(
        "a label people read, which was not put in (", Option("visible", "auto"), ")"
    ),
    "watermark": "a watermark, which texts and documents do not get in this version",
}
_AIGC_FIELDS = (
    "status",
    "producer",
    "produce_id",
    "propagator",
    "propagate_id",
    "reserved1",
    "reserved2",
)
_XMP_FACTS = {
    "source_type": "source_type",
    "system": "AISystemUsed",
    "system_version": "AISystemVersionUsed",
}


def check_labels(work: Work) -> None:
    """Read back every label from the bytes that are about to be written.

    Raises
    ------
    MediaError
        A layer does not read back as it was written.
    """
    from genlabel.labels import c2pa, iptc, metadata

    found = metadata.read_metadata(work.data, name=work.source.name)
    if "aigc" in work.layers:
        _require(found.aigc.state == "valid", "aigc", found.aigc.problems)
        _require(_same(found.label, work.label, _AIGC_FIELDS), "aigc")
    if "xmp" in work.layers:
        _require(found.xmp.state in ("present", "valid"), "xmp", found.xmp.problems)
        # Not through the label: there is none where what is declared was not generated.
        said = {name: found.xmp.details.get(fact) for name, fact in _XMP_FACTS.items()}
        meant = {name: getattr(work.label, name) or None for name in _XMP_FACTS}
        # Prompts of the file's own stay where the label has none.
        for fact, name in iptc.PROMPTS.items():
            if getattr(work.label, name) is not None:
                said[name], meant[name] = found.xmp.details.get(fact), getattr(work.label, name)
        _require(said == meant, "xmp")
    if "c2pa" in work.layers:
        manifest = c2pa.read_manifest(
            work.data, work.before.media_type, name=work.source.name, sidecar=work.sidecar
        )
        state = manifest.layer.state
        _require(state in ("valid", "trusted"), "c2pa", manifest.layer.problems)


def check_samples(work: Work, key: Key, coding: Coding, before: Samples) -> dict[str, float]:
    """Decode what is about to be written and look for the watermark and an audible label.

    Returns
    -------
    dict
        How near it is to the source, by measures of `Receipt`.

    Raises
    ------
    CapacityError
        A sound that loses nothing by its coding does not give the payload.
    MediaError
        The exact payload or the label is not found.
    """
    after = open_samples(work.data, work.before.media_type, work.scratch, name=work.source.name)
    detection = after.search([key], "normal").detection
    read = detection.found and detection.payload == work.label.mark_id
    another = detection.found and not read
    if not detection.found and work.before.media_type in _LOSSLESS_SOUNDS:
        raise CapacityError(
            "the watermark cannot be read back: the sound is too short or too steady for it",
            required="a longer or a livelier sound, or a higher strength",
        )
    _require(read, "watermark", (_ANOTHER if another else _TAKEN_AWAY,))
    if coding.audible is not None and coding.audible.searchable and _is_looked_for(work, coding):
        told = after.explicit().details
        heard = "heard" in told or told.get("kind") in ("rhythm", "clip")
        _require(heard, "visible", ("the label is not heard",))
    work.warnings += after.unread(before, key, work.label.mark_id)
    fidelity = after.fidelity(before)
    if _is_film(work) and fidelity.get("psnr", _COARSE) < _COARSE:
        lost = f"the picture lost much in being encoded (PSNR {fidelity['psnr']:.1f} dB): set "
        work.warnings.append(
            Message(lost, Option("Encoding.crf"), " or ", Option("Encoding.bitrate"))
        )
    return fidelity


def _is_looked_for(work: Work, coding: Coding) -> bool:
    """Tell whether a label is heard where it is looked for: of films that is not everywhere."""
    film = _is_film(work)
    laid = not film or bool(work.visible and work.visible.get("heard", work.visible)["spans"])
    return laid and (not film or bool(coding.audible and coding.audible.at))


def _is_film(work: Work) -> bool:
    return work.before.media_type.startswith("video/")


def check_notice(work: Work, notice: Notice | None) -> None:
    """Look for the label that people read in what is about to be written.

    Raises
    ------
    MediaError
        It is not found.
    """
    from genlabel.text._file import has_notice

    if notice is not None:
        data, media_type = bytes(work.data), work.before.media_type
        held = has_notice(data, media_type, notice, name=work.source.name)
        _require(held, "visible", ("the words are not found",))


def unmet(work: Work, profiles: Iterable[Profile], *, opted_out: Iterable[str] = ()) -> list[str]:
    """Say what the profiles require of every file and this file does not have.

    Parameters
    ----------
    work : Work
        After its last step.
    profiles : iterable of Profile
        The regimes it was labelled for.
    opted_out : iterable of str
        Layers the caller has refused.
    """
    left_out = set(opted_out)
    warnings: list[str] = []
    for profile in profiles:
        required = [r for r in profile.requirements if r.force == "required"]
        asked = {r.layer for r in required} & set(profile.layers)
        for layer in (name for name in _NOT_WRITTEN if name in asked):
            if layer not in left_out and (layer not in work.layers or _only_heard(work, layer)):
                missing = _missing(layer, work)
                warnings.append(Message(f"profile {profile.name} asks for ", missing))
        fields = sorted({name for r in required for name in r.fields if not _set(work.label, name)})
        if fields:
            names = (part for name in fields for part in (", ", Option(f"Label.{name}")))
            head = f"profile {profile.name} asks for fields the label lacks: "
            warnings.append(Message(head, *list(names)[1:]))
    return warnings


def _only_heard(work: Work, layer: str) -> bool:
    """Tell a film with a label that is heard and none that is seen, as is asked of films."""
    film = work.before.media_type.startswith("video/")
    return film and layer == "visible" and work.visible is not None and "kind" in work.visible


def _missing(layer: str, work: Work) -> str:
    from genlabel.labels import c2pa

    media_type = work.before.media_type
    if layer == "c2pa" and c2pa.no_carrier(work.data, media_type) is not None:
        return _NO_PLACE
    if is_document(media_type):
        return _OF_DOCUMENTS.get(layer, _NOT_WRITTEN[layer])
    heard = layer == "visible" and media_type.startswith("audio/")
    return _NOT_HEARD if heard else _NOT_WRITTEN[layer]


def _same(found: Label | None, written: Label, fields: tuple[str, ...]) -> bool:
    return all(getattr(found, name, None) == getattr(written, name) for name in fields)


def _set(label: Label, name: str) -> bool:
    return getattr(label, name) not in (None, "")


def _require(held: bool, layer: str, problems: Iterable[str] = ()) -> None:
    if not held:
        reasons = (part for problem in problems for part in ("; ", problem))
        head = f"was not written: the {layer} layer did not read back"
        raise MediaError(Message(head, *(": ", *list(reasons)[1:]) if problems else ()))
