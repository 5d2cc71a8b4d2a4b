"""One step of each method, as Keras writes it. Where that is PyTorch's formula, it is the one of `pellucid.optim`.

They differ in where epsilon stands, which decides how far weights go whose gradients are small.
"""

from typing import Any

from pellucid import optim
from pellucid.nn.utils import clip_grad_norm_, clip_grad_value_
from pellucid.optim.adam import Numbers
from pellucid.tensors import maximum


class AsKeras:
    """What all of Keras' methods can do: clip gradients, and let weights decay before the step.

    `clip` is None or a pair: "clipnorm" (each weight), "global_clipnorm" (all together) or "clipvalue", and a number.
    `decay` is None or a factor: w = w - lr decay w, whatever the gradient.
    """

    clip: Any = None
    decay: Any = None
    param_groups: Any

    def step(self, closure=None):
        """Clip, let decay, then the step."""
        parameters = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        if self.clip is not None and parameters:
            clipped(parameters, *self.clip)
        return super().step(closure)

    def update(self, group):
        """The decay, then the formula."""
        if self.decay is not None:
            (lr,) = group.tensors("lr")
            for w, _, _ in self.with_gradients(group):
                w.assign(w - lr * self.decay * w)
        self.formula(group)

    def formula(self, group):
        """The step of this group: that of pellucid.optim, unless a class has its own."""
        super().update(group)


def clipped(parameters, how, limit):
    """Shorten the gradients."""
    if how == "clipvalue":
        clip_grad_value_(parameters, limit)
    elif how == "global_clipnorm":
        clip_grad_norm_(parameters, limit)
    else:
        for parameter in parameters:
            clip_grad_norm_([parameter], limit)


class SGD(AsKeras, optim.SGD):
    """v = momentum v - lr g, w = w + v: a change of lr does not touch the v of earlier steps."""

    def formula(self, group):
        lr, momentum = group.tensors("lr", "momentum")
        for w, g, slots in self.with_gradients(group):
            if not group.uses("momentum"):
                w.assign(w - lr * g)
                continue
            v = momentum * slots["momentum_buffer"] - lr * g
            slots["momentum_buffer"].assign(v)
            w.assign(w + momentum * v - lr * g if group["nesterov"] else w + v)


class RMSprop(AsKeras, optim.RMSprop):
    """s = rho s + (1 - rho) g^2, w = w - lr g / sqrt(s + epsilon): epsilon is inside the root."""

    def formula(self, group):
        lr, rho, epsilon, momentum = group.tensors("lr", "alpha", "eps", "momentum")
        rest = (1.0 - group.state("alpha")).to(group.dtype)
        for w, g, slots in self.with_gradients(group):
            s = rho * slots["square_avg"] + rest * (g * g)
            slots["square_avg"].assign(s)
            if group["centered"]:
                m = rho * slots["grad_avg"] + rest * g
                slots["grad_avg"].assign(m)
                s = (s - m * m).clamp(min=0.0)  # where rounding leaves it below 0, Keras has the root of that: NaN
            v = lr * g / (s + epsilon).sqrt()
            if group.uses("momentum"):
                v = momentum * slots["momentum_buffer"] + v
                slots["momentum_buffer"].assign(v)
            w.assign(w - v)


class Adam(AsKeras, optim.Adam):
    """w = w - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(s) + epsilon): epsilon beside the root not yet corrected.

    It is the form at the end of section 2 of Kingma and Ba (2015).
    """

    def formula(self, group):
        lr, beta1, beta2, old1, new1, old2, new2, _ = Numbers.of(group)
        (epsilon,) = group.tensors("eps")
        for w, g, slots in self.with_gradients(group):
            t = slots["step"] + 1.0
            m = old1 * slots["exp_avg"] + new1 * g
            s = old2 * slots["exp_avg_sq"] + new2 * (g * g)
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_avg_sq"].assign(s)
            if group["amsgrad"]:
                s = maximum(slots["max_exp_avg_sq"], s)
                slots["max_exp_avg_sq"].assign(s)
            rate = (lr * (1.0 - beta2**t).sqrt() / (1.0 - beta1**t)).to(w.dtype)
            w.assign(w - rate * (m / (s.sqrt() + epsilon)))


class Adamax(AsKeras, optim.Adamax):
    """w = w - lr / (1 - beta1^t) m / (u + epsilon), where u = max(beta2 u, |g|)."""

    def formula(self, group):
        numbers = Numbers.of(group)
        (epsilon,) = group.tensors("eps")
        for w, g, slots in self.with_gradients(group):
            t = slots["step"] + 1.0
            m = numbers.old1 * slots["exp_avg"] + numbers.new1 * g
            u = maximum(numbers.old2 * slots["exp_inf"], g.abs())
            slots["step"].assign(t)
            slots["exp_avg"].assign(m)
            slots["exp_inf"].assign(u)
            rate = (numbers.lr / (1.0 - numbers.beta1**t)).to(w.dtype)
            w.assign(w - rate * (m / (u + epsilon)))


class Adagrad(AsKeras, optim.Adagrad):
    """s = s + g^2, w = w - lr g / sqrt(s + epsilon)."""

    def formula(self, group):
        lr, epsilon = group.tensors("lr", "eps")
        for w, g, slots in self.with_gradients(group):
            s = slots["sum"] + g * g
            slots["sum"].assign(s)
            w.assign(w - lr * g / (s + epsilon).sqrt())


class Adadelta(AsKeras, optim.Adadelta):
    """PyTorch's formula."""


class Nadam(AsKeras, optim.NAdam):
    """PyTorch's formula, with 0.96^t where that has 0.96^(0.004 t): momentum_decay=1."""
