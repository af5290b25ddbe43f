"""Public names that are imported when they are first used: kernels and decoders take their time."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def attributes(package: str, home: Mapping[str, str]) -> Callable[[str], Any]:
    """Give a package's ``__getattr__`` [PEP 562].

    Parameters
    ----------
    package : str
        Its name.
    home : mapping of str to str
        The module that each public name is defined in.
    """

    def resolve(name: str) -> Any:
        """Import a name, and keep it in the package."""
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return resolve
