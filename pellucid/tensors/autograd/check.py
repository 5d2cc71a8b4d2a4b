"""`gradcheck` and `gradgradcheck`: are the gradients those of the numbers? Compared with central differences.

(f(x + eps) - f(x - eps)) / (2 eps) differs from the derivative by about eps^2 from the curve of f and by about
1e-16 / eps from rounding: in float64 with eps = 1e-6 some nine digits are right.
"""

import itertools

import numpy as np

from pellucid import engine
from pellucid.engine import has_no_numbers, mode
from pellucid.errors import ArgumentError, DtypeError, GradientError, UnsupportedError
from pellucid.tensors.autograd.gradients import grad, several, spec_of
from pellucid.tensors.create import tensor
from pellucid.tensors.promote import constant

# PyTorch's other switches, with the only value that means something here.
FIXED = {
    "check_undefined_grad": True,
    "check_grad_dtypes": False,
    "check_batched_grad": False,
    "check_batched_forward_grad": False,
    "check_forward_ad": False,
    "check_backward_ad": True,
    "check_fwd_over_rev": False,
    "check_rev_over_rev": True,
    "gen_non_contig_grad_outputs": False,
    "fast_mode": False,
    "masked": None,
}


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0, **others):
    """Do the gradients of func at `inputs` agree with finite differences? True, or GradientError.

    Every element of every input that requires a gradient (all of them float64) is moved up and down by `eps`, and
    each element of the results must change as its gradient says: |analytic - numeric| <= atol + rtol |numeric|. The
    error names the input, the element and both numbers. With raise_exception=False the answer is False instead.
    `func` is called several times and must give the same each time, within `nondet_tol`.

    Inputs are changed in place and put back, so a model's parameters can be inputs of a function that ignores its
    arguments and calls the model. PyTorch's other switches are accepted at their defaults only.

    >>> import pellucid as pc
    >>> x = pc.tensor([1.0, 2.0], dtype=pc.float64, requires_grad=True)
    >>> gradcheck(lambda x: (x * x).exp(), (x,))
    True
    """
    refuse_others("gradcheck", others)
    if not eps > 0:
        raise ArgumentError(f"gradcheck: eps is how far inputs are moved, a number above 0, not {eps!r}.")
    if mode.local.recording is not None:
        raise has_no_numbers("gradcheck")
    if not callable(func):
        raise ArgumentError(
            f"gradcheck takes a function, not the {type(func).__name__} that it gave.",
            remedy="Pass it without calling it: gradcheck(F.relu, x), gradcheck(lambda x: ..., x)",
        )
    given = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    checked = to_check(given)
    try:
        check(func, given, checked, eps, atol, rtol, nondet_tol)
    except GradientError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0, **others
):
    """Do the second derivatives of func at `inputs` agree with finite differences of its gradients?

    The function checked is (inputs, grad_outputs) -> gradients of the inputs. `grad_outputs` has the shapes of the
    results, and is chosen if left out. All else is as in `gradcheck`.

    >>> import pellucid as pc
    >>> x = pc.tensor([1.0, 2.0], dtype=pc.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x * x * x, (x,))
    True
    """
    refuse_others("gradgradcheck", others)
    if mode.local.recording is not None:
        raise has_no_numbers("gradgradcheck")
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    checked = to_check(given)
    if grad_outputs is None:
        random = np.random.default_rng(0)  # not the user's stream: a check must change no later numbers
        seeds = [random.uniform(0.5, 1.5, y.shape) for y in floats(func(*given))]
        grad_outputs = tuple([tensor(seed, requires_grad=True) for seed in seeds])
    grad_outputs = several(grad_outputs, "gradgradcheck: grad_outputs")
    positions = [i for i, _ in checked]

    def gradient(*values):
        xs, seeds = values[: len(given)], values[len(given) :]
        results = floats(func(*xs))
        pairs = [(y, seed) for y, seed in zip(results, seeds, strict=True) if y.requires_grad]
        return grad(
            [y for y, _ in pairs], [xs[i] for i in positions], [seed for _, seed in pairs],
            create_graph=True, allow_unused=True, materialize_grads=True,
        )  # fmt: skip

    return gradcheck(
        gradient, (*given, *grad_outputs), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception,
        nondet_tol=nondet_tol,
    )  # fmt: skip


def refuse_others(who, others):
    """PyTorch has more switches. What would change nothing is accepted."""
    for name, value in others.items():
        if name not in FIXED:
            raise ArgumentError(f"{who} has no argument {name!r}.")
        if value is not FIXED[name]:
            raise UnsupportedError(f"{who} knows {name}={FIXED[name]!r} only, not {value!r}.")


