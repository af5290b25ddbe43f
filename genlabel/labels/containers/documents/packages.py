"""Documents that are packages: named texts in one of their parts, read and written alike.

References
----------
ISO/IEC 29500-2, 12; ODF 1.3 part 2, 5; EPUB 3.3, 4.2.6.3.5 (signatures).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import spans
from genlabel.labels.containers.contents import Contents, Edits, Unreadable
from genlabel.labels.containers.documents.zip_parts import Package, open_package
from genlabel.labels.containers.spans import Span

_SIGNATURES = (
    "META-INF/documentsignatures.xml",
    "META-INF/macrosignatures.xml",
    "META-INF/signatures.xml",
)


@dataclass(frozen=True, slots=True)
class Named:
    """The named texts of a package.

    Parameters
    ----------
    spans : sequence of Span
        What is there.
    changes : callable
        Gives the parts that edits change, or add, by their names; raises `Unreadable` where it
        cannot.
    """

    spans: Sequence[Span]
    changes: Callable[[Edits], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """One family of documents.

    Parameters
    ----------
    place : str
        What their named texts are called, for people.
    named : callable
        Finds these in a package; raises `Unreadable` where the part is damaged.
    """

    place: str
    named: Callable[[Package], Named]

    def read(self, data: bytes, *, name: str) -> Contents:
        """Find the named texts.

        Parameters
        ----------
        data : bytes
            The file.
        name : str
            For messages.

        Raises
        ------
        MediaError
            The package is damaged.
        UnsupportedError
            It is encrypted, or of the ZIP64 form.
        """
        package = open_package(data, name=name)
        try:
            return spans.contents(self.named(package).spans, self.place)
        except Unreadable as error:
            return spans.unreadable(self.place, error)

    def write(
        self, data: bytes, contents: Contents, edits: Edits, *, name: str
    ) -> tuple[bytes, tuple[str, ...]]:
        """Set named texts; every part that is not concerned stays byte for byte.

        Parameters
        ----------
        data, contents, edits, name
            As in `genlabel.labels.containers.write`.

        Returns
        -------
        tuple of (bytes, tuple of str)
            The new file; there are no warnings.

        Raises
        ------
        MediaError
            A part that has to change is damaged.
        UnsupportedError
            The document is encrypted, or signed, and any change would break its signature.
        """
        package = open_package(data, name=name)
        refuse_signed(package)
        try:
            changes = self.named(package).changes(edits)
        except Unreadable as error:
            raise MediaError(f"cannot be labelled: {error}", path=name) from None
        return package.edited(changes) if changes else data, ()


def refuse_signed(package: Package) -> None:
    """Refuse a document that carries a digital signature.

    Parameters
    ----------
    package : Package
        The document.

    Raises
    ------
    UnsupportedError
        It is signed.
    """
    for part in package.parts:
        if part.name.startswith("_xmlsignatures/") or part.name in _SIGNATURES:
            raise UnsupportedError(
                "carries a digital signature, which any change breaks: label it before signing",
                path=package.file,
            )
