"""The optimizers of the workloads for JAX, which brings none: PyTorch's formulas, over dicts of arrays.

Each optimizer is a pair of functions: start(weights) -> slots, and update(weights, gradients, slots) -> both anew.
Only methods named `jax` import this file: the memory of the other processes is theirs alone.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import jax
import jax.numpy as jnp


def sgd(lr, momentum=0.0):
    """w = w - lr g; with momentum, w = w - lr v, where v = momentum v + g."""

    def update(weights, gradients, v):
        v = jax.tree.map(lambda v, g: momentum * v + g, v, gradients) if momentum else v
        return jax.tree.map(lambda w, g: w - lr * g, weights, v if momentum else gradients), v

    return lambda weights: jax.tree.map(jnp.zeros_like, weights) if momentum else {}, update


def rmsprop(lr, alpha=0.99, eps=1e-8):
    """s = alpha s + (1 - alpha) g^2;  w = w - lr g / (sqrt(s) + eps)."""

    def start(weights):
        return jax.tree.map(jnp.zeros_like, weights)

    def update(weights, gradients, s):
        s = jax.tree.map(lambda s, g: alpha * s + (1 - alpha) * g * g, s, gradients)
        weights = jax.tree.map(lambda w, g, s: w - lr * g / (jnp.sqrt(s) + eps), weights, gradients, s)
        return weights, s

    return start, update


def adam(lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """m and s are means of g and g^2;  w = w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)."""

    def start(weights):
        zeros = jax.tree.map(jnp.zeros_like, weights)
        return {"t": jnp.zeros((), jnp.float32), "m": zeros, "s": jax.tree.map(jnp.zeros_like, weights)}

    def update(weights, gradients, slots):
        t = slots["t"] + 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, slots["m"], gradients)
        s = jax.tree.map(lambda s, g: beta2 * s + (1 - beta2) * g * g, slots["s"], gradients)
        rate = lr / (1 - beta1**t)
        root = jnp.sqrt(1 - beta2**t)
        weights = jax.tree.map(lambda w, m, s: w - rate * m / (jnp.sqrt(s) / root + eps), weights, m, s)
        return weights, {"t": t, "m": m, "s": s}

    return start, update


def sparse_adam_rows(table, slots, rows, gradients, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam for the rows of a table that a batch has touched: as PyTorch's SparseAdam, other rows stay as they are.

    `rows` (n,) may hold a row several times; `gradients` (n, columns) are then added up first. Shapes inside jit are
    fixed, so the list of different rows is filled up to length n with a row that does not exist, and is dropped.
    """
    count, nowhere = rows.shape[0], table.shape[0]
    different, place = jnp.unique(rows, return_inverse=True, size=count, fill_value=nowhere)
    g = jax.ops.segment_sum(gradients, place.reshape(-1), count)
    m = beta1 * slots["m"].at[different].get(mode="fill", fill_value=0) + (1 - beta1) * g
    s = beta2 * slots["s"].at[different].get(mode="fill", fill_value=0) + (1 - beta2) * g * g
    change = lr * jnp.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (jnp.sqrt(s) + eps)
    table = table.at[different].add(-change, mode="drop")
    slots = {"m": slots["m"].at[different].set(m, mode="drop"), "s": slots["s"].at[different].set(s, mode="drop")}
    return table, slots
