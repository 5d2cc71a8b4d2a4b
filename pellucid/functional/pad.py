"""Padding: more elements around a tensor."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.ops import Pad
from pellucid.tensors import tensor


def pad(input, pad, mode="constant", value=None):
    """Put elements in front of and behind the last axes: pad = (left, right), (left, right, top, bottom), ...

    The pairs count from the last axis; a negative number takes elements away. `mode` says what is put there:
    "constant" (`value`, 0 if none is given), "reflect" (mirrored at the last element: c b | a b c | b a),
    "replicate" (the last element again: a a | a b c | c c) or "circular" (from the other end: b c | a b c | a b).

    ArgumentError for another mode, an odd count of numbers, a value without "constant"; ShapeError for more pairs
    than axes, or if an axis is too short to be mirrored or taken around.

    >>> import pellucid as pc
    >>> pad(pc.tensor([1.0, 2.0, 3.0]), (2, 1), mode="reflect")
    tensor([3., 2., 1., 2., 3., 2.])
    """
    pad = tuple(int(n) for n in pad)
    if len(pad) % 2:
        raise ArgumentError(f"pad needs pairs of numbers, in front and behind, but {pad} came.")
    pairs = {input.ndim - 1 - i: pad[2 * i : 2 * i + 2] for i in range(len(pad) // 2)}
    if len(pairs) > input.ndim:
        raise ShapeError(f"pad has {len(pairs)} pairs for a tensor with {input.ndim} axes, of shape {input.shape}.")
    for axis, (front, behind) in pairs.items():
        if input.shape[axis] + front + behind < 0 or min(front, 0) + min(behind, 0) < -input.shape[axis]:
            raise ShapeError(f"pad cannot take ({front}, {behind}) from axis {axis} of shape {input.shape}.")
    if mode == "constant":
        return constant_pad(input, pairs, 0 if value is None else value)
    if mode not in POSITIONS:
        raise ArgumentError(f'pad: mode is "constant", "reflect", "replicate" or "circular", not {mode!r}.')
    if value is not None and value != 0:
        raise ArgumentError(f'pad: a value goes with mode="constant", not with {mode!r}.')
    for axis, (front, behind) in pairs.items():
        if front or behind:
            input = input.index_select(axis, tensor(POSITIONS[mode](input.shape, axis, front, behind)))
    return input


def constant_pad(x, pairs, value):
    """x with `value` around it."""
    if any(min(pair) < 0 for pair in pairs.values()):
        x = x[tuple([kept(n, pairs.get(axis, (0, 0))) for axis, n in enumerate(x.shape)])]
    fronts = tuple([max(pairs.get(axis, (0, 0))[0], 0) for axis in range(x.ndim)])
    shape = tuple([n + sum([max(m, 0) for m in pairs.get(axis, ())]) for axis, n in enumerate(x.shape)])
    if shape == x.shape:
        return x
    y = Pad(fronts, shape, (1,) * x.ndim)(x)
    if value == 0:
        return y
    inside = np.zeros(shape, bool)
    inside[tuple([slice(start, start + n) for start, n in zip(fronts, x.shape, strict=True)])] = True
    return y.where(tensor(inside), value)


def kept(length, pair):
    """The slice that is left where a negative padding takes elements away."""
    front, behind = pair
    return slice(max(-front, 0), length - max(-behind, 0))


def reflected(shape, axis, front, behind):
    """Positions that go back at both ends."""
    if max(front, behind) >= shape[axis]:
        raise ShapeError(
            f"pad cannot mirror {max(front, behind)} elements at an end of axis {axis} of shape {shape}: "
            "the one at the end is not repeated, so there must be more."
        )
    at = np.abs(np.arange(-front, shape[axis] + behind))
    return np.where(at < shape[axis], at, 2 * (shape[axis] - 1) - at)


def replicated(shape, axis, front, behind):
    """Positions that stay at the ends."""
    if shape[axis] == 0:
        raise ShapeError(f"pad cannot repeat the ends of axis {axis} of shape {shape}: there are none.")
    return np.clip(np.arange(-front, shape[axis] + behind), 0, shape[axis] - 1)


def taken_around(shape, axis, front, behind):
    """Positions that begin again at the other end. What is taken away is taken away first."""
    start, length = max(-front, 0), shape[axis] + min(front, 0) + min(behind, 0)
    if max(front, behind) > length:
        raise ShapeError(
            f"pad cannot take {max(front, behind)} elements around an axis of {length}: it is shorter than that."
        )
    return start + np.arange(-max(front, 0), length + max(behind, 0)) % max(length, 1)


POSITIONS = {"reflect": reflected, "replicate": replicated, "circular": taken_around}
