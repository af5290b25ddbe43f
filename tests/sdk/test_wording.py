"""The words of labels that people read: both elements where China asks, a sentence per language."""

from __future__ import annotations

import pytest

from genlabel import LabelError, profiles
from genlabel._wording import SEPARATOR, check_wording, notices, sentence

CN, EU, KR = profiles.load_all(("cn", "eu", "kr"))


@pytest.mark.parametrize(
    "text",
    ["内容由AI生成", "人工智能合成", "AI生成合成内容", "本音频由 AI 生成", "AI-generated AI生成"],
)
def test_both_elements_are_accepted(text: str) -> None:
    check_wording(text, [CN, EU])


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("AI播客", "a generation element"),
        ("由机器生成", "an AI element"),
        ("SAID生成", "an AI element"),
        ("AI-generated", "a generation element"),
        ("虚拟主播", "an AI element .* and a generation element"),
    ],
)
def test_an_element_that_is_missing_is_named_with_its_clause(text: str, lacking: str) -> None:
    with pytest.raises(LabelError, match=f"{lacking}.*GB 45438-2025 5.2"):
        check_wording(text, [CN], clause="5.2")
    # Other regimes prescribe no elements.
    check_wording(text, [EU, KR])


@pytest.mark.parametrize("text", ["", "  ", "AI\n生成", "AI生成\0", "AI生成" * 200])
def test_a_label_is_one_printable_line(text: str) -> None:
    with pytest.raises(LabelError, match="one line"):
        check_wording(text, [])


def test_each_regime_that_asks_for_a_visible_label_has_its_sentence() -> None:
    assert sentence([CN, EU]) == "内容由AI生成"
    assert sentence([EU]) == "AI-generated"
    assert sentence([CN, KR]) == SEPARATOR.join(("内容由AI生成", "AI 생성 콘텐츠"))


def test_languages_are_chosen_by_tag() -> None:
    assert sentence([EU], ("de", "fr")) == "KI-generiert · Généré par IA"
    # What China reads in another language holds its elements as well.
    check_wording(sentence([CN, EU], ("en",)), [CN])
    assert sentence([EU], ("ja",)) == "AIによる生成"
    with pytest.raises(LabelError, match="no sentence in 'tlh'"):
        sentence([EU], ("tlh",))


def test_every_language_of_the_union_has_a_sentence() -> None:
    union = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
    assert " ".join(sorted(EU.notices)) == union
    assert set(notices()) >= {*EU.notices, "zh", "ko", "hi", "ja"}
    assert notices()["en"] == "AI-generated"


def test_every_sentence_of_china_holds_both_elements() -> None:
    for text in CN.notices.values():
        check_wording(text, [CN])
