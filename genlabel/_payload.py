"""What the samples carry: the payload, a salt and a keyed tag, as message bits.

The code that protects the bits is linear, and so would a checksum be: whoever multiplied the marks
of three pictures would have made a fourth, valid one. The tag is therefore an HMAC, which only the
key's owner can compute.

Payload and salt are encrypted under the tag, as a synthetic initialisation vector: the difference
of two pictures' words, which anybody can read, then says nothing about their payloads, and no
payload (all zeros, say) is a weak word.

References
----------
RFC 2104: HMAC. FIPS 180-4: SHA-256, SHA-512. RFC 5297: encryption under a synthetic IV.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from genlabel._errors import UnsupportedError
from genlabel._key import Key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Code bits on the wire, whatever the payload's size.
CODE_BITS = 1024
#: Messages that carry one payload: the embedder takes the one that suits the host best.
SALTS = 256


@dataclass(frozen=True, slots=True)
class MessageFormat:
    """Lengths of a message's parts, payload first, tag last.

    Parameters
    ----------
    payload_bytes, salt_bytes, tag_bytes : int
        The tag of the short payload is short, because every bit costs range; the detector's own
        correlation bound stands beside it.
    """

    payload_bytes: int
    salt_bytes: int
    tag_bytes: int

    @property
    def bits(self) -> int:
        """Message bits in all."""
        return 8 * (self.payload_bytes + self.salt_bytes + self.tag_bytes)


FORMATS = (MessageFormat(8, 1, 3), MessageFormat(16, 1, 4), MessageFormat(32, 1, 4))
_BY_PAYLOAD = {form.payload_bytes: form for form in FORMATS}
_BY_BITS = {form.bits: form for form in FORMATS}


@dataclass(frozen=True, slots=True)
class PayloadSecrets:
    """The sub-keys of one key that messages need; see `payload_secrets`.

    Parameters
    ----------
    tag : bytes
        HMAC-SHA256 key.
    cipher : bytes
        HMAC-SHA512 key of the stream that is XORed onto payload and salt.
    """

    tag: bytes = field(repr=False)
    cipher: bytes = field(repr=False)


@functools.lru_cache(maxsize=512)
def payload_secrets(key: Key) -> PayloadSecrets:
    """Derive a key's message secrets, once per key."""
    return PayloadSecrets(tag=key.derive("payload/tag/1"), cipher=key.derive("payload/cipher/1"))


def message_format(payload: bytes) -> MessageFormat:
    """Look up the format of a payload.

    Raises
    ------
    UnsupportedError
        Not 8, 16 or 32 bytes.
    """
    if not isinstance(payload, bytes) or len(payload) not in _BY_PAYLOAD:
        sizes = ", ".join(str(size) for size in _BY_PAYLOAD)
        raise UnsupportedError(f"a payload is bytes, {sizes} long, not {_described(payload)}")
    return _BY_PAYLOAD[len(payload)]


def pack(payload: bytes, salt: int, secrets: PayloadSecrets) -> NDArray[np.uint8]:
    """Make the message of a payload.

    Parameters
    ----------
    payload : bytes
        8, 16 or 32 bytes.
    salt : int
        0 .. 255: which of the payload's messages.
    secrets : PayloadSecrets
        From `payload_secrets`.

    Returns
    -------
    (K,) uint8 array of 0 and 1
        K = 96, 168 or 296; most significant bit of each byte first.

    Raises
    ------
    UnsupportedError
        The payload is of another length.
    """
    import numpy as np

    message_format(payload)
    return np.unpackbits(np.frombuffer(_message(payload, salt, secrets), np.uint8))


