"""Finds every label in a file's places: the XMP packets, and AIGC labels astray in other texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from genlabel.labels import exif, xmp
from genlabel.labels._aigc_copy import read_copy
from genlabel.labels._coding import as_utf_8, utf_16
from genlabel.labels.aigc import FIELDS, NAMESPACE, PROPERTY, Claim, Guide, is_label_text
from genlabel.labels.containers.contents import Contents, Held, Unreadable
from genlabel.labels.xmp import Packet, Property

# Comments that generators put a wrapped label into; keywords that say AIGC are always read.
_KEYWORDS = frozenset(("description", "comment", "usercomment", "comm", "icmt"))
_COMMENTS = ("comment", "icmt", "comm")
# QuickTime's form of FFmpeg writes a comment there, too.
_DESCRIPTIONS = ("description",)
_QUICKTIME = "com.apple.quicktime."
_BARE = re.compile(r"\s*AIGC[\s:=\0]*(?=\{)")
# Each place may inflate, and each packet is parsed: together they stay within a second or two.
_MAX_PACKETS = 16
_MAX_PLACES = 1024
_MAX_PLACE_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file's texts hold.

    Parameters
    ----------
    packets : tuple of (piece, Packet)
        Readable XMP packets.
    extended : tuple of Packet
        Readable extended XMP.
    xmp_damage : tuple of str
        Why other packets cannot be read.
    claims : tuple of Claim
        AIGC labels, XMP first.
    keyed : tuple of int
        Places in which the guide wants the label, as they hold one; where it wants XMP, none.
    stray_pieces : frozenset of int
        All other places that are nothing but an AIGC label.
    stray_exif : tuple of ExifText
        Exif texts that are nothing but an AIGC label.
    copies : tuple of int
        Comments that are nothing but a copy of the label in words.
    commented : bool
        Whether there are other comments.
    unread : tuple of str
        Why comments cannot be looked into, in which a label could stand.
    """

    packets: tuple[tuple[int, Packet], ...]
    extended: tuple[Packet, ...]
    xmp_damage: tuple[str, ...]
    claims: tuple[Claim, ...]
    keyed: tuple[int, ...]
    stray_pieces: frozenset[int]
    stray_exif: tuple[exif.ExifText, ...]
    copies: tuple[int, ...]
    commented: bool
    unread: tuple[str, ...] = ()


def is_aigc(found: Property) -> bool:
    """Tell whether an XMP property is an AIGC label, in whichever namespace, or a field of one."""
    return found.name.upper() == PROPERTY or _is_field(found)


def _is_field(found: Property) -> bool:
    return found.uri in ("", NAMESPACE) and found.name in FIELDS


def survey(contents: Contents, guide: Guide) -> Survey:
    """Look into every place of a file that can hold text.

    Parameters
    ----------
    contents : Contents
        As the container gave it.
    guide : Guide
        The one for this kind of media.
    """
    damage: list[str] = []
    packets = [(held.index, packet) for held, packet in _packets(contents.xmp, damage)]
    if len(contents.xmp) > _MAX_PACKETS:
        damage.append(f"more than {_MAX_PACKETS} XMP packets")
    # Depth maps make extended XMP large; only one that may hold a label is worth parsing.
    telling = [held for held in contents.extended_xmp if b"AIGC" in held.raw]
    extended = [packet for _, packet in _packets(telling, [])]
    unread: list[str] = []
    places = [held for held in contents.texts if _may_hold_label(held)]
    texts = [
        (held.index, claim)
        for held in places[:_MAX_PLACES]
        if (claim := _text_claim(held, unread)) is not None
    ]
    if len(places) > _MAX_PLACES:
        unread.append(f"more than {_MAX_PLACES} comments: those behind were not looked into")
    stray_exif = [
        text
        for text in (exif.texts(contents.exif.raw) if contents.exif else ())
        if is_label_text(text.text)
    ]
    claims = [
        *_property_claims([packet for _, packet in packets], "XMP", guide),
        *_property_claims(extended, "extended XMP", guide),
        *(claim for _, claim in texts),
        *map(_exif_claim, stray_exif),
    ]
    copies, commented = _comments(contents)
    claims = _with_copies(claims, [copy for _, copy in copies])
    if not guide.in_xmp:
        claims.sort(key=lambda claim: not claim.standard)
    keyed = tuple(index for index, claim in texts if claim.standard and not guide.in_xmp)
    return Survey(
        packets=tuple(packets),
        extended=tuple(extended),
        xmp_damage=tuple(damage),
        claims=tuple(replace(claim, guide=guide) for claim in claims),
        keyed=keyed,
        stray_pieces=frozenset(index for index, _ in texts) - set(keyed),
        stray_exif=tuple(stray_exif),
        copies=tuple(index for index, _ in copies),
        commented=commented,
        unread=tuple(unread),
    )


