"""PDF files opened: what cannot be read or must not be changed is named.

References
----------
ISO 32000-2, 7.5.5 (file trailer), 7.6 (encryption), 12.8 (digital signatures).
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from genlabel._errors import GenlabelError, MediaError, UnsupportedError

if TYPE_CHECKING:
    import pikepdf

#: What a stream may inflate to: object streams of whole books stay below.
MAX_FLATE_BYTES = 256 << 20
_START = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_SOURCE = re.compile(r"(?:stream )?<_io\.\S+ object at \w+>:? ?")
_TAIL_BYTES = 1 << 11
_ENCRYPTED = "is an encrypted PDF: decrypt it first"
# What looking at objects of unexpected types gives.
_ODDITIES = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, OverflowError)


@contextlib.contextmanager
def open_pdf(data: bytes, *, name: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF file; whatever is wrong with it inside the block is damage.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged beyond reading.
    UnsupportedError
        It is encrypted, or pikepdf is not installed.
    """
    try:
        import pikepdf
    except ImportError:
        raise UnsupportedError(
            "is a PDF, for which pikepdf is needed: pip install 'genlabel[pdf]'", path=name
        ) from None
    # Warnings are looked at, not printed: without any handler they would go to stderr.
    log = logging.getLogger("pikepdf")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    if not pikepdf.settings.get_qpdf_limits()["flate_max_memory"]:
        pikepdf.settings.set_qpdf_limits(flate_max_memory=MAX_FLATE_BYTES)
    try:
        with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise UnsupportedError(_ENCRYPTED, path=name)
            # Reads the page tree, as far as it can be.
            len(pdf.pages)
            yield pdf
    except GenlabelError:
        raise
    except pikepdf.PasswordError:
        raise UnsupportedError(_ENCRYPTED, path=name) from None
    except (pikepdf.PikepdfError, *_ODDITIES) as error:
        # The library names its source, which is an object here.
        reason = _SOURCE.sub("", " ".join(str(error).split()))[:200]
        raise MediaError(f"is a damaged PDF: {reason}", path=name) from None


def refuse_change(data: bytes, pdf: pikepdf.Pdf, *, name: str) -> None:
    """Refuse a file that a change would harm.

    Parameters
    ----------
    data : bytes
        The file.
    pdf : pikepdf.Pdf
        The same, opened.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is damaged, and was read by guessing.
    UnsupportedError
        It carries a digital signature.

    References
    ----------
    ISO 32000-2, 12.8.1 (ByteRange, which no object stream can hold) and 12.8.2.2 (DocMDP).
    """
    if data.find(b"/ByteRange") >= 0 or "/Perms" in pdf.Root:
        raise UnsupportedError(
            "carries a digital signature, which a change would put in doubt: label it before "
            "signing",
            path=name,
        )
    warnings = pdf.get_warnings()
    if warnings or cross_reference(data) is None:
        warning = str(next(iter(warnings), "it has no cross-reference"))
        reason = _SOURCE.sub("", " ".join(warning.split()))[:200]
        raise MediaError(f"is a damaged PDF: {reason}", path=name)


def cross_reference(data: bytes) -> int | None:
    """Give where the last cross-reference section begins, if the file ends as it should.

    Parameters
    ----------
    data : bytes
        The file.
    """
    match = _START.search(data[-_TAIL_BYTES:])
    return None if match is None else int(match[1])
