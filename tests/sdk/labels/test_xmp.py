"""XMP packets: read within limits, and edited with nothing else touched."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel.labels import xmp
from tests.sdk.labels.samples import TC260, aigc_element, rdf

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
ADDED = xmp.element("TC260:AIGC", '{"a":"<&>"}')
NAMESPACES = {"TC260": TC260}

XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20
)
NAMES = st.sampled_from(["dc:title", "dc:rights", "my:AIGC", "my:note", "TC260:AIGC"])
PREFIXES = 'xmlns:dc="urn:dc" xmlns:my="urn:my" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'


def ours(found: xmp.Property) -> bool:
    return (found.uri, found.name) == (TC260, "AIGC")


def edit(packet: bytes) -> bytes:
    return xmp.parse(packet).edited(ours, [ADDED], NAMESPACES)


def said(packet: bytes) -> list[tuple[str, str, str]]:
    return [(each.uri, each.name, each.value) for each in xmp.parse(packet).properties]


@st.composite
def nodes(draw: st.DrawFn) -> str:
    """An rdf:Description with attributes, plain elements and lists, spaced at will."""
    space = draw(st.sampled_from(["", " ", "\n  "]))
    quote = draw(st.sampled_from([{}, {"'": "&apos;"}]))
    attributes = draw(st.dictionaries(NAMES, XML_TEXT, max_size=3))
    start = "".join(f" {space}{name}={quoteattr(text)}" for name, text in attributes.items())
    body = []
    for name, text in draw(st.lists(st.tuples(NAMES, XML_TEXT), max_size=4)):
        if draw(st.booleans()):
            text = f"<rdf:Alt><rdf:li>{escape(text, quote)}</rdf:li></rdf:Alt>"
        else:
            text = escape(text, quote)
        body.append(f"{space}<{name}>{text}</{name}>")
    if not body and draw(st.booleans()):
        return f"{space}<rdf:Description {PREFIXES}{start}/>"
    inner = "".join(body)
    return f'{space}<rdf:Description {PREFIXES}{start} rdf:about="">{inner}</rdf:Description>'


@pytest.mark.parametrize("space", ["", " "])
def test_text_behind_a_tag_is_none_of_its_attributes(space: str) -> None:
    text = f'<rdf:RDF xmlns:rdf="{RDF[1:-1]}" xmlns:TC260="{TC260}">'
    text += f'<rdf:Description TC260:AIGC="1"{space}/><TC260:Node>x="y"</TC260:Node></rdf:RDF>'
    assert said(text.encode()) == [(TC260, "AIGC", "1")]
    assert edit(text.encode()).count(b'<TC260:Node>x="y"</TC260:Node>') == 1


@given(st.lists(nodes(), max_size=4), st.integers(0, 400), st.booleans())
def test_edits_keep_everything_else(parts: list[str], padding: int, wrapped: bool) -> None:
    packet = rdf("".join(parts))
    if wrapped:
        packet = b'<?xpacket begin="" id="x"?>' + packet + b" " * padding + b'<?xpacket end="w"?>'
    out = edit(packet)
    kept = [each for each in said(packet) if each[:2] != (TC260, "AIGC")]
    assert said(out) == [*kept, (TC260, "AIGC", '{"a":"<&>"}')]
    assert edit(out) == out
    assert ElementTree.fromstring(out).find(f"{RDF}RDF") is not None
    # Padding is what the packet grows by, as far as there is any.
    if wrapped and len(out) > len(packet):
        assert b" <?xpacket end" not in out


def test_foreign_bytes_stay() -> None:
    foreign = (
        b"<!-- note --> <rdf:Description  rdf:about='uuid:1' xmlns:z=\"urn:z\" "
        b"z:b='2'\tz:a=\"1\">\n"
        b'  <z:list><rdf:Bag><rdf:li xml:lang="x">1</rdf:li></rdf:Bag></z:list>\n'
        b"  <z:text><![CDATA[a<b]]></z:text>\n</rdf:Description>\n"
    )
    out = edit(rdf("ROOM").replace(b"ROOM", foreign))
    assert foreign in out
    assert b'<rdf:Description rdf:about="uuid:1" xmlns:TC260=' in out


@pytest.mark.parametrize(
    "packet",
    [
        rdf("").replace(b"></rdf:RDF>", b" />"),
        rdf("").replace(b"rdf:", b"r:").replace(b"xmlns:rdf", b"xmlns:r"),
        rdf("")[len('<x:xmpmeta xmlns:x="adobe:ns:meta/">') : -len("</x:xmpmeta>")],
        b"\xef\xbb\xbf" + rdf(""),
        b" \n" + b'<?xml version="1.0" encoding="UTF-8"?>' + rdf("") + b"\0\0",
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"??>' + rdf("") + b'<?xpacket end="w"?>',
        b"",
        b"   \0",
    ],
)
def test_unusual_packets(packet: bytes) -> None:
    out = edit(packet)
    assert said(out) == [(TC260, "AIGC", '{"a":"<&>"}')]
    assert edit(out) == out


def test_a_description_left_empty_goes() -> None:
    assert edit(aigc_element("{}")).count(b"<rdf:Description") == 1
    foreign = rdf('<rdf:Description xmlns:z="urn:z"/>')
    assert edit(foreign).count(b"<rdf:Description") == 2


def test_values_in_every_form() -> None:
    packet = rdf(
        '<rdf:Description xmlns:z="urn:z" z:one="1"><z:two>2</z:two>'
        '<z:three rdf:resource="3"/><z:four><rdf:Seq><rdf:li>4</rdf:li><rdf:li>5</rdf:li></rdf:Seq>'
        '</z:four><z:five rdf:parseType="Resource"><z:x>6</z:x></z:five>'
        '<z:six><rdf:Description rdf:value="7"/></z:six>'
        "<z:seven><rdf:Description><rdf:value>8</rdf:value></rdf:Description></z:seven>"
        "</rdf:Description>"
    )
    found = xmp.parse(packet).properties
    assert [each.value for each in found] == ["1", "2", "3", "4", "", "", "8"]
    assert found[4].leaves == (("x", "6"),)


DEEP = "<z:a>" * 100
BOMB = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (rdf("")[:-5], "not well-formed"),
        (rdf("<undeclared:a/>"), "not well-formed"),
        (rdf("").replace(b"x:xmpmeta", b"\xff:xmpmeta"), "not well-formed"),
        (BOMB + rdf("&b;"), "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + rdf(""), "document type"),
        (rdf(f'<rdf:Description xmlns:z="urn:z">{DEEP}'), "nested more than"),
        (rdf("<a/>" * (xmp.MAX_XMP_BYTES // 40)), "elements"),
        (b" " * (xmp.MAX_XMP_BYTES + 1), "larger than"),
        (b"<x/>", "no rdf:RDF"),
        (b"not xml", "not well-formed"),
    ],
)
def test_damaged_packets(packet: bytes, reason: str) -> None:
    with pytest.raises(xmp.DamagedXmp, match=reason):
        xmp.parse(packet)
