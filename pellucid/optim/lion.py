"""Lion: every weight takes a step of the same length, and only the direction is learned."""

from typing import ClassVar

from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, zeros_state


class Lion(Optimizer):
    """Step in the direction of the sign of momentum and gradient together:

        d = sign(beta1 m + (1 - beta1) g)
        w = w - lr (d + weight_decay w)
        m = beta2 m + (1 - beta2) g

    It keeps one number for each weight where Adam keeps two. Since each step has the length lr, lr is 3 to 10 times
    smaller than Adam's, and weight_decay as much larger.

    Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2. PyTorch has no Lion.

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Lion([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.9, -1.9])
    """

    limits: ClassVar[dict] = {"lr": NOT_NEGATIVE, "betas": TWO_FRACTIONS, "weight_decay": NOT_NEGATIVE}
    optional = ("weight_decay",)

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, *, maximize=False, **execution):
        super().__init__(params, execution, lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize)

    def make_slots(self, parameter, group):
        return {"exp_avg": zeros_state(parameter)}

    def update(self, group):
        lr, weight_decay = group.tensors("lr", "weight_decay")
        betas = group.state("betas")
        (old1, old2), (new1, new2) = [
            [beta.to(group.dtype) for beta in shares] for shares in (betas, [1.0 - beta for beta in betas])
        ]
        for w, g, slots in self.with_gradients(group):
            m = slots["exp_avg"]
            d = (old1 * m + new1 * g).sign()
            w.assign(w - lr * (d + weight_decay * w if group.uses("weight_decay") else d))
            m.assign(old2 * m + new2 * g)
