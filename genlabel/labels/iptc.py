"""What XMP says about an artificial origin: IPTC's source type and AI fields, and when.

References
----------
IPTC Photo Metadata Standard 2025.1, Extension schema (Digital Source Type, AI System Used, AI
System Version Used, AI Prompt Information, AI Prompt Writer Name, Registry Entry) and its NewsCodes
vocabulary Digital Source Type; ISO 16684-1, 8.4 (xmp:CreateDate); DCMI Terms (provenance), where
C2PA puts a remote manifest's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from genlabel._errors import LabelError
from genlabel._label import SOURCE_TYPES, Label
from genlabel._message import Message, Option
from genlabel._report import Layer
from genlabel.labels.xmp import Property, element

EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP_BASIC = "http://ns.adobe.com/xap/1.0/"
NAMESPACES = {"Iptc4xmpExt": EXTENSION, "xmp": XMP_BASIC}
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: Terms that declare content made, at least in part, by a trained model.
GENERATED_TERMS = frozenset(
    ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
)
#: Terms of the vocabulary that C2PA does not take over.
_FURTHER_TERMS = ("negativeFilm", "positiveFilm", "print")
#: Terms no longer in the vocabulary, and what says the same today.
RETIRED_TERMS = {
    "minorHumanEdits": "humanEdits",
    "digitalArt": "digitalCreation",
    "softwareImage": "digitalCreation",
}
_TERMS = {term.lower(): term for term in (*SOURCE_TYPES, *_FURTHER_TERMS, *RETIRED_TERMS)}
_ADDRESS = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/digitalsourcetype/)?(\w{1,64})/?")
# The standard has no field for a model's filing number; a registry entry with this role is ours.
_REGISTRY = "RegistryId"
_FILING_ROLE = "generative model filing"
_DIRECT = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")
#: Fields that stay as they are in a file unless a label has others, and their names in `Label`.
PROMPTS = {"AIPromptInformation": "prompt", "AIPromptWriterName": "prompt_writer"}
# What XML 1.0 cannot carry, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE_CHARACTERS = 40
_CLAUSE = "[IPTC Photo Metadata Standard 2025.1]"


@dataclass(frozen=True, slots=True)
class Origin:
    """What XMP says; None where it says nothing.

    Parameters
    ----------
    source_type : str or None
        A current term of the vocabulary.
    system, system_version : str or None
        The generator.
    registration : str or None
        The model's filing number.
    prompt, prompt_writer : str or None
        What the generator was asked for, and by whom.
    created : datetime or None
        When the content was made.
    provenance_url : str or None
        Where a remote C2PA manifest lies.
    layer : Layer
        The layer's state, facts and problems.
    """

    source_type: str | None
    system: str | None
    system_version: str | None
    registration: str | None
    prompt: str | None
    prompt_writer: str | None
    created: datetime | None
    provenance_url: str | None
    layer: Layer

    @property
    def generated(self) -> bool:
        """Whether it declares content made, at least in part, by a trained model."""
        if self.source_type is None:
            return self.system is not None
        return self.source_type in GENERATED_TERMS


def origin(properties: Iterable[Property]) -> Origin:
    """Read what XMP says about an artificial origin.

    Parameters
    ----------
    properties : iterable of Property
        All packets' top-level properties.
    """
    extension: dict[str, list[str]] = {}
    created = provenance_url = registration = None
    for found in properties:
        if found.uri == EXTENSION and found.name in (*_DIRECT, *PROMPTS):
            extension.setdefault(found.name, []).append(found.value)
        elif _is_filing(found):
            registration = registration or dict(found.leaves).get("RegItemId")
        elif (found.uri, found.name) == (XMP_BASIC, "CreateDate"):
            created = created or _instant(found.value)
        elif (found.uri, found.name) == ("http://purl.org/dc/terms/", "provenance"):
            provenance_url = provenance_url or found.value or None
    problems = [
        f"{name} is there {len(values)} times {_CLAUSE}"
        for name, values in extension.items()
        if len(values) > 1
    ]
    first = {name: next(filter(None, values), None) for name, values in extension.items()}
    raw = first.get("DigitalSourceType")
    term, departures = _term(raw) if raw is not None else (None, [])
    details = {name: value for name, value in first.items() if value is not None}
    if term is not None:
        details["source_type"] = term
    if registration is not None:
        details["registration"] = registration
    problems += departures
    absent = not extension and registration is None
    layer = Layer("absent" if absent else "present" if problems else "valid", details, (*problems,))
    return Origin(
        source_type=term,
        system=first.get("AISystemUsed"),
        system_version=first.get("AISystemVersionUsed"),
        registration=registration,
        prompt=first.get("AIPromptInformation"),
        prompt_writer=first.get("AIPromptWriterName"),
        created=created,
        provenance_url=provenance_url,
        layer=layer,
    )


def replaces(label: Label, found: Property) -> bool:
    """Tell whether writing a label replaces a property.

    Parameters
    ----------
    label : Label
        What will be declared.
    found : Property
        What is there. The source type and AI fields always go, since they would speak of another
        origin; another's registry entries, prompts and an older xmp:CreateDate stay.
    """
    if found.uri == EXTENSION and found.name in PROMPTS:
        return getattr(label, PROMPTS[found.name]) is not None
    if found.uri == EXTENSION:
        return found.name in _DIRECT or _is_filing(found)
    if (found.uri, found.name) == (XMP_BASIC, "CreateDate"):
        return label.created is not None and found.value == label.created.isoformat()
    return False


def field(prefix: str, name: str, text: str) -> Property:
    """Give what a document's field says as the property it stands for.

    Parameters
    ----------
    prefix, name : str
        Of `NAMESPACES`, and the property's own.
    text : str
        The field's.
    """
    filing = (("RegItemId", text), ("RegEntryRole", _FILING_ROLE)) if name == _REGISTRY else ()
    return Property(NAMESPACES[prefix], name, text, filing, (0, 0))


def values(label: Label, kept: Iterable[Property]) -> tuple[dict[str, str], list[str]]:
    """Give what a label says of the origin.

    Parameters
    ----------
    label : Label
        What is declared.
    kept : iterable of Property
        What stays in the file.

    Returns
    -------
    tuple of (dict, list of str)
        Texts by qualified name, in the prefixes of `NAMESPACES`, and warnings.

    Raises
    ------
    LabelError
        A text is empty, begins or ends with white space, or holds what XML cannot carry.
    """
    there = {(found.uri, found.name): found.value for found in kept}
    texts = {
        "DigitalSourceType": VOCABULARY + label.source_type,
        "AISystemUsed": _text(label.system, "system"),
        "AISystemVersionUsed": _text(label.system_version, "system_version"),
        "AIPromptInformation": _text(label.prompt, "prompt"),
        "AIPromptWriterName": _text(label.prompt_writer, "prompt_writer"),
    }
    out = {f"Iptc4xmpExt:{name}": text for name, text in texts.items() if text}
    warnings = []
    registration = _text(label.registration, "registration")
    if registration and (EXTENSION, _REGISTRY) in there:
        warnings.append("registration is not in XMP: the file's own registry entries were kept")
    elif registration:
        out[f"Iptc4xmpExt:{_REGISTRY}"] = registration
    if (XMP_BASIC, "CreateDate") in there and label.created is not None:
        date = there[XMP_BASIC, "CreateDate"]
        if _instant(date) != label.created:
            shown = date[:_DATE_CHARACTERS]
            warnings.append(f"created is not in XMP: the file's own xmp:CreateDate stays: {shown}")
    elif label.created is not None:
        out["xmp:CreateDate"] = label.created.isoformat()
    return out, warnings


def elements(label: Label, kept: Iterable[Property]) -> tuple[list[str], list[str]]:
    """Write what a label says of the origin as XMP.

    Parameters
    ----------
    label : Label
        What is declared.
    kept : iterable of Property
        What stays in the packet.

    Returns
    -------
    tuple of (list of str, list of str)
        Elements in the prefixes of `NAMESPACES`, and warnings.

    Raises
    ------
    LabelError
        As `values` does.
    """
    texts, warnings = values(label, kept)
    return [_element(name, text) for name, text in texts.items()], warnings


def _element(name: str, text: str) -> str:
    if not name.endswith(_REGISTRY):
        return element(name, text)
    item = element("Iptc4xmpExt:RegItemId", text)
    role = element("Iptc4xmpExt:RegEntryRole", _FILING_ROLE)
    entry = f'<rdf:li rdf:parseType="Resource">{item}{role}</rdf:li>'
    return f"<{name}><rdf:Bag>{entry}</rdf:Bag></{name}>"


def _is_filing(found: Property) -> bool:
    if found.uri != EXTENSION or found.name != _REGISTRY:
        return False
    roles = [value for name, value in found.leaves if name == "RegEntryRole"]
    items = [value for name, value in found.leaves if name == "RegItemId"]
    return roles == [_FILING_ROLE] and len(items) == 1


def _term(raw: str) -> tuple[str | None, list[str]]:
    """Read a source type leniently; list what a strict reader would not accept."""
    match = _ADDRESS.fullmatch(raw.strip())
    term = _TERMS.get(match[1].lower()) if match else None
    if term is None:
        return None, [f"DigitalSourceType {raw[:200]!r} is not in the vocabulary {_CLAUSE}"]
    problems = []
    if raw != VOCABULARY + term:
        problems.append(
            f"DigitalSourceType is {raw[:200]!r}, the vocabulary's address is "
            f"{VOCABULARY + term!r} {_CLAUSE}"
        )
    if term in RETIRED_TERMS:
        problems.append(
            f"DigitalSourceType {term!r} is retired, {RETIRED_TERMS[term]!r} takes its place "
            f"{_CLAUSE}"
        )
    return RETIRED_TERMS.get(term, term), problems


def _instant(text: str) -> datetime | None:
    # A year or a month alone is allowed there, but is no instant.
    try:
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None


def _text(text: str | None, name: str) -> str:
    if text is None:
        return ""
    bad, option = _NOT_XML.search(text), Option(f"Label.{name}")
    if bad is not None:
        raise LabelError(
            Message(option, f" holds {bad.group()!r}, which XML cannot carry"), field=name
        )
    if not text or text != text.strip():
        # Readers take white space around a value for indentation.
        raise LabelError(
            Message(option, " is empty, or begins or ends with white space"), field=name
        )
    return text
