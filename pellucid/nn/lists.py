"""Lists and dicts of modules and of parameters, under PyTorch's names.

A plain list or dict attribute serves as well: a Module looks into it. These have PyTorch's names for what they
hold, and refuse what is neither module nor parameter.
"""

from pellucid import engine
from pellucid.errors import ArgumentError
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter


class Holder(Module):
    """What the four share: parts under names, which are attributes."""

    holds: type = Module

    def put(self, name, part):
        """Set the part of that name; at the end, if the name is new."""
        if isinstance(part, engine.State) and part.requires_grad and self.holds is Parameter:
            pass  # a Parameter, or becomes one
        elif not isinstance(part, self.holds):
            raise ArgumentError(
                f"{type(self).__name__} holds {self.holds.__name__}s, but {name} is {type(part).__name__}."
            )
        if hasattr(type(self), name):
            raise ArgumentError(f"{type(self).__name__} cannot name a part {name!r}: it has a method of that name.")
        setattr(self, name, part)

    def named(self):
        """The parts by name, in order."""
        return {name: part for name, part in vars(self).items() if isinstance(part, (Module, engine.State))}

    def __len__(self):
        return len(self.named())

    def extra_repr(self):
        if self.holds is Module:
            return ""
        return ", ".join([f"({name}): {part.dtype}{list(part.shape)}" for name, part in self.named().items()])


class ListHolder(Holder):
    """Parts that are named "0", "1", ..."""

    def __init__(self, parts=()):
        self.extend(parts)

    def append(self, part):
        """Put one more part at the end."""
        self.put(str(len(self)), part)
        return self

    def extend(self, parts):
        """Put more parts at the end."""
        for part in parts:
            self.append(part)
        return self

    def insert(self, index, part):
        """Put a part in front of the one at `index`."""
        parts = list(self)
        parts.insert(index, part)
        self.fill(parts)

    def pop(self, index=-1):
        """Take the part at `index` away, and return it."""
        parts = list(self)
        part = parts.pop(self.position(index))
        self.fill(parts)
        return part

    def fill(self, parts):
        """Hold these parts and no others."""
        for name in self.named():
            delattr(self, name)
        self.extend(parts)

    def position(self, index):
        """The index counted from the front."""
        count = len(self)
        if not -count <= index < count:
            raise ArgumentError(f"{type(self).__name__} has {count} parts; there is none at {index}.")
        return index % count

    def __iter__(self):
        return iter(list(self.named().values()))

    def __contains__(self, part):
        return any(part is other for other in self)

    def __getitem__(self, index):
        """The part at a position; for a slice, a list of the same kind with those parts (no copies)."""
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return list(self)[self.position(index)]

    def __setitem__(self, index, part):
        self.put(str(self.position(index)), part)

    def __delitem__(self, index):
        parts = list(self)
        del parts[index if isinstance(index, slice) else self.position(index)]
        self.fill(parts)

    def __iadd__(self, parts):
        return self.extend(parts)


class DictHolder(Holder):
    """Parts under names of one's own, in the order in which they were set."""

    def __init__(self, parts=None):
        if parts is not None:
            self.update(parts)

    def update(self, parts):
        """Set parts from a dict, or from pairs of name and part."""
        for name, part in dict(parts).items():
            self[name] = part

    def keys(self):
        """The names."""
        return list(self.named())

    def values(self):
        """The parts."""
        return list(self.named().values())

    def items(self):
        """Pairs of name and part."""
        return list(self.named().items())

    def get(self, name, default=None):
        """The part of that name, or the default."""
        return self.named().get(name, default)

    def pop(self, name):
        """Take the part of that name away, and return it."""
        part = self[name]
        delattr(self, name)
        return part

    def clear(self):
        """Take all parts away."""
        for name in self.named():
            delattr(self, name)

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return name in self.named()

    def __getitem__(self, name):
        if name not in self.named():
            raise ArgumentError(f"{type(self).__name__} has no part {name!r}.", remedy=f"It has {self.keys()}.")
        return self.named()[name]

    def __setitem__(self, name, part):
        if not isinstance(name, str):
            raise ArgumentError(f"{type(self).__name__} names its parts by strings, not {type(name).__name__}.")
        self.put(name, part)

    def __delitem__(self, name):
        self.pop(name)


class ModuleList(ListHolder):
    """A list of modules. It has no forward of its own: the module that holds it calls them.

    >>> from pellucid import nn
    >>> layers = ModuleList([nn.Linear(2, 3), nn.ReLU()])
    >>> len(layers), [name for name, _ in layers.named_parameters()]
    (2, ['0.weight', '0.bias'])
    """


class ModuleDict(DictHolder):
    """A dict of modules, by name.

    >>> from pellucid import nn
    >>> ModuleDict({"up": nn.Linear(2, 3), "act": nn.ReLU()})["up"]
    Linear(in_features=2, out_features=3, bias=True)
    """


class ParameterList(ListHolder):
    """A list of parameters.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> [name for name, _ in ParameterList([nn.Parameter(pc.ones(2))]).named_parameters()]
    ['0']
    """

    holds = Parameter


class ParameterDict(DictHolder):
    """A dict of parameters, by name.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> ParameterDict({"scale": nn.Parameter(pc.ones(2))}).keys()
    ['scale']
    """

    holds = Parameter
