"""Tensors as collections of numbers: which are there, how often, and where a number would stand among them.

What has a shape that depends on numbers (`unique`, `bincount` without an end) is asked of a tensor that has numbers; a
recording has none yet, and says so. The order of the results is PyTorch's.
"""

from collections.abc import Callable

import numpy as np

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.ops import AddRows, ArgSort, Gather, SearchSorted, TakeRows
from pellucid.tensors import at_once
from pellucid.tensors.free import free
from pellucid.tensors.functions import where
from pellucid.tensors.promote import (
    FLOAT32,
    INT64,
    all_numbers,
    as_tensor,
    cast,
    common_dtype,
    constant,
    kind_of,
    only_numbers,
)
from pellucid.tensors.shape import axis_of


class SetMixin:
    """The methods of Tensor that count and compare its elements as a collection."""

    known: Callable
    reshape: Callable
    index_select: Callable
    shape: tuple
    ndim: int
    dtype: np.dtype

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        """The different elements, in order; along `dim` the different slices.

        With return_inverse also where each element is among them, with return_counts how often each came.

        >>> import pellucid as pc
        >>> pc.unique(pc.tensor([3, 1, 3]), return_counts=True)
        (tensor([1, 3]), tensor([1, 2]))
        """
        array = self.known("unique()")
        axis = None if dim is None else axis_of(self, dim)
        values, inverse, counts = np.unique(array, return_inverse=True, return_counts=True, axis=axis, equal_nan=False)
        inverse = inverse.reshape(array.shape if axis is None else -1)
        return chosen(values, inverse, counts, return_inverse, return_counts)

    def unique_consecutive(self, return_inverse=False, return_counts=False, dim=None):
        """The elements without those equal to the one before them; along `dim` the slices.

        >>> import pellucid as pc
        >>> pc.unique_consecutive(pc.tensor([1, 1, 2, 1]))
        tensor([1, 2, 1])
        """
        array = self.known("unique_consecutive()")
        axis = None if dim is None else axis_of(self, dim)
        rows = array.reshape(-1) if axis is None else np.moveaxis(array, axis, 0)
        new = np.ones(len(rows), bool)
        changes = rows[1:] != rows[:-1]
        new[1:] = changes if axis is None else changes.any(axis=tuple(range(1, rows.ndim)))
        starts = new.nonzero()[0]
        values = rows[starts] if axis is None else np.moveaxis(rows[starts], 0, axis)
        if not (return_inverse or return_counts):
            return constant(np.array(values, order="C"))
        inverse = (np.cumsum(new) - 1).reshape(array.shape if axis is None else -1)
        return chosen(values, inverse, np.diff(np.append(starts, len(rows))), return_inverse, return_counts)

    def bincount(self, weights=None, minlength=0):
        """How often each of 0, 1, 2, ... comes in a vector; with `weights`, the sum of the weights of each.

        >>> import pellucid as pc
        >>> pc.bincount(pc.tensor([0, 2, 2]))
        tensor([1, 0, 2])
        """
        array = self.known("bincount, whose length depends on the largest number,")
        if array.ndim != 1 or kind_of(array.dtype) != 1 or minlength < 0 or (array.size and array[array.argmin()] < 0):
            raise ArgumentError(
                f"bincount takes a vector of whole numbers from 0 on, and minlength of at least 0; "
                f"{Spec(array.shape, array.dtype)} from {array.min(initial=0)} on came, and minlength {minlength}.",
                remedy="Count from 0: x - x.min(); make a vector: x.flatten().long()",
            )
        if weights is None:
            return constant(np.bincount(array.astype(np.int64, copy=False), minlength=minlength))
        size = max(int(array.max(initial=-1)) + 1, minlength)
        index = constant(array.astype(np.int64))
        if weights.shape != self.shape:
            raise ShapeError(f"bincount needs a weight for each number, not {weights.shape} for {self.shape}.")
        weights = weights if weights.dtype == FLOAT32 else cast(weights, np.dtype(np.float64))
        return AddRows(size, 1)(index, weights)

    def histc(self, bins=100, min=0, max=0):
        """How many elements lie in each of `bins` equal parts of min .. max; if both are equal, of the elements' range.

        >>> import pellucid as pc
        >>> pc.histc(pc.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
        tensor([0., 2., 1., 0.])
        """
        if kind_of(self.dtype) != 2 or bins < 1 or min > max:
            raise ArgumentError(f"histc takes floats, bins > 0 and min <= max, not {self.dtype}, {bins}, {min}, {max}.")
        if only_numbers(self) and min < max:
            return constant(at_once.counts_of_parts(self.array.reshape(-1), bins, float(min), float(max)))
        x = self.reshape(-1).detach()
        if min == max and x.shape[0]:
            min, max = x.amin(), x.amax()
            max, min = where(min == max, max + 1.0, max), where(min == max, min - 1.0, min)
        inside = (x >= min) & (x <= max)
        at = cast(where(inside, (x - min) * float(bins) / (max - min), 0.0), INT64)
        at = where(at >= bins, bins - 1, at)  # the end belongs to the last part
        return AddRows(bins, 1)(at, cast(inside, self.dtype))


