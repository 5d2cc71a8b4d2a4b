"""Runs the examples of docstrings, and keeps what they printed and drew: pages show what came, not what was said."""

import ast
import contextlib
import doctest
import inspect
import io
import os
import sys
import tempfile
import traceback
import warnings
from importlib import import_module
from typing import NamedTuple

import numpy as np

import pellucid
from pellucid.tensors import default_generator

CHECKER = doctest.OutputChecker()


class Ran(NamedTuple):
    """One example after it ran: its lines, what came, what the docstring says should come, and pictures (PNG)."""

    source: str
    came: str
    said: str
    pictures: tuple = ()
    options: int = 0

    @property
    def agrees(self):
        """Did come what was said? Of an error only the last line counts, as in doctest."""
        if self.said.startswith("Traceback"):
            return self.came.strip().splitlines()[-1:] == self.said.strip().splitlines()[-1:]
        return CHECKER.check_output(self.said, self.came, self.options)


def parts(text):
    """A docstring as its parts in order: texts, and lists of doctest's examples that stand together."""
    found = []
    for part in doctest.DocTestParser().parse(text):
        if isinstance(part, doctest.Example):
            if not found or isinstance(found[-1], str):
                found.append([])
            found[-1].append(part)
        elif part.strip():
            found.append(part.strip("\n"))
    return found


def ran(entry):
    """The parts of an entry's docstring, with every example run, in one session, with the names of its module."""
    with session(entry) as space:
        return [part if isinstance(part, str) else [run(each, space) for each in part] for part in parts(entry.text)]


def ran_statements(text, entry):
    """Statements as examples, run in one session; nothing is said of what should come."""
    with session(entry) as space:
        space.update({"pc": pellucid, "np": np, "nn": pellucid.nn, "optim": pellucid.optim, "data": pellucid.data})
        sources = [ast.get_source_segment(text, node) or "" for node in ast.parse(text).body]
        return [run(doctest.Example(source, ""), space) for source in sources]


@contextlib.contextmanager
def session(entry):
    """For `with`: the names that the examples of an entry may use. Afterwards the user's own draws go on as before."""
    key = default_generator.key.numpy().copy()
    thing = getattr(entry.thing, "fget", entry.thing)
    module = getattr(inspect.unwrap(thing), "__module__", None) or "pellucid"
    backend = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "agg"  # pictures go into files, not into windows
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings():
            yield dict(vars(import_module(module)), __name__="__main__")
    finally:
        default_generator.key.assign(key)
        os.environ.pop("MPLBACKEND")
        if backend is not None:
            os.environ["MPLBACKEND"] = backend


def run(example, space):
    """Run one example as at Python's prompt."""
    printed, drawn = io.StringIO(), figures_of(space)

    def show(value):
        if value is not None:
            space["_"] = value
            print(repr(value))

    before, sys.displayhook = sys.displayhook, show
    options = 0
    for flag, wanted in example.options.items():
        options |= flag if wanted else 0
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(example.source, "<example>", "single"), space)
    except Exception as error:  # noqa: BLE001, an example may show an error
        printed.write("Traceback (most recent call last):\n    ...\n")
        printed.write("".join(traceback.format_exception_only(error)))
    finally:
        sys.displayhook = before
    pictures = [png(figure) for key, figure in figures_of(space).items() if key not in drawn]
    return Ran(example.source, printed.getvalue(), example.want, tuple(pictures), options)


def figures_of(space):
    """The pictures that an example has drawn so far, by identity: figures of matplotlib under any name."""
    return {id(value): value for value in space.values() if hasattr(type(value), "savefig")}


def png(figure):
    """A picture as a file's bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()


def prompted(source):
    """The lines of an example as they stand at Python's prompt."""
    first, *rest = source.rstrip("\n").split("\n")
    return "\n".join([f">>> {first}", *[f"... {line}".rstrip() for line in rest]])
