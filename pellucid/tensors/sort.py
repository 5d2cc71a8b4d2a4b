"""Sorting, and what is found by it: the largest, the k-th, the middle, quantiles, the most frequent.

ArgSort finds positions; Gather picks the elements, and knows the gradient. NaN counts as larger than every number.
"""

from collections.abc import Callable

import numpy as np

from pellucid import engine
from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import ArgMax, ArgSort, Gather, SearchSorted
from pellucid.tensors import at_once
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.join import part
from pellucid.tensors.promote import INT64, as_tensor, cast, constant, kind_of, only_numbers
from pellucid.tensors.reduce import ValuesAndIndices
from pellucid.tensors.shape import axis_of


class SortMixin:
    """The methods of Tensor that sort."""

    shape: tuple
    dtype: np.dtype
    ndim: int
    reshape: Callable
    numel: Callable
    transpose: Callable
    movedim: Callable

    def sort(self, dim=-1, descending=False, *, stable=True):
        """The elements in order along `dim`, and where each was: (values, indices). Equal ones keep their order.

        >>> import pellucid as pc
        >>> pc.sort(pc.tensor([3, 1, 2])).values
        tensor([1, 2, 3])
        """
        if only_numbers(self) and self.ndim:
            axis = axis_of(self, dim)
            return found(self.array, axis, at_once.order_along(self.array, axis, descending))
        indices = self.argsort(dim, descending)
        return ValuesAndIndices(picked(self, dim, indices), indices)

    def argsort(self, dim=-1, descending=False, *, stable=True):
        """Where the elements are that `sort` puts in order.

        >>> import pellucid as pc
        >>> pc.argsort(pc.tensor([3, 1, 2]), descending=True)
        tensor([0, 2, 1])
        """
        axis, last = axis_of(self, dim), max(self.ndim - 1, 0)
        x = self.reshape(1) if self.ndim == 0 else self if axis == last else self.transpose(axis, last)
        y = ArgSort(bool(descending))(x)
        return y.reshape(()) if self.ndim == 0 else y if axis == last else y.transpose(axis, last)

    def msort(self):
        """The elements in order along the first axis."""
        return self.sort(0)[0]

    def topk(self, k, dim=-1, largest=True, sorted=True):
        """The k largest (or smallest) elements along `dim`, in order, and where each was: (values, indices).

        >>> import pellucid as pc
        >>> pc.topk(pc.tensor([1, 9, 5]), 2)
        ValuesAndIndices(values=tensor([9, 5]), indices=tensor([1, 2]))
        """
        axis = axis_of(self, dim)
        length = self.shape[axis] if self.ndim else 1
        if not isinstance(k, (int, np.integer)) or not 0 <= k <= length:
            raise ArgumentError(
                f"topk: k is a whole number from 0 to {length}, the length of axis {dim}, not {k}.",
                remedy="Another axis is named by dim=; a share of the elements is int(share * length).",
            )
        if only_numbers(self) and self.ndim:
            order = at_once.order_along(self.array, axis, largest)
            return found(self.array, axis, order[(*[slice(None)] * axis, slice(k))].copy())
        indices = self.argsort(dim, largest)
        indices = indices if self.ndim == 0 else part(indices, axis, 0, k)
        return ValuesAndIndices(picked(self, dim, indices), indices)

    def kthvalue(self, k, dim=-1, keepdim=False):
        """The k-th smallest element along `dim`, counted from 1, and where it was: (values, indices).

        >>> import pellucid as pc
        >>> pc.kthvalue(pc.tensor([5, 1, 9]), 2)
        ValuesAndIndices(values=tensor(5), indices=tensor(0))
        """
        axis = axis_of(self, dim)
        length = self.shape[axis] if self.ndim else 1
        if not 1 <= k <= length:
            raise ArgumentError(f"kthvalue: k is from 1 to {length}, the length of axis {dim}, not {k}.")
        return one_of(self, axis, k - 1, keepdim)

    def median(self, dim=None, keepdim=False):
        """The middle one of the elements in order; of two the lower. With `dim` also where it was. NaN if any is NaN.

        >>> import pellucid as pc
        >>> pc.median(pc.tensor([1.0, 4.0, 2.0, 3.0]))
        tensor(2.)
        """
        return middle(self, dim, keepdim, skip_nan=False)

    def nanmedian(self, dim=None, keepdim=False):
        """The median of the elements that are not NaN."""
        return middle(self, dim, keepdim, skip_nan=True)

    def quantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        """The number below which the share q (0 to 1) of the elements lies, along `dim` or of all. NaN if any is NaN.

        It lies at position q (n - 1) of the sorted elements. Between two of them `interpolation` decides: linear,
        lower, higher, midpoint, nearest. For a vector of q the result has an axis for them in front.

        >>> import pellucid as pc
        >>> pc.quantile(pc.tensor([0.0, 1.0, 2.0, 3.0]), 0.5)
        tensor(1.5)
        """
        return quantiles(self, q, dim, keepdim, interpolation, skip_nan=False)

    def nanquantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        """The quantile of the elements that are not NaN."""
        return quantiles(self, q, dim, keepdim, interpolation, skip_nan=True)

    def mode(self, dim=-1, keepdim=False):
        """The most frequent element along `dim`, of several the smallest, and where it was last: (values, indices).

        >>> import pellucid as pc
        >>> pc.mode(pc.tensor([3, 1, 3, 2]))
        ValuesAndIndices(values=tensor(3), indices=tensor(2))
        """
        axis = axis_of(self, dim)
        if self.ndim == 0:
            return ValuesAndIndices(self, constant(np.zeros((), np.int64)))
        if only_numbers(self) and self.array.shape[axis]:
            return ValuesAndIndices(*at_once.most_frequent(self.array, axis, keepdim))
        x = self.movedim(axis, -1)
        require_elements(x, "mode")
        order = ArgSort(False)(x)
        ordered = Gather(x.ndim - 1)(x, order)
        after, before = SearchSorted(True)(ordered, ordered), SearchSorted(False)(ordered, ordered)
        longest = ArgMax(x.ndim - 1)(after - before)  # the first of a longest run
        last = Gather(x.ndim - 1)(after, longest) - 1
        indices = Gather(x.ndim - 1)(order, last)
        values = Gather(x.ndim - 1)(x, indices)
        if keepdim:
            return ValuesAndIndices(values.movedim(-1, axis), indices.movedim(-1, axis))
        return ValuesAndIndices(values.reshape(x.shape[:-1]), indices.reshape(x.shape[:-1]))