def pack_all(payload: bytes, secrets: PayloadSecrets) -> NDArray[np.uint8]:
    """Make the messages of a payload under every salt.

    Returns
    -------
    (256, K) uint8 array of 0 and 1
        Row s is ``pack(payload, s, secrets)``.

    Raises
    ------
    UnsupportedError
        The payload is of another length.
    """
    import numpy as np

    form = message_format(payload)
    # What all messages have in common is hashed once.
    signer, cipher = _Mac(secrets.tag, hashlib.sha256), _Mac(secrets.cipher, hashlib.sha512)
    signer.update(payload)
    body = form.payload_bytes + form.salt_bytes
    ends = bytes([form.payload_bytes]), bytes([body])
    tags = [signer.digest(bytes([salt]) + ends[0])[: form.tag_bytes] for salt in range(SALTS)]
    streams = b"".join([cipher.digest(tag + ends[1])[:body] for tag in tags])
    rows = np.empty((SALTS, body + form.tag_bytes), np.uint8)
    rows[:, : form.payload_bytes] = np.frombuffer(payload, np.uint8)
    rows[:, form.payload_bytes] = np.arange(SALTS)
    rows[:, :body] ^= np.frombuffer(streams, np.uint8).reshape(SALTS, body)
    rows[:, body:] = np.frombuffer(b"".join(tags), np.uint8).reshape(SALTS, form.tag_bytes)
    return np.unpackbits(rows, axis=1)


def code_words(payload: bytes, secrets: PayloadSecrets) -> NDArray[np.int8]:
    """Encode a payload under every salt.

    Parameters
    ----------
    payload : bytes
        8, 16 or 32 bytes.
    secrets : PayloadSecrets
        Of the key.

    Returns
    -------
    (256, 1024) int8 array of -1 and +1

    Raises
    ------
    UnsupportedError
        The payload has another length.
    """
    from genlabel_kernels.code.polar import encode_batch, frozen_mask

    messages = pack_all(payload, secrets)
    words = encode_batch(messages, frozen_mask(CODE_BITS, messages.shape[1]))
    return 1 - 2 * words.view("i1")


def unpack(bits: NDArray[np.uint8], secrets: PayloadSecrets) -> bytes | None:
    """Read a message.

    Parameters
    ----------
    bits : (K,) uint8 array of 0 and 1
        A decoder's candidate.
    secrets : PayloadSecrets
        From `payload_secrets`.

    Returns
    -------
    bytes or None
        The payload; None where the tag is not this key's, or no format has K bits.
    """
    import numpy as np

    form = _BY_BITS.get(len(bits))
    if form is None:
        return None
    message = np.packbits(bits).tobytes()
    encrypted, tag = message[: -form.tag_bytes], message[-form.tag_bytes :]
    body = _crypted(encrypted, tag, secrets)
    if not hmac.compare_digest(tag, _tag(body, form, secrets)):
        return None
    return body[: form.payload_bytes]


class _Mac:
    """An HMAC under one key of many texts: the key is hashed once.

    Parameters
    ----------
    key : bytes
        At most a block of the hash long.
    kind : callable
        The hash.
    """

    def __init__(self, key: bytes, kind: Callable[[bytes], hashlib._Hash]) -> None:
        padded = key.ljust(kind(b"").block_size, b"\0")
        self._inner = kind(bytes(byte ^ 0x36 for byte in padded))
        self._outer = kind(bytes(byte ^ 0x5C for byte in padded))

    def update(self, text: bytes) -> None:
        """Begin all texts with this one."""
        self._inner.update(text)

    def digest(self, text: bytes) -> bytes:
        """Give the HMAC of what was put before and this text."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


def _message(payload: bytes, salt: int, secrets: PayloadSecrets) -> bytes:
    body = payload + bytes([salt])
    tag = _tag(body, _BY_PAYLOAD[len(payload)], secrets)
    return _crypted(body, tag, secrets) + tag


def _tag(body: bytes, form: MessageFormat, secrets: PayloadSecrets) -> bytes:
    # The size goes in, so that no prefix of a long message is a short one.
    text = body + form.payload_bytes.to_bytes(1, "big")
    return hmac.digest(secrets.tag, text, hashlib.sha256)[: form.tag_bytes]


def _crypted(body: bytes, tag: bytes, secrets: PayloadSecrets) -> bytes:
    """Encrypt or decrypt payload and salt under their tag."""
    size = len(body)
    stream = hmac.digest(secrets.cipher, tag + bytes([size]), hashlib.sha512)[:size]
    return (int.from_bytes(body) ^ int.from_bytes(stream)).to_bytes(size)


def _described(payload: object) -> str:
    return f"{len(payload)}" if isinstance(payload, bytes) else type(payload).__name__
