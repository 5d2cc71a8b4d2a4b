"""Adagrad: the more a weight has moved, the shorter its steps."""

from typing import ClassVar

from pellucid.optim.group import NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, count_state
from pellucid.tensors import State, full_like


class Adagrad(Optimizer):
    """Divide each gradient by the root of the sum of its squares so far:

        s = s + g^2                     (at first initial_accumulator_value)
        w = w - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)

    Weights whose gradient is seldom other than 0, such as those of rare words, keep long steps. Since s only grows,
    all steps become short in the end. Weight decay adds weight_decay w to g first.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization"
    (2011).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.9, -1.9])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "lr_decay": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "initial_accumulator_value": NOT_NEGATIVE,
        "eps": NOT_NEGATIVE,
    }
    optional = ("lr_decay", "weight_decay")

    def __init__(
        self, params, lr=1e-2, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10,
        *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps, maximize=maximize,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        return {"step": count_state(), "sum": State(full_like(parameter, group["initial_accumulator_value"]))}

    def update(self, group):
        lr, lr_decay = group.state("lr"), group.state("lr_decay")
        weight_decay, eps = group.tensors("weight_decay", "eps")
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            s = slots["sum"] + g * g
            rate = lr / (1.0 + slots["step"] * lr_decay) if group.uses("lr_decay") else lr
            w.assign(w - rate * (g / (s.sqrt() + eps)))
            slots["step"].assign(slots["step"] + 1.0)
            slots["sum"].assign(s)
