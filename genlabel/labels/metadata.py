"""Labels in metadata: AIGC and XMP of pictures, sound and films, read and written without loss.

Reading decodes no samples; writing changes no byte but those of the labels.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel._data import AnyData, Data, Scratch
from genlabel._errors import LabelError, UnsupportedError
from genlabel._label import Label
from genlabel._report import Layer, State
from genlabel._sm2_keys import PublicKey
from genlabel.labels import _fields, alternative, iptc, security, xmp
from genlabel.labels import aigc as aigc_labels
from genlabel.labels._placing import with_copy, with_text, without_strays
from genlabel.labels._survey import Survey, is_aigc, survey
from genlabel.labels.containers import files
from genlabel.labels.containers.contents import Edits

_SIX_ONE_C = "GB 45438-2025 6.1 c)"
# A file has one label; this many make the point that it has more.
_MAX_JUDGED = 32
_GUIDES = {
    "image": aigc_labels.PICTURES,
    "audio": aigc_labels.SOUND,
    "video": aigc_labels.VIDEO,
    "text": aigc_labels.TEXT,
    "application": aigc_labels.TEXT,
}
# Where a packet goes that the file does not have yet.
_NEW = -1


@dataclass(frozen=True, slots=True)
class MetadataFinding:
    """What a file's metadata declares.

    Parameters
    ----------
    media_type : str
        MIME type by content.
    label : Label or None
        What AIGC and XMP declare, right or wrong; None where neither declares generated content.
        ``source_type`` is empty where XMP names none.
    aigc : Layer
        ``absent``, ``present`` (readable, departs from the standard), ``valid`` or ``damaged``;
        details ``where``, ``fields`` and ``remarks``, and of signed labels ``signature`` and
        ``signatures``.
    xmp : Layer
        The source type and AI fields; details under their IPTC names, and ``source_type`` as a
        current term of the vocabulary.
    provenance_url : str or None
        Where a remote C2PA manifest lies (dcterms:provenance).
    carrier : bool
        Whether the file has any place for metadata.
    """

    media_type: str
    label: Label | None
    aigc: Layer
    xmp: Layer
    provenance_url: str | None
    carrier: bool = True


def read_metadata(data: Data, *, name: str, pinned: Sequence[PublicKey] = ()) -> MetadataFinding:
    """Read a file's labels in every dialect known, and judge them strictly.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    name : str
        For messages.
    pinned : sequence of PublicKey
        SM2 keys under which a label's signature is authentic.

    Returns
    -------
    MetadataFinding
        Damaged labels are a state of their layer, never taken for absent ones.

    Raises
    ------
    MediaError
        The file is empty, cut short or damaged.
    UnsupportedError
        It is of no kind that this version serves.

    References
    ----------
    GB 45438-2025, 6.1 c) and Annex E; TC260-PG-20259A, 202510A and 20257A; IPTC Photo
    Metadata Standard 2025.1.
    """
    contents = files.read(data, name=name)
    if not contents.carrier:
        nothing = Layer("absent", {"carrier": False})
        return MetadataFinding(contents.media_type, None, nothing, nothing, None, carrier=False)
    found = survey(contents, _guide(contents.media_type))
    fields = (field for _, field in _fields.properties(contents))
    stated = (p for _, packet in found.packets for p in packet.properties)
    origin = iptc.origin(itertools.chain(stated, fields))
    aigc, declared = _aigc_layer(found, pinned)
    layer = origin.layer
    if found.xmp_damage:
        problems = tuple(f"XMP is damaged: {text}" for text in found.xmp_damage)
        layer = Layer("damaged", layer.details, problems + layer.problems)
    label = None
    if declared is not None or origin.generated:
        label = _label(declared, origin)
    return MetadataFinding(contents.media_type, label, aigc, layer, origin.provenance_url)


def write_metadata(
    data: AnyData,
    label: Label,
    *,
    name: str,
    aigc: bool = True,
    xmp: bool = True,
    said: str | None = None,
    scratch: Scratch | None = None,
) -> tuple[AnyData, tuple[str, ...]]:
    """Declare a label in a file's metadata; everything else stays byte for byte.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    label : Label
        What is declared. ``created`` is written as xmp:CreateDate where the file has none.
    name : str
        For messages.
    aigc : bool
        Write the AIGC label, in place of all that are there.
    xmp : bool
        Write the source type and AI fields, in place of those that are there.
    said : str or None
        What a label that was drawn says, for those who do not see it; pictures only.
    scratch : Scratch or None
        Where a new file comes that is too large for memory.

    Returns
    -------
    tuple of (bytes or Mapped, tuple of str)
        The new file, and warnings. Writing the same label again gives the same bytes.

    Raises
    ------
    MediaError
        The file is empty, cut short or damaged.
    UnsupportedError
        It is of no kind that this version serves, or cannot hold the label.
    LabelError
        The label breaks its standard, the file's own XMP is damaged and would be lost, or the
        packet or text does not fit.

    References
    ----------
    GB 45438-2025, 6.1 c) and Annex E; TC260-PG-20259A, 202510A and 20257A; IPTC Photo
    Metadata Standard 2025.1.
    """
    contents = files.read(data, name=name)
    if not contents.carrier:
        raise UnsupportedError(f"{contents.media_type} has no place for metadata", path=name)
    if not aigc and not xmp:
        return data, ()
    # A label read from a file is unchecked; made anew it is checked.
    label = dataclasses.replace(label)
    guide = _guide(contents.media_type)
    found = survey(contents, guide)
    if found.xmp_damage:
        raise LabelError(f"its XMP is damaged and would be lost: {found.xmp_damage[0]}", path=name)
    try:
        if contents.named_fields:
            edits, warnings = _fields.edits(contents, label) if xmp else (Edits(), [])
        else:
            packets, warnings = _packets(found, label, aigc, xmp, guide, said)
            new_packet = packets.pop(_NEW, None)
            edits = Edits(xmp=packets, new_xmp=new_packet)
    except LabelError as error:
        error.path = name
        raise
    if aigc and not guide.in_xmp:
        edits = with_text(edits, found, label)
    if aigc:
        edits, left = with_copy(edits, contents, found, label)
        warnings += left
    if aigc:
        edits, left = without_strays(edits, contents, found)
        warnings += left
    out, more = files.write(data, contents, edits, name=name, scratch=scratch)
    return out, (*warnings, *more)


def _aigc_layer(
    found: Survey, pinned: Sequence[PublicKey]
) -> tuple[Layer, aigc_labels.Declared | None]:
    """Judge all AIGC labels of a file together; the first readable one is the file's."""
    readable: list[aigc_labels.Declared] = []
    problems: list[str] = []
    damaged = False
    for claim in found.claims[:_MAX_JUDGED]:
        try:
            readable.append(aigc_labels.interpret(claim))
        except aigc_labels.DamagedAigc as error:
            problems.append(f"{claim.where}: not readable: {error} [GB 45438-2025 Annex E]")
            damaged = True
    # What a damaged packet said cannot be known: it may have been a label.
    problems += [f"XMP is damaged: {text}" for text in found.xmp_damage]
    damaged = damaged or bool(found.xmp_damage)
    if not found.claims and not damaged:
        return Layer("absent", problems=found.unread), None
    if len(found.claims) > 1:
        same = "all alike" if aigc_labels.agree(readable) else "not alike"
        problems.append(
            f"{len(found.claims)} labels, {same}; a file has exactly one [{_SIX_ONE_C}]"
        )
    details: dict[str, Any] = {"where": [claim.where for claim in found.claims[:_MAX_JUDGED]]}
    if not readable:
        return Layer("damaged", details, tuple(problems)), None
    first = readable[0]
    problems += [text for one in readable for text in one.problems]
    details |= {"fields": dict(first.fields), "remarks": [*first.remarks, *found.unread]}
    signatures = security.judge(first.fields, pinned)
    if signatures:
        details["signature"] = signatures[0].state
        details["signatures"] = [each.to_dict() for each in signatures]
        details["remarks"] += [text for each in signatures for text in each.remarks]
        problems += [text for each in signatures for text in each.problems]
    state: State = "present" if problems else "valid"
    return Layer(state, details, tuple(dict.fromkeys(problems))), first


