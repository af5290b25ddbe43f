"""Every error genlabel raises on purpose.

::

    GenlabelError
    ├── MediaError        (ValueError)   a file cannot be read or written
    ├── UnsupportedError  (ValueError)   a kind of file, or a request, this version lacks
    ├── CapacityError     (ValueError)   too small or too flat to carry the mark
    ├── LabelError        (ValueError)   a label breaks a rule of its standard
    ├── SecretError       (ValueError)   a key file that cannot be used
    └── SignerError       (ValueError)   a certificate or key that cannot sign

"Not found" and "damaged" are results, never exceptions: see `Detection` and `Report`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


class GenlabelError(Exception):
    """Root of every error genlabel raises on purpose.

    Parameters
    ----------
    reason : str
        What is wrong, in one line.
    path : path-like or None
        The file it is about; printed in front of the reason.
    """

    def __init__(self, reason: str, *, path: str | os.PathLike[str] | None = None) -> None:
        self.reason = reason
        self.path = None if path is None else os.fspath(path)
        super().__init__(reason, self.path)

    def __str__(self) -> str:
        return self.reason if self.path is None else f"{self.path}: {self.reason}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only fields do not survive the default pickling, and workers send errors back.
        return (_rebuild, (type(self), dict(self.__dict__)))


def _rebuild(kind: type[GenlabelError], fields: dict[str, object]) -> GenlabelError:
    error = kind.__new__(kind)
    error.__dict__.update(fields)
    error.args = (fields["reason"], fields["path"])
    return error


class MediaError(GenlabelError, ValueError):
    """A file cannot be read, or what was written did not read back."""


class UnsupportedError(GenlabelError, ValueError):
    """A kind of file, or a request, that this version does not serve."""


class CapacityError(GenlabelError, ValueError):
    """The medium is too small or too flat to carry the mark.

    Parameters
    ----------
    reason, path
        As in `GenlabelError`.
    required : str or None
        What would fit, for example ``"a short side of at least 256 px"``.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | os.PathLike[str] | None = None,
        required: str | None = None,
    ) -> None:
        super().__init__(reason, path=path)
        self.required = required

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.required is None else f"{text} (needs {self.required})"


class LabelError(GenlabelError, ValueError):
    """A label breaks a rule of its standard.

    Parameters
    ----------
    reason, path
        As in `GenlabelError`.
    field : str or None
        The field of `Label` at fault.
    clause : str or None
        The rule it breaks, for example ``"GB 45438-2025 Annex E j)"``.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | os.PathLike[str] | None = None,
        field: str | None = None,
        clause: str | None = None,
    ) -> None:
        super().__init__(reason, path=path)
        self.field = field
        self.clause = clause

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.clause is None else f"{text} [{self.clause}]"


class SecretError(GenlabelError, ValueError):
    """A key file that cannot be read, is damaged, or would be overwritten."""


class SignerError(GenlabelError, ValueError):
    """A certificate chain or private key that C2PA signing cannot use.

    Parameters
    ----------
    reason, path
        As in `GenlabelError`.
    rule : str or None
        The certificate rule that is broken, in the C2PA certificate profile's terms.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | os.PathLike[str] | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(reason, path=path)
        self.rule = rule


@contextlib.contextmanager
def errors_name(name: str) -> Iterator[None]:
    """Let every error that leaves the block name the file it is about."""
    try:
        yield
    except GenlabelError as error:
        if error.path is None:
            error.path = name
        raise
