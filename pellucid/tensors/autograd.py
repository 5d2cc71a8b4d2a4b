"""Gradients as values: `pc.autograd.grad`."""

from pellucid import engine
from pellucid.engine import walk
from pellucid.errors import GradientError
from pellucid.tensors.core import first_gradient, own


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=False):
    """The gradients of `outputs` (a tensor or several, summed) with respect to each of `inputs`, as a tuple.

    Inputs may be leaves or values on the way. Nothing is added to any `.grad`. With create_graph the results
    have gradients themselves: that is how second derivatives are made. An input that was not used raises
    GradientError, or gives None if `allow_unused`.

    >>> import pellucid as pc
    >>> x = pc.tensor(2.0, requires_grad=True)
    >>> (slope,) = grad(x * x * x, x, create_graph=True)
    >>> grad(slope, x)  # 6 x
    (tensor(12.),)
    """
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    inputs = inputs if isinstance(inputs, (tuple, list)) else [inputs]
    seeds = grad_outputs if isinstance(grad_outputs, (tuple, list)) else [grad_outputs] * len(outputs)
    for y in outputs:
        if not y.requires_grad:
            raise GradientError("grad was asked of a value made of nothing that requires a gradient.")
    leaves = {x: None for x in inputs if x.is_leaf}

    def receive(leaf, share):
        if leaf in leaves:
            leaves[leaf] = share if leaves[leaf] is None else leaves[leaf] + share

    wanted = {id(x.step) for x in inputs if not x.is_leaf}
    with engine.Setting(grad=create_graph, walking=None):
        seeds = [first_gradient(y, seed) for y, seed in zip(outputs, seeds, strict=True)]
        found = walk(outputs, seeds, receive, retain_graph or create_graph, wanted)
    results = [leaves[x] if x.is_leaf else found.get(id(x.step)) for x in inputs]
    if not allow_unused and any(g is None for g in results):
        missing = next(i for i, g in enumerate(results) if g is None)
        raise GradientError(
            f"input {missing} was not used to make the outputs.", remedy="allow_unused=True gives None for it."
        )
    given = set()
    # Changing one changes no other. A leaf among the seeds stays itself: the gradients lead back to it.
    return tuple([g if g is None or g.step is engine.LEAF else own(g, given) for g in results])