def to_check(inputs):
    """The inputs that require a gradient, with their numbers in the list. All must be float64 leaves."""
    found = [(i, x) for i, x in enumerate(inputs) if isinstance(x, engine.Value) and x.requires_grad]
    if not found:
        raise ArgumentError("gradcheck: no input requires a gradient.", remedy="x.requires_grad_() for those to check.")
    for i, x in found:
        if x.dtype != np.float64:
            raise DtypeError(
                f"gradcheck: input {i} is {spec_of(x)}; finite differences need float64 (in float32 "
                "few digits remain).",
                remedy="Check with x.double().requires_grad_(), model.double().",
            )
        if not x.is_state:
            raise ArgumentError(f"gradcheck: input {i} was computed.", remedy="Use x.detach().requires_grad_().")
    return found


def floats(results):
    """The results that can have gradients."""
    return [y for y in several(results, "gradcheck: what the function returns") if y.dtype.kind == "f"]


def check(func, inputs, checked, eps, atol, rtol, nondet_tol):
    """Compare all elements; GradientError at the first input with one that is wrong, naming the worst."""
    outputs = floats(func(*inputs))
    again = numbers(func, inputs)
    for k, (y, second) in enumerate(zip(outputs, again, strict=True)):
        if not np.allclose(y.array, second, rtol=0, atol=nondet_tol, equal_nan=True):
            raise GradientError(
                f"gradcheck: the function gives other numbers when it is called again (output {k}).",
                remedy="Dropout and other chance must be off, or begin at the same seed in each call.",
            )
    analytic = [rows(y, [x for _, x in checked]) for y in outputs]
    for at, (i, x) in enumerate(checked):
        if x.numel() == 0:
            continue
        numeric = differences(func, inputs, x, eps, len(outputs))
        for k, (found, wanted) in enumerate(zip([row[at] for row in analytic], numeric, strict=True)):
            good = np.isclose(found, wanted, rtol=rtol, atol=atol, equal_nan=True)
            if not good.all():
                raise wrong(i, x, k, outputs, found, wanted, good)


def numbers(func, inputs):
    """The results as arrays of their own."""
    return [np.array(y.array) for y in floats(func(*inputs))]


def rows(y, inputs):
    """For each input the derivatives of y by `grad`: an array with a row for each element of y."""
    tables = [np.zeros((y.numel(), x.numel())) for x in inputs]
    for j in range(y.numel() if y.requires_grad else 0):
        seed = np.zeros(y.shape, y.dtype)
        seed.flat[j] = 1
        for table, g in zip(tables, grad(y, inputs, constant(seed), retain_graph=True, allow_unused=True), strict=True):
            if g is not None:
                table[j] = g.array.ravel()
    return tables


def differences(func, inputs, x, eps, count):
    """For each result the derivatives along x by central differences: an array with a row for each of its elements."""
    columns = [[] for _ in range(count)]
    for where in itertools.product(*map(range, x.shape)):
        number = x.array[where]
        try:
            ends = []
            for moved in (number + eps, number - eps):
                x.array[where] = moved
                x.touch()
                ends.append(numbers(func, inputs))
        finally:
            x.array[where] = number
            x.touch()
        for column, up, down in zip(columns, *ends, strict=True):
            column.append((up - down).ravel() / (2 * eps))
    return [np.array(column).T for column in columns]


def wrong(i, x, k, outputs, found, wanted, good):
    """The error that names the element whose numbers differ most."""
    off = np.where(good, 0.0, np.abs(found - wanted))
    row, column = np.unravel_index(np.nanargmax(np.where(np.isnan(off), np.inf, off)), off.shape)
    y = outputs[k]
    of = ""
    if len(outputs) > 1 or y.numel() > 1:
        of = f" (of output {k}, element {element(row, y)})" if y.numel() > 1 else f" (of output {k})"
    return GradientError(
        f"gradcheck: input {i}, element {element(column, x)}: analytic {found[row, column]:.6g}, "
        f"numeric {wanted[row, column]:.6g}{of}; {np.sum(~good)} of {good.size} derivatives by this input differ.",
        remedy="Look at the gradient of what this input enters; at a kink or a jump differences mean nothing.",
    )


def element(number, x):
    """The position of an element, as a tuple."""
    return tuple([int(n) for n in np.unravel_index(number, x.shape)]) if x.shape else ()


__all__ = ["gradcheck", "gradgradcheck"]
