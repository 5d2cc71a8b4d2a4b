"""`pc.compile`: record a step once for each kind of call, then run the recording.

What a program depends on is in its key (the Specs of the arguments, Python arguments, grad mode) and in its
guards (what the recording has seen of modules, flags and gradients). A call that fits no program is recorded.
"""

import copy
import functools
import inspect
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import targets
from pellucid.arguments import rebuilt_arguments, take_apart
from pellucid.engine import Spec, mode
from pellucid.errors import ArgumentError, RecordingError, ShapeError, UnsupportedError
from pellucid.graph import record
from pellucid.graph.compare import compare, recorded
from pellucid.program import CHECKED_CALLS, Program, as_result, weakly
from pellucid.targets.numpy import NumpyProgram
from pellucid.tensors import Tensor

MANY_PROGRAMS = 8


def compile(function=None, *, target=None):
    """Compile a training or inference step: record what it does, and repeat that.

    The first call with new shapes runs the function once on values without numbers, and writes down every op:
    forward pass, `backward()` and `optimizer.step()` alike. Attributes, lists and prints of the function
    happen while recording only. States (parameters, buffers, optimizer slots, learning rates, random keys)
    are read and written at each call; arguments are copied in, results are fresh copies; everything else
    that the function closes over is a constant.

    `target` says what the recording becomes: "c", a C program, which is the default where a C compiler is found;
    or "numpy", the same calls that eager code makes. What C computes differs from eager code in the last bits:
    sums and products add up in another order. Raises CompilerError if target="c" and there is no compiler.

    >>> import pellucid as pc
    >>> @pc.compile
    ... def double(x):
    ...     return x * 2
    >>> double(pc.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """
    targets.known(target)
    if function is None:
        return functools.partial(compile, target=target)
    if not callable(function):
        raise ArgumentError(f"pc.compile takes a function, not {type(function).__name__}.")
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise ArgumentError(
            "pc.compile takes a function that runs from beginning to end, not a generator or a coroutine.",
            remedy="Compile what is done for one batch, and loop outside.",
        )
    return CompiledStep(function, target)


