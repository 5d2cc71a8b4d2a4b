"""Gradients that are too large are made smaller; parameters become one vector, and a vector becomes parameters.

All of it may stand inside of a step that is compiled.
"""

import inspect
import math

import numpy as np

from pellucid import blame
from pellucid.engine import no_grad
from pellucid.errors import AnomalyError, ArgumentError, ShapeError
from pellucid.tensors import Tensor, cat, maximum, minimum, tensor

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "vector_to_parameters",
]


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Let the gradients together have a norm of at most `max_norm`. Returns the norm that they had before.

        g = g min(1, max_norm / (norm + 1e-6))        norm is that of all gradients as one vector: see get_total_norm

    The direction of the step stays, its length is bounded. Parameters without a gradient are passed over.

    Args:
        parameters: an iterable of parameters, or a single one.
        max_norm: the largest norm allowed, not below 0.
        norm_type: 1, 2, any other number but 0, or float("inf") for the largest element.
        error_if_nonfinite: raise AnomalyError if the norm is NaN or infinite; not while a step is being recorded.
        foreach: taken and without effect, as PyTorch's choice of how to run it.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).

    >>> import pellucid as pc
    >>> w = pc.tensor([0.0, 0.0], requires_grad=True)
    >>> (w * pc.tensor([3.0, 4.0])).sum().backward()
    >>> clip_grad_norm_([w], max_norm=1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.6, 0.8])
    """
    parameters = as_list("clip_grad_norm_", parameters)
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = get_total_norm(gradients, norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, norm)
    return norm


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """The second half of `clip_grad_norm_`: `total_norm` is the norm of the gradients, which is already known."""
    limit = not_negative("max_norm", max_norm)
    with no_grad():
        share = minimum(limit / (total_norm + 1e-6), 1.0)
        for parameter in as_list("clip_grads_with_norm_", parameters):
            if parameter.grad is not None:
                parameter.grad = parameter.grad * share.to(parameter.dtype)


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Let each element of the gradients be at least -clip_value and at most clip_value.

    >>> import pellucid as pc
    >>> w = pc.tensor([0.0, 0.0], requires_grad=True)
    >>> (w * pc.tensor([3.0, -0.5])).sum().backward()
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    tensor([ 1. , -0.5])
    """
    limit = not_negative("clip_value", clip_value)
    with no_grad():
        for parameter in as_list("clip_grad_value_", parameters):
            if parameter.grad is not None:
                parameter.grad = minimum(maximum(parameter.grad, -limit), limit)  # clamp has a slope, and takes longer


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The norm of all elements of all tensors, as one vector: (sum of |x|^p)^(1/p) with p = norm_type.

    The largest |x| for p = inf, the smallest for -inf; 0 for no tensors at all. Raises AnomalyError for a norm that is
    NaN or infinite if `error_if_nonfinite`, ArgumentError for p = 0.

    >>> import pellucid as pc
    >>> get_total_norm([pc.tensor([3.0]), pc.tensor([[4.0]])])
    tensor(5.)
    """
    tensors = as_list("get_total_norm", tensors)
    p = float(norm_type)
    if p == 0.0 or p != p:
        raise ArgumentError(f"norm_type is a number other than 0, not {norm_type!r}.", remedy="2 is the usual one.")
    with no_grad():
        norm = total_norm([x for x in tensors if x.numel()], p)
    if error_if_nonfinite and not math.isfinite(norm.item()):
        raise AnomalyError(
            f"the norm of the gradients is {norm.item()}, so they cannot be clipped.",
            remedy="Run under `with pc.detect_anomaly():` to see where it began, or take a smaller learning rate.",
        )
    return norm


def total_norm(tensors, p):
    """The norm of tensors that are not empty: float32 for float16, whose squares end at 256."""
    if not tensors:
        return tensor(0.0)
    tensors = [x.float() if x.dtype == np.float16 else x for x in tensors]
    if math.isinf(p):
        norms = [x.abs().amax() if p > 0 else x.abs().amin() for x in tensors]
        return joined(maximum if p > 0 else minimum, norms)
    if p == 1.0:
        return joined(added, [x.abs().sum() for x in tensors])
    if p == 2.0:
        return joined(added, [(x * x).sum() for x in tensors]).sqrt()
    return joined(added, [(x.abs() ** p).sum() for x in tensors]) ** (1.0 / p)


def not_negative(name, limit):
    """A limit as a float. One below 0 would turn gradients round, and NaN would spread to all of them."""
    if not float(limit) >= 0.0:
        raise ArgumentError(f"{name} is a number not below 0, not {limit!r}.")
    return float(limit)


def joined(function, parts):
    """function of all parts: of the first two, then of that and the third, and so on."""
    whole = parts[0]
    for part in parts[1:]:
        whole = function(whole, part)
    return whole


def added(a, b):
    return a + b


def parameters_to_vector(parameters):
    """All parameters, one after the other, as one vector. Gradients flow back through it.

    >>> import pellucid as pc
    >>> parameters_to_vector([pc.tensor([[1.0, 2.0]]), pc.tensor(3.0)])
    tensor([1., 2., 3.])
    """
    return cat([parameter.reshape(-1) for parameter in as_list("parameters_to_vector", parameters)])


def vector_to_parameters(vec, parameters):
    """Copy the elements of a vector into parameters, in the order of `parameters_to_vector`.

    Raises ShapeError unless it has as many elements as they.

    >>> import pellucid as pc
    >>> w, b = pc.tensor([0.0, 0.0], requires_grad=True), pc.tensor(0.0, requires_grad=True)
    >>> vector_to_parameters(pc.tensor([1.0, 2.0, 3.0]), [w, b])
    >>> w.detach(), b.detach()
    (tensor([1., 2.]), tensor(3.))
    """
    parameters = as_list("vector_to_parameters", parameters)
    count = sum([parameter.numel() for parameter in parameters])
    if vec.shape != (count,):
        raise ShapeError(f"a vector of shape {vec.shape} does not fit parameters with {count} elements: ({count},).")
    start = 0
    with no_grad():
        for parameter in parameters:
            end = start + parameter.numel()
            parameter.data = vec[start:end].reshape(parameter.shape)
            start = end


def as_list(name, tensors):
    """A list of tensors; a single one counts as such."""
    if isinstance(tensors, Tensor):
        return [tensors]
    if hasattr(tensors, "parameters"):
        raise ArgumentError(f"{name} takes parameters, not a module.", remedy="Write model.parameters().")
    found = list(tensors)
    if not found and inspect.isgenerator(tensors):
        raise ArgumentError(
            f"{name} was given no parameters.",
            remedy="A generator such as model.parameters() is empty after its first use.",
        )
    return found


blame.answer_for(globals())
