"""What may import what, how large a piece may be, and what must say what it is."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNELS = sorted((ROOT / "kernels" / "genlabel_kernels").rglob("*.py"))
SOURCES = sorted(
    path
    for root in ("genlabel", "kernels/genlabel_kernels", "cli/genlabel_cli")
    for path in (ROOT / root).rglob("*.py")
)

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
KERNELS_MAY_REACH = {"numpy", "numba", "genlabel_kernels", *sys.stdlib_module_names}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module).split(".")[0]


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_kernels_reach_numpy_numba_and_the_standard_library(path: Path) -> None:
    # import-linter forbids by name; this allows by name, so a new dependency shows too.
    assert set(imported(ast.parse(path.read_text()))) <= KERNELS_MAY_REACH


def test_no_file_and_no_function_is_too_long() -> None:
    too_long = []
    for path in SOURCES:
        text = path.read_text()
        if text.count("\n") > MOST_LINES:
            too_long.append(path.name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and body_lines(node) > MOST_FUNCTION_LINES:
                too_long.append(f"{path.name}:{node.lineno} {node.name}")
    assert not too_long


def test_what_has_a_public_name_says_what_it_is() -> None:
    # Linters pass over modules whose names are private, and most of ours are.
    silent = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in definitions(ast.parse(path.read_text()))
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def definitions(body: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Give the functions and classes of a module, and what is defined in its classes."""
    for node in ast.iter_child_nodes(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
        if isinstance(node, (ast.ClassDef, ast.If, ast.Try)):
            yield from definitions(node)


def body_lines(node: ast.FunctionDef) -> int:
    """Count a function's lines without its docstring."""
    lines = (node.end_lineno or 0) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines
