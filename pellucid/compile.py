"""`pc.compile`: record a step once for each kind of call, then run the recording.

What a program depends on is in its key (the Specs of the arguments, Python arguments, grad mode) and in its
guards (what the recording has seen of modules, flags and gradients). A call that fits no program is recorded.
"""

import functools
import threading
import types
import warnings
from typing import NamedTuple

import numpy as np

from pellucid.engine import Op, Spec, Value, mode
from pellucid.errors import ArgumentError, ConstantChangedError, RecordingError, UnsupportedError
from pellucid.graph import Constant, record, simplify
from pellucid.targets.numpy import NumpyProgram
from pellucid.tensors import Tensor
from pellucid.tensors.anomaly import detect_anomaly

CHECKED_CALLS = (2, 10)  # the calls at which the step is recorded again, to see whether a constant changed
MANY_PROGRAMS = 8


def compile(function=None, *, target=None):
    """Compile a training or inference step: record what it does, and repeat that.

    The first call with new shapes runs the function once on values without numbers, and writes down every op:
    forward pass, `backward()` and `optimizer.step()` alike. Attributes, lists and prints of the function
    happen while recording only. States (parameters, buffers, optimizer slots, learning rates, random keys)
    are read and written at each call; arguments are copied in, results are fresh copies; everything else
    that the function closes over is a constant. `target` is "numpy", the default.

    >>> import pellucid as pc
    >>> @pc.compile
    ... def double(x):
    ...     return x * 2
    >>> double(pc.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """
    if target not in (None, "numpy"):
        raise UnsupportedError(f"target {target!r} is not there yet.", remedy='Use target="numpy", or leave it out.')
    if function is None:
        return functools.partial(compile, target=target)
    if not callable(function):
        raise ArgumentError(f"pc.compile takes a function, not {type(function).__name__}.")
    return CompiledStep(function)


class Program:
    """One recording of a step, with what must still be true for it to be used."""

    def __init__(self, recording, graph, rebuild_results, key):
        self.key = key
        self.recorded = lines(graph)  # as the function ran, for comparison with later recordings
        self.graph = simplify(graph)
        self.target = NumpyProgram(self.graph)
        self.rebuild_results = rebuild_results
        self.modules = list(recording.modules.items())
        self.flags = list(recording.requires_grad.items())
        self.had_grad = list(recording.had_grad.items())
        self.grads = [(state, None if grad is None else state.grad_memory()) for state, grad in recording.grads.items()]
        self.structure = mode.structure
        self.calls = 0
        self.lock = threading.Lock()

    def fits(self):
        """Do the guards still hold?"""
        if self.structure != mode.structure:  # something was switched somewhere: look at everything once
            for module, (training, snapshot) in self.modules:
                if module.training != training or module.structure_snapshot() != snapshot:
                    return False
            if any(state.requires_grad != flag for state, flag in self.flags):
                return False
            self.structure = mode.structure
        return all((state.kept_grad is not None) == had for state, had in self.had_grad)

    def run(self, arrays):
        """One call: bring gradients into their memory, compute, leave States and gradients behind."""
        watch = mode.local.tracer.check if isinstance(mode.local.tracer, detect_anomaly) else None
        with self.lock:
            for state, had in self.had_grad:
                memory = state.grad_memory()
                if had and state.kept_grad is not memory:
                    memory.array[...] = state.kept_grad.array
            outputs = self.target.run(arrays, watch)
            for state, memory in self.grads:
                state.kept_grad = memory
        return self.rebuild_results([as_result(array) for array in outputs])


class CompiledStep:
    """What `pc.compile` returns: call it like the function.

    `step.graph` is the graph of the program that ran last; `step.programs` lists all programs.
    """

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function
        self.by_key = {}
        self.last = None
        self.warned = False

    def __get__(self, instance, owner=None):
        """So that a method can be compiled."""
        return self if instance is None else types.MethodType(self, instance)

    @property
    def programs(self):
        """All programs recorded so far."""
        return [program for programs in self.by_key.values() for program in programs]

    @property
    def graph(self):
        """The graph of the program that ran last."""
        if self.last is None:
            raise ArgumentError("this step has not been called yet, so there is no graph.", remedy="Call it once.")
        return self.last.graph

    def __call__(self, *args, **kwargs):
        if mode.local.recording is not None:
            return self.function(*args, **kwargs)  # a step inside a step is simply part of it
        names, arrays = [], []
        structure = (
            (
                tuple,
                *[take_apart(x, name, names, arrays) for x, name in zip(args, self.argument_names(args), strict=True)],
            ),
            take_apart(kwargs, "", names, arrays),
        )
        specs = [Spec(array.shape, array.dtype) for array in arrays]
        key = (mode.local.grad, structure, *specs)
        program = next((p for p in self.by_key.get(key, ()) if p.fits()), None)

        def record_now():
            named = list(zip(names, specs, strict=True))
            return record(self.function, named, Tensor, lambda values: rebuilt_arguments(structure, values))

        if program is None:
            program = Program(*record_now(), key)
            self.by_key.setdefault(key, []).append(program)
            self.warn_if_many()
        elif program.calls + 1 in CHECKED_CALLS:
            compare(program.recorded, lines(record_now()[1]))
        program.calls += 1
        self.last = program
        return program.run(arrays)

    def argument_names(self, args):
        """What the function calls its arguments, for graphs and messages."""
        code = getattr(self.function, "__code__", None)
        names = code.co_varnames[: code.co_argcount] if code else ()
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
            stacklevel=3,
        )