class CompiledStep:
    """What `pc.compile` returns: call it like the function.

    `step.graph` is the graph of the program that ran last, `step.source` its C; `step.programs` lists all programs.
    """

    # To call a step, Python looks for `__call__` in its class, finds a slot, and calls what the step has there: the
    # long way, or, once a program is known well, its short way in C. A method that chooses would take 0.2 us a call.
    __slots__ = ("__call__", "__dict__", "__weakref__")
    __call__: Callable[..., Any]

    def __init__(self, function, target=None):
        functools.update_wrapper(self, function)
        self.function = function
        self.wanted = target
        self.by_key = {}
        self.last = None
        self.__call__ = self.weak_long_way = weakly(self.long_way)
        self.warned = False
        self.name = None  # under which name it is a method of a class

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        """So that a method can be compiled: each object has a step of its own, kept with its attributes."""
        if instance is None:
            return self
        if self.name is None or not hasattr(instance, "__dict__"):
            return types.MethodType(self, instance)
        step = CompiledStep(types.MethodType(self.function, instance), self.wanted)
        vars(instance)[self.name] = step  # from now on Python finds it there
        return step

    def __deepcopy__(self, memo):
        """A copied model has steps of its own, which begin without programs."""
        return CompiledStep(copy.deepcopy(self.function, memo), self.wanted)

    @property
    def programs(self):
        """All programs recorded so far."""
        return [program for programs in self.by_key.values() for program in programs]

    @property
    def graph(self):
        """The graph of the program that ran last."""
        return self.called().target.graph

    @property
    def source(self):
        """The C of the program that ran last, as one file to read."""
        return self.in_c("source").source.listing()

    @property
    def target(self):
        """What the program that ran last runs on: "c" or "numpy"."""
        return "numpy" if isinstance(self.called().target, NumpyProgram) else "c"

    def profile(self, repeats=20):
        """Where the time of the program that ran last goes: a table with a row for each kernel (print it).

        The step is run `repeats` times on the arguments of its last call; all States are put back afterwards.
        """
        from pellucid.targets.profile import profile

        program = self.in_c("profile()")
        with self.called().lock:
            return profile(program, repeats)

    def called(self):
        """The program that ran last."""
        if self.last is None:
            raise ArgumentError("this step has not been called yet, so there is no program.", remedy="Call it once.")
        return self.last

    def in_c(self, what):
        """The program that ran last, if it is C."""
        if self.target != "c":
            raise UnsupportedError(
                f"{what} is of programs in C, and this step runs on NumPy.",
                remedy="`pellucid doctor` says whether a C compiler was found.",
            )
        return self.called().target

    def repeat(self, *args, **kwargs):
        """Many steps in one call, which saves Python's part of each.

        Tensors and arrays have one more axis in front: entry s is what step s is given, and the results are
        stacked in the same way. If step s is refused (an index out of range), the steps before it are done.
        """
        if mode.local.recording is not None:
            raise RecordingError("repeat was called inside a step that is being recorded.", remedy="Call the step.")
        if mode.eager:
            raise RecordingError("repeat is of compiled steps, and nothing is compiled now.", remedy="Call the step.")
        names, arrays, structure = self.analysed(args, kwargs)
        counts = {array.shape[0] if array.ndim else 0 for array in arrays}
        if len(counts) != 1 or 0 in counts:
            raise ShapeError(
                "repeat takes tensors whose first axis counts the steps, the same number for all and at least one; "
                f"their shapes are {', '.join(str(array.shape) for array in arrays) or 'none: no tensor came'}.",
                remedy="Stack the batches: pc.stack(batches). A step without tensors is called in a loop.",
            )
        specs = [Spec(array.shape[1:], array.dtype) for array in arrays]
        steps, done, parts = counts.pop(), 0, []
        watched = mode.local.tracer is not None  # detect_anomaly looks at each op of each step
        while done < steps:  # one program does them all, if gradients that were not there before do not change it
            program = self.program(names, specs, structure, steps - done)
            count = steps - done if program.settled() and not watched else 1
            program.calls += count
            parts.append(program.repeat([array[done : done + count] for array in arrays], watched))
            done += count
        results = parts[0] if len(parts) == 1 else [np.concatenate(part) for part in zip(*parts, strict=True)]
        return program.rebuild_results([as_result(array) for array in results])

    def long_way(self, *args, **kwargs):
        """Any call: look for a program that fits, record one if there is none, and run it."""
        if mode.local.recording is not None or mode.eager:
            return self.function(*args, **kwargs)  # a step inside a step is simply part of it
        names, arrays, structure = self.analysed(args, kwargs)
        program = self.program(names, [Spec(array.shape, array.dtype) for array in arrays], structure)
        program.calls += 1
        return program.run(arrays)

    def analysed(self, args, kwargs):
        """The names and arrays of the tensors among the arguments, and the structure of all."""
        names, arrays = [], []
        structure = (
            (
                tuple,
                *[take_apart(x, name, names, arrays) for x, name in zip(args, self.argument_names(args), strict=True)],
            ),
            take_apart(kwargs, "", names, arrays),
        )
        return names, arrays, structure

    def program(self, names, specs, structure, steps=1):
        """The program for arguments of these Specs, recorded now if there is none, to be called `steps` times."""
        key = (mode.local.grad, structure, *specs)
        program = next((p for p in self.by_key.get(key, ()) if p.fits()), None)

        def record_now():
            named = list(zip(names, specs, strict=True))
            return record(self.function, named, Tensor, lambda values: rebuilt_arguments(structure, values))

        if program is None:
            program = Program(*record_now(), key, self.wanted, self.weak_long_way)
            self.by_key.setdefault(key, []).append(program)
            self.warn_if_many()
        elif any(program.calls < number <= program.calls + steps for number in CHECKED_CALLS):
            compare(program.recorded, recorded(record_now()[1]))
        self.last = program
        self.__call__ = program.short_way or self.weak_long_way
        return program

    def argument_names(self, args):
        """What the function calls its arguments, for graphs and messages."""
        code = getattr(self.function, "__code__", None)
        names = code.co_varnames[: code.co_argcount] if code else ()
        names = names[1:] if inspect.ismethod(self.function) else names  # its first argument is bound
        return [names[i] if i < len(names) else f"argument {i}" for i in range(len(args))]

    def warn_if_many(self):
        """Each program costs time and memory; many of them usually mean that something varies by oversight."""
        programs = self.programs
        if len(programs) <= MANY_PROGRAMS or self.warned:
            return
        self.warned = True
        warnings.warn(
            f"{getattr(self, '__name__', 'the step')} has been recorded {len(programs)} times. "
            f"From call to call there varied: {what_varied(programs)}. Arguments of equal shapes and few kinds of "
            "Python arguments keep the number of programs small; a number that varies belongs in a tensor.",
            stacklevel=4,
        )


def what_varied(programs):
    """The parts of the keys, and the guards, in which programs differ."""
    keys = [program.key for program in programs]
    varied = []
    if len({key[0] for key in keys}) > 1:
        varied.append("grad mode")
    if len({key[1] for key in keys}) > 1:
        varied.append("Python arguments")
    shapes = [key[2:] for key in keys]
    for index in range(max(map(len, shapes))):
        seen = {str(key[index]) for key in shapes if index < len(key)}
        if len(seen) > 1:
            varied.append(f"argument {index} ({', '.join(sorted(seen)[:3])}, ...)")
    if len(set(keys)) < len(keys):
        varied.append("training or evaluation, frozen parameters, layers, or whether gradients were there")
    return "; ".join(varied)
