"""Operations written by users: `CustomOp` and `CustomElementwise`. docs/custom-ops.md shows how to write one.

They are ops like those in pellucid/ops, with a door of their own that turns arguments into tensors, and with checks:
whoever writes the first op of their life makes mistakes that ours are tested against.
"""

import dataclasses
import re
import string

import numpy as np

from pellucid.engine import ManyInputs, OpType, Spec, Value
from pellucid.errors import ArgumentError, DtypeError, GradientError, PellucidError, RecordingError, ShapeError
from pellucid.ops.elementwise import Elementwise
from pellucid.tensors.promote import as_tensor, broadcast, cast, common_dtype, common_shape, number, number_dtype

# Pellucid's own functions that a C expression may call, each for both kinds of floats.
FUNCTIONS = (
    "absolute", "cos", "erf", "exp", "log", "log1p", "power", "sigmoid", "sin", "sqrt", "tanh",
)  # fmt: skip


class CustomType(OpType):
    """Making one: attributes must be plain data, for equal attributes mean the same op."""

    def __call__(self, *attributes, **named):
        for value in (*attributes, *named.values()):
            if isinstance(value, (list, dict, set, np.ndarray, Value)):
                raise ArgumentError(
                    f"an attribute of {self.__name__} is {type(value).__name__}; numbers, texts and tuples can be.",
                    remedy="Make a list a tuple; arrays and tensors are inputs of the op, not attributes.",
                )
        return super().__call__(*attributes, **named)


class Checked:
    """What both kinds of custom ops have: `forward` and `gradient` of the user, looked at before they are believed."""

    def __init_subclass__(cls):
        super().__init_subclass__()
        if "forward" in vars(cls):
            cls.written_forward = vars(cls)["forward"]
            cls.forward = Checked.checked_forward
        if "gradient" in vars(cls):
            cls.written_gradient = vars(cls)["gradient"]
            cls.gradient = Checked.checked_gradient

    def checked_forward(self, *arrays):
        """The user's numbers, after a look at their shape and dtype."""
        try:
            y = self.written_forward(*arrays)
        except PellucidError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            given = " and ".join(map(str, specs_of(arrays)))
            raise ArgumentError(f"{self}.forward failed for {given}: {type(error).__name__}: {error}") from error
        if not isinstance(y, (np.ndarray, np.generic)):
            raise DtypeError(
                f"{self}.forward returned {type(y).__name__}; it must return a NumPy array.",
                remedy="forward computes with the arrays that it is given; gradient is written with tensors.",
            )
        rule = type(self).infer
        if rule is Elementwise.infer and len(arrays) == 1 and self.result is None:
            fits = y.shape == arrays[0].shape and y.dtype == arrays[0].dtype  # the same answer, seen at a glance
        else:
            fits = rule is CustomOp.infer
        if not fits:
            found, said = Spec(y.shape, y.dtype), self.infer(*specs_of(arrays))
            if found != said:
                raise (ShapeError if found.shape != said.shape else DtypeError)(
                    f"{self}.forward returned {found}, but must return {said} for "
                    f"{' and '.join(map(str, specs_of(arrays)))}, as its infer says.",
                    remedy="Keep shape and dtype: constants of NumPy's own dtype make float64 (write 2.0, not np.pi).",
                )
        return y

    def checked_gradient(self, g, y, *inputs):
        """The user's rule, after a look at how many gradients came and of what shape."""
        shares = self.written_gradient(g, y, *inputs)
        return fitting_shares(f"{self}.gradient", shares, inputs)


class CustomOp(Checked, ManyInputs, metaclass=CustomType):
    """An operation of your own on whole arrays. A subclass has attributes as fields, and up to three methods:

        forward(self, *arrays) -> array     the numbers, in NumPy; nothing given may be changed
        gradient(self, g, y, *inputs)       what is owed to each input, written with tensors: one, or a tuple of them
        infer(self, *specs) -> Spec         shape and dtype of the result; needed to record it with pc.compile

    `g` is the gradient of the loss with respect to y. Say `differentiable = False` if there is none. A compiled step
    that contains a CustomOp runs on NumPy. If every element of the result depends on one element of each input, write
    a CustomElementwise instead: it broadcasts, needs no `infer`, and can be C.

    >>> import numpy as np
    >>> import pellucid as pc
    >>> class Sort(pc.autograd.CustomOp):
    ...     def forward(self, x):
    ...         return np.sort(x)
    >>> Sort()(pc.tensor([3.0, 1.0, 2.0]))
    tensor([1., 2., 3.])
    """

    def __call__(self, *inputs):
        return ManyInputs.__call__(self, *[as_tensor(x) for x in inputs])

    def infer(self, *specs):
        """Which shape and dtype come out."""
        raise RecordingError(
            f"{self} has no infer, so pc.compile cannot know what comes out of it.",
            remedy="Write it: def infer(self, x): return pc.autograd.Spec(x.shape, x.dtype)",
        )

    def gradient(self, g, y, *inputs):
        """What is owed to each input."""
        raise no_gradient(self)


