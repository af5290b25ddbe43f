"""From layers to a verdict: the ladder of Article 6, and the sentence to show.

References
----------
Measures for Labelling AI-Generated Synthetic Content (2025), Article 6: (1) metadata declares
generated content; (2) no implicit label, but the user declares it; (3) neither, but an explicit
label or other traces are detected. GB 45438-2025 Annex E c): Label 1, 2 and 3 say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genlabel._detection import Detection
from genlabel._report import Layer, Verdict
from genlabel.labels.iptc import GENERATED_TERMS

if TYPE_CHECKING:
    from genlabel._layers import Declared

#: Terms that declare that no trained model made it.
NOT_GENERATED_SOURCES = frozenset(
    ("computationalCapture", "digitalCapture", "screenCapture", "virtualRecording", "humanEdits")
)
# Made by rules, without a trained model: whether that is AI is not for metadata to settle.
_PROCEDURAL = "algorithmicMedia"

_NOTICES: dict[Verdict, dict[str, str]] = {
    "generated": {
        "zh": "内容由AI生成",
        "en": "AI-generated",
        "de": "KI-generiert",
        "fr": "Contenu généré par IA",
        "es": "Contenido generado por IA",
        "ko": "AI 생성 콘텐츠",
    },
    "possible": {
        "zh": "可能由AI生成",
        "en": "Possibly AI-generated",
        "de": "Möglicherweise KI-generiert",
        "fr": "Contenu peut-être généré par IA",
        "es": "Contenido posiblemente generado por IA",
        "ko": "AI로 생성되었을 수 있는 콘텐츠",
    },
    "suspected": {
        "zh": "疑似由AI生成",
        "en": "Suspected to be AI-generated",
        "de": "Vermutlich KI-generiert",
        "fr": "Contenu soupçonné d'être généré par IA",
        "es": "Contenido presuntamente generado por IA",
        "ko": "AI로 생성된 것으로 의심되는 콘텐츠",
    },
    "none": {
        "zh": "未发现标识；这不表示内容并非由AI生成",
        "en": "Nothing found; this does not say that the content was not generated",
        "de": "Nichts gefunden; das heißt nicht, dass der Inhalt nicht generiert wurde",
        "fr": "Rien trouvé ; cela ne signifie pas que le contenu n'a pas été généré",
        "es": "No se encontró nada; eso no significa que el contenido no haya sido generado",
        "ko": "표시를 찾지 못했습니다. 생성된 콘텐츠가 아니라는 뜻은 아닙니다",
    },
}


def verdict(declared: Declared, detection: Detection | None, explicit: Layer) -> Verdict:
    """Find the rung a file stands on.

    Parameters
    ----------
    declared : Declared
        What its metadata and its manifest say.
    detection : Detection or None
        What its samples say; None where they were not searched.
    explicit : Layer
        The label that people see or hear.

    Returns
    -------
    {"generated", "possible", "suspected", "none"}
        Metadata decides first, as Article 6 has it. A watermark, a label that people hear, an
        AIGC label that cannot be read, and a broken manifest that declares generated content are
        traces: they make content suspected.
    """
    metadata, manifest = declared.metadata, declared.manifest
    sources = source_types(declared)
    intact = [
        term
        for name, term in sources.items()
        if name != "c2pa" or manifest.layer.state != "damaged"
    ]
    status = None
    if metadata.label is not None and metadata.aigc.state in ("present", "valid"):
        status = metadata.label.status
    elif metadata.label is not None:
        # XMP may name an AI system without a source type.
        status = "generated"
    if status == "generated" or not GENERATED_TERMS.isdisjoint(intact):
        return "generated"
    if status is not None:
        return status
    if _PROCEDURAL in intact:
        return "possible"
    traces = (
        detection is not None and detection.found,
        explicit.state == "present",
        # A label that cannot be read; a packet that cannot be read need not hold one.
        metadata.aigc.state == "damaged" and bool(metadata.aigc.details.get("where")),
        not GENERATED_TERMS.isdisjoint(sources.values()),
    )
    return "suspected" if any(traces) else "none"


def source_types(declared: Declared) -> dict[str, str]:
    """List the IPTC source type that each layer declares, by the layer's name."""
    found = {
        "xmp": declared.metadata.xmp.details.get("source_type"),
        "c2pa": declared.manifest.layer.details.get("source_type"),
    }
    return {name: term for name, term in found.items() if isinstance(term, str) and term}


def notice(of: Verdict) -> Mapping[str, str]:
    """Give the sentence to show beside the content, by language tag."""
    return dict(_NOTICES[of])
