"""Gradients as values: `pc.autograd.grad`, and what the other functions of this package have in common."""

from pellucid import engine
from pellucid.engine import Spec, Value, walk
from pellucid.errors import ArgumentError, DtypeError, GradientError, UnsupportedError
from pellucid.tensors.core import first_gradient, own
from pellucid.tensors.create import zeros_like


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    allow_unused=None,
    is_grads_batched=False,
    materialize_grads=False,
):
    """The gradients of `outputs` (a tensor or several, summed) with respect to each of `inputs`, as a tuple.

    Inputs may be leaves or values on the way. Nothing is added to any `.grad`. `grad_outputs` are the gradients of
    what comes after with respect to each output; an output that is a single number has 1. With create_graph the
    results have gradients themselves: that is how second derivatives are made. An input that was not used raises
    GradientError, or gives None if `allow_unused`, or zeros if `materialize_grads`.

    >>> import pellucid as pc
    >>> x = pc.tensor(2.0, requires_grad=True)
    >>> (slope,) = grad(x * x * x, x, create_graph=True)
    >>> grad(slope, x)  # 6 x
    (tensor(12.),)
    """
    if is_grads_batched:
        raise UnsupportedError("grad knows no is_grads_batched.", remedy="Call it for each, or see autograd.jacobian.")
    outputs, inputs = several(outputs, "outputs"), several(inputs, "inputs")
    seeds = grad_outputs if isinstance(grad_outputs, (tuple, list)) else [grad_outputs] * len(outputs)
    check(outputs, inputs, seeds)
    leaves = {x: None for x in inputs if x.is_leaf}

    def receive(leaf, share):
        if leaf in leaves:
            leaves[leaf] = share if leaves[leaf] is None else leaves[leaf] + share

    wanted = {id(x.step) for x in inputs if not x.is_leaf}
    with engine.Setting(grad=create_graph, walking=None):
        seeds = [first_gradient(y, seed) for y, seed in zip(outputs, seeds, strict=True)]
        keep = create_graph if retain_graph is None else retain_graph
        found = walk(outputs, seeds, receive, keep, wanted)
    results = [leaves[x] if x.is_leaf else found.get(id(x.step)) for x in inputs]
    if materialize_grads:
        results = [zeros_like(x) if g is None else g for x, g in zip(inputs, results, strict=True)]
    if not allow_unused and any(g is None for g in results):
        missing = next(i for i, g in enumerate(results) if g is None)
        raise GradientError(
            f"input {missing} was not used to make the outputs.", remedy="allow_unused=True gives None for it."
        )
    given = set()
    # Changing one changes no other. A leaf among the seeds stays itself: the gradients lead back to it.
    return tuple([g if g is None or g.step is engine.LEAF else own(g, given) for g in results])


def check(outputs, inputs, seeds):
    """Refuse what has no gradients."""
    if len(seeds) != len(outputs):
        raise ArgumentError(f"grad_outputs has {len(seeds)} entries for {len(outputs)} outputs.")
    for y in outputs:
        if not y.requires_grad:
            raise GradientError("grad was asked of a value made of nothing that requires a gradient.")
    for i, x in enumerate(inputs):
        if not x.requires_grad:
            raise GradientError(f"input {i} of grad requires no gradient.", remedy="x.requires_grad_() before its use.")


def several(values, name):
    """A tensor, or a tuple or list of tensors, as a tuple."""
    values = tuple(values) if isinstance(values, (tuple, list)) else (values,)
    for i, x in enumerate(values):
        if not isinstance(x, Value):
            raise DtypeError(
                f"{name} must be a tensor or a tuple of tensors; entry {i} is {type(x).__name__}.",
                remedy="Make a tensor of it: pc.tensor(...).",
            )
    if not values:
        raise ArgumentError(f"{name} is an empty tuple; at least one tensor is needed.")
    return values


def new_leaf(x):
    """The numbers of x as a leaf of its own. Unlike `requires_grad_()` it is no State, and costs no copy."""
    y = x.detach()
    y.step = engine.LEAF
    return y


def spec_of(x):
    """Shape and dtype, for messages."""
    return Spec(x.shape, x.dtype)
