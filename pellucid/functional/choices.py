"""Softmax's relatives: softmin, and softmax as a random choice."""

from pellucid.errors import ArgumentError
from pellucid.functional.activations import softmax
from pellucid.tensors import maximum, ones_like, rand, zeros_like
from pellucid.tensors.shape import axis_of


def softmin(input, dim, *, dtype=None):
    """softmax(-x) along `dim`: the smallest number gets the largest probability.

    >>> import pellucid as pc
    >>> softmin(pc.tensor([0.0, 1000.0]), dim=0)
    tensor([1., 0.])
    """
    return softmax(-input, dim, dtype=dtype)


def gumbel_softmax(logits, tau=1.0, hard=False, eps=1e-10, dim=-1):
    """A random choice among the classes along `dim`, with the probabilities softmax(logits), that has a gradient.

    y = softmax((logits + G) / tau) with G = -log(-log(u)), u uniform: the smaller tau, the nearer is y to a
    one-hot vector. With `hard`, y is one-hot, and the gradient that of the soft y. `eps` is the smallest u taken:
    0 would give infinity.

    ArgumentError if tau is not positive.

    Source: Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax" (2016); Maddison et al. (2016).

    >>> import pellucid as pc
    >>> gumbel_softmax(pc.tensor([0.0, 1000.0]), hard=True)
    tensor([0., 1.])
    """
    if not tau > 0:
        raise ArgumentError(f"gumbel_softmax: tau is positive, but {tau} came.")
    u = maximum(rand(logits.shape, dtype=logits.dtype), eps)
    gumbel = -(-u.log()).log()
    soft = softmax((logits + gumbel) / tau, dim)
    if not hard:
        return soft
    chosen = soft.detach().argmax(dim, keepdim=True)
    one_hot = zeros_like(soft).scatter_add(axis_of(soft, dim), chosen, ones_like(chosen).to(soft.dtype))
    return one_hot - soft.detach() + soft
