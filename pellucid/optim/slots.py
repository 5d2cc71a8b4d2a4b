"""Slots: what an optimizer keeps for one parameter from step to step, as States."""

import copy

from pellucid.errors import ArgumentError
from pellucid.tensors import as_tensor


class Slots(dict):
    """A dict from names to States, the same ones for life, as compiled steps hold their addresses.

    Writing a slot lets its State have those numbers; none can be added, and none taken out.

    >>> import pellucid as pc
    >>> from pellucid import nn, optim
    >>> w = nn.Parameter(pc.ones(2))
    >>> slots = optim.Adam([w], lr=0.1).state[w]
    >>> slots["exp_avg"] = pc.tensor([1.0, 2.0])
    >>> slots["exp_avg"]
    tensor([1., 2.])
    """

    def __init__(self, owner, states):
        super().__init__(states)
        self.owner = owner  # the optimizer's name, for messages

    def __setitem__(self, name, value):
        if name not in self:
            raise self.fixed(f"has no slot {name!r}; it has {', '.join(self) or 'none'}")
        self[name].assign(as_tensor(value).detach())

    def update(self, *others, **named):
        """Write several slots."""
        for name, value in dict(*others, **named).items():
            self[name] = value

    def __ior__(self, other):
        self.update(other)
        return self

    def keep(self, *_):
        """Refuse to put in a slot or to take one out."""
        raise self.fixed("keeps its slots")

    __delitem__ = pop = popitem = clear = keep

    def __deepcopy__(self, memo):
        return type(self)(self.owner, copy.deepcopy(dict(self), memo))

    def fixed(self, what):
        """The error for a change of which slots there are."""
        return ArgumentError(
            f"{self.owner} {what}: its slots are fixed when it is made.",
            remedy="Assign numbers to a slot, or make a new optimizer.",
        )
