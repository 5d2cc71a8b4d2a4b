"""Learning rates that depend on the number of steps: `SGD(learning_rate=schedules.ExponentialDecay(...))`.

They are functions of that number. Those of `pellucid.optim` change the rate that an optimizer has, step by step.
"""

import math

from pellucid import blame
from pellucid.errors import ArgumentError
from pellucid.keras.missing import answer

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
]


class LearningRateSchedule:
    """What all schedules are: called with the number of steps so far, they give the learning rate of the next one.

    >>> class Halving(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 * 0.5**step
    >>> Halving()(2)
    0.025
    """

    def __call__(self, step) -> float:
        raise NotImplementedError(f"{type(self).__name__} has no __call__(step).")


class Decay(LearningRateSchedule):
    """What two of them share: a rate that shrinks with step / decay_steps, with `staircase` in whole numbers of it."""

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None):
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase = staircase

    def turns(self, step):
        """How often decay_steps have gone by."""
        turns = step / self.decay_steps
        return math.floor(turns) if self.staircase else turns


class ExponentialDecay(Decay):
    """initial_learning_rate decay_rate^(step / decay_steps); with `staircase` in whole steps of the exponent.

    >>> ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)(200)
    0.025
    """

    def __call__(self, step):
        return self.initial_learning_rate * self.decay_rate ** self.turns(step)


class InverseTimeDecay(Decay):
    """initial_learning_rate / (1 + decay_rate step / decay_steps); with `staircase` in whole steps.

    >>> InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)(2)
    0.05
    """

    def __call__(self, step):
        return self.initial_learning_rate / (1.0 + self.decay_rate * self.turns(step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to step boundaries[0], then values[1] up to boundaries[1], and so on.

    >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01])
    >>> schedule(100), schedule(101), schedule(1000)
    (0.1, 0.05, 0.01)
    """

    def __init__(self, boundaries, values, name=None):
        if len(values) != len(boundaries) + 1:
            raise ArgumentError(f"{len(boundaries)} boundaries need {len(boundaries) + 1} values, not {len(values)}.")
        self.boundaries, self.values = list(boundaries), list(values)

    def __call__(self, step):
        return self.values[sum(step > boundary for boundary in self.boundaries)]


class PolynomialDecay(LearningRateSchedule):
    """From initial_learning_rate to end_learning_rate in decay_steps, as (1 - step / decay_steps)^power.

    >>> round(PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)(5), 6)
    0.05
    """

    def __init__(self, initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False, name=None):
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle = end_learning_rate, power, cycle

    def __call__(self, step):
        length = self.decay_steps * (max(1, math.ceil(step / self.decay_steps)) if self.cycle else 1)
        left = (1.0 - min(step, length) / length) ** self.power
        return (self.initial_learning_rate - self.end_learning_rate) * left + self.end_learning_rate


class CosineDecay(LearningRateSchedule):
    """Half a cosine from initial_learning_rate down to alpha times it. Source: Loshchilov and Hutter (2017).

    With `warmup_target` the rate first rises to that in warmup_steps, and decays from there.

    >>> round(CosineDecay(0.1, decay_steps=10)(5), 6)
    0.05
    """

    def __init__(self, initial_learning_rate, decay_steps, alpha=0.0, name=None, warmup_target=None, warmup_steps=0):
        self.initial_learning_rate, self.decay_steps, self.alpha = initial_learning_rate, decay_steps, alpha
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step):
        top, begin = self.initial_learning_rate, 0
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, begin = self.warmup_target, self.warmup_steps
        done = min(step - begin, self.decay_steps) / self.decay_steps
        return top * ((1.0 - self.alpha) * 0.5 * (1.0 + math.cos(math.pi * done)) + self.alpha)


blame.answer_for(globals(), calls=True)
__getattr__ = answer(__name__)
