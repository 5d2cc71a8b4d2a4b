"""Tensor: the notation. It spells mathematics as ops and computes nothing itself.

The everyday part is here: operators, `backward`, and what leaves are. The mixins add the rest by family: arithmetic,
functions of one value (pointwise, rounding, trigonometry, logic), reductions (reduce, statistics, norms, cumulative),
shape, index, inplace, numbers, show.
"""

import numpy as np

from pellucid import engine
from pellucid.engine import Spec, Value, mode, walk
from pellucid.errors import DtypeError, GradientError, ShapeError
from pellucid.ops import Abs, Add, Divide, Equal, Greater, GreaterEqual, Multiply, Negative, NotEqual, Power, Subtract
from pellucid.tensors.arithmetic import ArithmeticMixin
from pellucid.tensors.cumulative import CumulativeMixin
from pellucid.tensors.functions import binary, product, swapped
from pellucid.tensors.index import IndexMixin
from pellucid.tensors.inplace import InplaceMixin
from pellucid.tensors.join import SplitMixin
from pellucid.tensors.logic import LogicMixin
from pellucid.tensors.movement import MovementMixin
from pellucid.tensors.new import NewMixin
from pellucid.tensors.norms import NormsMixin
from pellucid.tensors.numbers import NumbersMixin
from pellucid.tensors.pointwise import PointwiseMixin
from pellucid.tensors.product import ProductMixin
from pellucid.tensors.promote import as_float, as_tensor, broadcast, cast, constant, kind_of, meet, operand
from pellucid.tensors.reduce import ReduceMixin
from pellucid.tensors.rounding import RoundingMixin
from pellucid.tensors.scatter import ScatterMixin
from pellucid.tensors.sets import SetMixin
from pellucid.tensors.shape import ShapeMixin
from pellucid.tensors.show import ShowMixin
from pellucid.tensors.sort import SortMixin
from pellucid.tensors.statistics import StatisticsMixin
from pellucid.tensors.trigonometry import TrigonometryMixin

ADD, SUBTRACT, MULTIPLY, DIVIDE = Add(), Subtract(), Multiply(), Divide()


