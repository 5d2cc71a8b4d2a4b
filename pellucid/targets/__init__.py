"""Targets: what a recorded graph can be turned into. A target is a class: `Target(graph)`, then `run(arguments)`.

"c"      one C program, compiled by the system's C compiler: the fast one
"numpy"  the recorded steps one after the other: the reference, and what runs where there is no compiler
"""

import functools
import os
import sys

from pellucid.errors import CompilerError, UnsupportedError
from pellucid.targets.numpy import NumpyProgram

NAMES = ("c", "numpy")


def known(target):
    """Refuse a target that is not there. None means: C where there is a compiler, else NumPy."""
    if target is not None and target not in NAMES:
        raise UnsupportedError(f"target {target!r} is not there.", remedy=f"Choose one of {', '.join(NAMES)}, or none.")
    return target


def program(graph, target):
    """The graph, ready to run on `target`; without one, on the best that works here."""
    target = target or from_environment()
    if target == "numpy" or (target is None and not compiler_found()):
        return NumpyProgram(graph)
    from pellucid.targets.c.program import CProgram

    if target == "c":
        return CProgram(graph)
    try:
        return CProgram(graph)
    except UnsupportedError as error:  # an op or a dtype that C has no line for: slower, but right
        if any(not type(node.op).__module__.startswith("pellucid.") for node in graph.nodes):  # an op of the user's
            tell_once(f"This step runs on NumPy, slower: {error.message} {error.remedy or ''}".rstrip())
    except CompilerError as error:
        tell_once(f"This step runs on NumPy, slower: {error.message}")
    return NumpyProgram(graph.rebuilt(lambda node, inputs: node))  # the nodes were given other numbers meanwhile


def from_environment():
    """What PELLUCID_TARGET says, or None."""
    target = os.environ.get("PELLUCID_TARGET") or None
    try:
        return known(target)
    except UnsupportedError as error:
        raise UnsupportedError(
            f"the environment variable PELLUCID_TARGET: {error.message}", remedy=error.remedy
        ) from None


def c_is_default():
    """Do programs without a named target become C here?"""
    return from_environment() != "numpy" and compiler_found()


def compiler_found():
    """Is there a C compiler that works? If not, one line says how to get one, once."""
    from pellucid.toolchain.compilers import find_compiler

    try:
        find_compiler()
    except CompilerError as error:
        tell_once(f"Compiled steps run on NumPy, slower: {error.message}. {error.remedy or ''}".rstrip())
        return False
    return True


@functools.cache
def tell_once(line):
    """Say it on the standard error stream, the first time only."""
    print(line, file=sys.stderr)
