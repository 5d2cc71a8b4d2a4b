"""Rprop: only the sign of a gradient counts, and each weight has a step of its own length."""

from typing import ClassVar

from pellucid.errors import ArgumentError
from pellucid.optim.group import NOT_NEGATIVE, Limit
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import State, full_like, maximum, minimum, where

TWO_NUMBERS = Limit(0.0, float("inf"), count=2)


class Rprop(Optimizer):
    """Longer steps while the gradient keeps its sign, shorter ones after it has changed:

        l = l eta    with eta = etas[1] if g before > 0, etas[0] if g before < 0, else 1; within step_sizes
        g = 0        where the sign has changed: the weight waits for one step
        w = w - l sign(g)

    `before` is the g of the last step, and l begins with lr: a later change of lr has no effect. For gradients of the
    whole training set: those of batches change their sign by chance.

    Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm"
    (1993).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.9, -1.9])
    """

    limits: ClassVar[dict] = {"lr": NOT_NEGATIVE, "etas": TWO_NUMBERS, "step_sizes": TWO_NUMBERS}

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *, maximize=False, **execution):
        super().__init__(params, execution, lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)

    def check_group(self, group):
        (shorter, longer), (least, most) = group["etas"], group["step_sizes"]
        if not 0.0 < shorter < 1.0 < longer:
            raise ArgumentError(f"Rprop: etas are a number between 0 and 1 and one above 1, not {group['etas']}.")
        if least > most:
            raise ArgumentError(f"Rprop: the first of step_sizes is not above the second, not {group['step_sizes']}.")

    def make_slots(self, parameter, group):
        return {
            "step": count_state(),
            "prev": zeros_state(parameter),
            "step_size": State(full_like(parameter, group["lr"])),
        }

    def update(self, group):
        (lr,) = group.tensors("lr")
        shorter, longer = [eta.to(group.dtype) for eta in group.state("etas")]
        least, most = [size.to(group.dtype) for size in group.state("step_sizes")]
        for w, gradient, slots in self.with_gradients(group):
            first = slots["step"] == 0.0  # a schedule may have changed lr since the slots were made
            length = slots["step_size"].where(~first, lr)
            agreement = gradient * slots["prev"]
            eta = where(agreement > 0.0, longer, where(agreement < 0.0, shorter, 1.0))
            length = minimum(maximum(length * eta, least), most)
            g = where(agreement < 0.0, 0.0, gradient)
            w.assign(w - length * g.sign())
            slots["step"].assign(slots["step"] + 1.0)
            slots["prev"].assign(g)
            slots["step_size"].assign(length)
