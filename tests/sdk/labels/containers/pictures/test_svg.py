"""RDF in SVG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import GenlabelError, Label, MediaError, UnsupportedError
from genlabel.labels import xmp
from genlabel.labels.containers import files
from genlabel.labels.containers.contents import Edits
from genlabel.labels.containers.pictures import svg
from genlabel.labels.metadata import read_metadata, write_metadata
from tests.sdk.labels.samples import rdf

PACKET = rdf("")
NAMES = 'xmlns="http://www.w3.org/2000/svg"'
RDF_NAME = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
LABEL = Label("acme", produce_id="n1", system="Pinsel é")
# As Inkscape writes it: names are declared by the first element.
INKSCAPE = (
    f"<svg {NAMES} {RDF_NAME} xmlns:cc='http://creativecommons.org/ns#'"
    " xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata id='m'>\n <rdf:RDF>"
    "<cc:Work rdf:about=''><dc:title>Tür</dc:title></cc:Work></rdf:RDF></metadata><g/></svg>"
)


def added(data: str) -> tuple[str, str]:
    """What is before and behind what writing a packet puts in."""
    raw = data.encode()
    found = files.read(raw, name="a.svg")
    out = files.write(raw, found, Edits(new_xmp=PACKET), name="a.svg")[0].decode()
    bare = PACKET[PACKET.index(b"<rdf:RDF") : -len(b"</x:xmpmeta>")]
    before, _, behind = out.partition(bare.decode())
    return before, behind


@pytest.mark.parametrize(
    ("data", "before", "behind"),
    [
        (f"<svg {NAMES}><g/></svg>", f"<svg {NAMES}><metadata>", "</metadata><g/></svg>"),
        (f"<svg {NAMES}/>", f"<svg {NAMES}><metadata>", "</metadata></svg>"),
        (
            f"<svg {NAMES}> <title>t</title><desc/> <g/></svg>",
            f"<svg {NAMES}> <title>t</title><desc/><metadata>",
            "</metadata> <g/></svg>",
        ),
        (
            f"<svg {NAMES}><g/><metadata id='a>b'>x</metadata></svg>",
            f"<svg {NAMES}><g/><metadata id='a>b'>x",
            "</metadata></svg>",
        ),
        (f"<svg {NAMES}><metadata /></svg>", f"<svg {NAMES}><metadata >", "</metadata></svg>"),
        (
            '<s:svg xmlns:s="http://www.w3.org/2000/svg"></s:svg>',
            '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:metadata>',
            "</s:metadata></s:svg>",
        ),
        ("<svg width='3'></svg>", "<svg width='3'><metadata>", "</metadata></svg>"),
    ],
)
def test_a_packet_comes_into_the_metadata(data: str, before: str, behind: str) -> None:
    assert added(data) == (before, behind)


def test_rdf_that_uses_names_of_others_is_edited_in_place() -> None:
    raw = INKSCAPE.encode()
    out, _ = write_metadata(raw, LABEL, name="a.svg")
    found = read_metadata(out, name="a.svg")
    assert (found.aigc.state, found.label is not None) == ("valid", True)
    start = out.index(b"<rdf:Description")
    end = out.index(b"</rdf:Description>") + len(b"</rdf:Description>")
    assert out[:start] + out[end:] == raw
    assert write_metadata(out, LABEL, name="a.svg")[0] == out


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "utf-16", "Windows-1252"])
def test_other_encodings_get_ascii_or_are_refused(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    out, _ = write_metadata(f"{head}<svg {NAMES}/>".encode(), LABEL, name="a.svg")
    assert out.isascii()
    found = read_metadata(out, name="a.svg")
    assert found.label is not None
    assert found.label.system == LABEL.system
    with pytest.raises(UnsupportedError, match="not in UTF-8"):
        read_metadata(f"{head}<svg {NAMES}>é</svg>".encode("latin-1"), name="a.svg")


def test_document_types_of_svg_are_no_obstacle() -> None:
    doctype = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    out, _ = write_metadata(f"{doctype}<svg {NAMES}>&nbsp;</svg>".encode(), LABEL, name="a")
    assert read_metadata(out, name="a").aigc.state == "valid"


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE svg [<!ENTITY l0 "ha">{laughs}]><svg {NAMES}>&l9;</svg>'
    for work in (read_metadata, lambda data, name: write_metadata(data, LABEL, name=name)):
        with pytest.raises(UnsupportedError, match="declares entities"):
            work(bomb.encode(), name="a.svg")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (f"<svg {NAMES}><g></svg>", "mismatched tag"),
        (f"<svg {NAMES}>", "no element|unclosed|not closed"),
        (f"<svg {NAMES}>" + "<g>" * 2000, "inside each other"),
        ("<svg " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(300)) + "/>", "256 namespaces"),
    ],
)
def test_damage_is_named(data: str, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        read_metadata(data.encode(), name="a.svg")


def test_elements_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "MAX_ELEMENTS", 10)
    with pytest.raises(MediaError, match="more than 10 elements"):
        svg.read(f"<svg {NAMES}>{'<g/>' * 10}</svg>".encode(), name="a")


def test_damaged_rdf_is_damaged_never_absent() -> None:
    body = f"<rdf:RDF {RDF_NAME}><rdf:Description>" + "<a>" * 70 + "</a>" * 70
    data = f"<svg {NAMES}><metadata>{body}</rdf:Description></rdf:RDF></metadata></svg>"
    assert read_metadata(data.encode(), name="a.svg").aigc.state == "damaged"


def test_two_packets_give_one_label() -> None:
    labels = [
        write_metadata(f"<svg {NAMES}/>".encode(), Label(who), name="a.svg")[0].decode()
        for who in ("one", "two")
    ]
    bodies = [text[text.index("<rdf:RDF") : text.index("</metadata>")] for text in labels]
    data = f"<svg {NAMES}><metadata>{''.join(bodies)}</metadata></svg>".encode()
    assert "exactly one" in read_metadata(data, name="a.svg").aigc.problems[0]
    out, _ = write_metadata(data, LABEL, name="a.svg")
    assert read_metadata(out, name="a.svg").aigc.state == "valid"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"<svg>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <html> -->\n<svg:svg ", True),
        (b"<!DOCTYPE svg [\n<!ENTITY a 'b>'>\n]>\n<svg ", True),
        (b"<html><svg>", False),
        (b"<svgx>", False),
        (b"svg", False),
    ],
)
def test_it_is_told_by_its_first_element(head: bytes, expected: bool) -> None:
    assert svg.is_svg(head) is expected


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


@given(st.lists(st.sampled_from(["<g>", "</g>", "<metadata>", "</metadata>", "é", "<!-- -->"])))
def test_whatever_is_read_is_written_and_read(parts: list[str]) -> None:
    data = f"<svg {NAMES}>{''.join(parts)}</svg>".encode()
    try:
        out, _ = write_metadata(data, LABEL, name="a.svg")
    except GenlabelError:
        return
    assert read_metadata(out, name="a.svg").label is not None
    assert write_metadata(out, LABEL, name="a.svg")[0] == out


def test_the_packet_of_the_file_is_plain_xmp() -> None:
    (held,) = files.read(INKSCAPE.encode(), name="a.svg").xmp
    assert [node.kept for node in xmp.parse(held.content()).nodes] == [True]
