"""The engine: it records which operation made which value, and walks back. It knows no mathematics.

    Spec      shape and dtype of a value
    Op        one kind of operation, inert data; applying it goes through one door, `Op.__call__`
    Value     an array, and a note (its step) of how it was made
    State     a Value that owns its memory for life: what a training step may assign
    walk      from a result back to the leaves, handing each its gradient

While a step is being recorded (pc.compile), a Value holds a Spec where it otherwise holds an array, and the
door hands the op to the Recording. Nothing else changes, so the same program text serves both.
"""

import dataclasses
import functools
import itertools
import typing

import numpy as np

from pellucid import errors
from pellucid.modes import Setting, enable_grad, mode, no_grad
from pellucid.spec import Spec, has_no_numbers
from pellucid.walk import walk_back

__all__ = ["ManyInputs", "Op", "Setting", "Spec", "State", "Value", "enable_grad", "mode", "no_grad", "walk"]

LARGE_ARRAYS = itertools.count()  # how many there were so far


class OpType(type):
    """Making an op that was made before gives the same one: equal ops cannot be told apart, and it is faster."""

    @functools.lru_cache(maxsize=10_000)  # noqa: B019  it keeps classes of ops and their attributes, nothing large
    def __call__(cls, *attributes, **named):
        op = super().__call__(*attributes, **named)
        # What the gradient looks at, in one number for the door: -1 if there is no gradient.
        object.__setattr__(op, "reads", op.reads_inputs + 2 * op.reads_output if op.differentiable else -1)
        object.__setattr__(op, "compute", getattr(op, "forward", None))  # found once: to find it costs 20 ns
        return op


@typing.dataclass_transform(frozen_default=True)
class Op(metaclass=OpType):
    """One kind of operation. A subclass states its attributes as fields and says what it means:

        infer(*specs) -> Spec        which shape and dtype come out; raises the teaching ShapeError
        forward(*arrays) -> array    the numbers, in plain NumPy
        gradient(g, y, *inputs)      what is owed to each input (None: nothing), written with ops

    Subclasses become frozen dataclasses, so equality, hash and printing come free, and an op is inert data.
    `gradient` may read the inputs only if `reads_inputs`, the result only if `reads_output`; what it does
    not read is let go at once, and only shape and dtype stay. The result of a `view` looks at the memory of
    its input. An op that is not `differentiable` (a comparison, a position) has no `gradient`, and its results
    require none.
    """

    differentiable = True
    view = False
    reads_inputs = True
    reads_output = True

    def __init_subclass__(cls):
        if cls.__annotations__ or not dataclasses.is_dataclass(cls):  # others have all from it, and save 0.6 ms
            dataclasses.dataclass(frozen=True)(cls)

    def __setattr__(self, name, value):
        raise dataclasses.FrozenInstanceError(f"an op does not change, so {name!r} cannot be set")

    def __call__(self, a, b=None):
        """The one door, for one and two inputs: every operation passes here, eager or recorded, forward or backward."""
        grad = True
        if mode.special:
            local = mode.local
            if local.tracer is not None:
                return local.tracer.apply(self, (a,) if b is None else (a, b))
            grad = local.grad
        compute = self.compute
        try:
            # One and two inputs are spelled out: a comprehension would cost as much as a small addition.
            if b is None:
                inputs = (a,)
                first, second = a.step, LEAF
                array = compute(a.array)
                wanted = first is not None
            else:
                inputs = (a, b)
                first, second = a.step, b.step
                array = compute(a.array, b.array)
                wanted = first is not None or second is not None
        except Exception as error:
            raise explain(self, inputs, error) from error
        y = mode.family()
        y.array = array
        if wanted and grad:
            reads = self.reads
            if reads >= 0:
                if not ((first is LEAF and second is LEAF) or reads & 1):
                    inputs = tuple([x if x.step is LEAF else outline(x) for x in inputs])
                y.step = [self, inputs, array if reads > 1 else None, mode.clock, None]
        return y


class ManyInputs(Op):
    """An op that takes more than two inputs. Its door does the same, for any number."""

    def __call__(self, *inputs):
        if mode.special and mode.local.tracer is not None:
            return mode.local.tracer.apply(self, inputs)
        try:
            array = self.compute(*[x.array for x in inputs])
        except Exception as error:
            raise explain(self, inputs, error) from error
        y = mode.family()
        y.array = array
        wanted = any([x.step is not None for x in inputs])  # noqa: C419  a generator is slower
        if wanted and self.differentiable and (not mode.special or mode.local.grad):
            if not self.reads_inputs:
                inputs = tuple([x if x.step is LEAF else outline(x) for x in inputs])
            y.step = [self, inputs, array if self.reads_output else None, mode.clock, None]
        return y


class Leaf:
    """What stands in place of a step in a leaf: nothing made it, but it asks for a gradient."""

    def __reduce__(self):
        return "LEAF"  # there is one only, also after copying and pickling


LEAF = Leaf()


class Value:
    """An array and how it was made. Only what differs from these defaults is set: making one must be cheap."""

    array = None  # a NumPy array, or a Spec while recording
    step = None  # how it was made, see below; LEAF for a leaf; None if no gradient is asked for
    changed = 0  # the clock at the last assignment
    overwritten = False  # True for a stand-in whose numbers backward would need, but which are gone
    is_state = False

    @property
    def requires_grad(self):
        """Is a gradient with respect to this value asked for?"""
        return self.step is not None

    @requires_grad.setter
    def requires_grad(self, wanted):
        if self.step is None or self.step is LEAF:
            self.step = LEAF if wanted else None
            mode.structure += 1
        elif not wanted:
            raise errors.GradientError("requires_grad is for leaves; this was computed.", remedy="Use x.detach().")


# A step is what the walk back needs of one application of an op. It is a plain list, for one is made for every
# operation and an object costs half as much again:
#
#     [op, inputs, output, clock, site]
#
# inputs are Values (without their arrays, if the gradient does not read them), output is the array of the result
# (None, if the gradient does not read it), clock counts the assignments so far, site is the user's line (None, if it
# is not known). A step through which the walk has passed is emptied. Values point to their step, never back.
OP, INPUTS, OUTPUT, SITE = 0, 1, 2, 4


def outline(x):
    """A value with the same shape, dtype and step, but without the numbers, so that they can be freed."""
    y = mode.family()
    y.array = Spec(x.array.shape, x.array.dtype)
    y.step = x.step
    return y


def explain(op, inputs, error):
    """Shapes are looked at only now, after a failure: `infer` knows the better message."""
    if any(x.overwritten for x in inputs):
        return stale_value()
    if isinstance(error, errors.PellucidError):
        return error
    if any(type(x.array) is Spec for x in inputs):
        return has_no_numbers(f"{op}, a computation,")
    specs = [Spec(x.array.shape, x.array.dtype) for x in inputs]
    try:
        op.infer(*specs)
    except errors.PellucidError as better:
        return better
    kinds = {TypeError: errors.DtypeError, ValueError: errors.ArgumentError}  # NumPy's, as for bool - bool, or 2 ** -1
    if type(error) in kinds:
        return kinds[type(error)](f"{op} cannot take {' and '.join(map(str, specs))}: {error}")
    return error


class State(Value):
    """What a step may read and assign: one buffer at one address for life, aligned to 64 bytes.

    Programs hold the address, so eager code, checkpoints and any number of compiled steps see the same
    numbers. Every assignment copies into the buffer and raises `version`.
    """

    is_state = True
    assigned = 0  # the clock at the last assignment, and
    assignments = 0  # how many there were: all but those by compiled steps, which have
    marks = ()  # a Mark each
    kept_grad = None  # `.grad` outside a recording
    grad_state = None  # the State whose memory compiled steps use for `.grad`
    state_family: typing.Any = None  # the class of `grad_state`: State as the user meets it sets it

    @Value.requires_grad.getter
    def requires_grad(self):
        """Is a gradient with respect to this State asked for? A recorded program holds only while it stays so."""
        if mode.special and mode.local.recording is not None:
            mode.local.recording.guard_flag(self)
        return self.step is not None

    def own(self, array):
        """Take a copy of `array` into memory of our own."""
        if mode.local.recording is not None:
            raise errors.RecordingError(
                "a parameter, optimizer or other State was created inside a step that is being recorded.",
                remedy="Create it before the step, and close over it.",
            )
        self.array = aligned(array)
        self.step = None

    def assign(self, new):
        """Let this State have the numbers of `new` (a Value of the same shape). No gradient flows through it."""
        if new.array.shape != self.array.shape:
            have, came = [Spec(x.array.shape, x.array.dtype) for x in (self, new)]
            raise errors.ShapeError(f"cannot assign {came} to a State of {have}: its shape is fixed for life.")
        if mode.local.recording is not None:
            mode.local.recording.assign(self, new)
        else:
            self.array[...] = new.array
        self.touch()

    def touch(self):
        """Note that the buffer has been written."""
        mode.clock += 1
        self.assigned = mode.clock
        self.assignments += 1

    @property
    def changed(self):
        """The clock at the last assignment."""
        return max([self.assigned, *[mark.clock for mark in self.marks]])

    @property
    def version(self):
        """How many assignments there were; a `repeat` of a compiled step may count its steps as one."""
        return self.assignments + sum([mark.count for mark in self.marks])

    def add_mark(self, mark):
        """A compiled step will assign this State, and say so in its Mark. What those noted that are gone stays."""
        gone = [other for other in self.marks if other.program() is None]
        self.assigned = self.changed
        self.assignments += sum([other.count for other in gone])
        self.marks = [*[other for other in self.marks if other not in gone], mark]

    @property
    def grad(self):
        """The gradient that `backward` has collected, or None."""
        if mode.special and mode.local.recording is not None:
            return mode.local.recording.read_grad(self)
        return self.kept_grad

    @grad.setter
    def grad(self, value):
        self.keep_grad(value)

    def keep_grad(self, value):
        """Let `.grad` be this, which is known to fit."""
        if mode.special and mode.local.recording is not None:
            mode.local.recording.write_grad(self, value)
        else:
            self.kept_grad = value
            mode.gradients += 1

    def grad_memory(self):
        """The State whose memory compiled steps use for `.grad`, made at the first use, so its address stays."""
        if self.grad_state is None:
            self.grad_state = object.__new__(self.state_family)
            self.grad_state.array = aligned(np.zeros(self.array.shape, self.array.dtype))
        return self.grad_state


def aligned(array):
    """A copy of `array` in fresh memory that begins at a multiple of 64 bytes, a cache line.

    Large arrays begin at different lines of their pages, or a loop over several would end a page in all at once, where
    processors stop fetching ahead. (Allocators do so for a similar reason: Bonwick, "The slab allocator", 1994.)
    """
    array = np.asarray(array)
    lines = next(LARGE_ARRAYS) * 25 % 64 if array.nbytes > 65_536 else 0
    memory = np.empty(array.nbytes + 64 * (lines + 1), np.uint8)
    start = -memory.__array_interface__["data"][0] % 64 + 64 * lines
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def walk(results, seeds, receive, retain_graph=False, wanted=()):
    """Walk back from `results`, whose gradients are `seeds`, and hand each leaf its gradient: receive(leaf, g).

    The dict that is returned holds, for each step whose id is in `wanted`, the gradient of the value it made.
    Unless the graph is retained, each step is freed as it is left.
    """
    graph, nodes = survey(results)
    owed, found = {}, {}
    for y, seed in zip(results, seeds, strict=True):
        key = id(node_of(y))
        owed[key] = owed[key] + seed if key in owed else seed

    def leave(key, g):
        node = nodes.pop(key)
        if type(node) is not list:
            receive(node, g)
            return ()
        if key in wanted:
            found[key] = g
        # Who asks for no gradient gets none. (One constant may be in use at values of several shapes.)
        shares = [None if x.step is None else share for x, share in zip(node[INPUTS], shares_of(node, g), strict=True)]
        if not retain_graph:
            node.clear()
        return shares

    walk_back(graph, owed, leave)
    if not retain_graph:
        for node in nodes.values():
            if type(node) is list:
                node.clear()  # it was owed nothing
    return found


def survey(results):
    """The graph of all that `results` were made of, its nodes being ids, and the dict of what has which id."""
    nodes = {id(node): node for node in map(node_of, results)}
    graph: dict = dict.fromkeys(nodes, ())
    stack = [node for node in nodes.values() if type(node) is list]
    while stack:
        step = stack.pop()
        if not step:
            raise errors.GradientError(
                "backward was already run through here, and what it needs has been freed.",
                remedy="Pass retain_graph=True the first time, or compute the result again.",
            )
        graph[id(step)] = inputs = []
        for x in step[INPUTS]:
            node = node_of(x)
            key = id(node)
            inputs.append(key)
            if key not in nodes:
                nodes[key], graph[key] = node, ()
                if node is not x:
                    stack.append(node)
    return graph, nodes


def node_of(x):
    """What stands for a value in the graph: the step that made it, or, if there is none, the value itself."""
    return x.step if type(x.step) is list else x


def shares_of(step, g):
    """Ask the op of a step what it owes to each of its inputs, given the gradient `g` of its result."""
    op, inputs, output, clock, _ = step
    if op.reads_inputs and clock != mode.clock:  # something was assigned since
        inputs = [gone(x) if is_stale(x, clock) else x for x in inputs]
    y = output
    if op.reads_output and not isinstance(output, Value):
        y = mode.family()
        y.array, y.step = output, step
    mode.local.walking = step  # whoever stands at the door can tell whose gradient this is
    shares = op.gradient(g, y, *inputs)
    return shares if type(shares) is tuple else (shares,)


def is_stale(x, clock):
    """Has the memory that x looks at been assigned since the clock stood there?"""
    while x.changed <= clock:
        step = x.step
        if type(step) is not list or not step or not step[OP].view:
            return False
        x = step[INPUTS][0]
    return True


def gone(x):
    """A stand-in for an overwritten value: a gradient rule may ask for its shape, but not for its numbers."""
    y = outline(x)
    y.overwritten = True
    return y


def stale_value():
    """The error for a gradient rule that has asked for numbers that are gone."""
    return errors.StaleValueError(
        "backward needs a value that was assigned after it had been used.",
        remedy="Run backward before the update, or use a copy: x = w * 1.0.",
    )
