"""ParamGroup: parameters that share hyper-parameters, which are States.

A compiled step reads the learning rate from its State at every call. So `group["lr"] = 0.01` takes effect in
every program, and none has to be recorded again.
"""

import copy
import math
from typing import Any, NamedTuple

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.tensors import State, Tensor
from pellucid.tensors.promote import cast


class Limit(NamedTuple):
    """The numbers allowed for a hyper-parameter: least <= number < below, and how many there are."""

    least: float
    below: float
    count: int = 1


ANY_NUMBER = Limit(-float("inf"), float("inf"))
NOT_NEGATIVE = Limit(0.0, float("inf"))
FRACTION = Limit(0.0, 1.0)
TWO_FRACTIONS = Limit(0.0, 1.0, count=2)

# What is written into a group to be looked up again. No step depends on it, so it may come and go.
NOTES = frozenset({"name", "initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum"})


class ParamGroup(dict):
    """A dict of "params" and hyper-parameters. Reading a number gives a float, writing one assigns its State.

    Numbers are kept as float64, so that a float comes back as it was given. Choices (True, False) are fixed
    for life, and so is whether a number in `optional` is 0: then its part of the computation is left out.

    >>> import pellucid as pc
    >>> from pellucid import nn, optim
    >>> group = optim.SGD([nn.Parameter(pc.ones(2))], lr=0.1).param_groups[0]
    >>> group["lr"] = group["lr"] / 2
    >>> group["lr"], group.state("lr")
    (0.05, tensor(0.05, dtype=float64))
    """

    def __init__(self, owner, params, values, limits, optional):
        values = {name: plain(value) if name in limits else value for name, value in values.items()}
        super().__init__(params=tuple(params), **values)  # fixed for life: compiled steps rely on it
        self.owner = owner  # the optimizer's name, for messages
        self.limits = limits
        self.states = {}
        for name in limits:
            self.check(name, values[name])
            numbers = [State(np.float64(number)) for number in as_tuple(values[name])]
            self.states[name] = numbers[0] if limits[name].count == 1 else tuple(numbers)
        self.left_out = {name for name in optional if values[name] == 0}
        self.dtype = max([parameter.dtype for parameter in params], key=lambda dtype: dtype.itemsize)

    def state(self, name):
        """The State of a number (a tuple of States for several, such as betas): float64, shape ()."""
        return self.states[name]

    def tensors(self, *names):
        """The numbers as tensors of shape () in the dtype of the parameters: what formulas use."""
        return [cast(self.states[name], self.dtype) for name in names]

    def uses(self, name):
        """Is this optional number part of the computation? It is not if it was 0 at the beginning."""
        return name not in self.left_out

    def __getitem__(self, name) -> Any:
        if name not in self.states:
            return super().__getitem__(name)
        numbers = tuple([state.item() for state in as_tuple(self.states[name])])
        return numbers[0] if self.limits[name].count == 1 else numbers

    def __setitem__(self, name, value):
        value = plain(value) if name in self.limits else value
        self.check_change(name, value)
        if name in self.states:
            for state, number in zip(as_tuple(self.states[name]), as_tuple(value), strict=True):
                state.assign(np.float64(number))
        super().__setitem__(name, value)

    def get(self, name, default=None):
        """The value of `name`, or `default`."""
        return dict(self.items()).get(name, default)

    def setdefault(self, name, default=None):
        """The value of `name`, which becomes `default` if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def items(self):
        """Pairs of name and value."""
        return [(name, self[name]) for name in self]

    def values(self):
        """The values, in the order of the names."""
        return [self[name] for name in self]

    def update(self, *others, **named):
        """Set several values; nothing is changed if one of them is not allowed."""
        new = dict(*others, **named)
        new = {name: plain(value) if name in self.limits else value for name, value in new.items()}
        for name, value in new.items():
            self.check_change(name, value)
        for name, value in new.items():
            self[name] = value

    def __ior__(self, other):
        self.update(other)
        return self

    def __deepcopy__(self, memo):
        twin = memo[id(self)] = type(self).__new__(type(self))
        dict.update(twin, copy.deepcopy(dict(self.items()), memo))
        twin.__dict__.update(copy.deepcopy(vars(self), memo))
        return twin

    def check_change(self, name, value):
        """Refuse what would have no effect, or a wrong one."""
        if name in NOTES:
            return
        if name not in self:
            known = ", ".join(other for other in self if other != "params" and other not in NOTES)
            raise ArgumentError(f"{self.owner} has no hyper-parameter {name!r}; it has {known}.")
        if name not in self.states and value is not self[name]:
            raise ArgumentError(
                f"{name} of {self.owner} is fixed when the optimizer is made: it decides what a step does.",
                remedy="Make a new optimizer.",
            )
        if name in self.limits:
            self.check(name, value)
        if name in self.left_out and value != 0:
            raise ArgumentError(
                f"{name} of {self.owner} was 0 when the optimizer was made, and its part of a step left out for good.",
                remedy=f"Make the optimizer with {name} above 0; it can be changed then.",
            )

    def check(self, name, value):
        """Refuse numbers outside of what the method allows."""
        least, below, count = self.limits[name]
        numbers = as_tuple(value)
        if len(numbers) != count or not all(is_number(number) and least <= number < below for number in numbers):
            what = "a number" if count == 1 else f"{count} numbers"
            allowed = "" if least == -float("inf") else f" not below {least:g}"
            allowed += "" if below == float("inf") else f" and below {below:g}"
            raise ArgumentError(f"{name} of {self.owner} must be {what}{allowed}, not {value!r}.")


def as_tuple(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def plain(value) -> Any:
    """A number for a tensor or an array of one element, such as `lr=pc.tensor(0.1)`: it is copied."""
    if isinstance(value, (tuple, list)):
        return tuple([plain(part) for part in value])
    if isinstance(value, (Tensor, np.ndarray)) and math.prod(value.shape) == 1:
        return value.item()
    return value


def is_number(value):
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
