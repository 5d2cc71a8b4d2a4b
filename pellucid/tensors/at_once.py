"""What some functions of tensors compute when nothing but numbers is asked for: NumPy at once, in the fewest calls.

Those that take more than a line or two of it stand here. They get arrays, after all questions have been asked, and
give the same bits as the ops of which the function is made otherwise (but for the sign of zeros): see `only_numbers`.
"""

import functools
import math

import numpy as np

from pellucid.ops.index import FEW, other_places, put_numbers
from pellucid.tensors.promote import INT64, constant


def put(x, places, numbers, how, flat=False):
    """x with the array `numbers` put at places of it, as NumPy names them; or, if `flat`, of the flattened tensor."""
    if how == "add":  # they are added up by themselves, as ScatterAdd and AddRows do
        y = np.zeros(x.array.shape, x.array.dtype)
        np.add.at(y.reshape(-1) if flat else y, places, numbers)
        return constant(x.array + y)
    y = np.array(x.array, order="C")
    put_numbers(y.reshape(-1) if flat else y, places, numbers, how)
    return constant(y)


def order_along(array, axis, descending):
    """What ArgSort does, along any axis."""
    if not descending:
        return array.argsort(axis, kind="stable")
    backward = (*[slice(None)] * axis, slice(None, None, -1))
    return array.shape[axis] - 1 - array[backward].argsort(axis, kind="stable")[backward]


def elements_at(array, axis, indices, keepdim):
    """The elements at these positions along an axis, and the positions."""
    before, after = other_places(indices.shape, axis)
    values = array[(*before, indices, *after)]
    if not keepdim:
        shape = (*array.shape[:axis], *array.shape[axis + 1 :])
        values, indices = values.reshape(shape), indices.reshape(shape)
    return constant(values), constant(indices)


def most_frequent(array, axis, keepdim):
    """The most frequent elements along an axis, of several the smallest, and where they were last.

    Sorted, equal ones are a run. Its length is counted along it, so it is complete where the run ends.
    """
    rows = array.swapaxes(axis, -1)
    order, ordered = rows.argsort(-1, kind="stable"), rows.copy()
    ordered.sort(-1)
    row, length = ordered.reshape(-1), rows.shape[-1]  # one behind the other: a run ends where its row does
    starts, places = starts_of_rows(row.size, length), np.arange(row.size)
    new = row[1:] != row[:-1]
    if array.dtype.kind == "f":
        new &= row[:-1] == row[:-1]  # NaN, which is equal to none, stands at the end
    begins = np.zeros(row.size, np.int64)
    np.copyto(begins[1:], places[1:], where=new)
    begins[starts] = starts
    counted = places - np.maximum.accumulate(begins)
    last = counted.reshape(-1, length).argmax(-1) + starts
    shape = (*rows.shape[:-1], 1)
    found = [part.reshape(-1).take(last).reshape(shape).swapaxes(axis, -1) for part in (ordered, order)]
    if not keepdim:
        found = [part.reshape((*array.shape[:axis], *array.shape[axis + 1 :])) for part in found]
    return [constant(part) for part in found]


# ---- along rows. A reduction that keeps its axis, and then broadcasts, costs more than to repeat a few numbers.


@functools.lru_cache(256)
def starts_of_rows(size, length):
    """Where rows of this length begin in a flattened array."""
    return np.arange(0, size, length)


@functools.lru_cache(64)
def rows_of(shape):
    """In which row each element of this shape lies, rows along the last axis."""
    return np.arange(math.prod(shape[:-1])).repeat(shape[-1]).reshape(shape)


def largest_along(x, axis):
    """The largest elements along an axis, for `repeated`."""
    if axis == x.ndim - 1 and x.size <= FEW:
        return np.maximum.reduceat(x.reshape(-1), starts_of_rows(x.size, x.shape[axis]))
    return np.maximum.reduce(x, axis)


def repeated(y, x, axis):
    """What x was reduced to along an axis, in a shape that stands beside x."""
    if axis == x.ndim - 1 and x.size <= FEW:
        return y.take(rows_of(x.shape))
    return np.expand_dims(y, axis)


def lengths(x):
    """The square roots of the sums of squares along the last axis; x is overwritten."""
    x *= x
    total = np.add.reduce(x, -1)
    return constant(np.sqrt(total, total))


def counts_of_parts(x, bins, low, high):
    """How many elements of a vector lie in each of `bins` equal parts of low .. high: what histc counts."""
    inside = (x >= low) & (x <= high)
    at = np.where(inside, (x - low) * float(bins) / (high - low), x.dtype.type(0)).astype(INT64)
    y = np.zeros(bins, x.dtype)
    np.add.at(y, np.minimum(at, bins - 1), inside.astype(x.dtype))
    return y
