"""Wrong types in the place of each argument of every public name: what comes is an error of Pellucid, or a result.

The valid calls are those of the examples in the reference. Each is made again with one argument that is wrong.
"""

import ast
import contextlib
import doctest
import inspect
import io
import sys
import warnings

import numpy as np
import pytest

import pellucid as pc
from pellucid import data, metrics, models, nn, optim, train, view
from pellucid.errors import PellucidError
from pellucid.reference.examples import written_example
from pellucid.reference.names import entries, example, methods

WRONG = [None, ["a", "b"], "no", object(), {"a": 1}]
# What takes anything at all, ends the program, or fetches files from the network.
LEFT_OUT = {"data.mnist", "data.fashion_mnist"}
MISSING = (
    "required positional argument",
    "required keyword-only",
    "unexpected keyword",
    "multiple values",
    "positional arguments but",
    "positional argument but",
)


def statements(entry):
    """The lines of its example, without what is printed."""
    text = example(entry) or written_example(entry) or ""
    if ">>>" in entry.text:
        text = "".join(part.source for part in doctest.DocTestParser().get_examples(entry.text))
    return text


class Record(ast.NodeTransformer):
    """Every call f(...) becomes __call__(f, ...)."""

    def visit_Call(self, node):  # noqa: N802  the name that ast asks for
        self.generic_visit(node)
        return ast.Call(ast.Name("__call__", ast.Load()), [node.func, *node.args], node.keywords)


def calls_of(entry):
    """The calls of this function, of this class and of its objects' methods that its example makes."""
    found = []
    own = inspect.unwrap(entry.thing)

    def call(function, *arguments, **named):
        owner = getattr(function, "__self__", None)
        of_object = function if owner is None else owner
        mine = callable(function) and inspect.unwrap(getattr(function, "__func__", function)) is own
        if mine or (inspect.isclass(entry.thing) and isinstance(of_object, entry.thing)):
            found.append((function, arguments, named))
        return function(*arguments, **named)

    space = vars(sys.modules[own.__module__]) | {
        "pc": pc, "np": np, "F": pc.functional, "nn": nn, "optim": optim, "metrics": metrics, "data": data,
        "models": models, "train": train, "view": view, "__call__": call, entry.name: entry.thing, "__name__": "example",
    }  # fmt: skip
    tree = ast.fix_missing_locations(Record().visit(ast.parse(statements(entry))))
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(tree, "<example>", "exec"), space)
    return found


def outcome(function, arguments, named):
    """None if all is well; else the bare error."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            function(*arguments, **named)
    except (PellucidError, OSError):
        return None
    except Exception as error:  # noqa: BLE001  that is what is looked for
        trace = error.__traceback__
        files = []
        while trace is not None:
            files.append(trace.tb_frame.f_code.co_filename)
            trace = trace.tb_next
        if "<example>" in files or any(word in str(error) for word in MISSING):
            return None
        return f"{type(error).__name__}: {error}"
    return None


def wrong_calls(entry):
    for function, arguments, named in calls_of(entry):
        for at in range(len(arguments)):
            for wrong in WRONG:
                yield function, (*arguments[:at], wrong, *arguments[at + 1 :]), named, at, wrong
        for name in named:
            for wrong in WRONG:
                yield function, arguments, named | {name: wrong}, name, wrong


def bare_errors(entry):
    found = []
    for function, arguments, named, at, wrong in wrong_calls(entry):
        if bare := outcome(function, arguments, named):
            found.append(
                f"{entry.written}: {getattr(function, '__qualname__', function)} argument {at} = {wrong!r}: {bare}"
            )
    return found


TENSOR = next(entry for entry in entries() if entry.written == "pc.Tensor")
SWEPT = [
    entry
    for entry in [*entries(), *methods(TENSOR)]
    if callable(entry.thing) and entry.kind != "error" and entry.written not in LEFT_OUT
]


@pytest.mark.parametrize("entry", SWEPT, ids=[entry.written for entry in SWEPT])
def test_wrong_types_get_an_error_of_ours(entry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert bare_errors(entry) == []
