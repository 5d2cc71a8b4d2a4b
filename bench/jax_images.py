"""Layers of networks of images for JAX, which brings operations only. Images are (N, C, H, W), as PyTorch's.

Only methods named `jax` import this file: the memory of the other processes is theirs alone.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import jax
import jax.numpy as jnp


def convolved(x, w, stride=1, padding=0):
    """The convolution of x (N, C, H, W) with kernels w (O, C, K, K)."""
    return jax.lax.conv_general_dilated(x, w, (stride, stride), [(padding, padding)] * 2)


def max_pooled(x):
    """The largest of each 2 x 2."""
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def normalised(x, mean, variance, weight, bias, eps=1e-5):
    """Batch norm with these statistics (C,) of the channels."""
    scale = weight * jax.lax.rsqrt(variance + eps)
    return (x - mean[:, None, None]) * scale[:, None, None] + bias[:, None, None]


def batch_statistics(x):
    """Mean and (biased) variance of each channel over the batch."""
    mean = x.mean((0, 2, 3))
    return mean, ((x - mean[:, None, None]) ** 2).mean((0, 2, 3))
