"""Products of vectors and matrices under the names that PyTorch gives to each pair of shapes. All are Matmul."""

import functools
import math
import typing
from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec, Value
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import Concatenate, Reshape, Sum
from pellucid.tensors.free import free
from pellucid.tensors.functions import matmul, where
from pellucid.tensors.join import part
from pellucid.tensors.promote import (
    INT64,
    all_numbers,
    as_tensor,
    broadcast,
    broadcasts,
    cast,
    common_dtype,
    common_shape,
    constant,
    kind_of,
    only_numbers,
)
from pellucid.tensors.shape import axes_in_order

COORDINATES = np.array([[1, 2, 0], [2, 0, 1]])  # y, z, x and z, x, y


class ProductMixin:
    """The methods of Tensor that multiply vectors and matrices."""

    __matmul__: Callable
    __mul__: Callable
    shape: tuple
    ndim: int
    reshape: Callable
    unsqueeze: Callable
    diagonal: Callable

    def matmul(self, other):
        """The matrix product over the last two axes; leading axes broadcast. A vector is a row left, a column right."""
        return matmul(self, other)

    def mm(self, mat2):
        """The product of two matrices, (n, k) and (k, m)."""
        require_axes("mm", (self, 2), (mat2, 2))
        return matmul(self, mat2)

    def bmm(self, mat2):
        """The products of two batches of matrices, (b, n, k) and (b, k, m)."""
        require_axes("bmm", (self, 3), (mat2, 3))
        if self.shape[0] != mat2.shape[0]:
            raise ShapeError(f"bmm needs as many matrices in both, not {self.shape[0]} and {mat2.shape[0]}.")
        return matmul(self, mat2)

    def mv(self, vec):
        """The product of a matrix (n, k) and a vector (k): (n)."""
        require_axes("mv", (self, 2), (vec, 1))
        return matmul(self, vec)

    def dot(self, tensor):
        """The sum of the products of two vectors' elements: a number.

        >>> import pellucid as pc
        >>> pc.dot(pc.tensor([1, 2]), pc.tensor([3, 4]))
        tensor(11)
        """
        require_axes("dot", (self, 1), (tensor, 1))
        if self.dtype != tensor.dtype:
            raise DtypeError(f"dot needs one dtype, not {self.dtype} and {tensor.dtype}.")
        if self.shape != tensor.shape:
            raise ShapeError(f"dot needs vectors of one length, not {self.shape} and {tensor.shape}.")
        if all_numbers(self, tensor):
            return constant(np.asarray(np.add.reduce(self.array * tensor.array, 0, self.array.dtype)))
        return Reshape(())(Sum((0,))(self * tensor))

    def vdot(self, other):
        """`dot`, of real numbers."""
        return self.dot(other)

    def inner(self, other):
        """The sums of the products along the last axis of both; a number multiplies.

        >>> import pellucid as pc
        >>> pc.inner(pc.tensor([1, 2]), pc.tensor([3, 4]))
        tensor(11)
        """
        other = as_tensor(other)
        if self.ndim == 0 or other.ndim == 0:
            return self * other
        if self.shape[-1] != other.shape[-1]:
            raise ShapeError(f"inner needs one length along the last axes, not {self.shape} and {other.shape}.")
        if self.ndim == other.ndim == 2:
            return matmul(self, other.mT)
        return tensordot(self, other, ([-1], [-1]))

    def outer(self, vec2):
        """All products of an element of this vector (n) and one of the other (m): (n, m).

        >>> import pellucid as pc
        >>> pc.outer(pc.tensor([1, 2]), pc.tensor([3, 4]))
        tensor([[3, 4],
                [6, 8]])
        """
        require_axes("outer", (self, 1), (vec2, 1))
        return self.unsqueeze(1) * vec2

    def ger(self, vec2):
        """Another name of `outer`."""
        return self.outer(vec2)

    def kron(self, other):
        """Every element of this tensor times the whole other one, block by block (Kronecker).

        >>> import pellucid as pc
        >>> pc.kron(pc.tensor([1, 2]), pc.tensor([1, 10]))
        tensor([ 1, 10,  2, 20])
        """
        other = as_tensor(other)
        axes = max(self.ndim, other.ndim)
        a, b = [(*[1] * (axes - x.ndim), *x.shape) for x in (self, other)]
        apart = [n for length in a for n in (length, 1)], [n for length in b for n in (1, length)]
        shape = [n * m for n, m in zip(a, b, strict=True)]
        if all_numbers(self, other) and self.dtype == other.dtype:
            return constant((self.array.reshape(apart[0]) * other.array.reshape(apart[1])).reshape(shape))
        return (self.reshape(apart[0]) * other.reshape(apart[1])).reshape(shape)

    def cross(self, other, dim=None):
        """The cross product of vectors of three along `dim`, or along the first axis of length 3; other axes broadcast.

        >>> import pellucid as pc
        >>> pc.cross(pc.tensor([1, 0, 0]), pc.tensor([0, 1, 0]))
        tensor([0, 0, 1])
        """
        other = as_tensor(other)
        shape = common_shape(self.shape, other.shape)
        if dim is None:
            dim = next((axis for axis, n in enumerate(shape) if n == 3), 0)
        a, b = broadcast(self, shape), broadcast(other, shape)
        (axis,) = axes_in_order(a, dim)
        if shape[axis] != 3:
            raise ShapeError(f"cross needs length 3 along axis {dim}, not shapes {self.shape} and {other.shape}.")
        if all_numbers(a, b) and a.array.dtype == b.array.dtype:
            (a, a_later), (b, b_later) = [[x.array.take(at, axis) for at in COORDINATES] for x in (a, b)]
            return constant(a * b_later - a_later * b)
        # Twice one after the other, the three coordinates begin anew after the third.
        (a, a_later), (b, b_later) = [shifted(Concatenate(axis)(x, x), axis) for x in (a, b)]
        return a * b_later - a_later * b

    def trace(self):
        """The sum of a matrix's diagonal."""
        require_axes("trace", (self, 2))
        if only_numbers(self):
            return constant(np.asarray(self.array.trace(dtype=self.array.dtype if kind_of(self.dtype) == 2 else INT64)))
        return self.diagonal().sum()

    # ---- beta times this tensor, plus alpha times a product

    def addmm(self, mat1, mat2, *, beta=1, alpha=1):
        """beta x + alpha mat1 mat2. x broadcasts; with beta = 0 it is not looked at."""
        require_axes("addmm", (mat1, 2), (mat2, 2))
        return plus(self, matmul(mat1, mat2), beta, alpha, "addmm")

    def addmv(self, mat, vec, *, beta=1, alpha=1):
        """beta x + alpha mat vec."""
        return plus(self, mat.mv(vec), beta, alpha, "addmv")

    def addr(self, vec1, vec2, *, beta=1, alpha=1):
        """beta x + alpha times the outer product of two vectors."""
        return plus(self, vec1.outer(vec2), beta, alpha, "addr")

    def baddbmm(self, batch1, batch2, *, beta=1, alpha=1):
        """beta x + alpha times the product of two batches of matrices, one by one."""
        return plus(self, batch1.bmm(batch2), beta, alpha, "baddbmm")

    def addbmm(self, batch1, batch2, *, beta=1, alpha=1):
        """beta x + alpha times the sum of the products of two batches of matrices."""
        return plus(self, batch1.bmm(batch2).sum(0), beta, alpha, "addbmm")

    def matrix_power(self, n):
        """A square matrix (or each of a batch) n times multiplied by itself, by squaring; n is at least 0."""
        if self.ndim < 2 or self.shape[-1] != self.shape[-2]:
            raise ShapeError(f"matrix_power needs square matrices, not {Spec(self.shape, self.dtype)}.")
        if n < 0:
            raise ArgumentError(f"matrix_power is for n of at least 0, not {n}: Pellucid has no inverse.")
        if n == 0:
            one = broadcast(as_tensor(np.eye(self.shape[-1], dtype=self.dtype)), self.shape)
            return where(False, self, one)  # of which no part depends on the matrix: the slope is 0
        y, square = None, self
        while n:
            if n % 2:
                y = square if y is None else y @ square
            n //= 2
            square = square @ square if n else square
        return y


