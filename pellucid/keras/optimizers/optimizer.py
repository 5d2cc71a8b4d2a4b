"""Optimizer: a method and its numbers, which is given the weights later, by the model."""

from typing import Any

from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.keras.names import snake
from pellucid.keras.optimizers.schedules import LearningRateSchedule

CLIPS = ("clipnorm", "global_clipnorm", "clipvalue")
REFUSED = {
    "use_ema": False,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
IGNORED = {"ema_momentum", "jit_compile"}
OLDER = {
    "lr": "It is called learning_rate.",
    "decay": "learning_rate=schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay) does that.",
}


class Optimizer:
    """What all optimizers share. `learning_rate` is a number that may be changed at any time, or a schedule.

    Each may clip gradients by one of `clipnorm` (each weight by itself), `global_clipnorm` (all together) and
    `clipvalue` (each number), and let weights decay: w = w - learning_rate weight_decay w, before the step.

    >>> from pellucid.keras import optimizers
    >>> optimizer = optimizers.SGD(learning_rate=0.1)
    >>> optimizer.learning_rate = 0.05
    >>> optimizer.learning_rate
    0.05
    """

    formula: Any = None  # the class of formulas.py

    def __init__(self, learning_rate, weight_decay, name, options, **numbers):
        self.name = name or snake(type(self).__name__)
        self.clip = chosen_clip(type(self).__name__, options)
        refuse(type(self).__name__, options)
        self.schedule = learning_rate if isinstance(learning_rate, LearningRateSchedule) else None
        self.weight_decay = weight_decay
        rate: Any = learning_rate if self.schedule is None else self.schedule(0)
        self.numbers = {"lr": float(rate), **numbers}
        self.bound: Any = None  # the pellucid.optim.Optimizer, once it knows the weights
        self.iterations = 0  # steps so far

    def build(self, parameters):
        """Take over these weights, unless it has them already. A model does it when its training begins."""
        parameters = list(parameters)
        if self.bound is not None:
            known = set(self.bound.state)
            if set(parameters) <= known:
                return self.bound
            raise ArgumentError(
                f"this {type(self).__name__} has the weights of another model.",
                remedy="Make an optimizer for each model; its means of gradients belong to the weights.",
            )
        self.bound = self.formula(parameters, **self.numbers)
        self.bound.clip = self.clip
        self.bound.decay = self.weight_decay
        return self.bound

    @property
    def learning_rate(self):
        """The learning rate now. Assigning a number changes it, in compiled steps too."""
        return self.numbers["lr"] if self.bound is None else self.bound.param_groups[0]["lr"]

    @learning_rate.setter
    def learning_rate(self, value):
        if isinstance(value, LearningRateSchedule):
            self.schedule = value
            value = value(self.iterations)
        self.numbers["lr"] = float(value)
        if self.bound is not None:
            self.bound.param_groups[0]["lr"] = float(value)

    lr = learning_rate  # its name in older programs

    def stepped(self):
        """A step has been made: a schedule says the learning rate of the next one."""
        self.iterations += 1
        if self.schedule is not None:
            self.learning_rate = self.schedule(self.iterations)

    def apply_gradients(self, grads_and_vars):
        """One step with these pairs of gradient and weight (Parameters), in a loop of one's own."""
        pairs = list(grads_and_vars)
        bound = self.build([variable for _, variable in pairs])
        for gradient, variable in pairs:
            variable.grad = gradient
        bound.step()
        bound.zero_grad()
        self.stepped()

    def get_config(self):
        """The numbers by name."""
        return {"name": self.name, "learning_rate": self.learning_rate, **self.numbers}

    def __repr__(self):
        numbers = ", ".join(f"{name}={value}" for name, value in self.numbers.items() if name != "lr")
        return f"{type(self).__name__}(learning_rate={self.schedule or self.learning_rate}, {numbers})"


def chosen_clip(who, options):
    """Which clip was asked for: None or a pair of name and number."""
    asked = [(name, options.pop(name)) for name in CLIPS if options.get(name) is not None]
    for name in CLIPS:
        options.pop(name, None)
    if len(asked) > 1:
        raise ArgumentError(f"{who} clips in one way: {asked[0][0]} and {asked[1][0]} came.")
    return asked[0] if asked else None


def refuse(who, options):
    """Refuse what there is not: options that Keras has, and others."""
    for name, value in options.items():
        if name in IGNORED or (name in REFUSED and value == REFUSED[name]):
            continue
        if name in REFUSED:
            raise UnsupportedError(
                f"{who} has no {name} here.", remedy="Leave it out, or write the loop yourself with pellucid.optim."
            )
        remedy = OLDER.get(name, f"help(optimizers.{who}) lists those that it has.")
        raise ArgumentError(f"{who} has no option {name!r}.", remedy=remedy)
