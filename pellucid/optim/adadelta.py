"""Adadelta: steps in the unit of the weights, without a learning rate to choose."""

from typing import ClassVar

from pellucid.optim.group import FRACTION, NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state


class Adadelta(Optimizer):
    """Multiply each gradient by the usual size of a step, and divide it by the usual size of a gradient:

        s = rho s + (1 - rho) g^2                    mean square of the gradients
        d = g sqrt((u + eps) / (s + eps))
        u = rho u + (1 - rho) d^2                    mean square of the steps
        w = w - lr d

    Weight decay adds weight_decay w to g first.

    Source: Zeiler, "Adadelta: an adaptive learning rate method" (2012), where lr is 1.

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.9968, -1.9968])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "rho": FRACTION,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0, *, maximize=False, **execution):
        super().__init__(params, execution, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def make_slots(self, parameter, group):
        return {
            "step": count_state(),
            "square_avg": zeros_state(parameter),
            "acc_delta": zeros_state(parameter),
        }

    def update(self, group):
        lr, rho, eps, weight_decay = group.tensors("lr", "rho", "eps", "weight_decay")
        rest = (1.0 - group.state("rho")).to(group.dtype)
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            s = rho * slots["square_avg"] + rest * (g * g)
            d = ((slots["acc_delta"] + eps) / (s + eps)).sqrt() * g
            w.assign(w - lr * d)
            slots["step"].assign(slots["step"] + 1.0)
            slots["square_avg"].assign(s)
            slots["acc_delta"].assign(rho * slots["acc_delta"] + rest * (d * d))