def require_axes(name, *pairs):
    """Each of these must be a tensor, with the number of axes that stands beside it."""
    for x, _ in pairs:
        if not isinstance(x, Value):
            raise DtypeError(f"{name} takes tensors, not {type(x).__name__}.", remedy="Make one: pc.as_tensor(x)")
    if any([x.array.ndim != axes for x, axes in pairs]):  # noqa: C419  a generator is slower
        wanted = " and ".join(f"{axes} axes" if axes > 1 else "1 axis" for _, axes in pairs)
        came = " and ".join(str(Spec(x.shape, x.dtype)) for x, _ in pairs)
        raise ShapeError(f"{name} needs {wanted}, not {came}.", remedy="matmul takes any number of axes.")


def shifted(twice, axis):
    """The coordinates y, z, x and z, x, y of vectors x, y, z, x, y, z."""
    return part(twice, axis, 1, 4), part(twice, axis, 2, 5)


def plus(x, product, beta, alpha, name):
    """beta x + alpha product, in the shape of the product."""
    if not broadcasts(x.shape, product.shape):
        common_shape(x.shape, product.shape)  # knows the message for shapes that do not meet
        raise ShapeError(f"{name}: {Spec(x.shape, x.dtype)} does not broadcast to the product's {product.shape}.")
    if kind_of(product.dtype) != 2 and (isinstance(alpha, float) or isinstance(beta, float)):
        raise DtypeError(f"{name}: beta and alpha must be whole numbers for {product.dtype}.")
    y = product if alpha == 1 else product * alpha
    if beta == 0:
        return y
    return (x if beta == 1 else x * beta) + y


