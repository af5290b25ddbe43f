"""What the SDK's messages call settings, in the words of the command line."""

from __future__ import annotations

from genlabel._message import Option, spoken

# Every other setting is called as in Python.
_FLAGS = {
    "profiles": "profile",
    "signer": "sign",
    "overwrite": "force",
    "VisibleLabel.language": "text-language",
    "VisibleLabel.height": "text-height",
    "TextLabel.languages": "text-language",
    "TextLabel.at": "text-at",
    "AudibleLabel.at": "cue-at",
    "AudibleLabel.every": "cue-every",
    "AudibleLabel.level": "cue-level",
    "Encoding.bitrate": "video-bitrate",
}


def flag(option: Option) -> str:
    """Write a setting as it is typed."""
    name = _FLAGS.get(option.name, option.name.rpartition(".")[2])
    words = f"--{name.replace('_', '-')}"
    return words if option.value in (None, True) else f"{words} {option.value}"


def in_flags(text: str) -> str:
    """Say a message of the SDK for those who typed a command.

    Parameters
    ----------
    text : str
        Of an error, or a warning.

    Returns
    -------
    str
        One line.
    """
    return spoken(text, flag)
