"""A picture file's samples for the journeys: marked, searched, compared as a viewer sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel import image
from genlabel._data import Scratch
from genlabel._detection import Effort
from genlabel._key import Key
from genlabel._message import Message, Option
from genlabel._report import Layer
from genlabel._samples import Coding, Found, Samples
from genlabel.image._files.animation import Animation
from genlabel.image._files.formats import decode, mark, shown
from genlabel.image._files.label import Drawing, find_label, settle_drawing
from genlabel.image._files.picture import Picture, Pixels
from genlabel.image._files.search import fidelity, search, unread_frames

_NAMED_FRAMES = 8


@dataclass(frozen=True, slots=True)
class PictureSamples:
    """The samples of a picture or an animation.

    Parameters
    ----------
    media : Picture or Animation
        As decoded.
    drawing : Drawing or None
        A label to draw into it.
    """

    media: Picture | Animation
    drawing: Drawing | None = None

    def labelled(self, coding: Coding) -> tuple[PictureSamples, dict[str, Any] | None]:
        """Draw a label that people see, and tell where it is."""
        if coding.visible is None:
            return self, None
        drawing = settle_drawing(self.media, coding.visible)
        told = drawing.setting.drawn.to_dict()
        if isinstance(self.media, Animation):
            told["frames"] = self.media.count
        return PictureSamples(self.media, drawing), told

    def marked(
        self, payload: bytes, key: Key, coding: Coding, scratch: Scratch
    ) -> tuple[bytes, tuple[str, ...]]:
        """Give the file anew with a watermark in every frame, and what could not be kept."""
        return mark(
            self.media,
            lambda pixels: image.embed(pixels, payload, key, strength=coding.strength),
            quality=coding.quality,
            draw=None if self.drawing is None else self.drawing.on,
        )

    def search(self, keys: Sequence[Key], effort: Effort) -> Found:
        """Look for a watermark, and decode everything even where there is no key."""
        found = search(self.media, keys, effort)
        details = {"frames": found.frames, "frame": found.frame}
        told = {name: value for name, value in details.items() if value is not None}
        return Found(found.detection, told)

    def explicit(self) -> Layer:
        """Look for a label of genlabel's own that people see, in the first frame."""
        found = find_label(self.media)
        if not found:
            return Layer("absent", {"searched": True})
        details = {"kind": "text", "count": len(found), **found[0].to_dict()}
        return Layer("present", {"searched": True, **details})

    def unread(self, before: Samples, key: Key, payload: bytes) -> tuple[str, ...]:
        """Name the frames that do not give the payload."""
        if not isinstance(self.media, Animation):
            return ()
        frames = unread_frames(self.media, key, payload)
        if not frames:
            return ()
        named = ", ".join(str(index + 1) for index in frames[:_NAMED_FRAMES])
        more = len(frames) - _NAMED_FRAMES
        lossy = self.media.media_type == "image/webp"
        raised = (Option("quality"), " or ", Option("strength")) if lossy else (Option("strength"),)
        return (
            Message(
                f"{len(frames)} of {self.media.count} frames do not give the watermark back, being "
                "too flat for it or too coarsely coded (raise ",
                *(*raised, f"): {named}{f' and {more} more' if more > 0 else ''}"),
            ),
        )

    def fidelity(self, before: Samples) -> dict[str, float]:
        """Compare with the source: peak signal-to-noise ratio, ``psnr``, in dB."""
        assert isinstance(before, PictureSamples)
        ratio = fidelity(self._shown(), before._shown())
        return {} if ratio == float("inf") else {"psnr": round(ratio, 2)}

    def _shown(self) -> Iterator[Pixels]:
        for pixels in shown(self.media):
            yield pixels if self.drawing is None else self.drawing.on(pixels)


def open_picture_samples(data: bytes, *, name: str) -> PictureSamples:
    """Decode a picture file.

    Raises
    ------
    MediaError
        The file is damaged, cut short, or too large to decode.
    UnsupportedError
        It is one of an unusual coding.
    """
    return PictureSamples(decode(data, name=name))