class Tensor(
    ArithmeticMixin,
    PointwiseMixin,
    RoundingMixin,
    TrigonometryMixin,
    LogicMixin,
    ReduceMixin,
    StatisticsMixin,
    NormsMixin,
    CumulativeMixin,
    ShapeMixin,
    MovementMixin,
    SplitMixin,
    IndexMixin,
    ScatterMixin,
    ProductMixin,
    SortMixin,
    SetMixin,
    InplaceMixin,
    NewMixin,
    NumbersMixin,
    ShowMixin,
    Value,
):
    """An n-dimensional array that remembers how it was made, so that gradients can be found.

    Make one with `pc.tensor`. Operators broadcast and promote as in PyTorch.

    >>> import pellucid as pc
    >>> x = pc.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

    grad = None  # what backward has collected, for leaves
    __array_ufunc__ = None  # NumPy arrays leave mixed arithmetic to us
    __hash__ = object.__hash__

    # ---- arithmetic. Two tensors of one shape and dtype, the usual case, go straight to the door.

    def __add__(self, other):
        if isinstance(other, Tensor):
            a, b = self.array, other.array
            if a.shape == b.shape and a.dtype is b.dtype:
                return ADD.__call__(self, other)
        return binary(ADD, self, other)

    def __sub__(self, other):
        return binary(SUBTRACT, self, other)

    def __mul__(self, other):
        if isinstance(other, Tensor):
            a, b = self.array, other.array
            if a.shape == b.shape and a.dtype is b.dtype:
                return MULTIPLY.__call__(self, other)
        return binary(MULTIPLY, self, other)

    def __rsub__(self, other):
        return swapped(SUBTRACT, self, other)

    def __truediv__(self, other):
        pair = meet(self, other)
        if pair is None:
            return NotImplemented
        a, b = pair
        return DIVIDE(a, b) if a.array.dtype.kind == "f" else DIVIDE(as_float(a), as_float(b))

    def __rtruediv__(self, other):
        pair = meet(self, other)
        return NotImplemented if pair is None else DIVIDE(as_float(pair[1]), as_float(pair[0]))

    def __pow__(self, other):
        if type(other) in (int, float) and other == 2 and (type(other) is int or self.array.dtype.kind == "f"):
            return self.square()
        return power(meet(self, other))

    def __rpow__(self, other):
        pair = meet(self, other)
        return power(pair and pair[::-1])

    def __matmul__(self, other):
        return product(self, other)

    def __rmatmul__(self, other):
        other = operand(other, self)
        return NotImplemented if other is None else product(other, self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return Negative()(self)

    def __pos__(self):
        return self

    def __abs__(self):
        return Abs()(self)

    # ---- comparison: bool tensors

    def __gt__(self, other):
        return binary(Greater(), self, other)

    def __ge__(self, other):
        return binary(GreaterEqual(), self, other)

    def __lt__(self, other):
        return swapped(Greater(), self, other)

    def __le__(self, other):
        return swapped(GreaterEqual(), self, other)

    def __eq__(self, other):
        return binary(Equal(), self, other)

    def __ne__(self, other):
        return binary(NotEqual(), self, other)

    # ---- gradients

    def backward(self, gradient=None, retain_graph=None, create_graph=False):
        """Find the gradient of this value with respect to every leaf that requires one; add it to `leaf.grad`.

        `gradient` is the gradient of what comes after with respect to this value; a single number has 1.
        The graph is freed on the way unless `retain_graph`; with `create_graph` the gradients have gradients.
        Raises GradientError if nothing requires a gradient, StaleValueError if a value was overwritten.
        """
        if not self.requires_grad:
            raise GradientError(
                f"backward was asked of {Spec(self.shape, self.dtype)}, made of nothing that requires a gradient.",
                remedy="Create what is learned with requires_grad=True or nn.Parameter; compute outside of no_grad.",
            )
        leaves = {}

        def receive(leaf, share):
            leaves[leaf] = leaves[leaf] + share if leaf in leaves else share

        given = set()
        with engine.Setting(grad=create_graph, walking=None):
            seed = first_gradient(self, gradient)
            if gradient is not None:
                own(seed, given)  # what was passed stays the caller's: no leaf gets its memory
            walk([self], [seed], receive, retain_graph or create_graph)
            for leaf, share in leaves.items():
                before = leaf.grad
                leaf.keep_grad(own(share, given) if before is None else before + share)

    def keep_grad(self, value):
        """What backward has found for an ordinary leaf; a State has a way of its own."""
        self.grad = value

    def detach(self):
        """The same numbers, cut off from how they were made."""
        if mode.local.recording is not None:
            return mode.local.recording.detach(self)
        y = Tensor()
        y.array = self.array.copy() if self.is_state else self.array
        return y

    def requires_grad_(self, requires_grad=True):
        """Ask for gradients with respect to this leaf (or stop asking). The tensor becomes a State.

        Inside a recording it stays a value of the step, and `.grad` is one as well.
        """
        if not self.is_leaf:
            raise GradientError("requires_grad is for leaves only; this was computed.", remedy="Detach it: x.detach()")
        if requires_grad and kind_of(self.dtype) != 2:
            raise DtypeError(f"only floats can require a gradient, not {self.dtype}.", remedy="Convert it: x.float()")
        if requires_grad and not self.is_state and type(self.array) is not Spec:
            from pellucid.tensors.state import become_state  # State is built on this class

            become_state(self)
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self):
        """True if the value was not computed from anything that requires a gradient."""
        return type(self.step) is not list

    @property
    def grad_fn(self):
        """The op that made this value, or None."""
        return self.step[engine.OP] if type(self.step) is list and self.step else None


mode.family = Tensor  # what comes out of an op on Tensors, Parameters and other States is a Tensor


def power(pair):
    """a^b of a pair that has met. Bool has no powers, as in PyTorch."""
    if pair is None:
        return NotImplemented
    if pair[0].array.dtype.kind == "b":
        raise DtypeError("bool has no powers.", remedy="Convert it: x.long() ** y")
    return Power()(*pair)


def first_gradient(y, gradient):
    """The gradient with which the walk back begins."""
    if gradient is None:
        if y.array.ndim and y.numel() != 1:
            raise GradientError(
                f"backward begins at a single number, but this value is {Spec(y.shape, y.dtype)}.",
                remedy="Reduce it first (loss.mean()), or pass gradient=, of the same shape.",
            )
        # A new tensor, not the kept constant: it may be handed out as a gradient, and changed in place.
        return broadcast(constant(np.ones((), y.array.dtype)), y.array.shape)
    if tuple(getattr(gradient, "shape", ())) != y.shape:
        raise ShapeError(f"gradient has shape {tuple(np.shape(gradient))}, but the value it belongs to has {y.shape}.")
    return broadcast(cast(as_tensor(gradient), y.dtype), y.shape)


def own(share, given):
    """A gradient that no other leaf holds: the same array may have been owed to several.

    `given` collects the identities of the memory handed out so far in this walk.
    """
    if type(share.array) is Spec:
        return mode.local.recording.own(share)
    y = Tensor()
    array = share.array
    memory = id(array if array.base is None else array.base)
    # Numbers and turned matrices are copied too: optimizers run faster on rows in memory order.
    if memory in given or array.ndim == 0 or not array.flags.c_contiguous:
        array = np.array(array, order="C")
    y.array = array
    given.add(memory)
    y.step = share.step
    return y
