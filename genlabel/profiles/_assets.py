"""What a provider puts into its own pages and apps: notice texts by language, and badges.

The drawings are genlabel's own. Those for the EU look like the icons of the Code of Practice: white
on black or black on white, on a ground that is opaque or half transparent. They are not the
Commission's files, which are free to use.

References
----------
GB 45438-2025 (interactive interfaces); Measures for Labelling AI-Generated Synthetic Content
(2025), Article 6; AI Act (Regulation (EU) 2024/1689), Article 50, and its Code of Practice; WCAG
2.2, 1.1.1 and 1.4.3.
"""

from __future__ import annotations

import json
import os
import unicodedata
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genlabel._report import Verdict
    from genlabel.profiles import Profile

ASSETS_SCHEMA = "genlabel.notices/1"
# Letters, ground and its opacity. Black on white and back has a contrast of 21 to 1.
_VARIANTS = {
    "black": ("#fff", "#000", 1.0),
    "white": ("#000", "#fff", 1.0),
    "black-50": ("#fff", "#000", 0.5),
    "white-50": ("#000", "#fff", 0.5),
}
_EU_ICONS = {"ai": "AI", "ai-generated": "AI GENERATED", "ai-modified": "AI MODIFIED"}
_FONTS = (
    "system-ui, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "'Malgun Gothic', 'Nirmala UI', sans-serif"
)
_HEIGHT, _SIZE, _PADDING = 32, 16, 12
# Widths in ems: full-width characters, and a mean of the others.
_WIDE, _NARROW = 1.0, 0.58
# Of the icons' wider words: size of the letters, and space between them in ems.
_ICON_WORD, _ICON_SPACING = 13, 0.1


def assets(profile: Profile) -> dict[str, bytes]:
    """Make the notice texts and badges of a regime.

    Parameters
    ----------
    profile : Profile
        The regime.

    Returns
    -------
    dict of str to bytes
        Contents by file name: ``notices.json``, ``notices.html``, ``README.md``, and SVG badges.
    """
    files = {
        "README.md": _readme(profile),
        "notices.html": _page(profile),
        "notices.json": json.dumps(_record(profile), ensure_ascii=False, indent=2) + "\n",
    }
    for tag, text in profile.notices.items():
        files[f"badge-{tag}.svg"] = _badge(text, tag)
    if profile.name == "eu":
        for icon, words in _EU_ICONS.items():
            for variant in _VARIANTS:
                files[f"icon-{icon}-{variant}.svg"] = _icon(words, variant)
    return {name: text.encode() for name, text in files.items()}


def write_assets(
    profile: Profile, folder: str | os.PathLike[str], *, overwrite: bool = False
) -> tuple[str, ...]:
    """Write the notice texts and badges of a regime into a folder.

    Parameters
    ----------
    profile : Profile
        The regime.
    folder : path-like
        Made if it is not there.
    overwrite : bool
        Replace files that are.

    Returns
    -------
    tuple of str
        What was written.

    Raises
    ------
    MediaError
        A file exists and may not be replaced, or cannot be written; none was written then that was
        there before.
    """
    from genlabel._errors import MediaError
    from genlabel._media import check_target, write_target

    made = {os.path.join(folder, name): content for name, content in assets(profile).items()}
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise MediaError(f"cannot be made: {error.strerror}", path=folder) from error
    for target in made:
        check_target(target, overwrite=overwrite)
    for target, content in made.items():
        write_target(target, content, overwrite=overwrite)
    return tuple(made)


def _record(profile: Profile) -> dict[str, object]:
    from genlabel._ladder import notice

    record: dict[str, object] = {
        "schema": ASSETS_SCHEMA,
        "profile": profile.name,
        "notices": dict(profile.notices),
    }
    if profile.name == "cn":
        # What a platform shows, by what it has found.
        rungs: tuple[Verdict, ...] = ("generated", "possible", "suspected")
        record["article_6"] = {rung: dict(notice(rung)) for rung in rungs}
    return record


