"""Attention as one operation, so that a target need not write down how well every query fits every key.

    P = softmax(scale Q K^T)      for each query a weight for each key, (..., T, S)
    Y = P V                       for each query the mean of the values under these weights

It could be composed of products and a softmax, and with a mask or dropout it is (functional/attention.py). But P has
T S numbers, for long sequences far more than all else, and most of the time would go into writing and reading it.
"""

import math

import numpy as np

from pellucid.engine import ManyInputs, Spec, mode
from pellucid.errors import DtypeError, ShapeError
from pellucid.ops.contract import transposed
from pellucid.ops.elementwise import Exp
from pellucid.ops.movement import Reshape, Slice
from pellucid.ops.reduce import Broadcast, Max, Sum


class Attention(ManyInputs):
    """Y = softmax(scale Q K^T) V for Q (..., T, E), K (..., S, E) and V (..., S, D), with equal leading axes and S > 0.

    If `causal`, query i sees the keys 0 to i only.
    """

    reads_output = False

    scale: float
    causal: bool

    def infer(self, q, k, v):
        return result_spec(self, queries=q, keys=k, values=v)

    def forward(self, q, k, v):
        return weights_of(q, k, self) @ v

    def gradient(self, g, y, q, k, v):
        three = AttentionGradient(self.scale, self.causal)(q, k, v, g)
        parts, wanted = split(three, q, k, v), (q, k, v)
        return tuple([part if x.requires_grad else None for part, x in zip(parts, wanted, strict=True)])


def result_spec(op, queries, keys, values, **others):
    """The Spec of Y. `others` must have its dtype too."""
    named = {"queries": queries, "keys": keys, "values": values, **others}
    refused = f"{type(op).__name__} cannot take {', '.join([f'{name} {x}' for name, x in named.items()])}: "
    if queries.dtype.kind != "f" or any(x.dtype != queries.dtype for x in named.values()):
        raise DtypeError(refused + "it needs floats of one dtype.")
    three = (queries, keys, values)
    one_batch = all(x.ndim >= 2 and x.shape[:-2] == queries.shape[:-2] for x in three)
    if not one_batch or queries.shape[-1] != keys.shape[-1] or keys.shape[-2] != values.shape[-2]:
        raise ShapeError(refused + "the shapes must read (..., T, E), (..., S, E) and (..., S, D).")
    if keys.shape[-2] == 0:
        raise ShapeError(refused + "there is no key to look at.")
    return Spec((*queries.shape[:-1], values.shape[-1]), queries.dtype)


def weights_of(q, k, op):
    """softmax(scale Q K^T) along the last axis, of arrays."""
    scores = (q * op.scale) @ np.swapaxes(k, -1, -2)
    if op.causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return exps / np.sum(exps, axis=-1, keepdims=True)


class AttentionGradient(ManyInputs):
    """What Attention owes to Q, K and V, if G is the gradient of the loss with respect to Y: one after another, flat.

    Y = P V, so V is owed P^T G, and P is owed dP = G V^T. Of a softmax the scores are owed
    dS = P (dP - the sum of P dP along each row). And scores = scale Q K^T, so Q is owed scale dS K, K scale dS^T Q.

    P is computed again here: that takes less time than to keep it.
    """

    reads_output = False

    scale: float
    causal: bool

    def infer(self, q, k, v, g):
        y = result_spec(self, queries=q, keys=k, values=v, gradient=g)
        if g.shape != y.shape:
            raise ShapeError(f"{type(self).__name__} cannot take {q}, {k}, {v} and {g}: the last must be like {y}.")
        return Spec((sum(math.prod(x.shape) for x in (q, k, v)),), q.dtype)

    def forward(self, q, k, v, g):
        if g.shape != (*q.shape[:-1], v.shape[-1]):
            raise ValueError  # NumPy would broadcast here without a word; infer knows the message
        p = weights_of(q, k, self)
        dp = g @ np.swapaxes(v, -1, -2)
        ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True)) * self.scale
        parts = [ds @ k, np.swapaxes(ds, -1, -2) @ q, np.swapaxes(p, -1, -2) @ g]
        return np.concatenate([x.ravel() for x in parts])

    def gradient(self, h, three, q, k, v, g):
        """The same formulas differentiated once more, by hand. hq, hk, hv is what dq, dk and dv are owed.

        a, b and c are what dS, P and dP are owed; `mean` is the sum along each row, weighted with P.
        """
        hq, hk, hv = split(h, q, k, v)
        p, dp = recorded_weights(q, k, self), g @ transposed(v)
        ds = p * (dp - mean(p, dp))
        a = (hq @ transposed(k) + q @ transposed(hk)) * self.scale
        b = a * (dp - mean(p, dp)) - mean(p, a) * dp + g @ transposed(hv)
        c = p * (a - mean(p, a))
        scores = p * (b - mean(p, b))
        return (
            (scores @ k + ds @ hk) * self.scale,
            (transposed(scores) @ q + transposed(ds) @ hq) * self.scale,
            transposed(c) @ g,
            c @ v + p @ hv,
        )


def mean(p, x):
    """The sum of P X along each row, in the shape of X."""
    return Broadcast(x.shape)(Sum((len(x.shape) - 1,))(p * x))


def recorded_weights(q, k, op):
    """softmax(scale Q K^T), as `weights_of`, written with ops."""
    scores = (q * op.scale) @ transposed(k)
    last = (len(scores.shape) - 1,)
    if op.causal:
        sees = mode.family()
        sees.array = np.broadcast_to(np.tri(*scores.shape[-2:], dtype=bool), scores.shape)
        scores = scores.where(sees, -np.inf)
    exps = Exp()(scores - Broadcast(scores.shape)(Max(last)(scores)))
    return exps / Broadcast(scores.shape)(Sum(last)(exps))


def split(flat, *inputs):
    """The parts of a flat array, in the shapes of the inputs."""
    parts, start = [], 0
    for x in inputs:
        size = math.prod(x.shape)
        parts.append(Reshape(x.shape)(Slice((start,), (size,), (1,))(flat)))
        start += size
    return parts
