"""SparseAdam: Adam for tables of which a step uses a few rows only, such as the vectors of words."""

from typing import ClassVar

from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state


class SparseAdam(Optimizer):
    """Adam for those rows of w that have a gradient; all others keep their values and their means:

        m[i] = beta1 m[i] + (1 - beta1) g[i]
        s[i] = beta2 s[i] + (1 - beta2) g[i]^2
        w[i] = w[i] - lr sqrt(1 - beta2^t) / (1 - beta1^t) m[i] / (sqrt(s[i]) + eps)

    Under Adam a rare word goes on moving by the mean of its old gradients in every step in which it does not
    occur; here it rests. t counts the steps of the whole parameter, those in which a row rested too. eps is added
    to the root of s as it is, as in PyTorch's SparseAdam, and not to the corrected one, as in Adam.

    A row rests if its gradient is 0 in every element. PyTorch goes by the numbers of the rows that were looked up
    instead, and so moves a row that was looked up and whose gradient came out as exactly 0.

    Raises ArgumentError for hyper-parameters that are not allowed.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), row by row.

    >>> import pellucid as pc
    >>> w = pc.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], requires_grad=True)
    >>> optimizer = SparseAdam([w], lr=0.5)
    >>> w[[0, 2]].sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([[0.5, 0.5],
            [2. , 2. ],
            [2.5, 2.5]])
    """

    limits: ClassVar[dict] = {"lr": NOT_NEGATIVE, "betas": TWO_FRACTIONS, "eps": NOT_NEGATIVE}

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        super().__init__(params, lr=lr, betas=betas, eps=eps, maximize=maximize)

    def make_slots(self, parameter, group):
        return {
            "step": count_state(),
            "exp_avg": zeros_state(parameter),
            "exp_avg_sq": zeros_state(parameter),
        }

    def update(self, group):
        lr, (beta1, beta2) = group.state("lr"), group.state("betas")  # float64: 1 - 0.999 must be exact
        old1, old2 = beta1.to(group.dtype), beta2.to(group.dtype)
        new1, new2 = (1.0 - beta1).to(group.dtype), (1.0 - beta2).to(group.dtype)
        (eps,) = group.tensors("eps")
        for w, g, slots in self.with_gradients(group):
            moves = rows_with_gradient(g)
            t = slots["step"] + 1.0
            m = old1 * slots["exp_avg"] + new1 * g
            s = old2 * slots["exp_avg_sq"] + new2 * (g * g)
            rate = lr * (1.0 - beta2**t).sqrt() / (1.0 - beta1**t)
            w.assign((w - rate * (m / (s.sqrt() + eps))).where(moves, w))
            slots["step"].assign(t)
            slots["exp_avg"].assign(m.where(moves, slots["exp_avg"]))
            slots["exp_avg_sq"].assign(s.where(moves, slots["exp_avg_sq"]))


def rows_with_gradient(g):
    """True for each row (along the first axis) in which some element is not 0; NaN is not 0 either."""
    axes = tuple(range(1, g.ndim))
    size = g.abs()
    return (size.sum(axes, keepdim=True) if axes else size) != 0.0
