"""NAdam: Adam with Nesterov's momentum."""

from typing import ClassVar

import numpy as np

from pellucid.optim.adam import Numbers, decayed
from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import State


class NAdam(Optimizer):
    """Adam that looks ahead: the step uses the momentum of the next step, and the gradient of this one.

        mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)         the momentum grows towards beta1
        m    = beta1 m + (1 - beta1) g
        s    = beta2 s + (1 - beta2) g^2
        d    = mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
        w    = w - lr d / (sqrt(s / (1 - beta2^t)) + eps)

    Weight decay is that of Adam, or that of AdamW if `decoupled_weight_decay`.

    Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.8944, -1.8944])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "betas": TWO_FRACTIONS,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "momentum_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3,
        decoupled_weight_decay=False, *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        return {
            "step": count_state(),
            "mu_product": State(np.float64(1.0)),
            "exp_avg": zeros_state(parameter),
            "exp_avg_sq": zeros_state(parameter),
        }

    def update(self, group):
        lr, beta1, beta2, old1, new1, old2, new2, eps = Numbers.of(group)
        momentum_decay = group.state("momentum_decay")
        for parameter, gradient, slots in self.with_gradients(group):
            w, g = decayed(parameter, gradient, group)
            t = slots["step"] + 1.0
            mu, mu_next = [beta1 * (1.0 - 0.5 * 0.96 ** (count * momentum_decay)) for count in (t, t + 1.0)]
            product = slots["mu_product"] * mu
            m = old1 * slots["exp_avg"] + new1 * g
            s = old2 * slots["exp_avg_sq"] + new2 * (g * g)
            of_g, of_m = lr * (1.0 - mu) / (1.0 - product), lr * mu_next / (1.0 - product * mu_next)
            root = (1.0 - beta2**t).sqrt()  # as in Adam: the correction of s as a factor of single numbers
            parameter.assign(w - (of_g * root * g + of_m * root * m) / (s.sqrt() + eps * root))
            slots["step"].assign(t)
            slots["mu_product"].assign(product)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)
