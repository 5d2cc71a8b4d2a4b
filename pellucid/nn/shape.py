"""Modules that compute nothing: Flatten and Identity."""

from pellucid.nn.module import Module


class Flatten(Module):
    """Make one axis of the axes from start_dim to end_dim: images (N, 1, 28, 28) become rows (N, 784).

    ShapeError if x has no such axes.
    """

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x):
        return x.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """x as it is: a place holder for a layer that was taken out."""

    def forward(self, x):
        return x
