"""Notices and badges for a provider's own pages."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from genlabel import MediaError, profiles
from genlabel.text import find

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", profiles.names())
def test_every_language_has_its_text_and_badge(name: str) -> None:
    profile = profiles.load(name)
    made = profiles.assets(profile)
    record = json.loads(made["notices.json"])
    assert (record["schema"], record["notices"]) == ("genlabel.notices/1", dict(profile.notices))
    page = made["notices.html"].decode()
    assert [trace.text for trace in find(page, "html")] == list(profile.notices.values())
    for tag, text in profile.notices.items():
        assert f'lang="{tag}"' in page
        badge = ElementTree.fromstring(made[f"badge-{tag}.svg"])
        assert (badge.get("role"), badge.get("aria-label"), badge.get("lang")) == ("img", text, tag)
        assert [badge.findtext(f"{SVG}{part}") for part in ("title", "text")] == [text, text]
    readme = made["README.md"].decode()
    for item in profile.requirements:
        assert (item.clause in readme) or item.layer not in ("visible", None)


def test_china_has_the_sentences_of_article_6() -> None:
    record = json.loads(profiles.assets(profiles.load("cn"))["notices.json"])
    chinese = {rung: texts["zh"] for rung, texts in record["article_6"].items()}
    assert chinese == {
        "generated": "内容由AI生成",
        "possible": "可能由AI生成",
        "suspected": "疑似由AI生成",
    }


def test_the_union_has_three_icons_in_four_colours() -> None:
    made = profiles.assets(profiles.load("eu"))
    icons = [name for name in made if name.startswith("icon-")]
    assert len(icons) == 12
    drawn = [ElementTree.fromstring(made[name]) for name in icons]
    words = {" ".join(part.text or "" for part in one.iter(f"{SVG}text")) for one in drawn}
    assert words == {"AI", "AI GENERATED", "AI MODIFIED"}
    assert words == {one.get("aria-label") for one in drawn}
    grounds = {
        (one.get("fill"), one.get("fill-opacity")) for d in drawn for one in d.iter(f"{SVG}rect")
    }
    assert grounds == {("#000", "1"), ("#fff", "1"), ("#000", "0.5"), ("#fff", "0.5")}


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    profile = profiles.load("kr")
    written = profiles.write_assets(profile, tmp_path / "new" / "kr")
    assert sorted(map(Path, written)) == sorted((tmp_path / "new" / "kr").iterdir())
    mine = tmp_path / "mine" / "notices.json"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(MediaError, match="already exists"):
        profiles.write_assets(profile, mine.parent)
    assert [path.name for path in mine.parent.iterdir()] == ["notices.json"]
    assert mine.read_text() == "mine"
    profiles.write_assets(profile, mine.parent, overwrite=True)
    assert mine.read_text() != "mine"
    with pytest.raises(MediaError, match="cannot be"):
        profiles.write_assets(profile, mine)
