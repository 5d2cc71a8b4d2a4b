"""Sequential: layers one after the other."""

import itertools
from collections.abc import Iterator
from typing import Any

from pellucid.errors import ArgumentError
from pellucid.nn.module import Module
from pellucid.tensors import Tensor


class Sequential(Module):
    """Each layer gets what the one before it gave. Layers are named "0", "1", ..., or as a dict names them.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> model = Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> model(pc.ones(5, 2, 2)).shape
    (5, 2)
    >>> model[1]
    Linear(in_features=4, out_features=3, bias=True)
    """

    def __init__(self, *layers):
        if len(layers) == 1 and isinstance(layers[0], dict):
            named = layers[0].items()
        else:
            named = [(str(index), layer) for index, layer in enumerate(layers)]
        for name, layer in named:
            self.add_layer(name, layer)

    def add_layer(self, name, layer):
        """Set the layer of that name; at the end, if the name is new."""
        if not isinstance(layer, Module):
            raise ArgumentError(
                f"Sequential holds modules, but {name} is {said(layer)}.",
                remedy="nn.ReLU() is a module; F.relu and nn.ReLU (without brackets) are not.",
            )
        setattr(self, name, layer)

    def forward(self, x) -> Tensor:
        for layer in self:
            x = layer(x)
        return x

    def append(self, layer):
        """Put one more layer at the end, under the first number that is free."""
        name = next(name for name in map(str, itertools.count(len(self))) if name not in vars(self))
        self.add_layer(name, layer)
        return self

    def extend(self, layers):
        """Put more layers at the end."""
        for layer in layers:
            self.append(layer)
        return self

    def insert(self, index, layer):
        """Put a layer in front of the one at `index`; those behind it move on by one name."""
        layers = list(self)
        layers.insert(index, layer)
        return self.fill(layers)

    def pop(self, index=-1):
        """Take the layer at `index` away, and return it."""
        layer = self[index]
        self.fill([other for i, other in enumerate(self) if i != index % len(self)])
        return layer

    def __delitem__(self, index):
        """Take the layer at `index` away, or those of a slice; those behind it move up."""
        self[index]  # which knows the error for a position that there is not
        layers = list(self)
        del layers[index]
        self.fill(layers)

    def fill(self, layers):
        """Hold these layers and no others."""
        for name, part in list(vars(self).items()):
            if isinstance(part, Module):
                delattr(self, name)
        return self.extend(layers)

    def __iter__(self) -> Iterator[Module]:
        return iter([layer for layer in vars(self).values() if isinstance(layer, Module)])

    def __len__(self):
        return len(list(iter(self)))

    def __getitem__(self, index) -> Any:
        """The layer at a position; for a slice, a Sequential of those layers (no copies), which keep their names."""
        layers = list(self)
        if isinstance(index, slice):
            names = [name for name, part in vars(self).items() if isinstance(part, Module)]
            return Sequential(dict(zip(names[index], layers[index], strict=True)))
        if not -len(layers) <= index < len(layers):
            raise ArgumentError(f"Sequential has {len(layers)} layers; there is none at {index}.")
        return layers[index]

    def __setitem__(self, index, layer):
        """Put another layer in the place of one."""
        names = [name for name, part in vars(self).items() if isinstance(part, Module)]
        if not -len(names) <= index < len(names):
            raise ArgumentError(f"Sequential has {len(names)} layers; there is none at {index} to replace.")
        self.add_layer(names[index], layer)


def said(layer):
    """What came in the place of a module, for the error."""
    return f"the class {layer.__name__}" if isinstance(layer, type) else type(layer).__name__