class CustomElementwise(Checked, ManyInputs, Elementwise, metaclass=CustomType):
    """An operation of your own on each element: y[i] depends on the i-th element of each input only.

        forward(self, *arrays) -> array     the numbers, in NumPy: arrays of one shape and dtype (or of shape ())
        gradient(self, g, y, *inputs)       what is owed to each input, written with tensors: one, or a tuple of them
        c_expression = "..."                if wanted, the same as one expression of C (see below)

    Inputs broadcast and meet in one dtype before they come. With a `c_expression` the op becomes part of the loops of
    compiled steps; without one a step that contains the op runs on NumPy, and says so once. In the expression, {0} {1}
    ... are the inputs, {name} is the number in the field `name`, and {f} the ending of Pellucid's own functions:
    exp_{f}, log_{f}, log1p_{f}, sqrt_{f}, sin_{f}, cos_{f}, tanh_{f}, sigmoid_{f}, erf_{f}, power_{f}, absolute_{f}.

    >>> import numpy as np
    >>> import pellucid as pc
    >>> class Square(pc.autograd.CustomElementwise):
    ...     c_expression = "{0} * {0}"
    ...
    ...     def forward(self, x):
    ...         return x * x
    ...
    ...     def gradient(self, g, y, x):
    ...         return g * x * 2.0
    >>> x = pc.tensor([1.0, 3.0], requires_grad=True)
    >>> Square()(x).sum().backward()
    >>> x.grad
    tensor([2., 6.])
    """

    c_expression = None  # the expression in C, or None

    def __init_subclass__(cls):
        super().__init_subclass__()
        if cls.c_expression is not None:
            check_expression(cls.__name__, cls.c_expression, {field.name for field in dataclasses.fields(cls)})

    def __call__(self, *inputs):
        if len(inputs) == 1:
            return ManyInputs.__call__(self, as_tensor(inputs[0]))
        return ManyInputs.__call__(self, *brought_together(inputs))

    def gradient(self, g, y, *inputs):
        """What is owed to each input."""
        raise no_gradient(self)


def check_expression(who, text, fields):
    """Refuse a C expression that names what is not there. (`{c}` and `{t}` are the C target's own.)"""
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ArgumentError(
            f"{who}.c_expression, {text!r}: {error}.", remedy="Braces of C itself are doubled: {{ }}."
        ) from None
    unknown = {name for name in names if not name.isdecimal()} - fields - {"f"}
    calls = set(re.findall(r"(\w+)_\{f\}", text)) - set(FUNCTIONS)
    if unknown:
        raise ArgumentError(
            f"{who}.c_expression has {{{next(iter(unknown))}}}, which is no field.",
            remedy="In braces stand numbers of inputs, names of fields, and {f}.",
        )
    if fields & {"c", "f", "t"}:
        raise ArgumentError(
            f"{who} has a field c, f or t, which mean something else in c_expression.", remedy="Rename."
        )
    if calls:
        raise ArgumentError(
            f"{who}.c_expression calls {next(iter(calls))}_{{f}}, which is not there.",
            remedy=f"There are {', '.join(FUNCTIONS)}.",
        )


def brought_together(inputs):
    """All inputs in one shape and dtype. Numbers stay numbers of shape ()."""
    tensors = [x for x in inputs if not isinstance(x, (bool, int, float))]
    tensors = [as_tensor(x) for x in tensors] or [as_tensor(1.0)]
    dtype, point = tensors[0].array.dtype, tensors[0].array.ndim == 0
    for x in tensors[1:]:
        dtype, point = common_dtype(dtype, point, x.array.dtype, x.array.ndim == 0), point and x.array.ndim == 0
    for x in inputs:
        dtype = number_dtype(x, dtype) if isinstance(x, (bool, int, float)) else dtype
    values = [number(x, dtype) if isinstance(x, (bool, int, float)) else cast(as_tensor(x), dtype) for x in inputs]
    shape = common_shape(*[x.array.shape for x in values])
    return [x if x.array.shape == () and x.step is None else broadcast(x, shape) for x in values]


def fitting_shares(who, shares, inputs):
    """The gradients that a user's rule gives, as a tuple with a tensor or None for each input."""
    shares = shares if type(shares) is tuple else (shares,)
    if len(shares) != len(inputs):
        raise GradientError(
            f"{who} returned {len(shares)} gradient(s) for {len(inputs)} input(s).",
            remedy="Return a tuple with one for each input, None for one that needs none.",
        )
    for i, (share, x) in enumerate(zip(shares, inputs, strict=True)):
        if share is None or not x.requires_grad:
            continue
        if not isinstance(share, Value):
            raise DtypeError(
                f"{who} returned {type(share).__name__} for input {i}; a gradient is a tensor or None.",
                remedy="Write it with tensors' own operations: g * 2.0, x.exp(), pc.where(...).",
            )
        have, want = Spec(share.array.shape, share.array.dtype), Spec(x.array.shape, x.array.dtype)
        if have != want:
            raise (ShapeError if have.shape != want.shape else DtypeError)(
                f"{who} returned {have} for input {i}, which is {want}: shape and dtype must be equal.",
                remedy="Sum over what was repeated; convert with .to(x.dtype).",
            )
    return shares


def no_gradient(op):
    """The error for an op without a rule."""
    return GradientError(
        f"{op} has no gradient rule, and one was asked for.",
        remedy="Write def gradient(self, g, y, x), or say differentiable = False in the class.",
    )


def specs_of(arrays):
    return [Spec(np.shape(x), np.asarray(x).dtype) for x in arrays]


__all__ = ["CustomElementwise", "CustomOp"]
