"""The short way from Python into a step: a function in C that Python calls with the arrays themselves (runtime/call.c).

Such a function is what an extension module consists of. Here it is made at run time by PyCFunction_NewEx, which is part
of Python's stable ABI, so neither headers of Python nor those of NumPy are needed. Where Python or NumPy keep their
objects in another way than call.c expects (free-threaded builds, PyPy, some later version), there is no short way.
"""

import ctypes
import functools
import sys

import numpy as np

# `struct python` in call.c
FUNCTIONS = ("PyLong_FromLong", "PyObject_CallNoArgs", "Py_DecRef", "PyEval_SaveThread", "PyEval_RestoreThread")


class ArrayFields(ctypes.Structure):
    """The beginning of a NumPy array in memory: `struct array` in call.c."""

    _fields_ = [
        ("references", ctypes.c_ssize_t),
        ("type", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("axes", ctypes.c_int),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("base", ctypes.c_void_p),
        ("dtype", ctypes.c_void_p),
        ("flags", ctypes.c_int),
    ]


class Part(ctypes.Structure):
    """An argument or a result: `struct part` in call.c."""

    _fields_ = [("own", ctypes.c_void_p), ("bytes", ctypes.c_int64), ("slot", ctypes.c_int64)]


class Range(ctypes.Structure):
    """The addresses of a State: `struct range` in call.c."""

    _fields_ = [("begin", ctypes.c_size_t), ("end", ctypes.c_size_t)]


class Call(ctypes.Structure):
    """A step, ready to be called: `struct call` in call.c."""

    _fields_ = [
        ("step", ctypes.c_void_p),
        ("p", ctypes.c_void_p),
        ("runtime", ctypes.c_void_p),
        ("array_type", ctypes.c_void_p),
        ("parts", ctypes.POINTER(Part)),
        ("written", ctypes.POINTER(Range)),
        ("arguments", ctypes.c_int64),
        ("results", ctypes.c_int64),
        ("states", ctypes.c_int64),
        ("is_locked", ctypes.py_object),
        ("outcome", ctypes.c_int64),
    ]


class Entry:
    """The short way into a program. `enter` takes the arguments and an array for each result, and says how it went.

    0: done. Above 0: an index was refused. -1: the arguments are not as the program expects, and nothing was done.
    """

    def __init__(self, program, cells, slots, lock, call_open):
        self.lock = lock
        self.note = program.mark.note
        arrays = [*cells, *program.outputs]
        parts = [
            Part(id(x), x.nbytes, slot) for x, slot in zip(arrays, [*slots, *[-1] * len(program.outputs)], strict=True)
        ]
        self.call = Call(
            step=ctypes.cast(program.step, ctypes.c_void_p),
            p=ctypes.addressof(program.table),
            runtime=program.runtime,
            array_type=id(np.ndarray),
            parts=(Part * len(parts))(*parts),
            written=(Range * len(program.written))(*program.written),
            arguments=len(cells),
            results=len(program.outputs),
            states=len(program.written),
        )
        self.call.kept = arrays, program.table, program.arena  # whoever has the function has what it works on
        make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
        make = make(("PyCFunction_NewEx", ctypes.pythonapi))
        self.enter = self.function = make(method(call_open), np.frombuffer(memoryview(self.call), np.uint8), None)
        if program.is_long:
            self.enter = self.enter_locked
        else:
            self.call.is_locked = lock.locked

    def enter_locked(self, *arrays):
        """`enter` for a step that lets other threads of Python run meanwhile: one call at a time."""
        self.call.outcome = -1
        with self.lock:
            return self.function(*arrays)

    @property
    def done(self):
        """Has the last call done a step?"""
        return self.call.outcome == 0


def method(call_open):
    """The address of what Python is told of the function in C, by call.c's `call_open`."""
    addresses = [ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value for name in FUNCTIONS]
    call_open.restype = ctypes.c_void_p
    return call_open((ctypes.c_void_p * (len(FUNCTIONS) + 1))(*addresses, id(True)))


@functools.cache
def usable():
    """Do Python's objects and NumPy's arrays lie in memory as call.c expects? Seen on some arrays, once."""
    if sys.implementation.name != "cpython" or object.__basicsize__ != ArrayFields.data.offset:
        return False
    if np.ndarray.__basicsize__ < ctypes.sizeof(ArrayFields):
        return False
    table = np.arange(24.0).reshape(2, 3, 4)
    fixed = np.zeros(3, np.int8)
    fixed.flags.writeable = False
    samples = [np.zeros(()), table, table.T, table[:, ::2], table.astype(np.float32)[1], np.zeros((0, 5), bool), fixed]
    return all(seen(array) == said(array) for array in samples)


def seen(array):
    """What stands in the memory of an array."""
    fields = ArrayFields.from_address(id(array))
    axes = fields.axes if 0 <= fields.axes <= 3 else 0  # shape and strides are looked at only if that can be right
    return [
        *(fields.type, fields.data, fields.axes, fields.shape[:axes], fields.strides[:axes], fields.dtype),
        *(fields.flags & 0x1, fields.flags & 0x100),
    ]


def said(array):
    """What NumPy says of it."""
    flags = array.flags
    return [
        *(id(np.ndarray), array.__array_interface__["data"][0], array.ndim, list(array.shape), list(array.strides)),
        *(id(array.dtype), 0x1 if flags.c_contiguous else 0, 0x100 if flags.aligned else 0),
    ]
