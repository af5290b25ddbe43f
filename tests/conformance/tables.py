"""Tables of what genlabel says of other people's files: ``python -m tests.conformance.tables``."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

import genlabel
from tests.conformance.corpus import CASES

ROOT = Path(__file__).resolve().parents[2]
MEDIA = Path(os.environ.get("GENLABEL_TEST_DATA", ROOT.parent / "shared" / "data"))
DOCUMENT = ROOT / "docs" / "conformance.md"

_VERDICTS = {
    "valid": "compliant",
    "present": "noncompliant",
    "damaged": "inconclusive",
    "absent": "not_found",
}
#: Where we differ, and by which paragraph of the document.
REASONS = {
    "png-label-valid.png": "place",
    "png-crc-corrupt.png": "checksum",
    "png-text-wrapped.png": "place",
    "png-ztxt-aigc.png": "place",
    "jpeg-xmp-valid.jpg": "property",
    "mp4-udta-aigc.mp4": "place",
    "mp4-uuid-xmp.mp4": "property",
    "webp-xmp.webp": "property",
    "tiff-xmp.tiff": "property",
    "gif-xmp.gif": "property",
    "ooxml-custom-aigc-streaming.docx": "whole",
    "md-front-matter.md": "keys",
}
#: What wrote it, and where it lies among the test data.
FILES = {
    "Doubao": "images/doubao_gray_1x1_1.png",
    "Jimeng": "images/jimeng_cap_A.png",
    "OpenAI ChatGPT": "images/ChatGPT_Image_May_31__2026__02_02_23_PM.png",
    "Adobe Firefly": "images/Firefly_tabby_cat.jpg",
    "Adobe Firefly (PNG)": "images/firefly-1.png",
    "Black Forest Labs, FLUX": "images/flux-1.png",
    "Midjourney": "images/mj-1.png",
    "Samsung Galaxy S25": "images/samsung_gray_1.png",
    "Truepic camera": "images/truepic-20230212-camera.jpg",
    "Adobe Lightroom, manifest elsewhere": "images/crater-lake-cr.jpg",
    "Adobe's cloud, manifest elsewhere": "images/cloud.jpg",
    "C2PA test file, created": "images/adobe-20220124-C.jpg",
    "C2PA test file, with an ingredient": "images/adobe-20220124-CA.jpg",
    "C2PA test file with CAWG identity": "images/C_with_CAWG_data.jpg",
    "C2PA test file, nested": "images/adobe-20220124-CAICA.jpg",
    "C2PA test file, bad signature": "images/adobe-20220124-E-sig-CA.jpg",
    "C2PA test file, other pixels": "images/adobe-20220124-XCA.jpg",
    "TrustMark with a manifest": "images/trustmark_example_wm_signed.jpg",
    "FLUX.1-schnell, no label": "images/schnell_grid.jpg",
    "C2PA-signed music": "audio/sample1_signed.wav",
}


@dataclass(frozen=True)
class Outcome:
    """What genlabel says of the published bytes, and of the same label in a whole file."""

    bare: str
    whole: str

    def differs(self, verdict: str) -> bool:
        return self.whole.replace("refused", "inconclusive") != verdict


def judged(data: bytes, name: str) -> str:
    """Give genlabel's outcome in the other verifier's words; "refused" where the file is broken."""
    source = io.BytesIO(data)
    source.name = name
    try:
        # What people read in a text is found by looking into it.
        report = genlabel.verify(source, samples=name.endswith(".txt"))
    except genlabel.GenlabelError:
        return "refused"
    if report.layers["visible"].state == "present":
        return "compliant"
    return _VERDICTS[report.layers["aigc"].state]


def outcome(name: str) -> Outcome:
    """Judge one case."""
    case = CASES[name]
    bare = judged(case.bare(), name)
    return Outcome(bare, bare if case.whole is None else judged(case.whole(), name))


def corpus_table() -> str:
    """Give the table of all cases."""
    lines = [
        "| case | AigcTotal | genlabel | as published | why |",
        "|---|---|---|---|---|",
    ]
    for name, case in CASES.items():
        row = outcome(name)
        cells = (f"`{name}`", case.verdict, row.whole, row.bare, REASONS.get(name, ""))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def files_table() -> str:
    """Give the table of what generators and cameras wrote; none where files are missing."""
    lines = [
        "| made by | file | verdict | aigc | xmp | c2pa | who says so | departures |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for maker, name in FILES.items():
        path = MEDIA / name
        if not path.is_file():
            return ""
        report = genlabel.verify(path, samples=False)
        layers = [report.layers[layer] for layer in ("aigc", "xmp", "c2pa")]
        cells = (
            maker,
            f"`{path.name}`",
            report.verdict,
            *(layer.state.replace("absent", "") for layer in layers),
            _author(report),
            "; ".join(problem for layer in layers for problem in layer.problems),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _author(report: genlabel.Report) -> str:
    """Name the producer of the label or the signer of the manifest, and the source type."""
    fields = report.layers["aigc"].details.get("fields", {})
    signed = report.layers["c2pa"].details
    said = (
        fields.get("ContentProducer"),
        signed.get("issuer"),
        report.layers["xmp"].details.get("source_type") or signed.get("source_type"),
    )
    return ", ".join(filter(None, said))


def replaced(text: str, title: str, table: str) -> str:
    """Put a table in the place of the first one under a heading."""
    pattern = re.compile(rf"(?<=\n## {re.escape(title)}\n)(.*?\n)(\|.*?\n)(?!\|)", re.DOTALL)
    return pattern.sub(lambda match: match[1] + table, text, count=1)


def main() -> None:
    """Write the tables anew."""
    text = DOCUMENT.read_text()
    text = replaced(text, "AigcTotal's corpus", corpus_table())
    DOCUMENT.write_text(replaced(text, "Real files", files_table()))


if __name__ == "__main__":
    main()
