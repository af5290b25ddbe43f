"""What a drawn label says, for those who do not see it: alternative text and description in XMP.

References
----------
IPTC Photo Metadata Standard 2025.1, Core schema (Alt Text (Accessibility), Description);
ISO 16684-1, 7.6 (a text in several languages, the usual one first).
"""

from __future__ import annotations

from collections.abc import Iterable

from genlabel.labels.xmp import Property, element

DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
NAMESPACES = {"dc": DUBLIN_CORE, "Iptc4xmpCore": IPTC_CORE}

_FIELDS = {
    (IPTC_CORE, "AltTextAccessibility"): "Iptc4xmpCore:AltTextAccessibility",
    (DUBLIN_CORE, "description"): "dc:description",
}


def is_ours(said: str, found: Property) -> bool:
    """Tell whether a property says just what a label says."""
    return (found.uri, found.name) in _FIELDS and found.leaves == (("li", said),)


def elements(said: str, kept: Iterable[Property]) -> tuple[list[str], list[str]]:
    """Write what a label says where the file does not describe itself.

    Parameters
    ----------
    said : str
        The label's text.
    kept : iterable of Property
        What stays in the packet.

    Returns
    -------
    tuple of (list of str, list of str)
        Elements in the prefixes of `NAMESPACES`, and warnings.
    """
    there = {(found.uri, found.name): found.value for found in kept}
    out, warnings = [], []
    for field, name in _FIELDS.items():
        if field not in there:
            item = element("rdf:li", said).replace("<rdf:li>", '<rdf:li xml:lang="x-default">', 1)
            out.append(f"<{name}><rdf:Alt>{item}</rdf:Alt></{name}>")
        elif said not in there[field]:
            warnings.append(f"its own {field[1]} stays, which does not say {said!r}")
    return out, warnings