def tensordot(a, b, dims: typing.Any = 2):
    """The sums of products along axes of both: the last `dims` of a with the first of b, or the two lists of axes.

    >>> import pellucid as pc
    >>> pc.tensordot(pc.ones(2, 3), pc.ones(3, 4), 1).shape
    (2, 4)
    """
    a, b = as_tensor(a), as_tensor(b)
    dims = dims.tolist() if hasattr(dims, "tolist") else dims
    if isinstance(dims, (tuple, list)):
        if len(dims) != 2:
            raise ArgumentError(f"tensordot needs a number, or a list of axes for each tensor, not {dims}.")
        left, right = axes_in_order(a, dims[0]), axes_in_order(b, dims[1])
    else:
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ArgumentError(f"tensordot along {dims} axes of shapes {a.shape} and {b.shape}.")
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    lengths = [a.shape[axis] for axis in left], [b.shape[axis] for axis in right]
    meet = [max(n, m) for n, m in zip(*lengths, strict=False)]
    if len(left) != len(right) or any(n not in (1, m) for side in lengths for n, m in zip(side, meet, strict=True)):
        raise ShapeError(f"tensordot: the axes {left} of {a.shape} and {right} of {b.shape} differ in length.")
    # PyTorch lets an axis of length 1 meet a longer one: that one is added up.
    for i in range(len(left)):
        if lengths[0][i] != lengths[1][i]:
            longer, axis = (a, left[i]) if lengths[1][i] == 1 else (b, right[i])
            summed = longer.sum(axis, keepdim=True)
            a, b = (summed, b) if longer is a else (a, summed)
    rows = [axis for axis in range(a.ndim) if axis not in left]
    columns = [axis for axis in range(b.ndim) if axis not in right]
    kept_rows, kept_columns = [a.shape[axis] for axis in rows], [b.shape[axis] for axis in columns]
    inner = math.prod([a.shape[axis] for axis in left])
    first = a.permute([*rows, *left]).reshape(math.prod(kept_rows), inner)
    second = b.permute([*right, *columns]).reshape(inner, math.prod(kept_columns))
    return matmul(first, second).reshape([*kept_rows, *kept_columns])


def multi_dot(tensors):
    """The product of several matrices, in the order that needs the fewest multiplications.

    The first may be a row vector, the last a column vector. (The order is found by dynamic programming, as in Cormen
    et al., Introduction to Algorithms, "Matrix-chain multiplication".)

    >>> import pellucid as pc
    >>> multi_dot([pc.ones(2, 3), pc.ones(3, 1), pc.ones(1, 4)]).shape
    (2, 4)
    """
    tensors = [as_tensor(x) for x in tensors]
    if len(tensors) < 2:
        raise ArgumentError(f"multi_dot needs at least two matrices, not {len(tensors)}.")
    row, column = tensors[0].ndim == 1, tensors[-1].ndim == 1
    if row:
        tensors[0] = tensors[0].unsqueeze(0)
    if column:
        tensors[-1] = tensors[-1].unsqueeze(1)
    require_axes("multi_dot", *[(x, 2) for x in tensors])
    sizes = (tensors[0].shape[0], *[x.shape[1] for x in tensors])

    def product(i, j):
        if i == j:
            return tensors[i]
        at = cheapest(sizes, i, j)[1]
        return matmul(product(i, at), product(at + 1, j))

    y = product(0, len(tensors) - 1)
    if row:
        y = y.reshape(y.shape[1:])
    return y.reshape(y.shape[:-1]) if column else y


@functools.lru_cache(4096)
def cheapest(sizes, i, j):
    """(multiplications, where to split) of the product of the matrices i .. j; matrix i is sizes[i] by sizes[i + 1]."""
    if i == j:
        return 0, i
    parts = [(k, cheapest(sizes, i, k)[0] + cheapest(sizes, k + 1, j)[0]) for k in range(i, j)]
    return min([(cost + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k, cost in parts])


def chain_matmul(*matrices: typing.Any):
    """`linalg.multi_dot` of its arguments."""
    return multi_dot(matrices) if len(matrices) != 1 else as_tensor(*matrices)


def vecdot(x, y, *, dim=-1):
    """The sums of the products along one axis; the others broadcast."""
    x, y = as_tensor(x), as_tensor(y)
    shape = common_shape(x.shape, y.shape)
    axes_in_order(broadcast(x, shape), dim)
    dtype = common_dtype(x.dtype, x.ndim == 0, y.dtype, y.ndim == 0)
    return (cast(x, dtype) * cast(y, dtype)).sum(dim)


addbmm = free(ProductMixin.addbmm)
addmm = free(ProductMixin.addmm)
addmv = free(ProductMixin.addmv)
addr = free(ProductMixin.addr)
baddbmm = free(ProductMixin.baddbmm)
bmm = free(ProductMixin.bmm)
cross = free(ProductMixin.cross)
dot = free(ProductMixin.dot)
ger = free(ProductMixin.ger)
inner = free(ProductMixin.inner)
kron = free(ProductMixin.kron)
matrix_power = free(ProductMixin.matrix_power)
mm = free(ProductMixin.mm)
mv = free(ProductMixin.mv)
outer = free(ProductMixin.outer)
trace = free(ProductMixin.trace)
vdot = free(ProductMixin.vdot)
