"""Adam: momentum and RMSprop together, with their start corrected."""

from typing import ClassVar, NamedTuple

from pellucid.optim.group import NOT_NEGATIVE, TWO_FRACTIONS
from pellucid.optim.optimizer import Optimizer, count_state, zeros_state
from pellucid.tensors import Tensor, maximum


class Adam(Optimizer):
    """Follow the mean gradient m, divided by the root of the mean square s:

        m = beta1 m + (1 - beta1) g
        s = beta2 s + (1 - beta2) g^2
        w = w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)

    Both means begin at 0 and are too small at first; in step t the divisions by 1 - beta^t make up for that.
    t counts the steps of each parameter. Weight decay adds weight_decay w to g first, or, if it is decoupled,
    shrinks the weights beside the step: see AdamW. With amsgrad the largest s so far takes the place of s.

    Sources: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); amsgrad: Reddi, Kale and Kumar, "On
    the convergence of Adam and beyond" (2018).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
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

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False,
        *, maximize=False, decoupled_weight_decay=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, execution, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
            maximize=maximize, decoupled_weight_decay=decoupled_weight_decay,
        )  # fmt: skip

    def make_slots(self, parameter, group):
        means = {name: zeros_state(parameter) for name in ("exp_avg", "exp_avg_sq")}
        largest = {"max_exp_avg_sq": zeros_state(parameter)} if group["amsgrad"] else {}
        return {"step": count_state(), **means, **largest}

    def update(self, group):
        numbers = Numbers.of(group)
        for parameter, gradient, slots in self.with_gradients(group):
            w, g = decayed(parameter, gradient, group)
            t = slots["step"] + 1.0
            if group["amsgrad"]:
                largest = slots["max_exp_avg_sq"]
                new, m, s, top = amsgrad_step(w, g, slots["exp_avg"], slots["exp_avg_sq"], largest, t, numbers)
                largest.assign(top)
            else:
                new, m, s = adam_step(w, g, slots["exp_avg"], slots["exp_avg_sq"], t, numbers)
            parameter.assign(new)
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)


class Numbers(NamedTuple):
    """What Adam's formulas use of a group: old1 is beta1, and new1 is 1 - beta1.

    lr, the betas and eps are float64, for 1 - 0.999 must be exact; the others have the dtype of the parameters.
    """

    lr: Tensor
    beta1: Tensor
    beta2: Tensor
    old1: Tensor
    new1: Tensor
    old2: Tensor
    new2: Tensor
    eps: Tensor

    @classmethod
    def of(cls, group):
        """The numbers of a group, made once for all of its parameters."""
        lr, (beta1, beta2) = group.state("lr"), group.state("betas")
        old1, old2 = beta1.to(group.dtype), beta2.to(group.dtype)
        new1, new2 = (1.0 - beta1).to(group.dtype), (1.0 - beta2).to(group.dtype)
        return cls(lr, beta1, beta2, old1, new1, old2, new2, group.state("eps"))


def adam_step(w, g, m, s, t, numbers):
    """What w, m and s become in step t."""
    lr, beta1, beta2, old1, new1, old2, new2, eps = numbers
    m = old1 * m + new1 * g
    s = old2 * s + new2 * (g * g)
    # Section 2 of the paper: sqrt(1 - beta2^t) as a factor of single numbers spares each weight a division.
    root = (1.0 - beta2**t).sqrt()
    rate = lr * root / (1.0 - beta1**t)
    return w - rate * (m / (s.sqrt() + eps * root)), m, s


def amsgrad_step(w, g, m, s, largest, t, numbers):
    """What w, m, s and the largest s so far become in step t."""
    lr, beta1, beta2, old1, new1, old2, new2, eps = numbers
    m = old1 * m + new1 * g
    s = old2 * s + new2 * (g * g)
    largest = maximum(largest, s)
    root = (1.0 - beta2**t).sqrt()
    return w - lr * root / (1.0 - beta1**t) * (m / (largest.sqrt() + eps * root)), m, s, largest


def decayed(w, g, group):
    """Weight decay: w and g with the L2 penalty in g, or with w shrunk if the group says that they are decoupled."""
    if not group.uses("weight_decay"):
        return w, g
    weight_decay = group.state("weight_decay")
    if group["decoupled_weight_decay"]:
        return (1.0 - group.state("lr") * weight_decay).to(w.dtype) * w, g
    return w, g + weight_decay.to(w.dtype) * w
