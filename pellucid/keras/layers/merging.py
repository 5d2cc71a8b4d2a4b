"""Layers that join several tensors: layers.Add()([a, b])."""

import functools

from pellucid.errors import ArgumentError
from pellucid.keras.layers.base import Layer
from pellucid.tensors import cat, maximum, minimum


class Merging(Layer):
    """What they share: a list of tensors goes in."""

    def two(self, a, b):
        """Two of them as one."""
        raise NotImplementedError

    def call(self, inputs):
        if not isinstance(inputs, list) or len(inputs) < 2:
            raise ArgumentError(f"{type(self).__name__} joins several tensors: give a list.", f"{self.name}([a, b])")
        return self.joined(inputs)

    def joined(self, inputs):
        """All of them as one."""
        return functools.reduce(self.two, inputs)


class Add(Merging):
    """The sum of tensors: what makes a layer residual.

    >>> import pellucid as pc
    >>> Add()([pc.ones(1, 2), pc.ones(1, 2)])
    tensor([[2., 2.]])
    """

    def two(self, a, b):
        return a + b


class Subtract(Merging):
    """The first tensor less the second.

    >>> import pellucid as pc
    >>> Subtract()([pc.ones(1, 2), pc.ones(1, 2)])
    tensor([[0., 0.]])
    """

    def two(self, a, b):
        return a - b


class Multiply(Merging):
    """The product of tensors, element by element.

    >>> import pellucid as pc
    >>> Multiply()([pc.ones(1, 2), 3.0 * pc.ones(1, 2)])
    tensor([[3., 3.]])
    """

    def two(self, a, b):
        return a * b


class Maximum(Merging):
    """The largest of the tensors, element by element.

    >>> import pellucid as pc
    >>> Maximum()([pc.tensor([[1.0, 4.0]]), pc.tensor([[2.0, 3.0]])])
    tensor([[2., 4.]])
    """

    def two(self, a, b):
        return maximum(a, b)


class Minimum(Merging):
    """The smallest of the tensors, element by element.

    >>> import pellucid as pc
    >>> Minimum()([pc.tensor([[1.0, 4.0]]), pc.tensor([[2.0, 3.0]])])
    tensor([[1., 3.]])
    """

    def two(self, a, b):
        return minimum(a, b)


class Average(Add):
    """The mean of the tensors.

    >>> import pellucid as pc
    >>> Average()([pc.tensor([[1.0, 4.0]]), pc.tensor([[2.0, 3.0]])])
    tensor([[1.5, 3.5]])
    """

    def joined(self, inputs):
        return super().joined(inputs) / float(len(inputs))


class Concatenate(Merging):
    """The tensors one after the other along `axis`.

    >>> import pellucid as pc
    >>> Concatenate()([pc.ones(1, 2), pc.ones(1, 3)]).shape
    (1, 5)
    """

    def __init__(self, axis=-1, **named):
        super().__init__(**named)
        self.axis = axis

    def joined(self, inputs):
        return cat(inputs, self.axis)


def joining(kind):
    """The function of a layer: add([a, b]) is Add()([a, b])."""

    def join(inputs, **named):
        return kind(**named)(inputs)

    return join
