"""LAMB: Adam for very large batches, the length of a layer's step in proportion to the length of its weights."""

from typing import ClassVar

from pellucid.optim.adam import Numbers
from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.lars import norm, ratio
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state


class LAMB(Optimizer):
    """Adam's direction, with decoupled weight decay, in a length that is the same share of each layer's weights:

        m, s as in Adam
        r = m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + eps) + weight_decay w
        w = w - lr |w| / |r| r                               |.| is the Euclidean norm of a whole parameter

    Where |w| or |r| is 0 there is nothing to compare, and |w| / |r| counts as 1.

    Source: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes" (2020), algorithm 2,
    with phi(|w|) = |w|. PyTorch has no LAMB.

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = LAMB([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.8419, -1.8419])
    """

    limits: ClassVar[dict] = {
        "lr": NOT_NEGATIVE,
        "betas": TWO_FRACTIONS,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
    }
    optional = ("weight_decay",)

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0, *, maximize=False, **execution):
        super().__init__(params, execution, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def make_slots(self, parameter, group):
        return {"step": count_state(), "exp_avg": zeros_state(parameter), "exp_avg_sq": zeros_state(parameter)}

    def update(self, group):
        lr, beta1, beta2, old1, new1, old2, new2, eps = Numbers.of(group)
        (weight_decay,) = group.tensors("weight_decay")
        for w, g, slots in self.with_gradients(group):
            t = slots["step"] + 1.0
            m = old1 * slots["exp_avg"] + new1 * g
            s = old2 * slots["exp_avg_sq"] + new2 * (g * g)
            root = (1.0 - beta2**t).sqrt()  # as in Adam
            r = root / (1.0 - beta1**t) * (m / (s.sqrt() + eps * root))
            if group.uses("weight_decay"):
                r = r + weight_decay * w
            w.assign(w - lr * ratio(norm(w), norm(r)) * r)
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)
