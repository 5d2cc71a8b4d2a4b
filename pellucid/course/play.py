"""Runs a lesson, and pairs what each cell shows with the code that is to be read above it."""

import ast
import contextlib
import importlib.util
import io
import textwrap
from typing import Any, NamedTuple

from pellucid.course.outputs import Output
from pellucid.errors import UnsupportedError


class Cell(NamedTuple):
    """A cell of a lesson after it ran."""

    code: str  # "" where the lesson hides it
    output: Any  # an Output, or None


def play(path):
    """The cells of a lesson in order, run in this process; what is for marimo alone (switch, sliders) is left out."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with contextlib.redirect_stdout(io.StringIO()):
        outputs, _ = module.app.run()
    cells = sources(path.read_text(encoding="utf-8"))
    if len(cells) != len(outputs):
        raise UnsupportedError(f"{path} has {len(cells)} cells, but {len(outputs)} outputs came of running it.")
    pairs = [Cell(code, each if isinstance(each, Output) else None) for code, each in zip(cells, outputs, strict=True)]
    return [cell for cell in pairs if cell.code or cell.output]


def sources(text):
    """The code of each cell, "" for one that is hidden. A cell is a function; marimo adds its `return`."""
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        options = {
            keyword.arg: ast.literal_eval(keyword.value)
            for call in node.decorator_list
            if isinstance(call, ast.Call)
            for keyword in call.keywords
        }
        body = node.body[:-1] if isinstance(node.body[-1], ast.Return) else node.body
        if options.get("hide_code") or not body:
            found.append("")
            continue
        first = body[0].lineno - 1
        while lines[first - 1].lstrip().startswith("#"):
            first -= 1
        found.append(textwrap.dedent("\n".join(lines[first : body[-1].end_lineno])))
    return found
