"""AC-3 and E-AC-3: what their frames say besides sound, so that an encoder can say it again.

References
----------
ATSC A/52:2018, 5.3.2, 5.4.2 (bit stream information), D.2 (alternate syntax), E.1.2.2, E.1.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_MAGIC = 0x0B77
_ALTERNATE, _LAST_AC3, _EAC3 = 6, 10, 16
_DUAL_MONO, _STEREO = 0, 2
_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
_BLOCKS = (1, 2, 3, 6)
_INDEPENDENT = 0
_SIX_BLOCKS = _LOWER_RATE = 3
# Levels by code, in steps of 1.5 dB down from +3 dB, the last one nothing: of the centre and the
# surrounds, and of the extended ones [5.4.2.4, 5.4.2.5, D.2.3.1].
_EXTENDED = (*(2 ** ((2 - step) / 4) for step in range(7)), 0.0)
_CENTRE = (_EXTENDED[4], _EXTENDED[5], _EXTENDED[6], _EXTENDED[5])
_SURROUND = (_EXTENDED[4], _EXTENDED[6], 0.0, _EXTENDED[6])
_LEAST_EXTENDED_SURROUND = 3
_SERVICES = ("ma", "ef", "vi", "hi", "di", "co", "em", "vo")
_KARAOKE = "ka"
_PEAK_OFFSET = 80


@dataclass(slots=True)
class Told:
    """What a track's first frame says.

    Parameters
    ----------
    options : dict
        To tell FFmpeg's encoders.
    lost : list of str
        What they cannot be told.
    dual : bool
        Whether the two channels are different programmes.
    """

    options: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    dual: bool = False


def read_told(packet: bytes) -> Told | None:
    """Read the beginning of a frame.

    Parameters
    ----------
    packet : bytes
        A frame of AC-3 or E-AC-3.

    Returns
    -------
    Told or None
        None where none begins there.
    """
    bits = _Bits(packet)
    try:
        if bits.take(16) != _MAGIC:
            return None
        # Both syntaxes have their number in the same place [E.1.3.1.6].
        number = packet[5] >> 3
        if number <= _LAST_AC3:
            return _ac3(bits)
        return _eac3(bits) if number <= _EAC3 else None
    except IndexError:
        return None


class _Bits:
    """Bits, the highest of a byte first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        """Take so many as a number."""
        value = 0
        for place in range(self._at, self._at + count):
            value = 2 * value + (self._data[place >> 3] >> (7 - (place & 7)) & 1)
        self._at += count
        return value

    def maybe(self, count: int) -> int | None:
        """Take so many where a first bit says that they are there."""
        return self.take(count) if self.take(1) else None


def _ac3(bits: _Bits) -> Told:
    """Go through the bit stream information of AC-3 [5.3.2, D.2]."""
    told = Told()
    bits.take(16 + 8)
    number, service, mode = bits.take(5), bits.take(3), bits.take(3)
    _note_service(told, service, mode)
    if mode & 1 and mode != 1:
        told.options["center_mixlev"] = repr(_CENTRE[bits.take(2)])
    if mode & 4:
        told.options["surround_mixlev"] = repr(_SURROUND[bits.take(2)])
    if mode == _STEREO:
        told.options["dsur_mode"] = _known(bits.take(2))
    bits.take(1)
    controlled = False
    for _ in range(2 if mode == _DUAL_MONO else 1):
        told.options.setdefault("dialnorm", str(-(bits.take(5) or 31)))
        controlled = bits.maybe(8) is not None or controlled
        bits.maybe(8)
        _note_room(told, bits.maybe(7))
    _note_rights(told, bits.take(1), bits.take(1))
    if number == _ALTERNATE:
        _note_alternate(told, mode, bits.maybe(14), bits.maybe(14))
    elif bits.maybe(14) is not None or bits.maybe(14) is not None:
        told.lost.append("time code")
    extra = bits.maybe(6)
    if extra is not None:
        bits.take(8 * (extra + 1))
        told.lost.append("additional information")
    # The first block begins with two flags for each channel, and its range control.
    bits.take(2 * _CHANNELS[mode])
    if controlled or bits.maybe(8) is not None:
        told.lost.append("dynamic range control")
    return told


