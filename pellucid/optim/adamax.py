"""Adamax: Adam that divides by the largest gradient of late instead of the root of a mean square."""

from typing import ClassVar

from pellucid.optim.adam import Numbers
from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import maximum


class Adamax(Optimizer):
    """Follow the mean gradient m, divided by the largest gradient u, which is forgotten little by little:

        m = beta1 m + (1 - beta1) g
        u = max(beta2 u, |g| + eps)
        w = w - lr / (1 - beta1^t) m / u

    Weight decay adds weight_decay w to g first.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), section 7.1.

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.9, -1.9])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "betas": TWO_FRACTIONS,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, *, maximize=False, **execution):
        super().__init__(params, execution, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def make_slots(self, parameter, group):
        return {"step": count_state(), "exp_avg": zeros_state(parameter), "exp_inf": zeros_state(parameter)}

    def update(self, group):
        numbers = Numbers.of(group)
        eps, weight_decay = group.tensors("eps", "weight_decay")
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            t = slots["step"] + 1.0
            m = numbers.old1 * slots["exp_avg"] + numbers.new1 * g
            u = maximum(numbers.old2 * slots["exp_inf"], g.abs() + eps)
            w.assign(w - numbers.lr / (1.0 - numbers.beta1**t) * (m / u))
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_inf"].assign(u)