def found(array, axis, indices, keepdim=True):
    """The elements at these positions along an axis, and the positions, where only numbers matter."""
    return ValuesAndIndices(*at_once.elements_at(array, axis, indices, keepdim))


def picked(x, dim, indices):
    """The elements at these positions along `dim`."""
    return x if x.ndim == 0 else Gather(axis_of(x, dim))(x, indices)


def require_elements(x, name):
    """There is no middle of no elements."""
    if x.shape[-1] == 0:
        raise ShapeError(f"{name} needs at least one element to choose from, not {Spec(x.shape, x.dtype)}.")


def one_of(x, axis, at, keepdim):
    """The element number `at` in order along an axis, and where it was."""
    if x.ndim == 0:
        return ValuesAndIndices(x, x.argsort(axis))
    if only_numbers(x):
        order = at_once.order_along(x.array, axis, False)
        return found(x.array, axis, order[(*[slice(None)] * axis, slice(at, at + 1))].copy(), keepdim)
    order = x.argsort(axis)
    indices = part(order, axis, at, at + 1)
    values = Gather(axis)(x, indices)
    shape = indices.shape if keepdim else (*x.shape[:axis], *x.shape[axis + 1 :])
    return ValuesAndIndices(values.reshape(shape), indices.reshape(shape))


def is_nan(x):
    """Where x is not equal to itself."""
    return x != x


