"""`Function`: a forward pass with a gradient of your own, in PyTorch's form.

A CustomOp is new numbers; a Function is a new gradient for what tensors can compute already: straight through a
rounding, clipped, turned round. Its forward and backward are written with tensors, so it is recorded like any
other code. (One that asks for numbers, x.numpy(), works in eager code only, and a recording says so.)
"""

from pellucid import engine
from pellucid.engine import Spec, Value, mode
from pellucid.errors import ArgumentError, DtypeError, GradientError, UnsupportedError
from pellucid.tensors.autograd.custom import fitting_shares
from pellucid.tensors.create import zeros


class Context:
    """What forward leaves for backward: tensors by `save_for_backward`, anything else as attributes."""

    def __init__(self, cls):
        self.cls = cls
        self.saved = ()
        self.unlearnable = ()
        self.materialize = True
        self.needs_input_grad = ()  # for each argument of forward: is its gradient asked for?
        self.clock = 0
        self.results = []

    def save_for_backward(self, *tensors):
        """Keep inputs, results or other tensors for backward, which finds them in `saved_tensors`."""
        for x in tensors:
            if x is not None and not isinstance(x, Value):
                raise DtypeError(
                    f"save_for_backward keeps tensors, not {type(x).__name__}.", remedy="Other things: ctx.name = ..."
                )
        self.saved = tensors

    @property
    def saved_tensors(self):
        """What save_for_backward was given. Inputs and results lead back to how they were made."""
        for x in self.saved:
            if x is not None and engine.is_stale(x, self.clock):
                raise engine.stale_value()
        return tuple([self.as_result(x) for x in self.saved])

    def as_result(self, x):
        """A saved result of forward, as the value that Function.apply has returned."""
        for k, y in self.results:
            if x is y:
                return result(self.cls, x, k, mode.local.walking)
        return x

    def mark_non_differentiable(self, *tensors):
        """These results of forward have no gradient."""
        self.unlearnable = tensors

    def set_materialize_grads(self, value):
        """Is backward given zeros for a result that nobody used (the default)? Else it is given None."""
        self.materialize = bool(value)

    def mark_dirty(self, *tensors):
        """Refused: nothing is changed in place."""
        raise UnsupportedError("mark_dirty: forward may change no input in place.", remedy="Return a new tensor.")


