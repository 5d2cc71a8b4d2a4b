"""`pc.compile`: record a step once for each kind of call, then run the recording.

What a program depends on is in its key (the Specs of the arguments, Python arguments, grad mode) and in its
guards (what the recording has seen of modules, flags and gradients). A call that fits no program is recorded.
"""

import copy
import functools
import inspect
import threading
import types
import warnings
from typing import NamedTuple

import numpy as np

from pellucid.engine import Op, Spec, Value, mode
from pellucid.errors import ArgumentError, ConstantChangedError, RecordingError, UnsupportedError
from pellucid.graph import Constant, Read, record, simplify
from pellucid.targets.numpy import NumpyProgram
from pellucid.tensors import Tensor
from pellucid.tensors.anomaly import detect_anomaly
from pellucid.tensors.promote import kind_of

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
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise ArgumentError(
            "pc.compile takes a function that runs from beginning to end, not a generator or a coroutine.",
            remedy="Compile what is done for one batch, and loop outside.",
        )
    return CompiledStep(function)


class Program:
    """One recording of a step, with what must still be true for it to be used."""

    def __init__(self, recording, graph, rebuild_results, key):
        self.key = key
        self.recorded = recorded(graph)  # as the function ran, for comparison with later recordings
        self.graph = simplify(graph)
        self.target = NumpyProgram(self.graph)
        self.rebuild_results = rebuild_results
        self.modules = list(recording.modules.items())
        # Lists and dicts change without telling anybody: who holds some is looked at in every call.
        self.holders = [(module, seen) for module, seen in self.modules if holds_containers(module)]
        self.flags = list(recording.requires_grad.items())
        self.had_grad = list(recording.had_grad.items())
        self.grads = [(state, None if grad is None else state.grad_memory()) for state, grad in recording.grads.items()]
        self.structure = mode.structure
        self.calls = 0
        self.lock = threading.Lock()

    def fits(self):
        """Do the guards still hold?"""
        switched = self.structure != mode.structure  # something, somewhere: look at everything once
        for module, (training, snapshot) in self.modules if switched else self.holders:
            if module.training != training or module.structure_snapshot() != snapshot:
                return False
        if switched:
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

    def __deepcopy__(self, memo):
        """A copied model has steps of its own, which begin without programs."""
        return CompiledStep(copy.deepcopy(self.function, memo))

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
            compare(program.recorded, recorded(record_now()[1]))
        program.calls += 1
        self.last = program
        return program.run(arrays)

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
            stacklevel=3,
        )


def holds_containers(module):
    """Has this module lists or dicts, in which parts can be replaced?"""
    return any(isinstance(part, (list, dict, tuple)) for part in vars(module).values())


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
        arrays.append(tree.known("the argument of a compiled step"))
        return Slot(name)
    if isinstance(tree, np.ndarray):
        kind_of(tree.dtype)  # numbers only
        names.append(name)
        arrays.append(np.asarray(tree))
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
    if type(tree) is float:
        return (float, repr(tree))  # for 0.0 == -0.0, and nan is not even equal to itself
    return (object, type(tree), tree)  # the type is part of the key: 1 == 1.0 == True


def put_together(structure, values):
    """The arguments again, with a value for each slot."""
    if isinstance(structure, Slot):
        return next(values)
    kind, *parts = structure
    if kind is object:
        return parts[1]
    if kind is float:
        return float(parts[0])
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


class Recorded(NamedTuple):
    """All that a recording says, as data that can be compared with a later one."""

    lines: list
    states: list
    outputs: list
    effects: list


def recorded(graph):
    """A recording before the passes renumber its nodes."""
    lines = [
        Line(node.op, tuple([x.number for x in node.inputs]), node.spec, node.value, node.site) for node in graph.nodes
    ]
    outputs = [node.number for node in graph.outputs]
    effects = [(effect.slot, effect.node.number) for effect in graph.effects]
    return Recorded(lines, [id(state) for state in graph.states], outputs, effects)


def compare(before, after):
    """Two recordings of one step must be equal. If they are not, say which constant changed, and where."""
    compare_lines(before.lines, after.lines)
    remedy = "What varies must be an argument of the step or a pc.State."
    if before.states != after.states:
        slot = next(i for i, (a, b) in enumerate(zip(before.states, after.states, strict=True)) if a != b)
        line = next(line for line in after.lines if isinstance(line.op, Read) and line.op.slot == slot)
        raise ConstantChangedError(
            f"the compiled step now reads another State ({line.spec}) than when it was recorded.",
            remedy="Give the old one new numbers, state.assign(new), instead of putting another in its place.",
            site=line.site,
        )
    if before[2:] != after[2:]:
        raise ConstantChangedError(
            "the compiled step now returns or assigns other values than when it was recorded. "
            "Something that it closes over has changed.",
            remedy=remedy,
        )


def compare_lines(old, new):
    """The ops, one after the other."""
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
        what = f"the number {before.value.item()!r} has become {after.value.item()!r}"
        if before.value.dtype.kind == "f":
            what = f"the number {before.value.reshape(())} has become {after.value.reshape(())}"
    else:
        old, new = before.value, after.value
        other = (old != new) | (np.signbit(old) != np.signbit(new) if old.dtype.kind == "f" else False)
        place = tuple(np.argwhere(other)[0].tolist())
        what = f"a tensor of {before.spec} has changed: at {place} from {old[place]} to {new[place]}"
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
