"""Labels on slides: text boxes that other programs read, put on once, and nothing else changed."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest

from genlabel import MediaError, UnsupportedError
from genlabel.text import TextLabel
from genlabel.text._slides import find_pptx, insert_pptx
from tests.sdk.labels import papers

DECK = papers.PAPERS["walk.pptx"]
WORDS = 'AI-generated <1> & "2"'
ALL = TextLabel(WORDS, at=("start", "end")).notice(())


def boxes(data: bytes) -> list[list[Any]]:
    deck = pptx.Presentation(io.BytesIO(data))
    return [[one for one in slide.shapes if one.name == "genlabel:notice"] for slide in deck.slides]


def test_boxes_are_what_another_program_reads() -> None:
    out = insert_pptx(DECK, ALL, name="a")
    deck = pptx.Presentation(io.BytesIO(out))
    for slide, (box,) in zip(deck.slides, boxes(out), strict=True):
        assert box.has_text_frame and box.text_frame.text == WORDS
        assert box._element.nvSpPr.cNvPr.get("descr") == WORDS
        numbers = [one.shape_id for one in slide.shapes]
        assert len(set(numbers)) == len(numbers)
        # At the foot, and whole on the slide.
        assert box.left > 0 and box.left + box.width < deck.slide_width
        assert box.top > 0.9 * deck.slide_height
        assert box.top + box.height < deck.slide_height
        size = box.text_frame.paragraphs[0].runs[0].font.size
        assert 0.025 * deck.slide_height < size < 0.035 * deck.slide_height
        assert slide.shapes.title.text in ("A walk", "And far away.")
    # The program writes it out again, and it is found.
    saved = io.BytesIO()
    deck.save(saved)
    found = list(find_pptx(saved.getvalue(), name="a"))
    assert [(one.text, one.place, one.own) for one in found] == [
        (WORDS, "slide 1", True),
        (WORDS, "slide 2", True),
    ]


def test_twice_is_once_and_other_words_take_their_place() -> None:
    out = insert_pptx(DECK, ALL, name="a")
    assert insert_pptx(out, ALL, name="a") == out
    other = insert_pptx(out, TextLabel("AI-made").notice(()), name="a")
    assert [[box.text_frame.text for box in slide] for slide in boxes(other)] == [["AI-made"], []]
    before, after = papers.parts_of(DECK), papers.parts_of(other)
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys() and changed == {"ppt/slides/slide1.xml"}


def test_words_of_others_are_found_but_not_in_a_title() -> None:
    deck = pptx.Presentation(io.BytesIO(DECK))
    deck.slides[0].shapes.title.text = "AI-generated"
    box = deck.slides[1].shapes.add_textbox(0, 0, 900000, 400000)
    box.text_frame.text = "内容由AI生成"
    out = io.BytesIO()
    deck.save(out)
    found = list(find_pptx(out.getvalue(), name="a"))
    assert [(one.text, one.place, one.own) for one in found] == [("内容由AI生成", "slide 2", False)]


def test_decks_that_cannot_be_labelled_are_refused() -> None:
    empty = io.BytesIO()
    pptx.Presentation().save(empty)
    with pytest.raises(UnsupportedError, match="no slide"):
        insert_pptx(empty.getvalue(), ALL, name="a")
    parts = papers.parts_of(DECK)
    for damage in (b"<p:sld", b"", b'<p:sld xmlns:p="x"/>'):
        broken = papers.package({**parts, "ppt/slides/slide1.xml": damage})
        with pytest.raises(MediaError):
            insert_pptx(broken, ALL, name="a")
    del parts["ppt/slides/slide1.xml"]
    with pytest.raises(MediaError, match="not there"):
        list(find_pptx(papers.package(dict(parts)), name="a"))
