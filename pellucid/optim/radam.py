"""RAdam: Adam that does not trust its mean square before it has seen enough gradients."""

from typing import ClassVar

from pellucid.optim.adam import Numbers, decayed
from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import where


class RAdam(Optimizer):
    """Adam with a factor for how well s is known, and plain momentum in the first steps, in which it is not:

        m, s  as in Adam;  h = m / (1 - beta1^t)
        rho_max = 2 / (1 - beta2) - 1
        rho     = rho_max - 2 t beta2^t / (1 - beta2^t)              about so many gradients are in s
        r       = sqrt((rho - 4)(rho - 2) rho_max / ((rho_max - 4)(rho_max - 2) rho))
        w       = w - lr h r sqrt(1 - beta2^t) / (sqrt(s) + eps)     if rho > 5, else w - lr h

    Weight decay is that of Adam, or that of AdamW if `decoupled_weight_decay`.

    Source: Liu et al., "On the variance of the adaptive learning rate and beyond" (2020).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.8, -1.6])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "betas": TWO_FRACTIONS,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled_weight_decay=False,
        *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        return {"step": count_state(), "exp_avg": zeros_state(parameter), "exp_avg_sq": zeros_state(parameter)}

    def update(self, group):
        lr, beta1, beta2, old1, new1, old2, new2, _ = Numbers.of(group)
        (eps,) = group.tensors("eps")
        for parameter, gradient, slots in self.with_gradients(group):
            w, g = decayed(parameter, gradient, group)
            t = slots["step"] + 1.0
            m = old1 * slots["exp_avg"] + new1 * g
            s = old2 * slots["exp_avg_sq"] + new2 * (g * g)
            rate, known = lr / (1.0 - beta1**t), certainty(beta2, t)
            plain = (rate * m).where(known == 0.0, rate * known * (m / (s.sqrt() + eps)))
            parameter.assign(w - plain)
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)


def certainty(beta2, t):
    """r sqrt(1 - beta2^t) of the formula above, or 0 while s is not known well enough."""
    share = 1.0 - beta2**t
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * t * (1.0 - share) / share
    square = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
    return where(length > 5.0, square * share, 0.0).sqrt()  # below 4 the square is negative
