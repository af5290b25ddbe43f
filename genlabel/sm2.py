"""SM2 keys, and labels signed with them: TC260's security data in ReservedCode1 and 2.

>>> from genlabel import Label, label, sm2, verify
>>> key = sm2.SigningKey.load("sm2.pem")  # doctest: +SKIP
>>> signed = sm2.signed(Label("001191110102MACQD9K64010000"), key)  # doctest: +SKIP
>>> receipt = label("in.png", "out.png", label=signed)  # doctest: +SKIP
>>> verify("out.png", sm2_trust="pinned.pem").layers["aigc"].details["signature"]  # doctest: +SKIP
'authentic'

Needs the extra ``genlabel[sm2]``. Its arithmetic is pure Python and takes time that depends on the
key: sign where nobody can measure how long it takes.

References
----------
TC260-PG-202511A (security data of labels); GB/T 32918.2 (SM2 signatures), GB/T 32905 (SM3);
GM/T 0009 (coding of signatures and public keys, and the usual identity of a signer).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from genlabel._sm2_keys import PublicKey, SigningKey, load_public_keys

if TYPE_CHECKING:
    from genlabel._label import Label

__all__ = ["PublicKey", "SigningKey", "load_public_keys", "signed"]


def signed(
    label: Label,
    key: SigningKey | str | os.PathLike[str],
    *,
    part: Literal["producer", "propagator"] = "producer",
) -> Label:
    """Sign one part of a label, and give it with the signature in that part's reserved field.

    Parameters
    ----------
    label : Label
        Its status, and the producer's name and number or the propagator's, are signed: not the
        content, and not the other part.
    key : SigningKey or path-like
        The producer's or propagator's, or its PEM file.
    part : {"producer", "propagator"}
        Whose part is signed. The guide has the text of the producer's; a propagator's is signed
        alike.

    Returns
    -------
    Label
        The same with ``reserved1``, or ``reserved2``.

    Raises
    ------
    LabelError
        That field is taken.
    SecretError
        The key file cannot be used.
    UnsupportedError
        The extra is not installed.
    """
    from genlabel.labels import security

    own = key if isinstance(key, SigningKey) else SigningKey.load(key)
    return security.signed(label, own, part)
