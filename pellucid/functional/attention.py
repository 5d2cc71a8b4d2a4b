"""Attention: each query looks at all keys, and takes the values of those that fit."""

import math

import numpy as np

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.functional.activations import softmax
from pellucid.functional.dropout import dropout
from pellucid.ops import Attention
from pellucid.ops.contract import transposed
from pellucid.tensors import as_tensor, tensor


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None, enable_gqa=False
):
    """Y = softmax(Q K^T * scale + mask) V: for each query a mean of the values, weighted by how well the keys fit.

    Products of longer vectors are larger, and a softmax of large scores is a hard choice with hardly any
    gradient; so the scale is 1/sqrt(E) if none is given. The mask is bool (True: may be looked at), or floats
    that are added to the scores (-inf: must not). With is_causal, query i sees the keys 0 to i only, so that no
    word looks into the future. A query that may look at nothing gets zeros. `dropout_p` is the probability with
    which a weight is dropped, whenever it is not 0; a module passes 0 outside of training.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, D), mask broadcast to (..., L, S); the result is
    (..., L, D). Leading axes (batch, heads) broadcast.

    With enable_gqa, keys and values may have fewer heads (the third axis from the end) than the query: then each
    serves several heads of the query that stand side by side.

    ShapeError for shapes that do not fit, DtypeError for a mask that is neither bool nor of the query's dtype,
    ArgumentError for a mask together with is_causal.

    Source: Vaswani et al., "Attention is all you need" (2017); Ainslie et al., "GQA" (2023).

    >>> import pellucid as pc
    >>> keys, values = pc.tensor([[9.0, 0.0], [0.0, 9.0]]), pc.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> scaled_dot_product_attention(pc.tensor([[9.0, 0.0], [1.0, 1.0]]), keys, values)
    tensor([[1., 2.],
            [2., 3.]])
    """
    if is_causal and attn_mask is not None:
        raise ArgumentError(
            "attention takes a mask or is_causal=True, not both.", remedy="Put both into the mask, with &."
        )
    if enable_gqa:
        key, value = shared_heads(query, key), shared_heads(query, value)
    check_shapes(query, key, value)
    if scale is None:
        scale = 1.0 / math.sqrt(query.shape[-1]) if query.shape[-1] else 1.0
    one_batch = query.shape[:-2] == key.shape[:-2] == value.shape[:-2]
    if attn_mask is None and dropout_p == 0.0 and one_batch and key.shape[-2] > 0 and isinstance(scale, (int, float)):
        return Attention(float(scale), bool(is_causal))(query, key, value)
    scores = (query * scale) @ transposed(key)  # (..., L, S)
    if key.shape[-2] == 0:
        return scores @ value  # (..., L, 0) (..., 0, D): zeros
    if is_causal:
        sees = tensor(np.tri(*scores.shape[-2:], dtype=bool))
        weights = softmax(scores.where(sees, -math.inf), -1)
    elif attn_mask is not None:
        weights = softmax_or_zeros(masked(scores, as_tensor(attn_mask)))
    else:
        weights = softmax(scores, -1)
    return dropout(weights, dropout_p) @ value


def shared_heads(query, x):
    """Keys or values with as many heads as the query: each is repeated."""
    if min(query.ndim, x.ndim) < 3 or x.shape[-3] == 0 or query.shape[-3] % x.shape[-3]:
        raise ShapeError(
            "attention with enable_gqa needs (..., heads, length, size), the heads of the query a multiple of "
            f"those of keys and values: query {query.shape} and {x.shape} came."
        )
    times = query.shape[-3] // x.shape[-3]
    wide = x.unsqueeze(-3).expand(*x.shape[:-2], times, *x.shape[-2:])
    return wide.reshape(*x.shape[:-3], query.shape[-3], *x.shape[-2:])


def masked(scores, mask):
    """The scores, with -inf where the mask forbids to look."""
    lengths = zip(mask.shape[::-1], scores.shape[::-1], strict=False)
    if mask.ndim > scores.ndim or any(n not in (1, m) for n, m in lengths):
        raise ShapeError(f"attention needs a mask that broadcasts to the scores, {scores.shape}, not {mask.shape}.")
    if mask.dtype == bool:
        return scores.where(mask, -math.inf)
    if mask.dtype != scores.dtype:
        raise DtypeError(
            f"attention needs a mask of bool or {scores.dtype}, as the query is, not {mask.dtype}.",
            remedy="Of numbers, a bool mask is made by mask != 0.",
        )
    return scores + mask


def softmax_or_zeros(scores):
    """The softmax along the last axis; zeros where all scores are -inf."""
    largest = scores.detach().amax(-1, keepdim=True)
    exps = (scores - largest.where(largest != -math.inf, 0.0)).exp()
    total = exps.sum(-1, keepdim=True)
    return exps / total.where(total != 0.0, 1.0)


def check_shapes(query, key, value):
    """Say in words of attention what a matrix product would say in its own."""
    given = {"query": query, "key": key, "value": value}
    said = ", ".join(f"{name} {Spec(x.shape, x.dtype)}" for name, x in given.items())
    if query.dtype.kind != "f" or not query.dtype == key.dtype == value.dtype:
        raise DtypeError(f"attention needs floats of one dtype: {said} came.", remedy="Convert: x.float()")
    needed = "attention needs query (..., L, E), key (..., S, E) and value (..., S, D)"
    if min(x.ndim for x in given.values()) < 2:
        raise ShapeError(f"{needed}: {said} came.")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(f"{needed}: {said} came.", remedy="Are the heads split off, and in front of the positions?")