def _label(declared: aigc_labels.Declared | None, origin: iptc.Origin) -> Label:
    fields: dict[str, Any] = declared.label_fields if declared is not None else {}
    return Label.as_declared(
        **fields,
        source_type=origin.source_type or "",
        system=origin.system,
        system_version=origin.system_version,
        registration=origin.registration,
        prompt=origin.prompt,
        prompt_writer=origin.prompt_writer,
        created=origin.created,
    )


def _packets(
    found: Survey,
    label: Label,
    aigc: bool,
    with_xmp: bool,
    guide: aigc_labels.Guide,
    said: str | None,
) -> tuple[dict[int, bytes], list[str]]:
    """Edit every packet; the label goes into the first. A new one has the key `_NEW`."""

    def removes(old: xmp.Property) -> bool:
        """Tell whether a property gives way to the new label."""
        if said is not None and alternative.is_ours(said, old):
            return True
        return (aigc and is_aigc(old)) or (with_xmp and iptc.replaces(label, old))

    in_xmp = aigc and guide.in_xmp
    packets = dict(found.packets)
    if not packets and (in_xmp or with_xmp):
        packets[_NEW] = xmp.parse(xmp.TEMPLATE)
    there = [old for packet in packets.values() for old in packet.properties]
    adds: list[str] = []
    namespaces: dict[str, str] = {}
    warnings: list[str] = []
    if in_xmp:
        text = aigc_labels.compose(label)
        adds.append(xmp.element(f"{aigc_labels.PREFIX}:{aigc_labels.PROPERTY}", text))
        namespaces[aigc_labels.PREFIX] = aigc_labels.NAMESPACE
    if with_xmp:
        more, warnings = iptc.elements(label, [old for old in there if not removes(old)])
        warnings += _lost(there, label)
        adds += more
        namespaces |= iptc.NAMESPACES
    if said is not None and (adds or packets):
        more, unsaid = alternative.elements(said, [old for old in there if not removes(old)])
        warnings += unsaid
        adds += more
        namespaces |= alternative.NAMESPACES
    first = min(packets, default=_NEW)
    edited = {
        index: packet.edited(removes, adds, namespaces)
        if index == first
        else packet.edited(removes)
        for index, packet in packets.items()
    }
    return edited, warnings


def _guide(media_type: str) -> aigc_labels.Guide:
    return _GUIDES[media_type.partition("/")[0]]


def _lost(there: Iterable[xmp.Property], label: Label) -> list[str]:
    """Name what the file said of another generator, where the label names none."""
    ours = {"AISystemUsed": label.system, "AISystemVersionUsed": label.system_version}
    return [
        f"{old.name} {old.value!r} of the source was removed: the label does not name one"
        for old in there
        if old.uri == iptc.EXTENSION and old.name in ours and ours[old.name] is None
    ]
