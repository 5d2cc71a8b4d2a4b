"""Adam: momentum and RMSprop together, with their start corrected."""

from typing import ClassVar, NamedTuple

import numpy as np

from pellucid.errors import UnsupportedError
from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, zeros_state
from pellucid.tensors import State, Tensor


class Adam(Optimizer):
    """Follow the mean gradient m, divided by the root of the mean square s:

        m = beta1 m + (1 - beta1) g
        s = beta2 s + (1 - beta2) g^2
        w = w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)

    Both means begin at 0 and are too small at first; in step t the divisions by 1 - beta^t make up for that.
    t counts the steps of each parameter. Weight decay adds weight_decay w to g first.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "betas": TWO_FRACTIONS,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False):
        if amsgrad:
            raise UnsupportedError("Adam has no amsgrad here.", remedy="Leave it out.")
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def make_slots(self, parameter, group):
        return {
            "step": State(np.float64(0.0)),
            "exp_avg": zeros_state(parameter),
            "exp_avg_sq": zeros_state(parameter),
        }

    def update(self, group):
        numbers = Numbers.of(group)
        (weight_decay,) = group.tensors("weight_decay")
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            t = slots["step"] + 1.0
            new, m, s = adam_step(w, g, slots["exp_avg"], slots["exp_avg_sq"], t, numbers)
            w.assign(new)
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)


class Numbers(NamedTuple):
    """What Adam's formulas use of a group: old1 is beta1, and new1 is 1 - beta1.

    lr, the betas and eps are float64, for 1 - 0.999 must be exact; the others have the dtype of the parameters.
    """

    lr: Tensor
    beta1: Tensor
    beta2: Tensor
    old1: Tensor
    new1: Tensor
    old2: Tensor
    new2: Tensor
    eps: Tensor

    @classmethod
    def of(cls, group):
        """The numbers of a group, made once for all of its parameters."""
        lr, (beta1, beta2) = group.state("lr"), group.state("betas")
        old1, old2 = beta1.to(group.dtype), beta2.to(group.dtype)
        new1, new2 = (1.0 - beta1).to(group.dtype), (1.0 - beta2).to(group.dtype)
        return cls(lr, beta1, beta2, old1, new1, old2, new2, group.state("eps"))


def adam_step(w, g, m, s, t, numbers):
    """What w, m and s become in step t."""
    lr, beta1, beta2, old1, new1, old2, new2, eps = numbers
    m = old1 * m + new1 * g
    s = old2 * s + new2 * (g * g)
    # Section 2 of the paper: sqrt(1 - beta2^t) as a factor of single numbers spares each weight a division.
    root = (1.0 - beta2**t).sqrt()
    rate = lr * root / (1.0 - beta1**t)
    return w - rate * (m / (s.sqrt() + eps * root)), m, s
