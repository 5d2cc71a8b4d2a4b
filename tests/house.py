"""What tests of the source look at: the files of the package, what they import, and a fresh interpreter."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pellucid"
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path):
    """`pellucid.ops.reduce` for its file, `pellucid.ops` for the package's __init__."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(module):
    """The part of the package a module belongs to: `ops` for pellucid.ops.reduce."""
    return module.split(".")[1] if "." in module else ""


def imports(path, everywhere=True):
    """The full names of all modules that a file imports; with `everywhere` inside functions as well."""
    tree = tree_of(path)
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    found = []

    def visit(node):
        for child in ast.iter_child_nodes(node):
            if not everywhere and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Import):
                found.extend(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
                base = ".".join([*above, *([child.module] if child.module else [])])
                if base == "pellucid":  # `from pellucid import engine` means pellucid.engine
                    found.extend(f"pellucid.{alias.name}" for alias in child.names)
                else:
                    found.append(base)
            visit(child)

    visit(tree)
    return found


def fresh(program, *options, **environment):
    """The output of a program in a new interpreter that finds this package."""
    done = subprocess.run(
        [sys.executable, *options, "-c", program],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
