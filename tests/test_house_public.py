"""What is public: explicit lists, sorted and true, and a docstring for every name."""

import ast
import importlib
import inspect
import re

import pytest
from house import FILES, PACKAGE, dotted, each_file, fresh, tree_of

import pellucid as pc
from pellucid.engine import Op
from pellucid.errors import UnsupportedError


def public(module):
    return [name for name in vars(module) if not name.startswith("_")]


def in_order(names):
    """CONSTANTS, Classes, then the rest; int8 before int16."""

    def key(name):
        kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
        return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]

    return sorted(names, key=key)


def test_the_public_list_is_explicit_and_sorted():
    assert pc.__all__ in (sorted(pc.__all__), in_order(pc.__all__))
    assert len(set(pc.__all__)) == len(pc.__all__)
    for name in pc.__all__:
        assert getattr(pc, name) is not None


def test_nothing_else_leaks():
    """Submodules may be seen once they are loaded; anything else that is not in the list has an underscore."""
    loaded = fresh(
        "import pellucid, types; print(*[n for n, v in vars(pellucid).items() if not n.startswith('_')])"
    ).split()
    submodules = {
        path.stem if path.name != "__init__.py" else path.parent.name
        for path in FILES
        if len(path.relative_to(PACKAGE).parts) <= 2
    }
    assert set(loaded) <= set(pc.__all__) | submodules
    assert sorted(dir(pc)) == sorted(pc.__all__)


LISTED = [
    path for path in FILES
    if path.name == "__init__.py" and any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in tree_of(path).body
    )
]  # fmt: skip


def imported(name):
    """A package. One that needs another package, which is not installed, is skipped."""
    try:
        return importlib.import_module(name)
    except UnsupportedError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("path", LISTED, ids=[dotted(path) for path in LISTED])
def test_lists_of_packages_are_sorted_and_true(path):
    module = imported(dotted(path))
    assert list(module.__all__) in (sorted(module.__all__), in_order(module.__all__))
    for name in module.__all__:
        assert hasattr(module, name)
    tops = [name for name in public(module) if not inspect.ismodule(getattr(module, name))]
    if path.parent != PACKAGE:
        assert set(tops) <= set(module.__all__), "what a package imports and does not list leaks from it"


@each_file
def test_no_star_imports(path):
    for node in ast.walk(tree_of(path)):
        assert not (isinstance(node, ast.ImportFrom) and node.names[0].name == "*"), f"line {node.lineno}"


@each_file
def test_every_file_says_what_it_is(path):
    assert path.stat().st_size == 0 or ast.get_docstring(tree_of(path))


RULES = {"infer", "forward", "gradient"}  # of an op: explained once, in Op


@pytest.mark.parametrize("path", LISTED, ids=[dotted(path) for path in LISTED])
def test_every_public_name_has_a_docstring(path):
    """Functions, classes and their public methods. A method that overrides another may leave its page to that."""
    module = imported(dotted(path))
    missing = []
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.ismodule(thing) or inspect.isclass(thing) or inspect.isroutine(thing)):
            continue  # a number, a dtype
        if not inspect.getdoc(thing):
            missing.append(name)
        if not inspect.isclass(thing) or not thing.__module__.startswith("pellucid"):
            continue
        for word, value in inspect.getmembers_static(thing):
            own = isinstance(value, (property, classmethod, staticmethod)) or inspect.isfunction(value)
            if not own or word.startswith("_") or (issubclass(thing, Op) and word in RULES):
                continue
            if not inspect.getdoc(getattr(thing, word)):
                missing.append(f"{name}.{word}")
    assert missing == []
