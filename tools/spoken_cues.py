r"""Make the spoken labels that come with genlabel, from sentences, by a formant synthesiser.

Not part of the package; run it where the sentences change. It needs eSpeak NG as a shared library,
as the wheel espeakng-loader brings it (GPL-3: a program to run, nothing of it is in genlabel):

    pip install --target espeak espeakng-loader
    PYTHONPATH=.:kernels python tools/spoken_cues.py espeak/espeakng_loader \
        genlabel/audio/_audible/cues

Each clip is trimmed, brought to -20 LUFS and written as Opus, one channel. Prints what eSpeak makes
of each sentence, in IPA, to be held against the words.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from genlabel.audio._audible.clip import measured, resampled
from genlabel.audio._audible.spoken import SPOKEN

# Voice and words a minute, and the sentence where it is not read as it is written: Japanese in
# syllables, because eSpeak reads few characters; particles as they sound.
_VOICES = {"zh": ("cmn", 122), "en": ("en", 140), "ja": ("ja", 150)}
_SPOKEN = {"ja": "このおんせいわ、じんこうちのうで、せいせいされました。"}
_WORDS_A_MINUTE = 150
_RATE_PARAMETER, _VOLUME_PARAMETER, _VOLUME = 1, 2, 50
_SYNCHRONOUS, _UTF8 = 2, 1

_LUFS, _PEAK = -20.0, 0.8
_SILENCE, _MARGIN_SECONDS, _FADE_SECONDS = 0.003, 0.03, 0.01
# Of 0 to 1: about 27 kbit/s.
_OPUS_RATE, _COMPRESSION = 24_000, 0.93


class Synthesiser:
    """eSpeak NG.

    Parameters
    ----------
    folder : Path
        With the library and its data.
    """

    def __init__(self, folder: Path) -> None:
        self._library = ctypes.CDLL(str(folder / "libespeak-ng.so"))
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, bytes(folder), 0))
        self._blocks: list[npt.NDArray[np.int16]] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = kind(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: str, words: int) -> npt.NDArray[np.float64]:
        """Say a text in a voice, at so many words a minute."""
        self._blocks.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise SystemExit(f"no voice {voice}")
        self._library.espeak_SetParameter(_RATE_PARAMETER, words, 0)
        self._library.espeak_SetParameter(_VOLUME_PARAMETER, _VOLUME, 0)
        data = text.encode() + b"\0"
        self._library.espeak_Synth(data, len(data), 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return np.concatenate(self._blocks) / 32768

    def sounds(self, text: str) -> str:
        """Give a text in IPA, in the voice that spoke last."""
        library, held = self._library, ctypes.create_string_buffer(text.encode())
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        place, parts = ctypes.c_void_p(ctypes.addressof(held)), []
        while place.value:
            parts.append(library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, 2) or b"")
        return b" ".join(parts).decode()

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: int) -> int:
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0


def clip(sound: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float32]:
    """Trim a sentence, and bring it to its level."""
    heard = np.flatnonzero(np.abs(sound) > _SILENCE)
    cut = sound[heard[0] : heard[-1] + 1]
    fade = np.minimum(np.arange(len(cut)), np.arange(len(cut))[::-1]) / (_FADE_SECONDS * rate)
    cut = np.pad(cut * np.clip(fade, 0, 1), round(_MARGIN_SECONDS * rate))
    cut *= 10 ** ((_LUFS - measured(cut[:, None].astype(np.float32), rate)) / 20)
    return np.asarray(cut * min(1.0, _PEAK / np.abs(cut).max()), np.float32)


def main(folder: Path, target: Path) -> None:
    """Make all clips, and say what is in them."""
    synthesiser = Synthesiser(folder)
    for language, sentence in SPOKEN.items():
        voice, words = _VOICES.get(language, (language, _WORDS_A_MINUTE))
        spoken = _SPOKEN.get(language, sentence)
        sound = clip(synthesiser.speak(spoken, voice, words), synthesiser.rate)
        path = target / f"{language}.ogg"
        with soundfile.SoundFile(
            path, "w", _OPUS_RATE, 1, "OPUS", format="OGG", compression_level=_COMPRESSION
        ) as file:
            file.write(resampled(sound, synthesiser.rate, _OPUS_RATE))
        seconds = len(sound) / synthesiser.rate
        print(
            f"{language}: {seconds:.2f} s, {path.stat().st_size} bytes, "
            f"peak {np.abs(sound).max():.2f}: {synthesiser.sounds(spoken)}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
