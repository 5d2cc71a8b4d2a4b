"""For type checkers: calling a module takes what its `forward` takes, and gives what that gives."""

from typing import ParamSpec, Protocol, TypeVar

Inputs = ParamSpec("Inputs")
Result = TypeVar("Result", covariant=True)  # noqa: PLC0105  a word, as everywhere here


class Callable(Protocol[Inputs, Result]):
    """Whatever has a `forward` of these inputs with this result."""

    def forward(self, *inputs: Inputs.args, **named: Inputs.kwargs) -> Result:
        """See nn.Module."""
        ...
