"""ASGD: stochastic gradient descent that also keeps the mean of the weights on its way."""

from typing import ClassVar

import numpy as np

from pellucid.optim.group import ANY_NUMBER, NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import State, maximum, where


class ASGD(Optimizer):
    """Steps that become shorter, and the mean of all weights after step t0 in the slot "ax":

        eta_t = lr / (1 + lambd lr (t - 1))^alpha          (eta_1 = lr)
        w     = w - eta_t (g + lambd w)
        ax    = ax + (w - ax) mu_t                         mu_t = 1 / max(1, t - 1 - t0)

    The mean is not put into the parameters: read it from `optimizer.state[w]["ax"]`. Weight decay adds
    weight_decay w to g first.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.8, -1.6])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "lambd": ANY_NUMBER,
        "alpha": ANY_NUMBER,
        "t0": ANY_NUMBER,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(
        self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0, *, maximize=False, **execution
    ):
        super().__init__(
            params, execution, lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize
        )

    def make_slots(self, parameter, group):
        eta, mu = State(np.float64(group["lr"])), State(np.float64(1.0))
        return {"step": count_state(), "eta": eta, "mu": mu, "ax": zeros_state(parameter)}

    def update(self, group):
        lr, lambd, alpha, t0 = [group.state(name) for name in ("lr", "lambd", "alpha", "t0")]
        (weight_decay,) = group.tensors("weight_decay")
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            t, mu, mean = slots["step"] + 1.0, slots["mu"], slots["ax"]
            eta = where(t == 1.0, lr, slots["eta"])  # a schedule may have changed lr since the slots were made
            new = w - eta * (g + lambd * w)
            w.assign(new)
            mean.assign(new.where(mu == 1.0, mean + mu * (new - mean)))
            slots["step"].assign(t)
            slots["eta"].assign(lr / (1.0 + lambd * lr * t) ** alpha)
            mu.assign(1.0 / maximum(t - t0, 1.0))
