"""Matroska files built by hand, and a naive walk over them."""

from __future__ import annotations

from collections.abc import Iterator

EBML, SEGMENT, SEEK_HEAD, TRACKS = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1654AE6B
CLUSTER, CUES, TAGS, VOID, CRC = 0x1F43B675, 0x1C53BB6B, 0x1254C367, 0xEC, 0xBF
TAG, TARGETS, SIMPLE, NAME, STRING = 0x7373, 0x63C0, 0x67C8, 0x45A3, 0x4487
UNKNOWN = {1: b"\xff", 8: b"\x01" + b"\xff" * 7}
BLOCKS = [b"one-", b"second-", b"third"]


def number(value: int, width: int = 0) -> bytes:
    return value.to_bytes(width or max(1, (value.bit_length() + 7) // 8), "big")


def element(kind: int, *contents: bytes, width: int = 0, unknown: int = 0) -> bytes:
    content = b"".join(contents)
    head = number(kind)
    if unknown:
        return head + UNKNOWN[unknown] + content
    while not width or len(content) >= (1 << 7 * width) - 1:
        width += 1
    return head + number(len(content) | 1 << 7 * width, width) + content


def simple(name: bytes, text: bytes, *more: bytes) -> bytes:
    return element(SIMPLE, element(NAME, name), element(STRING, text), *more)


def tag(*texts: bytes, targets: bytes = b"") -> bytes:
    return element(TAG, element(TARGETS, targets), *texts)


def tracks(*kinds: int) -> bytes:
    return element(TRACKS, *(element(0xAE, element(0x83, number(kind))) for kind in kinds))


HEAD = element(EBML, element(0x4282, b"matroska"))
WEB_HEAD = element(EBML, element(0x4282, b"webm"))
FILM = tracks(1, 2)


def clusters(
    place: int, *, unknown: bool = False, width: int = 0, checksum: bool = False
) -> list[bytes]:
    """Clusters that say where they stand, the first one at a place."""
    found = []
    for block in BLOCKS:
        inside = [element(CRC, b"abcd")] if checksum else []
        inside += [element(0xE7, b"\0"), element(0xA7, number(place, width)), element(0xA3, block)]
        found.append(element(CLUSTER, *inside, unknown=8 if unknown else 0))
        place += len(found[-1])
    return found


def cues(places: list[int], width: int = 0) -> bytes:
    points = (
        element(
            0xBB,
            element(0xB3, b"\0"),
            element(0xB7, element(0xF7, b"\1"), element(0xF1, number(p, width))),
        )
        for p in places
    )
    return element(CUES, *points)


def seek_head(*entries: tuple[int, int], width: int = 0) -> bytes:
    return element(
        SEEK_HEAD,
        *(
            element(0x4DBB, element(0x53AB, number(kind)), element(0x53AC, number(at, width)))
            for kind, at in entries
        ),
    )


def mkv_of(
    *front: bytes,
    back: tuple[bytes, ...] = (),
    indexed: bool = True,
    room: int = 0,
    unknown: bool = False,
    width: int = 0,
    early: bool = False,
    checksum: bool = False,
    behind: bytes = b"",
) -> bytes:
    """A file of three clusters with tracks, and what is given before and behind them."""
    places = dict.fromkeys((TRACKS, CLUSTER, CUES, TAGS), 0)
    segment: list[bytes] = []
    starts: list[int] = []
    for _ in range(6):
        first = clusters(places[CLUSTER], unknown=unknown, width=width, checksum=checksum)
        points = [places[CLUSTER] + sum(map(len, first[:n])) for n in range(len(first))]
        index = cues(points, width)
        tagged = any(part.startswith(number(TAGS)) for part in front + back)
        listed = [(kind, places[kind]) for kind in places if kind != TAGS or tagged]
        head = [seek_head(*listed, width=width)] if indexed else []
        head += [element(VOID, bytes(room))] if room else []
        rest = [FILM, *front, *([index] if early else []), *first]
        segment = [*head, *rest, *([] if early else [index]), *back]
        starts = [sum(map(len, segment[:n])) for n in range(len(segment))]
        for start, part in zip(starts[::-1], segment[::-1], strict=True):
            for kind in places:
                if part.startswith(number(kind)):
                    places[kind] = start
    return HEAD + element(SEGMENT, *segment, width=8, unknown=8 if unknown else 0) + behind


def walk(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """ID, start, payload and end of each element; an unknown size reaches to the end."""
    at = start
    while at < end:
        length = 9 - data[at].bit_length()
        kind = int.from_bytes(data[at : at + length], "big")
        wide = 9 - data[at + length].bit_length()
        payload = at + length + wide
        size = int.from_bytes(data[at + length : payload], "big") & ((1 << 7 * wide) - 1)
        stop = end if size == (1 << 7 * wide) - 1 else payload + size
        yield kind, at, payload, stop
        at = stop


def segment_of(data: bytes) -> tuple[int, int]:
    """Where the segment's content begins and ends."""
    for kind, _, payload, end in walk(data, 0, len(data)):
        if kind == SEGMENT:
            return payload, end
    raise AssertionError("no segment")


def places(data: bytes, kind: int) -> list[int]:
    """Positions of one kind, wherever in the indices they stand."""
    start, end = segment_of(data)
    found = []
    waiting = [(start, end)]
    while waiting:
        for item, _, payload, stop in walk(data, *waiting.pop()):
            if item == kind:
                found.append(int.from_bytes(data[payload:stop], "big") + start)
            if item in (SEEK_HEAD, CUES, 0x4DBB, 0xBB, 0xB7, CLUSTER):
                waiting.append((payload, stop))
    return sorted(found)


def check_places(data: bytes) -> None:
    """Hold every position to what it should point to."""
    start, end = segment_of(data)
    for kind, _, payload, stop in walk(data, start, end):
        if kind == SEEK_HEAD:
            for _, _, a, b in walk(data, payload, stop):
                parts = {k: data[p:s] for k, _, p, s in walk(data, a, b)}
                at = start + int.from_bytes(parts[0x53AC], "big")
                assert data.startswith(parts[0x53AB], at), parts[0x53AB].hex()
    for place in places(data, 0xF1) + places(data, 0xA7):
        assert data.startswith(number(CLUSTER), place)
    assert len(places(data, 0xF1)) == len(BLOCKS)
