"""Formula: a module that is a function with some of its arguments fixed."""

from pellucid.nn.module import Module


class Formula(Module):
    """A module that calls one function. `shown` names the arguments that are printed."""

    shown = ()

    def extra_repr(self):
        return ", ".join([f"{name}={getattr(self, name)}" for name in self.shown])