def _comments(contents: Contents) -> tuple[list[tuple[int, Claim]], bool]:
    """Find copies of the label in words, and whether there is a comment that is none."""
    copies: list[tuple[int, Claim]] = []
    commented = False
    for held in islice(contents.texts, _MAX_PLACES):
        keyword = held.keyword.lower().removeprefix(_QUICKTIME)
        if keyword not in (*_COMMENTS, *_DESCRIPTIONS):
            continue
        text = read_copy(held.raw[:_MAX_PLACE_BYTES].decode("utf-8", "replace").strip("\0"))
        if text is not None:
            lost = (f"only a copy in words is left of it, in {held.where}",)
            copies.append((held.index, Claim(held.where, text, True, True, lost)))
        elif keyword in _COMMENTS and _text_claim(held, []) is None:
            commented = True
    return copies, commented


def _with_copies(claims: list[Claim], copies: list[Claim]) -> list[Claim]:
    """Take a copy for the label where nothing else is left, and name one of another label."""
    if not claims:
        return copies[:1]
    if all(_says_so(copy, claims) for copy in copies):
        return claims
    wrong = "a copy in words in its comment is of another label"
    return [replace(claims[0], problems=(*claims[0].problems, wrong)), *claims[1:]]


def _says_so(copy: Claim, claims: Iterable[Claim]) -> bool:
    """Tell whether a copy is of one of the labels, by the content's number."""
    number = json.dumps(json.loads(copy.text or "{}").get("ProduceID"))
    escaped = number.replace('"', '\\"')
    return any(each in (claim.text or "") for claim in claims for each in (number, escaped))


def _packets(places: Iterable[Held], damage: list[str]) -> Iterator[tuple[Held, Packet]]:
    for held in islice(places, _MAX_PACKETS):
        try:
            yield held, xmp.parse(held.content())
        except Unreadable as error:
            damage.append(str(error))
        except xmp.DamagedXmp as error:
            damage.append(f"{held.where}: {error}")


def _property_claims(packets: Iterable[Packet], place: str, guide: Guide) -> Iterator[Claim]:
    standard = guide.in_xmp and place == "XMP"
    for packet in packets:
        scattered = {each.name: each.value for each in packet.properties if _is_field(each)}
        for each in packet.properties:
            if is_aigc(each) and not _is_field(each):
                yield _property_claim(each, place, standard)
        if scattered:
            problem = "its fields are properties, the guide has one property AIGC [TC260-PG-20259A]"
            yield Claim(
                f"{place} {'/'.join(scattered)}", json.dumps(scattered), True, standard, (problem,)
            )


def _property_claim(found: Property, place: str, standard: bool) -> Claim:
    problems: tuple[str, ...] = ()
    if (found.uri, found.name) != (NAMESPACE, PROPERTY):
        problems = (
            f"XMP property {found.name!r} is in namespace {found.uri[:200]!r}, the guide has "
            f"{PROPERTY!r} in {NAMESPACE!r} [TC260-PG-20259A]",
        )
    return Claim(f"{place} {found.name}", found.value, True, standard, problems)


def _may_hold_label(held: Held) -> bool:
    keyed = PROPERTY in held.keyword.upper()
    return keyed or not held.keyword or held.keyword.lower() in _KEYWORDS


def _text_claim(held: Held, unread: list[str]) -> Claim | None:
    keyed = PROPERTY in held.keyword.upper()
    try:
        raw = held.content(_MAX_PLACE_BYTES)
    except Unreadable as error:
        if keyed:
            return Claim(held.where, None, True, False, (str(error),))
        unread.append(f"not looked into: {error}")
        return None
    text = as_utf_8(raw).decode("utf-8", "replace")
    problems = () if utf_16(raw) is None else ("in UTF-16 [GB 45438-2025 Annex E j)]",)
    standard = held.own and held.keyword == PROPERTY
    bare = _BARE.match(text)
    if bare and not standard:
        return Claim(held.where, text[bare.end() :], True, False, problems)
    if keyed or is_label_text(text):
        return Claim(held.where, text, keyed, standard, problems)
    return None


def _exif_claim(text: exif.ExifText) -> Claim:
    return Claim(f"Exif {text.tag}", text.text, False, text.tag == "UserComment")
