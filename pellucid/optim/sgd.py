"""Stochastic gradient descent."""

from typing import ClassVar

from pellucid.errors import ArgumentError
from pellucid.optim.group import ANY_NUMBER, NOT_NEGATIVE
from pellucid.optim.optimizer import Optimizer, zeros_state
from pellucid.tensors import State, where


class SGD(Optimizer):
    """w = w - lr g: a small step down the slope. With momentum the steps are those of a heavy ball:

        v = momentum v + (1 - dampening) g        (in the first step v = g)
        w = w - lr v                              (nesterov: w - lr (g + momentum v))

    Weight decay adds weight_decay w to g first, which pulls weights towards 0.

    Sources: Robbins and Monro (1951); momentum: Polyak (1964); Nesterov (1983), in the form of Sutskever
    et al., "On the importance of initialization and momentum in deep learning" (2013).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w  # 1 - 0.1 * 2
    tensor([0.8], requires_grad=True)
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
        "dampening": ANY_NUMBER,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("momentum", "dampening", "weight_decay")

    def __init__(
        self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False,
        *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay,
            nesterov=nesterov, maximize=maximize,
        )  # fmt: skip

    def check_group(self, group):
        if group["nesterov"] and (not group.uses("momentum") or group.uses("dampening")):
            raise ArgumentError("SGD: nesterov needs momentum above 0 and dampening 0.")

    def make_slots(self, parameter, group):
        slots = {}
        if group.uses("momentum"):
            slots["momentum_buffer"] = zeros_state(parameter)
        if group.uses("dampening"):
            slots["step"] = State(0)
        return slots

    def update(self, group):
        lr, momentum, weight_decay = group.tensors("lr", "momentum", "weight_decay")
        for w, gradient, slots in self.with_gradients(group):
            g = gradient + weight_decay * w if group.uses("weight_decay") else gradient
            if not group.uses("momentum"):
                w.assign(w - lr * g)
                continue
            new, v = sgd_step(w, self.dampened(g, slots, group), slots["momentum_buffer"], lr, momentum)
            slots["momentum_buffer"].assign(v)
            w.assign(w - lr * (g + momentum * v) if group["nesterov"] else new)

    def dampened(self, g, slots, group):
        """(1 - dampening) g, but g itself in the parameter's first step."""
        if not group.uses("dampening"):
            return g
        first = slots["step"] == 0
        slots["step"].assign(slots["step"] + 1)
        return where(first, 1.0, 1.0 - group.state("dampening")).to(g.dtype) * g


def sgd_step(w, g, v, lr, momentum):
    """What w and v become: the velocity v keeps a part of itself and takes on the gradient; w goes against it."""
    v = momentum * v + g
    return w - lr * v, v
