"""The runtime of the process: one set of threads, and matrix products, shared by all programs."""

import ctypes
import functools
import os

from pellucid.errors import ArgumentError
from pellucid.targets.c.emit import CONTRACT, with_includes
from pellucid.toolchain.build import Unit, load
from pellucid.toolchain.machine import cores

PARTS = ("pool.c", "scratch.c", "matmul_f32.c", "matmul_f64.c", "attention_f32.c", "attention_f64.c")


@functools.cache
def library():
    """The runtime's library, compiled at the first use ever on this machine."""
    texts = [(name, with_includes(name)) for name in (*PARTS, "call.c")]
    flags = (*CONTRACT, "-pthread")
    return load([Unit(name, text, flags) for name, text in texts], "the runtime")


def threads():
    """How many threads take part: PELLUCID_THREADS, else one for each processor this process may use."""
    wanted = os.environ.get("PELLUCID_THREADS", "")
    if not wanted:
        return cores()
    if not wanted.isdigit() or int(wanted) < 1:
        raise ArgumentError(f"PELLUCID_THREADS is {wanted!r}: it must be a whole number from 1 on.")
    return int(wanted)


def runtime():
    """The address of the runtime, to be handed to a step."""
    open_runtime = library().runtime_open
    open_runtime.restype = ctypes.c_void_p
    return ctypes.c_void_p(open_runtime(threads()))