def middle(x, dim, keepdim, skip_nan):
    """median and nanmedian. NaN is sorted to the end: the middle one of m numbers is number (m - 1) // 2."""
    if dim is None:
        if x.numel() == 0:
            return (x.sum() * float("nan")) if kind_of(x.dtype) == 2 else refuse_empty(x)
        if only_numbers(x):
            ordered = np.sort(x.array, axis=None)
            if skip_nan or ordered[-1] == ordered[-1]:
                count = ordered.size - np.count_nonzero(ordered != ordered) if skip_nan else ordered.size
                return constant(np.asarray(ordered[max(count - 1, 0) // 2]))
        return middle(x.reshape(-1), 0, False, skip_nan).values
    axis = axis_of(x, dim)
    if x.ndim == 0:
        return ValuesAndIndices(x, constant(np.zeros((), np.int64)))
    if x.shape[axis] == 0:
        refuse_empty(x)
    length = x.shape[axis]
    if kind_of(x.dtype) != 2:
        return one_of(x, axis, (length - 1) // 2, keepdim)
    if engine.mode.local.recording is None and not np.isnan(x.array).any():  # the usual case, by the short way
        return one_of(x, axis, (length - 1) // 2, keepdim)
    order = x.argsort(dim)
    nans = cast(is_nan(x), INT64).sum(axis, keepdim=True)
    if skip_nan:
        # All NaN: the first one. An integer is halved as a float, exactly.
        left = where(nans == length, 1, length - nans) - 1
        at = cast(cast(left, np.dtype(np.float64)) * 0.5, INT64)
    else:
        at = where(nans > 0, length - nans, (length - 1) // 2)  # the first NaN stands behind the numbers
    indices = Gather(axis)(order, at)
    values = Gather(axis)(x, indices)
    shape = indices.shape if keepdim else (*x.shape[:axis], *x.shape[axis + 1 :])
    return ValuesAndIndices(values.reshape(shape), indices.reshape(shape))


def refuse_empty(x):
    raise ShapeError(f"there is no median of no elements: {Spec(x.shape, x.dtype)} came.")


def quantiles(x, q, dim, keepdim, interpolation, skip_nan):
    """quantile and nanquantile, along the last axis."""
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise ArgumentError(f"quantile: interpolation {interpolation!r} is none of the five.")
    q = as_tensor(q) if hasattr(q, "array") else constant(np.asarray(q, x.dtype))
    if kind_of(x.dtype) != 2 or q.dtype != x.dtype:
        raise DtypeError(f"quantile needs floats of one dtype, not {x.dtype} and q of {q.dtype}.")
    if q.ndim > 1:
        raise ShapeError(f"quantile: q is a number or a vector, not of shape {q.shape}.")
    if type(q.array) is not Spec and not ((q.array >= 0) & (q.array <= 1)).all():
        raise ArgumentError(f"quantile: q is from 0 to 1, not {q.array}.", remedy="Write 0.5 for 50 percent.")
    axes = x.ndim
    axis = 0 if dim is None else axis_of(x, dim)
    rows = x.reshape(-1) if dim is None or x.ndim == 0 else x.movedim(axis, -1)
    require_elements(rows, "quantile")
    length, last = rows.shape[-1], rows.ndim - 1
    ordered = Gather(last)(rows, ArgSort(False)(rows))
    nans = cast(cast(is_nan(rows), INT64).sum(-1, keepdim=True), x.dtype)
    count = (length - nans) if skip_nan else nans * 0.0 + float(length)
    at = q.reshape(-1) * (count - 1.0).clamp(0.0)  # (rows, q)
    at = where(nans > 0, float(length - 1), at) if not skip_nan else at  # the last element: NaN
    low = cast(cast(at, INT64), x.dtype)
    weight = at - low
    high = where(weight > 0, low + 1.0, low)
    if interpolation in ("lower", "higher", "nearest"):
        at = {"lower": low, "higher": high}.get(interpolation, nearest(low, high, weight))
        y = Gather(last)(ordered, cast(at, INT64))
    else:
        first, second = Gather(last)(ordered, cast(low, INT64)), Gather(last)(ordered, cast(high, INT64))
        weight = weight * 0.0 + 0.5 if interpolation == "midpoint" else weight
        y = first + weight * (second - first)
    shape = [*rows.shape[:-1]]
    if keepdim:
        shape = [1] * axes if dim is None else [*shape[:axis], 1, *shape[axis:]] if axes else []
    if q.ndim == 0:
        return y.reshape(shape)
    return y.movedim(-1, 0).reshape(q.numel(), *shape)


def nearest(low, high, weight):
    """The nearer of two whole numbers; half way between them the even one."""
    half = low * 0.5
    even = cast(cast(half, INT64), low.dtype) == half
    return where((weight < 0.5) | ((weight == 0.5) & even), low, high)


argsort = free(SortMixin.argsort)
kthvalue = free(SortMixin.kthvalue)
median = free(SortMixin.median)
mode = free(SortMixin.mode)
msort = free(SortMixin.msort)
nanmedian = free(SortMixin.nanmedian)
nanquantile = free(SortMixin.nanquantile)
quantile = free(SortMixin.quantile)
sort = free(SortMixin.sort)
topk = free(SortMixin.topk)
