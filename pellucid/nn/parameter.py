"""Parameter: a State that is to be learned."""

from pellucid.engine import Spec
from pellucid.errors import DtypeError
from pellucid.tensors import State, as_tensor


class Parameter(State):
    """A tensor that a module learns: it requires a gradient, and `module.parameters()` finds it.

    `data` is copied. It must be floats: DtypeError otherwise.

    >>> import pellucid as pc
    >>> Parameter(pc.zeros(2))
    tensor([0., 0.], requires_grad=True)
    """

    def __init__(self, data, requires_grad=True):
        data = as_tensor(data)
        if data.dtype.kind != "f":
            came = Spec(data.shape, data.dtype)
            raise DtypeError(f"a Parameter is made of floats, not {came}.", remedy="Convert first: x.float()")
        super().__init__(data, requires_grad)
