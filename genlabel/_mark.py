"""`mark`: one file in, one marked, labelled and signed file out."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genlabel import _read_back, _steps
from genlabel import profiles as regimes
from genlabel._errors import LabelError, SignerError, UnsupportedError, errors_name
from genlabel._key import Key, as_key
from genlabel._label import Label
from genlabel._media import (
    SourceLike,
    TargetLike,
    check_target,
    read_source,
    scratch_for,
)
from genlabel._message import Message, Option
from genlabel._ranges import check_strength, is_between
from genlabel._receipt import Receipt
from genlabel._samples import Coding
from genlabel._signer import Signer
from genlabel._visible import (
    VisibleLike,
    audible_label,
    check_visible,
    text_notice,
    visible_label,
)
from genlabel._work import Work
from genlabel.labels.containers.documents.types import is_document

if TYPE_CHECKING:
    from genlabel.video._files.encoding import Encoding

#: A signer, or the paths of its certificate chain and private key.
SignerLike = Signer | tuple[str | os.PathLike[str], str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class Marker:
    """A way of marking, settled once and used for many files.

    It holds no open files and no state: share it between threads, or pickle it to workers.

    Parameters
    ----------
    key : Key
        The watermark's key.
    label : Label or None
        What files declare when `mark` is given no label of their own. Each file gets a new
        ``produce_id``, and with it its own payload.
    profiles : sequence of str
        Regimes to label for; see `genlabel.profiles`.
    signer : Signer, (chain path, key path) or None
        Signs a C2PA manifest.
    visible : {None, "off", "auto", "rhythm"}, VisibleLabel, TextLabel or AudibleLabel
        The label people see, read or hear. ``"auto"``, where a profile requires one: a text in the
        calmest corner of pictures, a sentence at the start of texts, the rhythm at the start of
        sound. A `genlabel.visible.VisibleLabel` is drawn into pictures (documents take its text), a
        `genlabel.text.TextLabel` is put into texts, a `genlabel.audio.AudibleLabel` is laid into
        sound, ``"rhythm"`` is the usual one of these. None and ``"off"`` give none, ``"off"`` says
        that this is intended.
    strength : float
        Of the watermark: 1 is the design point, more survives more and shows more.
    quality : int or None
        1 to 100 for JPEG and lossy WebP; None keeps the source's.
    bitrate : float or None
        In kbit/s, for MP3, Ogg and AAC, in films too; None keeps the source's.
    encoding : genlabel.video.Encoding or None
        How the picture of films is encoded; None keeps the source's codec at a like quality.
    keep_going : bool
        Of damaged films, mark what can be read and say so, in place of an error.

    Raises
    ------
    SecretError, LabelError, UnsupportedError, SignerError, MediaError
        A setting cannot be used, or a file that it names cannot be read.
    """

    key: Key
    label: Label | None = None
    profiles: Sequence[str] = regimes.DEFAULT
    signer: SignerLike | None = None
    visible: VisibleLike = None
    strength: float = 1.0
    quality: int | None = None
    bitrate: float | None = None
    encoding: Encoding | None = None
    keep_going: bool = False

    def __post_init__(self) -> None:
        as_key(self.key)
        if self.label is not None and not isinstance(self.label, Label):
            raise LabelError("label is not a genlabel.Label")
        check_visible(self.visible)
        check_strength(self.strength)
        if self.quality is not None and self.quality not in range(1, 101):
            raise UnsupportedError(
                Message(Option("quality"), f" {self.quality!r} is not between 1 and 100")
            )
        if self.bitrate is not None and not is_between(self.bitrate, 4, 10_000):
            raise UnsupportedError(
                Message(Option("bitrate"), f" {self.bitrate!r} is not between 4 and 10000 kbit/s")
            )
        found = tuple(profile.name for profile in regimes.load_all(self.profiles))
        object.__setattr__(self, "profiles", found)
        object.__setattr__(self, "signer", as_signer(self.signer))

    def mark(
        self,
        src: SourceLike,
        dst: TargetLike,
        *,
        label: Label | None = None,
        overwrite: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> Receipt:
        """Mark one file; as `genlabel.mark`.

        Parameters
        ----------
        src : path-like, bytes or binary file object
            A picture, a sound or a film.
        dst : path-like or binary file object
            Written whole or not at all.
        label : Label or None
            What this file declares; None makes it from the marker's own, with a new number, which
            one that is signed cannot get.
        overwrite : bool
            Replace an existing file.
        progress : callable or None
            Told how much of a film is done, from 0 to 1.

        Returns
        -------
        Receipt
            What was written.
        """
        declared = _steps.settle(self._fresh_label() if label is None else label)
        signer = as_signer(self.signer)
        asked = regimes.load_all(self.profiles)
        target = check_target(dst, overwrite=overwrite)
        with scratch_for(dst) as scratch:
            source = read_source(src, scratch)
            with errors_name(source.name):
                work = _steps.open_source(
                    source, declared, signer, scratch, keep_going=self.keep_going
                )
                fidelity = self._make(work, signer, asked, dst, progress)
            receipt = _steps.receipt(work, target, asked, key=self.key, fidelity=fidelity)
            _steps.put(work, dst, overwrite=overwrite)
        return receipt

    def _make(
        self,
        work: Work,
        signer: Signer | None,
        asked: Sequence[regimes.Profile],
        dst: TargetLike,
        progress: Callable[[float], None] | None,
    ) -> dict[str, float]:
        """Take one file through all steps, and say how near it is to its source."""
        opted_out = ("visible",) if self.visible == "off" else ()
        if is_document(work.before.media_type):
            notice = text_notice(self.visible, work.before.media_type, asked)
            _steps.write_notice(work, notice)
            self._declare(work, signer, asked, dst)
            _read_back.check_notice(work, notice)
            fidelity: dict[str, float] = {}
        else:
            audible = audible_label(self.visible, work.before.media_type, asked)
            seen = visible_label(self.visible, work.before.media_type, asked)
            coding = Coding(
                self.strength,
                self.quality,
                self.bitrate,
                audible,
                seen,
                self.encoding,
                self.keep_going,
                progress,
            )
            before = _steps.embed_watermark(work, self.key, coding)
            self._declare(work, signer, asked, dst)
            fidelity = _read_back.check_samples(work, self.key, coding, before)
        work.warnings += _read_back.unmet(work, asked, opted_out=opted_out)
        return fidelity

    def _declare(
        self,
        work: Work,
        signer: Signer | None,
        asked: Sequence[regimes.Profile],
        dst: TargetLike,
    ) -> None:
        _steps.write_labels(work, asked)
        _steps.sign(work, signer, dst)
        _steps.require_some(work)
        _read_back.check_labels(work)

    def _fresh_label(self) -> Label:
        if self.label is None:
            raise LabelError("no label: give one to the marker or to the file")
        from genlabel.labels import security

        old = self.label
        if security.is_signed(old):
            raise LabelError("the marker's label is signed for its own number: sign one a file")
        own_number = None if old.propagate_id == old.produce_id else old.propagate_id
        return dataclasses.replace(old, produce_id=None, propagate_id=own_number)


def mark(
    src: SourceLike,
    dst: TargetLike,
    *,
    label: Label,
    key: Key,
    profiles: Sequence[str] = regimes.DEFAULT,
    signer: SignerLike | None = None,
    visible: VisibleLike = None,
    strength: float = 1.0,
    quality: int | None = None,
    bitrate: float | None = None,
    encoding: Encoding | None = None,
    keep_going: bool = False,
    overwrite: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Receipt:
    """Mark one file: watermark in the samples, label in the metadata, signature over all.

    Everything is read back from the bytes before they are written, and they are written whole
    or not at all. The source is never changed.

    Parameters
    ----------
    src : path-like, bytes or binary file object
        A picture (PNG, JPEG, WebP, TIFF, AVIF, GIF, BMP), a sound (WAV, FLAC, Ogg Vorbis, Ogg Opus,
        MP3, M4A), a film (MP4, MOV, MKV, WebM, AVI, FLV), or a text or document, recognised by
        content, bare text by its name. There is no watermark for text: it gets the label that
        people read and the metadata.
    dst : path-like or binary file object
        Same kind of file as the source.
    label : Label
        What the file declares. Its ``mark_id`` is the payload of the watermark.
    key, profiles, signer, visible, strength, quality, bitrate, encoding, keep_going
        As in `Marker`.
    overwrite : bool
        Replace an existing file.
    progress : callable or None
        Told how much of a film is done, from 0 to 1.

    Returns
    -------
    Receipt
        What was written, and what a careful user should know about it.

    Raises
    ------
    MediaError
        The source cannot be decoded, the target cannot be written, or a layer did not read back.
    UnsupportedError
        The kind of file, or a setting, is not served by this version.
    CapacityError
        The picture is too small or too flat, the sound too short, too quiet or too low.
    LabelError
        The label breaks a rule of its standard.
    SignerError
        The signer cannot sign, or the source is signed and there is no signer.

    Examples
    --------
    >>> key = Key.generate("acme-2026")
    >>> receipt = mark("in.png", "out.png", label=Label("acme"), key=key)  # doctest: +SKIP
    """
    marker = Marker(
        key,
        profiles=profiles,
        signer=signer,
        visible=visible,
        strength=strength,
        quality=quality,
        bitrate=bitrate,
        encoding=encoding,
        keep_going=keep_going,
    )
    return marker.mark(src, dst, label=label, overwrite=overwrite, progress=progress)


def as_signer(signer: SignerLike | None) -> Signer | None:
    """Take a signer as it is, or load it from its two files.

    Raises
    ------
    SignerError
        It is neither, or its files cannot be used.
    """
    if signer is None or isinstance(signer, Signer):
        return signer
    if not isinstance(signer, (tuple, list)) or len(signer) != 2:
        raise SignerError("a signer is a genlabel.Signer or the paths of its chain and key")
    return Signer.load(*signer)
