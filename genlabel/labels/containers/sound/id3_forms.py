"""ID3v2 tags in another form: version 2.2 as 2.3, and tags without anything unusual.

References
----------
ID3v2.2.0, 4; ID3v2.3.0, 4: the frames of version 2.2 under their longer names.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from genlabel.labels.containers.contents import Unreadable
from genlabel.labels.containers.sound.id3 import DamagedTag, Tag
from genlabel.labels.containers.sound.id3_frames import Frame, content, synchsafe

# Those of the standard, then those that iTunes wrote.
_RENAMED = (
    "BUF>RBUF CNT>PCNT COM>COMM CRA>AENC ETC>ETCO EQU>EQUA GEO>GEOB IPL>IPLS MCI>MCDI "
    "MLL>MLLT PIC>APIC POP>POPM REV>RVRB RVA>RVAD SLT>SYLT STC>SYTC TAL>TALB TBP>TBPM "
    "TCM>TCOM TCO>TCON TCR>TCOP TDA>TDAT TDY>TDLY TEN>TENC TFT>TFLT TIM>TIME TKE>TKEY "
    "TLA>TLAN TLE>TLEN TMT>TMED TOA>TOPE TOF>TOFN TOL>TOLY TOR>TORY TOT>TOAL TP1>TPE1 "
    "TP2>TPE2 TP3>TPE3 TP4>TPE4 TPA>TPOS TPB>TPUB TRC>TSRC TRD>TRDA TRK>TRCK TSI>TSIZ "
    "TSS>TSSE TT1>TIT1 TT2>TIT2 TT3>TIT3 TXT>TEXT TXX>TXXX TYE>TYER UFI>UFID ULT>USLT "
    "WAF>WOAF WAR>WOAR WAS>WOAS WCM>WCOM WCP>WCOP WPB>WPUB WXX>WXXX "
    "GP1>GRP1 MVI>MVIN MVN>MVNM PCS>PCST TCP>TCMP TCT>TCAT TDR>TDRL TDS>TDES TID>TGID "
    "TKW>TKWD TS2>TSO2 TSA>TSOA TSC>TSOC TSP>TSOP TST>TSOT WFD>WFED"
)
_LONGER = dict(pair.split(">") for pair in _RENAMED.split())
_PICTURES = {b"JPG": b"image/jpeg", b"PNG": b"image/png", b"-->": b"-->"}
_UNSYNCHRONISED = 0x80


def upgraded(tag: Tag) -> Tag:
    """Give a tag of version 2.2 as one of version 2.3.

    Parameters
    ----------
    tag : Tag
        Of any version; others stay as they are.

    Raises
    ------
    DamagedTag
        It has a frame that version 2.3 does not have.
    """
    if tag.version != 2:
        return tag
    frames = tuple(map(_longer, tag.frames))
    return replace(tag, version=3, flags=tag.flags & _UNSYNCHRONISED, frames=frames)


def plain(tag: Tag) -> Tag:
    """Give a tag in the form that every reader understands, its frames saying the same.

    Parameters
    ----------
    tag : Tag
        Of any version.

    Returns
    -------
    Tag
        Of version 2.3 or 2.4, not unsynchronised, without extended header and footer, no frame
        compressed or in a group.

    Raises
    ------
    DamagedTag
        A frame is encrypted, cannot be inflated, or is none of version 2.3.
    """
    tag = upgraded(tag)
    everywhere = bool(tag.flags & _UNSYNCHRONISED)
    frames = tuple(_plain(frame, everywhere) for frame in tag.frames)
    return replace(tag, flags=0, extended=b"", frames=frames)


def _plain(frame: Frame, unsynchronised: bool) -> Frame:
    try:
        body = content(frame, unsynchronised, frame.name)
    except Unreadable as error:
        raise DamagedTag(str(error)) from None
    if frame.flags == 0 and body == frame.body:
        return frame
    # The first byte of flags says what to do with the frame, not how it is stored.
    return _frame(frame.version, frame.name, frame.stored[8], body)


def _longer(frame: Frame) -> Frame:
    name = _LONGER.get(frame.name)
    if name is None:
        raise DamagedTag(f"version 2.3 has no frame for its {frame.name}")
    body = frame.body
    if frame.name == "PIC":
        kind = _PICTURES.get(body[1:4], b"image/" + body[1:4].lower())
        body = body[:1] + kind + b"\0" + body[4:]
    return _frame(3, name, 0, body)


def _frame(version: int, name: str, status: int, body: bytes) -> Frame:
    size = synchsafe(len(body)) if version == 4 else struct.pack(">I", len(body))
    return Frame(version, name, 0, name.encode() + size + bytes([status, 0]) + body)