class Function:
    """A forward pass with a backward of its own: a subclass has two static methods, and is used as `Name.apply(...)`.

        forward(ctx, *args)           tensors from tensors; what backward needs: ctx.save_for_backward(x, y)
        backward(ctx, *grads)         for each argument of forward its gradient, or None

    As in PyTorch, forward may leave out ctx if there is a third one, `setup_context(ctx, inputs, output)`. Nothing in
    forward is recorded for gradients; backward must be written with tensors' operations, and then has gradients
    itself. Raises GradientError, ShapeError or DtypeError if backward returns what does not fit the arguments.

    >>> import pellucid as pc
    >>> class SignStraightThrough(pc.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x.sign()
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g
    >>> x = pc.tensor([-0.3, 2.0], requires_grad=True)
    >>> SignStraightThrough.apply(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

    def __init_subclass__(cls):
        super().__init_subclass__()
        # The kinds of its steps have its name: messages and printed tensors say "made by SignStraightThrough".
        cls.part_kind, cls.whole_kind = type(cls.__name__, (Part,), {}), type(cls.__name__, (Backward,), {})

    @staticmethod
    def forward(*args):
        """What comes out: a tensor, or a tuple of tensors and other things."""
        raise NotImplementedError("a Function needs a static method forward(ctx, *args).")

    @staticmethod
    def backward(ctx, *grads):
        """What is owed to each argument of forward."""
        raise GradientError(
            "a Function without a backward was asked for a gradient.",
            remedy="Write a static method backward(ctx, *grads).",
        )

    setup_context = None

    @classmethod
    def apply(cls, *args):
        """Compute forward, and remember that backward knows its gradient."""
        ctx = Context(cls)
        ctx.needs_input_grad = tuple([isinstance(x, Value) and x.requires_grad for x in args])
        ctx.clock = mode.clock
        with engine.Setting(grad=False):
            if cls.setup_context is None:
                returned = cls.forward(ctx, *args)
            else:
                returned = cls.forward(*args)
                cls.setup_context(ctx, args, returned)
        several = isinstance(returned, tuple)
        results = list(returned) if several else [returned]
        for k, y in enumerate(results):
            if isinstance(y, Value) and any(y is x for x in args):
                results[k] = y.detach()  # an input that is handed through becomes a value of its own
        if not any(isinstance(y, Value) for y in results):
            raise DtypeError(
                f"{cls.__name__}.forward returned {type(returned).__name__}; it must return tensors.",
                remedy="Make a tensor of an array: pc.tensor(array).",
            )
        if mode.local.grad and any(ctx.needs_input_grad):
            link(cls, ctx, args, results)
        return tuple(results) if several else results[0]


def link(cls, ctx, args, results):
    """Give each result the step that leads back to the arguments."""
    inputs = tuple([x for x in args if isinstance(x, Value)])
    whole = [cls.whole_kind(cls, ctx, args, results), inputs, None, mode.clock, None]
    for k, y in enumerate(results):
        unlearnable = any(y is x for x in ctx.unlearnable)
        if isinstance(y, Value) and y.array.dtype.kind == "f" and not unlearnable:
            ctx.results.append((k, y))
            results[k] = result(cls, y, k, whole)


def result(cls, y, k, whole):
    """The value y as result number k of the step `whole`."""
    bundle = mode.family()
    bundle.array, bundle.step = Spec(y.array.shape, y.array.dtype), whole
    learned = y.detach()
    learned.step = [cls.part_kind(k), (bundle,), None, mode.clock, None]
    return learned


class Shares:
    """What is owed to several results at once: their number -> gradient. Shares of two uses add up."""

    def __init__(self, by_number):
        self.by_number = by_number

    def __add__(self, other):
        sums = dict(self.by_number)
        for k, g in other.by_number.items():
            sums[k] = sums[k] + g if k in sums else g
        return Shares(sums)


class Part:
    """The step from a Function to one of its results: it pays what the result is owed, under its number."""

    view = reads_inputs = reads_output = False
    differentiable = True

    def __init__(self, number):
        self.number = number

    def gradient(self, g, y, whole):
        """The share of this result."""
        return Shares({self.number: g})

    def __repr__(self):
        return f"{type(self).__name__}, result {self.number}"


class Backward:
    """The step from the arguments of a Function to all its results: it calls the user's backward."""

    view = reads_output = False
    reads_inputs = False  # what is needed was saved, and saved_tensors looks whether it is still there
    differentiable = True

    def __init__(self, cls, ctx, args, results):
        self.cls = cls
        self.ctx = ctx
        self.is_tensor = [isinstance(x, Value) for x in args]
        self.specs = [Spec(y.array.shape, y.array.dtype) if isinstance(y, Value) else None for y in results]

    def gradient(self, g, y, *inputs):
        """Call backward with the gradients of all results."""
        grads = [g.by_number.get(k) for k in range(len(self.specs))]
        if self.ctx.materialize:
            grads = [
                zeros(spec.shape, dtype=spec.dtype) if grad is None and spec is not None else grad
                for grad, spec in zip(grads, self.specs, strict=True)
            ]
        who = f"{self.cls.__name__}.backward"
        shares = self.cls.backward(self.ctx, *grads)
        shares = list(shares) if isinstance(shares, tuple) else [shares]
        count = len(self.is_tensor)
        while len(shares) > count and shares[-1] is None:
            shares.pop()  # PyTorch forgives these
        if len(shares) != count:
            raise GradientError(
                f"{who} returned {len(shares)} gradient(s) for {count} argument(s) of forward.",
                remedy="Return one for each argument after ctx, None for one that needs none.",
            )
        for i, (share, is_tensor) in enumerate(zip(shares, self.is_tensor, strict=True)):
            if share is not None and not is_tensor:
                raise ArgumentError(f"{who} returned a gradient for argument {i}, which is no tensor.", remedy="None")
        of_tensors = [share for share, is_tensor in zip(shares, self.is_tensor, strict=True) if is_tensor]
        return fitting_shares(who, tuple(of_tensors), inputs)

    def __repr__(self):
        return f"{self.cls.__name__}Backward"


__all__ = ["Function"]
