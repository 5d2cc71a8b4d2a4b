"""What the door asks before it computes: are gradients wanted, and does somebody else stand there instead of NumPy?

Each thread has settings of its own. `Setting` changes them for a `with` block.
"""

import functools
import threading
import typing
import weakref


class Local(threading.local):
    """Each thread has its own: whether gradients are wanted, and who stands at the door instead of NumPy."""

    grad = True
    walking = None  # the step whose gradient is being computed, during a walk back
    tracer = None  # a Recording or an Anomaly detector: an object with `apply(op, inputs)`
    recording = None  # the same object if it is a Recording


class Mode:
    """What all threads share; `local` is each thread's own."""

    # `special` counts the threads inside no_grad, a recording or anomaly detection. While it is 0, the door needs
    # no look at its thread's own settings: that is a tenth of the cost of adding two small tensors.
    __slots__ = ("clock", "eager", "family", "gradients", "local", "lock", "special", "structure")

    def __init__(self):
        self.special = 0
        self.family: typing.Any = None  # the class of results: Tensor puts itself here; read from here, it costs least
        self.clock = 0  # counts the assignments of States: who saved a value can tell whether any came after
        self.local = Local()
        self.lock = threading.Lock()
        self.eager = False  # True: nothing is compiled, as a part in place of ours computes in NumPy (workshop)
        self.structure = 0  # raised when any module or requires_grad changes: compiled programs look again
        self.gradients = 0  # raised when the `.grad` of any State becomes another object: the same


mode = Mode()


class Mark:
    """What a compiled step notes of all the States that it assigns, in one place instead of in each of them."""

    __slots__ = ("clock", "count", "program")  # programs in C write into these slots (runtime/call.c)

    def __init__(self, program):
        self.program = weakref.ref(program)
        self.clock = 0  # at the last run
        self.count = 0  # of runs

    def note(self):
        """All those States have been assigned."""
        mode.clock += 1
        self.clock = mode.clock
        self.count += 1


class Setting:
    """Set this thread's local settings inside a `with` block (or a decorated function), then put them back."""

    def __init__(self, **settings):
        self.settings = settings
        self.before = []

    def __enter__(self):
        values = vars(mode.local)  # this thread's own
        self.before.append(values.copy())
        values.update(self.settings)
        with mode.lock:
            mode.special += 1
        return self

    def __exit__(self, *error):
        values = vars(mode.local)
        values.clear()
        values.update(self.before.pop())
        with mode.lock:
            mode.special -= 1

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with type(self)():  # a new one for each call: several threads may be inside at once
                return function(*args, **kwargs)

        return wrapped


class no_grad(Setting):  # noqa: N801  PyTorch's name
    """Inside `with pc.no_grad():` no steps are noted, so nothing made there has a gradient. Also a decorator."""

    def __init__(self):
        super().__init__(grad=False)


class enable_grad(Setting):  # noqa: N801  PyTorch's name
    """Undo an outer `no_grad` inside a `with` block or a decorated function."""

    def __init__(self):
        super().__init__(grad=True)
