"""What each regime asks of a labelled picture: one data file per regime.

The files state what was read in public sources and name the clause; they are no legal advice.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from genlabel._errors import UnsupportedError
from genlabel.profiles._assets import assets, write_assets

__all__ = [
    "DEFAULT",
    "Force",
    "Profile",
    "Requirement",
    "assets",
    "load",
    "load_all",
    "names",
    "write_assets",
]

Force = Literal["required", "recommended", "optional"]

#: What `genlabel.mark` labels for unless told otherwise.
DEFAULT = ("cn", "eu")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing a regime asks for.

    Parameters
    ----------
    id : str
        Stable name within its profile.
    text : str
        What is asked, in one sentence.
    clause : str
        Where it is asked.
    force : {"required", "recommended", "optional"}
        How strongly.
    layer : str or None
        The layer that answers it; None where no file can.
    fields : tuple of str
        Fields of `Label` it needs.
    how : str
        How genlabel answers it, or that it does not.
    """

    id: str
    text: str
    clause: str
    force: Force
    layer: str | None
    fields: tuple[str, ...]
    how: str

    def to_dict(self) -> dict[str, Any]:
        """Give the requirement as plain JSON types."""
        return {
            "id": self.id,
            "text": self.text,
            "clause": self.clause,
            "force": self.force,
            "layer": self.layer,
            "fields": list(self.fields),
            "how": self.how,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """What one regime asks for.

    Parameters
    ----------
    name : str
        As in ``profiles=("cn", "eu")``.
    title : str
        Jurisdiction and rules.
    in_force : str
        ISO date.
    source : str
        What the facts rest on.
    layers : tuple of str
        Layers of a file the regime asks for.
    requirements : tuple of Requirement
        Everything it asks for, also of organisations.
    notices : mapping of language tag to str
        A short sentence to show beside generated content.
    """

    name: str
    title: str
    in_force: str
    source: str
    layers: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    notices: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Give the profile as plain JSON types."""
        return {
            "name": self.name,
            "title": self.title,
            "in_force": self.in_force,
            "source": self.source,
            "layers": list(self.layers),
            "requirements": [requirement.to_dict() for requirement in self.requirements],
            "notices": dict(self.notices),
        }


@functools.cache
def names() -> tuple[str, ...]:
    """List the names of all profiles."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in entries if name.endswith(".json")))


@functools.cache
def load(name: str) -> Profile:
    """Read one profile.

    Parameters
    ----------
    name : str
        One of `names`.

    Raises
    ------
    UnsupportedError
        There is no such profile.
    """
    if name not in names():
        raise UnsupportedError(f"no profile {name!r}; there are {', '.join(names())}")
    record = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    record["layers"] = tuple(record["layers"])
    record["requirements"] = tuple(
        Requirement(**{**item, "fields": tuple(item["fields"])}) for item in record["requirements"]
    )
    record["notices"] = MappingProxyType(record["notices"])
    return Profile(**record)


def load_all(wanted: Iterable[str]) -> tuple[Profile, ...]:
    """Read several profiles.

    Parameters
    ----------
    wanted : iterable of str
        Names, for example ``("cn", "eu")``.

    Raises
    ------
    UnsupportedError
        One of them does not exist, or a single string was given in place of a list.
    """
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise UnsupportedError(f"profiles is a list of names: profiles=({wanted!r},)")
    return tuple(load(name) for name in wanted)
