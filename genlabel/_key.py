"""The secret everything keyed is derived from."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from genlabel._errors import SecretError
from genlabel._message import Message, Option

KEY_SCHEMA = "genlabel.key/1"
SECRET_BYTES = 32
_MAX_KEY_FILE_BYTES = 4096
_MAX_NAME_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Key:
    """A 256-bit secret and the name it is known by.

    Parameters
    ----------
    name : str
        1 to 128 printable characters; appears in `Detection.key`.
    secret : bytes
        32 bytes. Never shown by ``repr``.
    """

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not 0 < len(self.name) <= _MAX_NAME_CHARACTERS:
            raise SecretError(f"a key's name has 1 to {_MAX_NAME_CHARACTERS} characters")
        if not self.name.isprintable():
            raise SecretError("a key's name holds printable characters only")
        if not isinstance(self.secret, bytes) or len(self.secret) != SECRET_BYTES:
            raise SecretError(f"a key's secret is {SECRET_BYTES} bytes")

    @classmethod
    def generate(cls, name: str) -> Key:
        """Make a key from the operating system's random source.

        Parameters
        ----------
        name : str
            The name the key will be known by.
        """
        return cls(name, secrets.token_bytes(SECRET_BYTES))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the key to a file only its owner can read.

        Parameters
        ----------
        path : path-like
            Where to write. An existing file is refused unless `overwrite`.
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        SecretError
            The file exists, or cannot be written.
        """
        target = Path(_path_text(path))
        record = {"schema": KEY_SCHEMA, "name": self.name, "secret": self.secret.hex()}
        text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        if target.is_dir():
            raise SecretError("cannot be written: it is a folder", path=target)
        temporary = target.parent / f".{target.name}.{secrets.token_hex(4)}"
        try:
            # Owner-only from the first byte: no moment in which others could read it.
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            if overwrite:
                os.replace(temporary, target)
            else:
                os.link(temporary, target)
        except FileExistsError:
            replace = Option("overwrite", True)
            reason = Message("already exists; ", replace, " replaces it")
            raise SecretError(reason, path=target) from None
        except OSError as error:
            raise SecretError(f"cannot be written: {error.strerror}", path=target) from error
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Key:
        """Read a key file written by `save`.

        Raises
        ------
        SecretError
            The file cannot be read or is not a key file.
        """
        path = _path_text(path)
        try:
            with open(path, "rb") as stream:
                data = stream.read(_MAX_KEY_FILE_BYTES + 1)
        except OSError as error:
            raise SecretError(f"cannot be read: {error.strerror}", path=path) from error
        try:
            record = json.loads(data.decode("utf-8"))
            if len(data) > _MAX_KEY_FILE_BYTES or record["schema"] != KEY_SCHEMA:
                raise ValueError
            return cls(record["name"], bytes.fromhex(record["secret"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise SecretError("is not a genlabel key file", path=path) from None

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Derive the sub-key of one purpose with HKDF-SHA256 (RFC 5869).

        Parameters
        ----------
        purpose : str
            Context string, one per use, for example ``"image/chips/1"``.
        length : int
            Bytes wanted, at most 8160.

        Returns
        -------
        bytes
            Independent of every other purpose's bytes.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = b"genlabel/" + purpose.encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self.secret)


def as_key(key: object) -> Key:
    """Refuse what is no key.

    Raises
    ------
    SecretError
        It is not a `Key`.
    """
    if not isinstance(key, Key):
        raise SecretError("key is not a genlabel.Key; Key.load reads one from its file")
    return key


def as_keys(keys: Key | Iterable[Key]) -> tuple[Key, ...]:
    """Take one key or several.

    Raises
    ------
    SecretError
        They are not `Key` objects.
    """
    wanted = (keys,) if isinstance(keys, Key) or not isinstance(keys, Iterable) else tuple(keys)
    if not all(isinstance(key, Key) for key in wanted):
        raise SecretError("keys are genlabel.Key objects; Key.load reads one from its file")
    return wanted


def _path_text(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str):
        raise SecretError(f"a path is text, not {type(text).__name__}")
    if not text or "\0" in text:
        raise SecretError(f"{text!r} is no path")
    return text