def as_result(array):
    y = Tensor()
    y.array = array
    return y


class Slot(str):
    """In the structure of a call: here stands a tensor."""

    __slots__ = ()


def take_apart(tree, name, names, arrays):
    """Collect the tensors and arrays of the arguments; return the hashable structure of the rest."""
    if isinstance(tree, Value):
        if tree.requires_grad and mode.local.grad:
            raise RecordingError(
                f"argument {name} of a compiled step requires a gradient, but arguments are copied in and get none.",
                remedy="Close over parameters: use them inside the step without passing them. "
                "Pass other values as x.detach().",
            )
        names.append(name)
        arrays.append(np.array(tree.known("the argument of a compiled step")))
        return Slot(name)
    if isinstance(tree, np.ndarray):
        names.append(name)
        arrays.append(np.array(tree))
        return Slot(name)
    if isinstance(tree, (tuple, list)):
        parts = [take_apart(part, f"{name}[{i}]" if name else str(i), names, arrays) for i, part in enumerate(tree)]
        return (type(tree), *parts)
    if isinstance(tree, dict):
        parts = [
            (key, take_apart(part, f"{name}.{key}" if name else str(key), names, arrays)) for key, part in tree.items()
        ]
        return (dict, *parts)
    try:
        hash(tree)
    except TypeError:
        raise ArgumentError(
            f"argument {name} of a compiled step is a {type(tree).__name__}, which cannot be told apart by value.",
            remedy="Pass tensors, arrays, numbers, strings, and tuples, lists or dicts of them.",
        ) from None
    return (object, type(tree), tree)  # the type is part of the key: 1 == 1.0 == True


def put_together(structure, values):
    """The arguments again, with a value for each slot."""
    if isinstance(structure, Slot):
        return next(values)
    kind, *parts = structure
    if kind is object:
        return parts[1]
    if kind is dict:
        return {key: put_together(part, values) for key, part in parts}
    parts = [put_together(part, values) for part in parts]
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def rebuilt_arguments(structure, values):
    """args and kwargs for the function, with these values in place of the tensors."""
    values = iter(values)
    return put_together(structure[0], values), put_together(structure[1], values)


class Line(NamedTuple):
    """What one node of a recording says. Nodes themselves are renumbered by the passes."""

    op: Op
    inputs: tuple
    spec: Spec
    value: np.ndarray | None
    site: object


def lines(graph):
    """A recording as a list that can be compared with a later one."""
    return [
        Line(node.op, tuple([x.number for x in node.inputs]), node.spec, node.value, node.site) for node in graph.nodes
    ]


def compare(old, new):
    """Two recordings of one step must be equal. If they are not, say which constant changed, and where."""
    for before, after in zip(old, new, strict=False):
        if before[:3] != after[:3]:
            raise ConstantChangedError(
                f"the compiled step now does something else than when it was recorded: {before.op} giving "
                f"{before.spec} has become {after.op} giving {after.spec}. Something that it closes over has changed.",
                remedy="What varies must be an argument of the step or a pc.State.",
                site=after.site,
            )
        if isinstance(before.op, Constant) and before.value.tobytes() != after.value.tobytes():
            raise constant_changed(before, after)
    if len(old) != len(new):
        raise ConstantChangedError(
            f"the compiled step had {len(old)} operations when it was recorded, and has {len(new)} now. "
            "Something that it closes over has changed.",
            remedy="What varies must be an argument of the step or a pc.State.",
        )


def constant_changed(before, after):
    if before.value.size == 1:
        what = f"the number {before.value.item():.6g} has become {after.value.item():.6g}"
    else:
        place = tuple(np.argwhere(before.value != after.value)[0].tolist())
        what = (
            f"a tensor of {before.spec} has changed: at {place} from {before.value[place].item():.6g} "
            f"to {after.value[place].item():.6g}"
        )
    return ConstantChangedError(
        f"{what}. A compiled step closes over it, so its program keeps the old value.",
        remedy="Make it a pc.State (state.assign(new) changes it), or an argument of the step.",
        site=after.site,
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
