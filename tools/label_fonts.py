"""Make the small fonts that visible labels are drawn with, from the whole Noto fonts.

Not part of the package; run it where the characters below change. It needs fonttools, uharfbuzz and
the fonts of Debian's packages fonts-noto-cjk and fonts-noto-core (SIL Open Font License 1.1),
unpacked:

    apt-get download fonts-noto-cjk fonts-noto-core
    for one in *.deb; do dpkg-deb -x "$one" fonts; done
    python tools/label_fonts.py fonts/usr/share/fonts genlabel/visible/fonts
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import uharfbuzz
from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# The 500 or so characters that Chinese text uses most, for names and sentences of one's own.
_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说"
    "产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点"
    "从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原"
    "又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革"
    "位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强"
    "放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交"
    "受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八"
    "离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布"
    "复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照"
    "参红细引听该铁价严"
)
# What labels speak of, in simplified and traditional characters and in Japanese.
_LABELS = (
    "人工智能慧生成合像视频音图画绘创辅助疑似仅供考提注释声明来源模型虚拟主播形配语换脸度翻译核未豆灵梦星"
    "內圖視頻聲產製標識創動畫語體換臉繪變虛擬說經編輯剪輯對話機器學習數據本作品擬真編"
    "请谨慎甄别判断虚构情节演绎广告推荐娱乐版官方账号网站客服助聊天师插海报漫戏角色照修复增强滤镜背景替"
    "换抠字幕旁白朗读播报新闻资讯育医疗律金融您谢欢迎咨询邮箱宝贝爸妈孩春夏秋冬雨雪阳岁忆童旅夜晨梦幻"
    "云智谱混星辰通义千可灵即豆包海螺清言腾讯阿百度抖快手剪映字节跳讯飞文心元商汤秘塔月暗影零昆仑天工"
)
_HANGUL = (
    "인공지능으로생성한된됨물이미지영상음성텍스트콘텐츠딥페크가합편집수정제작입니다사용활은는을를의에서"
    "되었있을추변형도구하여만든들어진및기술표시안내주의본저허위아닌실존인물출처모델시템번역그림사진"
)
_PUNCTUATION = "·—–…‘’“”「」『』、。，：；！？（）《》【】／　・ー※★☆✦"
_LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "ȘșȚț‐‑–—‘’‚“”„†•…‹›€№™→")]
_GREEK = [*map(ord, "΄΅"), *range(0x386, 0x3CF)]
_CYRILLIC = [*range(0x400, 0x460), 0x490, 0x491]
_DEVANAGARI = [0x20, *range(0x900, 0x980), 0x20B9, 0x200C, 0x200D, 0x25CC]
_KANA = [*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)]

# The words of the profiles' sentences whose letters change shape by their neighbours: each becomes
# one glyph, so that no shaping is needed for them (genlabel.visible._fonts.WORDS).
_WORDS = {0xE000: "द्वारा", 0xE001: "निर्मित"}

_CJK_FACE = 2  # Simplified Chinese, in the collection
_FONTS = {
    "noto-sans.ttf": (
        "truetype/noto/NotoSans-Bold.ttf",
        [*_LATIN, *_GREEK, *_CYRILLIC],
        ["kern", "mark", "ccmp", "locl"],
    ),
    "noto-sans-cjk.otf": (
        "opentype/noto/NotoSansCJK-Bold.ttc",
        [*range(0x20, 0x7F), *map(ord, _COMMON + _LABELS + _HANGUL + _PUNCTUATION), *_KANA],
        [],
    ),
    "noto-sans-devanagari.ttf": (
        "truetype/noto/NotoSansDevanagari-Bold.ttf",
        _DEVANAGARI,
        ["*"],
    ),
}


def make(source: Path, characters: list[int], features: list[str], target: Path) -> None:
    """Write a font of some characters only."""
    collection = source.suffix == ".ttc"
    number = _CJK_FACE if collection else -1
    # The same fonts give the same bytes.
    font = TTFont(source, fontNumber=number, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 13, 14]
    options.drop_tables += ["VORG", "vhea", "vmtx", "STAT", "DSIG", "BASE"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if set(_DEVANAGARI) <= set(characters):
        for code, word in _WORDS.items():
            add_word(font, code, word)
    font.save(target)


def add_word(font: TTFont, code: int, word: str) -> None:
    """Shape a word, and add it as one glyph at a place of the private use area."""
    whole = io.BytesIO()
    font.save(whole)
    shaper = uharfbuzz.Font(uharfbuzz.Face(whole.getvalue()))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer)
    pen, x, order = TTGlyphPen(font.getGlyphSet()), 0, font.getGlyphOrder()
    for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        at = (1, 0, 0, 1, x + place.x_offset, place.y_offset)
        pen.addComponent(order[glyph.codepoint], at)
        x += place.x_advance
    name = f"uni{code:04X}"
    font.setGlyphOrder([*order, name])
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (x, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name


def main(fonts: str, out: str) -> None:
    """Make all of them."""
    for name, (source, characters, features) in _FONTS.items():
        make(Path(fonts, source), characters, features, Path(out, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