def _eac3(bits: _Bits) -> Told:
    """Go through the bit stream information of E-AC-3 [E.1.2.2]."""
    told = Told()
    kind = bits.take(2)
    bits.take(3 + 11)
    rate, blocks = bits.take(2), bits.take(2)
    # In place of their number, frames of lower rates say which rate it is.
    blocks = _SIX_BLOCKS if rate == _LOWER_RATE else blocks
    mode, low = bits.take(3), bits.take(1)
    bits.take(5)
    told.dual = mode == _DUAL_MONO
    for _ in range(2 if told.dual else 1):
        told.options.setdefault("dialnorm", str(-(bits.take(5) or 31)))
        if bits.maybe(8) is not None and "dynamic range control" not in told.lost:
            told.lost.append("dynamic range control")
    if kind != _INDEPENDENT:
        return told
    if bits.take(1):
        _mixing(told, bits, mode, low, blocks)
    if bits.take(1):
        _note_service(told, bits.take(3), mode)
        _note_rights(told, bits.take(1), bits.take(1))
        if mode == _STEREO:
            told.options["dsur_mode"] = _known(bits.take(2))
            told.options["dheadphone_mode"] = _known(bits.take(2))
        if mode >= 6:
            told.options["dsurex_mode"] = _known(bits.take(2))
        room = bits.maybe(8)
        if room is not None:
            _note_room(told, room >> 1)
            told.options["ad_conv_type"] = str(room & 1)
    return told


def _mixing(told: Told, bits: _Bits, mode: int, low: int, blocks: int) -> None:
    """Go through how programmes are mixed down, and with others [E.1.2.2, E.1.3.1.10 to 33]."""
    if mode > _STEREO:
        told.options["dmix_mode"] = _known(bits.take(2))
    if mode & 1 and mode > _STEREO:
        _note_levels(told, "cmixlev", bits.take(3), bits.take(3), 0)
    if mode & 4:
        _note_levels(told, "surmixlev", bits.take(3), bits.take(3), _LEAST_EXTENDED_SURROUND)
    others = [bits.maybe(5)] if low else []
    others += [bits.maybe(6) for _ in range(3 if mode == _DUAL_MONO else 2)]
    defined = bits.take(2)
    if defined == 3:
        bits.take(8 * (bits.take(5) + 2))
    else:
        bits.take((0, 5, 12)[defined])
    if mode < _STEREO:
        others += [bits.maybe(14) for _ in range(2 if mode == _DUAL_MONO else 1)]
    if bits.take(1):
        others.append(0)
        for _ in range(_BLOCKS[blocks]):
            if blocks == 0 or bits.take(1):
                bits.take(5)
    if defined or any(value is not None for value in others):
        told.lost.append("levels for mixing it with other programmes")


def _note_service(told: Told, service: int, mode: int) -> None:
    told.dual = mode == _DUAL_MONO
    karaoke = service == 7 and mode >= _STEREO
    told.options["audio_service_type"] = _KARAOKE if karaoke else _SERVICES[service]


def _note_rights(told: Told, protected: int, original: int) -> None:
    told.options |= {"copyright": str(protected), "original": str(original)}


def _note_room(told: Told, room: int | None) -> None:
    if room is not None:
        told.options.setdefault("mixing_level", str(_PEAK_OFFSET + (room >> 2)))
        told.options.setdefault("room_type", _known(room & 3))


def _note_alternate(told: Told, mode: int, first: int | None, second: int | None) -> None:
    """Take the two words of the alternate syntax apart [D.2.3]."""
    if first is not None:
        if mode > _STEREO:
            told.options["dmix_mode"] = _known(first >> 12)
        if mode & 1 and mode > _STEREO:
            _note_levels(told, "cmixlev", first >> 9 & 7, first >> 3 & 7, 0)
        if mode & 4:
            surround = first >> 6 & 7, first & 7
            _note_levels(told, "surmixlev", *surround, _LEAST_EXTENDED_SURROUND)
    if second is not None:
        if mode >= 6:
            told.options["dsurex_mode"] = _known(second >> 12)
        if mode == _STEREO:
            told.options["dheadphone_mode"] = _known(second >> 10 & 3)
        told.options["ad_conv_type"] = str(second >> 9 & 1)


def _note_levels(told: Told, name: str, matrixed: int, plain: int, least: int) -> None:
    told.options[f"ltrt_{name}"] = repr(_EXTENDED[max(matrixed, least)])
    told.options[f"loro_{name}"] = repr(_EXTENDED[max(plain, least)])


def _known(code: int) -> str:
    """Take a code that is reserved for one that says nothing."""
    return str(code if code < 3 else 0)
