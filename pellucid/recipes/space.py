"""What a search may vary: written as lr=0.001:0.1 (a range) or batch_size=16,32,64 (choices)."""

import math
import re
from typing import NamedTuple

from pellucid.errors import ArgumentError

LOGARITHMIC = 10  # a range that spans so many times its lower end is searched by its powers, not by its lengths


class Choices(NamedTuple):
    """Some values, of which one is taken."""

    values: list

    def grid(self, count):
        """All of them, whatever the count."""
        return self.values


class Range(NamedTuple):
    """All numbers from low to high, or the whole ones if both ends are."""

    low: float
    high: float

    @property
    def log(self):
        """Are equal factors equally likely, rather than equal steps?"""
        return self.low > 0 and self.high >= LOGARITHMIC * self.low

    @property
    def whole(self):
        """Does it hold whole numbers only?"""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def grid(self, count):
        """So many numbers from end to end, equal steps or equal factors apart; fewer if whole numbers coincide."""
        parts = [i / (count - 1) for i in range(count)] if count > 1 else [0.5]
        if self.log:
            numbers = [self.low * (self.high / self.low) ** part for part in parts]
        else:
            numbers = [self.low + (self.high - self.low) * part for part in parts]
        rounded = [round(x) if self.whole else float(f"{x:.6g}") for x in numbers]
        return list(dict.fromkeys(rounded))


def read(text):
    """`lr=0.001:0.1` as ("lr", Range), `batch_size=16,32` as ("batch_size", Choices); ArgumentError for all else."""
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not values.strip() or not name.isidentifier():
        raise ArgumentError(
            f"{text!r} does not say what to vary.",
            remedy="Write lr=0.001:0.1 for a range, batch_size=16,32 for choices.",
        )
    ends = values.split(":")
    if len(ends) == 1:
        return name, Choices(list(dict.fromkeys(number(value) for value in values.split(","))))
    if len(ends) != 2 or not number(ends[0]) < number(ends[1]):
        raise ArgumentError(f"{text!r}: a range is low:high, with low below high.")
    return name, Range(number(ends[0]), number(ends[1]))


def number(text):
    """A whole number or a float, as it is written."""
    text = text.strip()
    try:
        value = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    except ValueError:
        raise ArgumentError(f"{text!r} is not a number.") from None
    if not math.isfinite(value):
        raise ArgumentError(f"{text!r} is not a number that can be searched.")
    return value


def around(defaults):
    """What is varied unless one says what: the learning rate from a tenth to ten times, the batch size by twos."""
    lr, size = defaults["lr"], defaults["batch_size"]
    sizes = dict.fromkeys(max(1, round(size * factor)) for factor in (0.25, 0.5, 1, 2, 4))
    return [f"lr={lr / 10:.6g}:{lr * 10:.6g}", f"batch_size={','.join(str(size) for size in sizes)}"]


def grid_of(space, trials):
    """Values for each name, so that all combinations are about `trials`: choices as they are, ranges in equal parts."""
    ranges = [name for name, part in space.items() if isinstance(part, Range)]
    combinations = math.prod(len(part.values) for name, part in space.items() if name not in ranges)
    count = max(2, int((trials / combinations) ** (1 / len(ranges)) + 1e-9)) if ranges else 1
    return {name: part.grid(count) for name, part in space.items()}
