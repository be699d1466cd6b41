"""`assert` is for the type checker and for programmers; what data can break raises an F2FError."""

from __future__ import annotations

import ast
from pathlib import Path

import f2f

PACKAGE = Path(f2f.__file__).parent


def narrows(test: ast.expr) -> bool:
    """True for what tells the type checker of a value that is there, or of its type."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return all(narrows(part) for part in test.values)
    if isinstance(test, ast.Compare):
        nothing = test.comparators[-1]
        is_not = [type(op) for op in test.ops] == [ast.IsNot]
        return is_not and isinstance(nothing, ast.Constant) and nothing.value is None
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name):
        return test.func.id in ("isinstance", "issubclass")
    return isinstance(test, ast.Name | ast.Attribute)


def test_no_assert_guards_a_number_or_a_text() -> None:
    inside = {
        f"{file.relative_to(PACKAGE)}: assert {ast.unparse(node.test)}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Assert) and not narrows(node.test)
    }
    assert inside == set()