def _readme(profile: Profile) -> str:
    lines = [f"# {profile.title}", "", profile.source, ""]
    for item in profile.requirements:
        if item.layer in ("visible", None):
            lines += [f"- **{item.id}** ({item.force}; {item.clause}): {item.text}"]
    lines += [
        "",
        "`notices.html` has a paragraph for each language to copy, `notices.json` the texts alone.",
        "Badges take the colours of light and dark pages; give them an `alt` text where they stand",
        "in an `img`. Both were made by genlabel, which allows any use of them.",
    ]
    return "\n".join(lines) + "\n"


def _page(profile: Profile) -> str:
    note = '<p role="note" data-genlabel="notice" lang="{}">{}</p>'
    rows = [
        note.format(escape(tag), escape(text, quote=False)) for tag, text in profile.notices.items()
    ]
    head = [
        *("<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">'),
        f"<title>{escape(profile.title)}</title>",
        *("</head>", "<body>"),
    ]
    return "\n".join([*head, *rows, "</body>", "</html>", ""])


def _badge(text: str, tag: str) -> str:
    """Draw a badge with a text, in the colours of light and dark pages."""
    width = round(_SIZE * sum(map(_width, text)))
    across = width + 2 * _PADDING
    style = (
        "rect{fill:#fff;stroke:#000}text{fill:#000}"
        "@media(prefers-color-scheme:dark){rect{fill:#000;stroke:#fff}text{fill:#fff}}"
    )
    title = escape(text, quote=False)
    return (
        f"{_head(text, tag, across)}<style>{style}</style>"
        f'<rect x="1" y="1" width="{across - 2}" height="{_HEIGHT - 2}" rx="8" stroke-width="2"/>'
        # The length is fixed: letters stay on the badge in whatever font there is.
        f'<text x="{across / 2:g}" y="{_HEIGHT / 2 + _SIZE * 0.36:g}" text-anchor="middle" '
        f'textLength="{width}" lengthAdjust="spacingAndGlyphs" font-size="{_SIZE}" '
        f'font-weight="600" font-family="{_FONTS}">{title}</text></svg>\n'
    )


def _icon(words: str, variant: str) -> str:
    """Draw one of the EU's icons: AI in a circle, or in a pill with a word in spaced letters."""
    letters, ground, opacity = _VARIANTS[variant]
    first, _, word = words.partition(" ")
    # Widths of bold capitals; AI stands in the middle of the circle that a pill begins with.
    wide = round(_ICON_WORD * len(word) * (_NARROW + 0.14 + _ICON_SPACING))
    across = _HEIGHT + (wide + _PADDING if word else 0)
    bold = f'font-family="{_FONTS}" fill="{letters}" lengthAdjust="spacingAndGlyphs"'
    spelled = (
        f'<text x="{_HEIGHT / 2:g}" y="{_HEIGHT / 2 + _SIZE * 0.36:g}" text-anchor="middle" '
        f'textLength="17" font-size="{_SIZE}" font-weight="800" {bold}>{first}</text>'
    )
    if word:
        spelled += (
            f'<text x="{_HEIGHT}" y="{_HEIGHT / 2 + _ICON_WORD * 0.36:g}" textLength="{wide}" '
            f'font-size="{_ICON_WORD}" font-weight="700" {bold}>{word}</text>'
        )
    return (
        f'{_head(words, "en", across)}<rect width="{across}" height="{_HEIGHT}" '
        f'rx="{_HEIGHT // 2}" fill="{ground}" fill-opacity="{opacity:g}"/>{spelled}</svg>\n'
    )


def _head(text: str, tag: str, across: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" lang="{escape(tag)}" '
        f'aria-label="{escape(text)}" width="{across}" height="{_HEIGHT}" '
        f'viewBox="0 0 {across} {_HEIGHT}"><title>{escape(text, quote=False)}</title>'
    )


def _width(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW
