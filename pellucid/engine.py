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
import itertools
import threading
import typing
from operator import itemgetter

import numpy as np

from pellucid.errors import (
    GradientError,
    PellucidError,
    RecordedValueError,
    RecordingError,
    ShapeError,
    StaleValueError,
)


class Spec:
    """Shape and dtype: all that is known of a value before its numbers are.

    >>> Spec((32, 10), np.float32)
    float32[32, 10]
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape, dtype):
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self):
        return len(self.shape)

    def __eq__(self, other):
        return type(other) is Spec and self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self):
        return hash((self.shape, self.dtype))

    def __repr__(self):
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"

    def __array__(self, *args, **kwargs):
        raise has_no_numbers("its numbers")


def has_no_numbers(asked):
    """The error for whoever asks a recorded value for its numbers."""
    return RecordedValueError(
        f"{asked} was asked of a value that is being recorded: it has a shape and a dtype, but no numbers yet.",
        remedy="Return it from the step and look at it there; write a choice with pc.where(condition, a, b), a selection with a mask.",
    )


class Local(threading.local):
    """Each thread has its own: whether gradients are wanted, and who stands at the door instead of NumPy."""

    grad = True
    walking = None  # the step whose gradient is being computed, during a walk back
    tracer = None  # a Recording or an Anomaly detector: an object with `apply(op, inputs)`
    recording = None  # the same object if it is a Recording


class Mode:
    """`special` counts the threads inside no_grad, a recording or anomaly detection. While it is 0, the door
    needs no look at its thread's own settings: that is a tenth of the cost of adding two small tensors.
    """

    __slots__ = ("local", "lock", "special", "structure")

    def __init__(self):
        self.special = 0
        self.local = Local()
        self.lock = threading.Lock()
        self.structure = 0  # raised when any module or requires_grad changes: compiled programs look again


mode = Mode()
tick = itertools.count(1).__next__  # serial numbers of steps and assignments, in the order of happening


class Setting:
    """Set this thread's local settings inside a `with` block (or a decorated function), then put them back."""

    def __init__(self, **settings):
        self.settings = settings
        self.before = []

    def __enter__(self):
        local = mode.local
        self.before.append({name: getattr(local, name) for name in self.settings})
        for name, value in self.settings.items():
            setattr(local, name, value)
        with mode.lock:
            mode.special += 1
        return self

    def __exit__(self, *error):
        for name, value in self.before.pop().items():
            setattr(mode.local, name, value)
        with mode.lock:
            mode.special -= 1

    def __call__(self, function):
        def wrapped(*args, **kwargs):
            with type(self)():
                return function(*args, **kwargs)

        wrapped.__name__, wrapped.__doc__ = function.__name__, function.__doc__
        return wrapped


class no_grad(Setting):
    """Inside `with pc.no_grad():` no steps are noted, so nothing made there has a gradient. Also a decorator."""

    def __init__(self):
        super().__init__(grad=False)


class enable_grad(Setting):
    """Undo an outer `no_grad` inside a `with` block or a decorated function."""

    def __init__(self):
        super().__init__(grad=True)


@typing.dataclass_transform(frozen_default=True)
class Op:
    """One kind of operation. A subclass states its attributes as fields and says what it means:

        infer(*specs) -> Spec        which shape and dtype come out; raises the teaching ShapeError
        forward(*arrays) -> array    the numbers, in plain NumPy
        gradient(g, y, *inputs)      what is owed to each input (None: nothing), written with ops

    Subclasses become frozen dataclasses, so equality, hash and printing come free, and an op is inert data.
    `gradient` may read the inputs only if `reads_inputs`, the result only if `reads_output`; what it does
    not read is let go at once, and only shape and dtype stay.
    """

    reads_inputs = True
    reads_output = True

    def __init_subclass__(cls):
        dataclasses.dataclass(frozen=True)(cls)
        if "forward" in vars(cls) and not dataclasses.fields(cls):
            only = object.__new__(cls)  # nothing tells two of them apart, so there is one
            cls.__new__ = lambda cls: only

    def __call__(self, a, b=None, *more):
        """The one door: every operation, eager or recorded, forward or backward, passes here."""
        grad = True
        if mode.special:
            local = mode.local
            if local.tracer is not None:
                return local.tracer.apply(self, (a,) if b is None else (a, b, *more))
            grad = local.grad
        try:
            # One and two inputs are spelled out: a comprehension would cost as much as a small addition.
            if b is None:
                inputs = (a,)
                array = self.forward(a.array)
                wanted = a.requires_grad
            elif not more:
                inputs = (a, b)
                array = self.forward(a.array, b.array)
                wanted = a.requires_grad or b.requires_grad
            else:
                inputs = (a, b, *more)
                array = self.forward(*[x.array for x in inputs])
                wanted = any([x.requires_grad for x in inputs])
        except Exception as error:
            raise explain(self, inputs, error) from error
        y = a.family()
        y.array = array
        if wanted and grad:
            y.requires_grad = True
            if not (self.reads_inputs or (b is not None and a.step is None and b.step is None)):
                inputs = tuple([x if x.step is None else outline(x) for x in inputs])
            y.step = [self, inputs, array if self.reads_output else None, tick(), None]
        return y


class Value:
    """An array and how it was made. Only what differs from these defaults is set: making one must be cheap."""

    array = None  # a NumPy array, or a Spec while recording
    step = None  # how it was made, see below; None for leaves and for values that need no gradient
    requires_grad = False
    changed = 0  # serial number of the last assignment
    is_state = False
    family = None  # the class of results: Tensor sets it


# A step is what the walk back needs of one application of an op. It is a plain list, for one is made for every
# operation and an object costs three times as much:
#
#     [op, inputs, output, serial, site]
#
# inputs are Values (without their arrays, if the gradient does not read them), output is the array of the result
# (None, if the gradient does not read it), site the user's line (None, if it is not known). A step through which
# the walk has passed is emptied. Values point to their step, never the other way.
OP, INPUTS, SERIAL, SITE = 0, 1, 3, 4


def outline(x):
    """A value with the same shape, dtype and step, but without the numbers, so that they can be freed."""
    y = x.family()
    y.array = Spec(x.array.shape, x.array.dtype)
    y.step = x.step
    y.requires_grad = True
    return y


def explain(op, inputs, error):
    """Shapes are looked at only now, after a failure: `infer` knows the better message."""
    if isinstance(error, PellucidError):
        return error
    if any(type(x.array) is Spec for x in inputs):
        return RecordedValueError(
            f"{op} was given a value that was recorded inside a compiled step and kept after the step ended: it has no numbers.",
            remedy="Return it from the step instead of keeping it.",
        )
    try:
        op.infer(*[Spec(x.array.shape, x.array.dtype) for x in inputs])
    except PellucidError as better:
        return better
    return error


class State(Value):
    """What a step may read and assign: one buffer at one address for life, aligned to 64 bytes.

    Programs hold the address, so eager code, checkpoints and any number of compiled steps see the same
    numbers. Every assignment copies into the buffer and raises `version`.
    """

    is_state = True
    version = 0
    kept_grad = None  # `.grad` outside a recording
    grad_state = None  # the State whose memory compiled steps use for `.grad`
    state_family = None  # the class of `grad_state`: State as the user meets it sets it

    def own(self, array):
        """Take a copy of `array` into memory of our own."""
        if mode.local.recording is not None:
            raise RecordingError(
                "a parameter, optimizer or other State was created inside a step that is being recorded.",
                remedy="Create it before the step, and close over it.",
            )
        self.array = aligned(array)
        self.step = None

    def assign(self, new):
        """Let this State have the numbers of `new` (a Value of the same shape). No gradient flows through it."""
        if new.array.shape != self.array.shape:
            raise ShapeError(
                f"cannot assign {Spec(new.array.shape, new.array.dtype)} to a State of "
                f"{Spec(self.array.shape, self.array.dtype)}: its shape is fixed for life."
            )
        if mode.local.recording is not None:
            mode.local.recording.assign(self, new)
        else:
            self.array[...] = new.array
        self.touch()

    def touch(self):
        """Note that the buffer has been written."""
        self.changed = tick()
        self.version += 1

    @property
    def grad(self):
        """The gradient that `backward` has collected, or None."""
        recording = mode.local.recording
        return self.kept_grad if recording is None else recording.read_grad(self)

    @grad.setter
    def grad(self, value):
        if value is not None and value.array.shape != self.array.shape:
            raise ShapeError(
                f"a gradient of shape {value.array.shape} does not fit a value of shape {self.array.shape}."
            )
        recording = mode.local.recording
        if recording is None:
            object.__setattr__(self, "kept_grad", value)
        else:
            recording.write_grad(self, value)

    def grad_memory(self):
        """The State whose memory compiled steps use for `.grad`, made at the first use, so its address stays."""
        if self.grad_state is None:
            self.grad_state = object.__new__(self.state_family)
            self.grad_state.array = aligned(np.zeros(self.array.shape, self.array.dtype))
        return self.grad_state

    def __setattr__(self, name, value):
        if name == "requires_grad":
            mode.structure += 1
        object.__setattr__(self, name, value)


def aligned(array):
    """A copy of `array` in fresh memory that begins at a multiple of 64 bytes, a cache line."""
    array = np.asarray(array)
    memory = np.empty(array.nbytes + 64, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def walk(results, seeds, receive, retain_graph=False, wanted=()):
    """Walk back from `results`, whose gradients are `seeds`, and hand each leaf what it is owed.

    `receive(leaf, share)` is called for every share of a leaf. For each step whose id is in `wanted`,
    the gradient of the value it made is put into the dict that is returned, under that id. Steps are visited
    in the reverse order of their serial numbers, so a step comes after every step that used its result; there
    is no recursion, and the length of a chain is no limit. Each step is freed as it is left, unless the graph is retained.
    """
    owed = {}  # id of a step -> the gradient of its result, as far as it has arrived
    starts = []
    for y, seed in zip(results, seeds, strict=True):
        if y.step is None:
            receive(y, seed)
        else:
            starts.append(y.step)
            add_share(owed, y.step, seed)
    steps = reachable(starts)
    steps.sort(key=itemgetter(SERIAL))
    found = {}
    while steps:
        step = steps.pop()
        g = owed.pop(id(step), None)
        if g is None:
            continue
        if id(step) in wanted:
            found[id(step)] = g
        for x, share in zip(step[INPUTS], shares_of(step, g), strict=True):
            if share is None or not x.requires_grad:
                continue
            if x.step is None:
                receive(x, share)
            else:
                add_share(owed, x.step, share)
        if not retain_graph:
            step.clear()
    mode.local.walking = None
    return found


def add_share(owed, step, share):
    """The value made by `step` is owed this too."""
    key = id(step)
    owed[key] = owed[key] + share if key in owed else share


def reachable(starts):
    """Every step that the given ones were made of, themselves included, each once."""
    stack, seen, steps = list(starts), {id(step) for step in starts}, []
    while stack:
        step = stack.pop()
        if not step:
            raise GradientError(
                "backward was already run through here, and what it needs has been freed.",
                remedy="Pass retain_graph=True the first time, or compute the result again.",
            )
        steps.append(step)
        for x in step[INPUTS]:
            if x.step is not None and id(x.step) not in seen:
                seen.add(id(x.step))
                stack.append(x.step)
    return steps


def shares_of(step, g):
    """Ask the op of a step what it owes to each of its inputs, given the gradient `g` of its result."""
    op, inputs, output, serial, site = step
    for x in inputs:
        if x.changed > serial and op.reads_inputs:
            raise StaleValueError(
                f"backward through {op} needs a value of shape {x.array.shape} that was assigned after {op} had read it.",
                remedy="Run backward before the update, or use a copy: x = w * 1.0.",
                site=site,
            )
    y = output
    if op.reads_output and not isinstance(output, Value):
        y = g.family()
        y.array, y.step, y.requires_grad = output, step, True
    mode.local.walking = step  # whoever stands at the door can tell whose gradient this is
    shares = op.gradient(g, y, *inputs)
    return shares if type(shares) is tuple else (shares,)
