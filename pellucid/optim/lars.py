"""LARS: for very large batches, the length of a layer's step in proportion to the length of its weights."""

from typing import ClassVar

from pellucid.optim.group import FRACTION, NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, zeros_state
from pellucid.tensors import where


class LARS(Optimizer):
    """Momentum with a learning rate of its own for each layer, that is, for each parameter:

        rate = trust_coefficient |w| / (|g| + weight_decay |w|)       |.| is the Euclidean norm
        v    = momentum v + lr rate (g + weight_decay w)
        w    = w - v

    Where |w| or the denominator is 0 there is nothing to compare, and rate is 1. Biases and the weights of
    normalization are better left to SGD.

    Source: You, Gitman and Ginsburg, "Large batch training of convolutional networks" (2017), algorithm 1. PyTorch has
    no LARS.

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = LARS([w], lr=0.1, trust_coefficient=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.95, -1.9 ])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "momentum": FRACTION,
        "weight_decay": NOT_NEGATIVE,
        "trust_coefficient": NOT_NEGATIVE,
    }
    optional = ("momentum", "weight_decay")

    def __init__(
        self, params, lr=1e-1, momentum=0.9, weight_decay=0.0, trust_coefficient=1e-3, *, maximize=False, **execution
    ):
        super().__init__(
            params, execution, lr=lr, momentum=momentum, weight_decay=weight_decay,
            trust_coefficient=trust_coefficient, maximize=maximize,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        return {"momentum_buffer": zeros_state(parameter)} if group.uses("momentum") else {}

    def update(self, group):
        lr, momentum, weight_decay, trust = group.tensors("lr", "momentum", "weight_decay", "trust_coefficient")
        for w, gradient, slots in self.with_gradients(group):
            g, of_w, of_both = gradient, norm(w), norm(gradient)
            if group.uses("weight_decay"):
                g, of_both = g + weight_decay * w, of_both + weight_decay * of_w
            v = lr * ratio(trust * of_w, of_both) * g
            if group.uses("momentum"):
                v = momentum * slots["momentum_buffer"] + v
                slots["momentum_buffer"].assign(v)
            w.assign(w - v)


def norm(x):
    """The Euclidean norm: the root of the sum of squares."""
    return (x * x).sum().sqrt()


def ratio(length, by):
    """length / by, but 1 where one of them is 0: then there is nothing to compare."""
    return where((length > 0.0) & (by > 0.0), length / where(by > 0.0, by, 1.0), 1.0)
