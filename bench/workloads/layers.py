"""Parts of networks alone, each forward and backward: cross entropy, layer norm, GELU, attention."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import math

import numpy as np

from bench.alone import UPSTREAM, ForwardBackward


def normal(random, *shape):
    return random.normal(0, 1, shape).astype(np.float32)


class CrossEntropy(ForwardBackward):
    """The mean cross entropy of softmax(x) and labels, and the gradient of x."""

    learned = ("x",)
    goal = 2.0

    def __init__(self, rows, classes):
        self.rows, self.classes = rows, classes
        self.name = f"cross_entropy_{rows}x{classes}"
        self.title = f"softmax and cross entropy of {rows} x {classes} scores, forward and backward"
        self.flops = 0.0
        self.bytes = 2 * 4.0 * rows * classes  # scores in, their gradient out

    def weights(self, random):
        return {"x": normal(random, self.rows, self.classes), "y": random.integers(0, self.classes, self.rows)}

    def apply(self, functional, x, y):
        return functional.cross_entropy(x, y)

    def apply_jax(self, x, y):
        import jax
        import jax.numpy as jnp

        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1))


class LayerNorm(ForwardBackward):
    """Layer norm over the last axis, with weight and bias."""

    name = "layer_norm_2048x128"
    title = "layer norm of 2048 x 128 numbers with weight and bias, forward and backward"
    learned = ("x", "weight", "bias")
    goal = 2.0
    flops = 0.0
    bytes = 4 * 4.0 * 2048 * 128  # x and the gradient of y in, y and the gradient of x out

    def weights(self, random):
        x, upstream = normal(random, 2048, 128), normal(random, 2048, 128)
        return {"x": x, "weight": normal(random, 128), "bias": normal(random, 128), UPSTREAM: upstream}

    def apply(self, functional, x, weight, bias):
        return functional.layer_norm(x, (128,), weight, bias)

    def apply_jax(self, x, weight, bias):
        import jax

        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * weight + bias


class Gelu(ForwardBackward):
    """Exact GELU, x (1 + erf(x / sqrt(2))) / 2."""

    name = "gelu_2048x512"
    title = "exact GELU of 2048 x 512 numbers, forward and backward"
    learned = ("x",)
    goal = 1.1
    flops = 0.0
    bytes = 4 * 4.0 * 2048 * 512  # x and the gradient of y in, y and the gradient of x out

    def weights(self, random):
        return {"x": normal(random, 2048, 512), UPSTREAM: normal(random, 2048, 512)}

    def apply(self, functional, x):
        return functional.gelu(x)

    def apply_jax(self, x):
        import jax

        return jax.nn.gelu(x, approximate=False)


class Attention(ForwardBackward):
    """Causal attention of queries, keys and values (batch, heads, time, head)."""

    learned = ("q", "k", "v")
    goal = 2.0
    left_out = {"torch_compile": "it calls the kernel of `torch_tuned`"}  # noqa: RUF012

    def __init__(self, batch, heads, time, head):
        self.shape = batch, heads, time, head
        self.name = f"attention_{batch * heads}x{time}x{head}"
        self.title = f"causal attention, batch {batch}, {heads} heads of {head}, {time} tokens, forward and backward"
        # Queries with keys, and weights with values: the causal half of both, and twice as much backward.
        self.flops = 3 * 2 * 2.0 * batch * heads * head * time * time / 2
        self.bytes = 8 * 4.0 * math.prod(self.shape)  # q, k, v and the gradient of y in; y and three gradients out

    def weights(self, random):
        return {name: normal(random, *self.shape) for name in ("q", "k", "v", UPSTREAM)}

    def apply(self, functional, q, k, v):
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    def torch_form(self, setting):
        """The tutorials write the formula out; the function that PyTorch has for it is `torch_tuned`."""
        import torch

        _, _, time, head = self.shape
        future = torch.ones(time, time, dtype=torch.bool).triu(1)

        def written_out(functional, q, k, v):
            scores = (q @ k.mT / math.sqrt(head)).masked_fill(future, -math.inf)
            return functional.softmax(scores, -1) @ v

        return written_out if setting == "torch" else self.apply

    def apply_jax(self, q, k, v):
        import jax

        def turned(x):
            return x.swapaxes(1, 2)  # JAX counts time before heads

        return turned(jax.nn.dot_product_attention(turned(q), turned(k), turned(v), is_causal=True))


LAYERS = (
    CrossEntropy(128, 10),
    CrossEntropy(1120, 1000),
    LayerNorm(),
    Attention(16, 4, 128, 32),
    Attention(1, 16, 256, 64),
    Gelu(),
)