def chosen(values, inverse, counts, return_inverse, return_counts):
    """The results asked for: one, or a tuple."""
    found = [values, *([inverse] if return_inverse else []), *([counts] if return_counts else [])]
    found = [constant(np.array(array, order="C")) for array in found]
    return found[0] if len(found) == 1 else tuple(found)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Is each element among the test elements? With `invert`: is it not?

    >>> import pellucid as pc
    >>> isin(pc.tensor([1, 2, 3]), pc.tensor([3, 1]))
    tensor([ True, False,  True])
    """
    x, test = as_tensor(elements), as_tensor(test_elements).reshape(-1)
    dtype = common_dtype(x.dtype, x.ndim == 0, test.dtype, as_tensor(test_elements).ndim == 0)
    x, test = cast(x, dtype), cast(test, dtype)
    if test.shape[0] == 0:
        return constant(np.full(x.shape, invert))
    if all_numbers(x, test):
        ordered = np.sort(test.array)
        nearest = ordered.take(ordered.searchsorted(x.array), mode="clip")  # what is larger than all equals none
        return constant(np.asarray(nearest != x.array if invert else nearest == x.array))
    ordered = TakeRows()(test, ArgSort(False)(test))
    at = SearchSorted(False)(ordered, x.reshape(-1))
    at = where(at < test.shape[0], at, 0)
    found = TakeRows()(ordered, at).reshape(x.shape) == x
    return found.logical_not() if invert else found


def searchsorted(sorted_sequence, values, *, out_int32=False, right=False, side=None, sorter=None):
    """Where in each row of a sorted sequence the values of the same row would be put: before equal ones, or behind.

    A sequence of one axis serves values of any shape. With `sorter` (from argsort) the sequence need not be sorted.

    >>> import pellucid as pc
    >>> searchsorted(pc.tensor([1, 3, 5]), pc.tensor([0, 3, 9]))
    tensor([0, 1, 3])
    >>> searchsorted(pc.tensor([1, 3, 5]), pc.tensor([0, 3, 9]), right=True)
    tensor([0, 2, 3])
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise ArgumentError(f'searchsorted: side is "left" or "right", and agrees with right={right}; {side!r} came.')
    ordered, x = as_tensor(sorted_sequence), as_tensor(values)
    usual = ordered.ndim == 1 and ordered.dtype == x.dtype and sorter is None and not out_int32
    if usual and all_numbers(ordered, x):
        return constant(np.asarray(ordered.array.searchsorted(x.array, "right" if right else side or "left")))
    if ordered.ndim == 0:
        raise ShapeError("searchsorted needs a sequence, not a single number.")
    if sorter is not None:
        if sorter.dtype != INT64 or sorter.shape != ordered.shape:
            raise DtypeError(f"searchsorted: sorter is what argsort gave, not {Spec(sorter.shape, sorter.dtype)}.")
        ordered = Gather(ordered.ndim - 1)(ordered, sorter)
    if not hasattr(values, "array"):
        x = cast(x, common_dtype(ordered.dtype, False, x.dtype, True))
    dtype = common_dtype(ordered.dtype, False, x.dtype, False)
    ordered, flat = cast(ordered, dtype), cast(x, dtype)
    flat = flat.reshape(-1) if ordered.ndim == 1 else flat
    y = SearchSorted(right or side == "right")(ordered, flat).reshape(x.shape)
    return cast(y, np.dtype(np.int32)) if out_int32 else y


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """In which of the buckets between sorted boundaries each element lies: searchsorted, the other way round.

    >>> import pellucid as pc
    >>> bucketize(pc.tensor([0, 3, 9]), pc.tensor([1, 3, 5]))
    tensor([0, 1, 3])
    """
    boundaries = as_tensor(boundaries)
    if boundaries.ndim != 1:
        raise ShapeError(f"bucketize takes a vector of boundaries, not shape {boundaries.shape}.")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


bincount = free(SetMixin.bincount)
histc = free(SetMixin.histc)
unique = free(SetMixin.unique)
unique_consecutive = free(SetMixin.unique_consecutive)
