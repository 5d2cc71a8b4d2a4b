"""The short way from Python into a step: a function in C that Python calls with the arguments themselves (call.c).

Such a function is what an extension module consists of. Here it is made at run time by PyCFunction_NewEx, which is part
of Python's stable ABI, so neither headers of Python nor those of NumPy are needed. Where Python or NumPy keep their
objects in another way than call.c expects (free-threaded builds, PyPy, some later version), there is no short way.
"""

import ctypes
import functools
import sys
import threading
import typing

import numpy as np

from pellucid.modes import mode

MISSED: typing.Any = object()  # in place of a result: the short way was not open, and nothing was done

# The beginning of `struct python` in call.c
FUNCTIONS = (
    "PyObject_GetAttr", "PyObject_SetAttr",
    "PyObject_CallNoArgs", "PyObject_CallFunctionObjArgs", "PyObject_Vectorcall",
    "PyTuple_GetItem", "PyList_New", "PyList_SetItem", "PyLong_FromLongLong", "PyLong_AsLongLong",
    "Py_IncRef", "Py_DecRef", "PyErr_Clear", "PyErr_Fetch", "PyErr_Restore",
    "PyEval_SaveThread", "PyEval_RestoreThread",
)  # fmt: skip
# NumPy's table of functions in C: its documented version, and the places of what is needed, which never change.
NUMPY_VERSION, VERSION, ARRAY_TYPE, NEW_LIKE_ARRAY = 0x02000000, 0, 2, 277


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


class Watched(ctypes.Structure):
    """A slot, and what was seen there: `struct watched` in call.c."""

    _fields_ = [("slot", ctypes.c_void_p), ("seen", ctypes.c_void_p)]


class Call(ctypes.Structure):
    """A step, ready to be called: `struct call` in call.c."""

    _fields_ = [
        *[(name, ctypes.c_void_p) for name in ("step", "p", "runtime")],
        ("parts", ctypes.POINTER(Part)),
        ("written", ctypes.POINTER(Range)),
        *[(name, ctypes.c_int64) for name in ("arguments", "results", "states")],
        *[(name, Watched) for name in ("structure", "special", "gradients")],
        *[(name, ctypes.c_void_p) for name in ("clock", "last_clock", "count", "last")],
        *[(name, ctypes.c_void_p) for name in ("look", "leave", "refuse", "rebuild", "long_way", "is_locked")],
    ]


class Entry:
    """The short way into a program: `enter` is called like the step. If the way is not open, it calls `long_way`.

    `steps` are the C program and the memory it works on. `hooks` are the functions that C calls (see `struct call`).
    """

    def __init__(self, steps, cells, slots, hooks, lock, call_open):
        self.lock, self.long_way = lock, hooks["long_way"]
        arrays = [*cells, *steps.outputs]
        parts = [
            Part(id(x), x.nbytes, slot) for x, slot in zip(arrays, [*slots, *[-1] * len(steps.outputs)], strict=True)
        ]
        if steps.is_long:
            del hooks["long_way"]
        else:
            hooks["is_locked"] = lock.locked
        self.call = Call(
            step=ctypes.cast(steps.step, ctypes.c_void_p),
            p=ctypes.addressof(steps.table),
            runtime=steps.runtime,
            parts=(Part * len(parts))(*parts),
            written=(Range * len(steps.written))(*steps.written),
            arguments=len(cells),
            results=len(steps.outputs),
            states=len(steps.written),
            **{name: Watched(slot_of(mode, name)) for name in ("structure", "special", "gradients")},
            clock=slot_of(mode, "clock"),
            last_clock=slot_of(steps.mark, "clock"),
            count=slot_of(steps.mark, "count"),
            last=id(steps.last),
            **{name: id(function) for name, function in hooks.items()},
        )
        self.watched = self.call.structure, self.call.special, self.call.gradients
        self.seen = ()
        self.changing = threading.Lock()
        # Whoever has the function has what it works on. The garbage collector sees that in a tuple.
        self_in_c = (np.frombuffer(memoryview(self.call), np.uint8), steps, arrays, hooks)
        make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
        make = make(("PyCFunction_NewEx", ctypes.pythonapi))
        self.function = make(method(call_open), self_in_c, None)
        self.is_long = steps.is_long

    @property
    def enter(self):
        """What is called like the step."""
        return self.enter_locked if self.is_long else self.function

    def enter_locked(self, *args, **named):
        """`enter` for a step that lets other threads of Python run meanwhile: one call at a time."""
        with self.lock:
            result = self.function(*args, **named)
        return self.long_way(*args, **named) if result is MISSED else result

    def saw(self, *seen):
        """As long as these objects stand in the slots of `mode`, Python need not be asked (None: at every call)."""
        if seen == self.seen:
            return
        with self.changing:  # no other thread puts some of its own between these
            for watched in self.watched:
                watched.seen = None
            self.seen = seen  # kept alive as long as C knows their addresses, so that no other object gets one of them
            for watched, value in zip(self.watched, seen, strict=True):
                watched.seen = None if value is None else id(value)


def method(call_open):
    """The address of what Python is told of the function in C, by call.c's `call_open`."""
    functions = [ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value for name in FUNCTIONS]
    needed = [*functions, numpy_functions()[NEW_LIKE_ARRAY], *[id(x) for x in constants()]]
    call_open.restype = ctypes.c_void_p
    return call_open((ctypes.c_void_p * len(needed))(*needed))


@functools.cache
def constants():
    """The end of `struct python` in call.c."""
    return None, True, MISSED, np.ndarray, mode.family, sys.intern("step"), sys.intern("array")


def numpy_functions():
    """The addresses in NumPy's table of functions, as far as it is used here."""
    address = ctypes.pythonapi.PyCapsule_GetPointer
    address.restype, address.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    table = address(np._core._multiarray_umath._ARRAY_API, None)
    return (ctypes.c_void_p * (NEW_LIKE_ARRAY + 1)).from_address(table)


def slot_of(thing, name):
    """Where the pointer lies that is a slot (`__slots__`) of an object: at the same distance in all of its class.

    Found by putting something into the slot of another object, and looking for its address.
    """
    other, value = object.__new__(type(thing)), object()
    setattr(other, name, value)
    words = (ctypes.c_void_p * (type(thing).__basicsize__ // ctypes.sizeof(ctypes.c_void_p))).from_address(id(other))
    return id(thing) + ctypes.sizeof(ctypes.c_void_p) * list(words).index(id(value))


@functools.cache
def usable():
    """Do Python's objects and NumPy's arrays lie in memory as call.c expects? Seen on some arrays, once."""
    if sys.implementation.name != "cpython" or object.__basicsize__ != ArrayFields.data.offset:
        return False
    if np.ndarray.__basicsize__ < ctypes.sizeof(ArrayFields):
        return False
    if ctypes.c_void_p.from_address(slot_of(mode, "clock")).value != id(mode.clock):
        return False
    functions = numpy_functions()
    version = ctypes.CFUNCTYPE(ctypes.c_uint)(functions[VERSION])
    if version() != NUMPY_VERSION or functions[ARRAY_TYPE] != id(np.ndarray):
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
