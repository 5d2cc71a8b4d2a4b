"""RMSprop: steps of about the same length for every parameter."""

from typing import ClassVar

from pellucid.optim.group import FRACTION, NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state


class RMSprop(Optimizer):
    """Divide each gradient by the root of its mean square:

        s = alpha s + (1 - alpha) g^2
        w = w - lr g / (sqrt(s) + eps)

    With `centered` the mean gradient m is kept too, and s - m^2, the variance, takes the place of s. With
    momentum the quotient goes into v = momentum v + g / (sqrt(s) + eps), and w = w - lr v. Weight decay adds
    weight_decay w to g first.

    Source: Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5 (2012).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = RMSprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0., -1.])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "alpha": FRACTION,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
    }
    optional = ("weight_decay", "momentum")

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False,
        *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum,
            centered=centered, maximize=maximize,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        names = ["square_avg"]
        if group.uses("momentum"):
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        return {"step": count_state(), **{name: zeros_state(parameter) for name in names}}

    def update(self, group):
        lr, alpha, eps, weight_decay, momentum = group.tensors("lr", "alpha", "eps", "weight_decay", "momentum")
        rest = (1.0 - group.state("alpha")).to(group.dtype)
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            slots["step"].assign(slots["step"] + 1.0)
            s = alpha * slots["square_avg"] + rest * (g * g)
            slots["square_avg"].assign(s)
            if group["centered"]:
                m = alpha * slots["grad_avg"] + rest * g
                slots["grad_avg"].assign(m)
                s = (s - m * m).clamp(min=0.0)  # rounding can leave a variance of 0 a little below it
            v = g / (s.sqrt() + eps)
            if group.uses("momentum"):
                v = momentum * slots["momentum_buffer"] + v
                slots["momentum_buffer"].assign(v)
            w.assign(w - lr * v)
