"""PyTorch's own operator samples, run through Pellucid by name.

PyTorch tests its operators with a table of samples (`op_db`): for each operator the arguments that matter, from
empty tensors to every keyword. Here each sample of an operator whose name Pellucid has is computed by both, in
float64 where the operator takes it, and values, dtypes, shapes and gradients are compared. The same call is then
recorded and run again, and must give the same.

    python -m tests.torch_ops            the table of all operators, as docs/torch-operators.md has it
    python -m tests.torch_ops exp sum    what is refused or wrong with these, sample by sample
"""

import functools
import re
import sys
import warnings
from collections import Counter

import numpy as np

import pellucid as pc
from pellucid import errors

MOST = 500  # max_pool2d has 1,440 samples, every combination of its arguments: every so many-th one is taken
# Numbers drawn at random, and memory that nobody has written: only shape and dtype can be compared.
RANDOM = {
    *("bernoulli", "empty", "empty_like", "exponential", "multinomial", "new_empty", "normal", "rand_like", "randint"),
    *("randint_like", "randn", "randn_like", "uniform", "nn.functional.alpha_dropout", "nn.functional.dropout"),
    *("nn.functional.dropout2d", "nn.functional.dropout3d", "nn.functional.feature_alpha_dropout"),
    "nn.functional.rrelu",
}
# Of two numbers put into one place the last one stays, and only it has a slope; PyTorch hands the gradient to both.
OTHER_GRADIENT = {f"nn.functional.max_unpool{rank}d" for rank in (1, 2, 3)}
# Methods of Tensor that only share their name with an operator.
OTHER_MEANING = {"H", "mH", "T", "mT", "item", "to", "signal.windows.hann"}
# Operators whose samples come in another order than the function's own arguments.
REORDERED = {
    "einsum": lambda operands, equation: pc.einsum(equation, *operands),
    "nn.functional.embedding": lambda weight, input, **named: pc.functional.embedding(input, weight, **named),
    "where": lambda x, condition, other: pc.where(condition, x, other),
}
NOT_NUMBERS = "an argument that Pellucid has no like of"


class Outcome:
    """What came of one sample: `kind` is equal, refused, wrong or skipped; `why` says more."""

    def __init__(self, kind, why="", sample=""):
        self.kind, self.why, self.sample = kind, why, sample


@functools.cache
def operators():
    """{name: [the OpInfo of each variant]} of all operators whose name Pellucid has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    found = {}
    for op in op_db:
        if ours(op.name) is not None:
            found.setdefault(op.name, []).append(op)
    return found


def ours(name):
    """Pellucid's function of this name: pc.NAME, pc.functional.NAME, a module's (linalg.NAME), or Tensor.NAME."""
    if name in OTHER_MEANING:
        return None
    if name in REORDERED:
        return REORDERED[name]
    place = pc
    for part in name.removeprefix("nn.").split("."):
        if not hasattr(place, part) or part.startswith("_"):
            place = None
            break
        place = getattr(place, part)
    if callable(place) and not isinstance(place, (type, np.dtype)):
        return place
    method = getattr(pc.Tensor, name, None)
    return method if callable(method) else None


class NoLikeError(Exception):
    """An argument of PyTorch's that means nothing here: a complex number, a memory format, a generator."""


class Translated:
    """The arguments of one sample as Pellucid's, and which of their tensors want a gradient."""

    def __init__(self, sample):
        self.leaves = []  # (theirs, ours)
        self.arguments = [self.one(x) for x in (sample.input, *sample.args)]
        self.named = {key: self.one(x) for key, x in sample.kwargs.items() if key not in ("device", "layout")}

    def one(self, x):
        import torch

        if isinstance(x, torch.Tensor):
            if x.is_complex() or x.dtype == torch.bfloat16 or x.is_sparse:
                raise NoLikeError(str(x.dtype))
            y = pc.tensor(x.detach().numpy().copy(), requires_grad=x.requires_grad)
            if x.requires_grad:
                self.leaves.append((x, y))
            return y
        if isinstance(x, torch.dtype):
            if not hasattr(pc, str(x).removeprefix("torch.")):
                raise NoLikeError(str(x))
            return getattr(pc, str(x).removeprefix("torch."))
        if isinstance(x, (tuple, list)):
            return type(x)(self.one(part) for part in x) if not isinstance(x, torch.Size) else tuple(x)
        if isinstance(x, dict):
            return {key: self.one(part) for key, part in x.items()}
        if x is None or x is Ellipsis or isinstance(x, (bool, int, float, str, slice)):
            return x
        if isinstance(x, np.generic):
            return x.item()
        raise NoLikeError(type(x).__name__)


def flat(y):
    """The tensors and numbers of a result, in order."""
    if isinstance(y, (tuple, list)):
        return [part for item in y for part in flat(item)]
    return [y]


def is_tensor(y):
    return hasattr(y, "detach")


def slopes(outputs):
    """Fixed weights, one for each element of the outputs that can have a gradient: their sum is differentiated."""
    random = np.random.default_rng(5)
    return [random.uniform(0.5, 1.5, tuple(y.shape)) if is_tensor(y) and y.requires_grad else None for y in outputs]


def compare(theirs, found, only_shape=False, rtol=1e-8):
    """None if all results are equal up to rounding; else in what they differ."""
    if len(theirs) != len(found):
        return f"{len(found)} results instead of {len(theirs)}"
    differences = (differs(expected, y, only_shape, rtol) for expected, y in zip(theirs, found, strict=True))
    return next(filter(None, differences), None)


def differs(expected, y, only_shape, rtol):
    """In what one result of ours differs from PyTorch's, or None."""
    if not is_tensor(expected):
        number = y.item() if is_tensor(y) else y
        equal = number == expected or (number != number and expected != expected)
        return None if equal else f"{number} instead of {expected}"
    if not is_tensor(y):
        return f"{type(y).__name__} instead of a tensor"
    if str(y.dtype) != str(expected.dtype).removeprefix("torch."):
        return f"{y.dtype} instead of {expected.dtype}"
    if tuple(y.shape) != tuple(expected.shape):
        return f"shape {tuple(y.shape)} instead of {tuple(expected.shape)}"
    left, right = (
        np.asarray(y.detach().numpy()),
        expected.detach().numpy(force=True),
    )  # of a gradient that was never written too
    tolerance = 1e-5 if right.dtype in (np.float32, np.float16) else rtol
    if only_shape or np.allclose(left, right, rtol=tolerance, atol=tolerance, equal_nan=True):
        return None
    return f"values differ by up to {np.nanmax(np.abs(left.astype(float) - right.astype(float)), initial=0):.3g}"


class Call:
    """One sample, to be computed by both: what PyTorch finds, and the same with Pellucid."""

    def __init__(self, op, function, sample, only_shape):
        import torch

        self.ready, self.function, self.only_shape = Translated(sample), function, only_shape
        self.expected = flat(op(sample.input, *sample.args, **sample.kwargs))
        if any(is_tensor(y) and (y.is_complex() or y.is_sparse) for y in self.expected):
            raise NoLikeError("complex or sparse")
        self.weights = slopes(self.expected)
        self.grads = None
        if not only_shape and op.name not in OTHER_GRADIENT and any(w is not None for w in self.weights):
            pairs = zip(self.expected, self.weights, strict=True)
            total = sum((y * torch.as_tensor(w)).sum() for y, w in pairs if w is not None)
            leaves = [x for x, _ in self.ready.leaves]
            found = torch.autograd.grad(total, leaves, allow_unused=True)
            self.grads = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]

    def ours(self):
        """Pellucid's results; the gradients of their weighted sum are left in the leaves."""
        for _, x in self.ready.leaves:
            x.grad = None
        outputs = flat(self.function(*self.ready.arguments, **self.ready.named))
        if self.grads is not None and len(outputs) == len(self.weights):
            pairs = zip(outputs, self.weights, strict=True)
            parts = [(y * pc.tensor(w)).sum() for y, w in pairs if w is not None]
            sum(parts[1:], parts[0]).backward()
        return outputs

    def difference(self):
        """In what Pellucid's values, gradients and recorded results differ, or None."""
        found = self.ours()
        difference = compare(self.expected, found, self.only_shape)
        if difference is None and self.grads is not None:
            grads = [pc.zeros(x.shape, dtype=x.dtype) if x.grad is None else x.grad for _, x in self.ready.leaves]
            difference = compare(self.grads, grads, rtol=1e-7)
            difference = difference and f"gradient: {difference}"
        if difference is None and not self.only_shape:
            difference = recorded_differs(self.ours, found, [x for _, x in self.ready.leaves])
        return difference


def play(op, function, sample, only_shape):
    """The outcome of one sample: values and gradients, eagerly and recorded."""
    label = f"{short(sample.input)}, {', '.join(map(short, sample.args))} {short(sample.kwargs)}"
    try:
        call = Call(op, function, sample, only_shape)
    except NoLikeError as reason:
        return Outcome("skipped", f"{NOT_NUMBERS}: {reason}", label)
    except Exception as error:  # noqa: BLE001  a sample that PyTorch itself does not take on this machine
        return Outcome("skipped", f"PyTorch: {type(error).__name__}", label)
    try:
        difference = call.difference()
    except errors.PellucidError as error:
        return Outcome("refused", f"{type(error).__name__}: {str(error).splitlines()[0]}", label)
    except Exception as error:  # noqa: BLE001  whatever it is, it is not an error of ours
        return Outcome("wrong", f"{type(error).__name__}: {str(error)[:120]}", label)
    return Outcome("wrong" if difference else "equal", difference or "", label)


def recorded_differs(step, found, leaves):
    """In what the recorded call differs from the eager one, or None.

    A shape that depends on numbers is refused in a recording, and is no difference.
    """
    eager = [None if x.grad is None else x.grad.numpy().copy() for x in leaves]
    try:
        again = pc.compile(step, target="numpy")()
    except (errors.RecordedValueError, errors.RecordingError, errors.UnsupportedError):
        return None
    except Exception as error:  # noqa: BLE001
        return f"recorded: {type(error).__name__}: {str(error)[:120]}"
    if not all(same(y, z) for y, z in zip(found, flat(again), strict=True)):
        return "recorded: other values"
    after = [None if x.grad is None else x.grad.numpy() for x in leaves]
    return None if all(same(y, z) for y, z in zip(eager, after, strict=True)) else "recorded: other gradients"


def same(y, z):
    """Equal up to the last bits, or both None."""
    if y is None or z is None:
        return y is z
    y, z = (np.asarray(x.detach().numpy() if is_tensor(x) else x) for x in (y, z))
    return y.shape == z.shape and np.allclose(y, z, rtol=1e-12, atol=1e-12, equal_nan=True)


def short(x):
    """An argument in a few letters."""
    if is_tensor(x):
        return f"{str(x.dtype).removeprefix('torch.')}{list(x.shape)}"
    if isinstance(x, dict):
        return " ".join(f"{key}={short(value)}" for key, value in x.items())
    if isinstance(x, (tuple, list)):
        return f"[{', '.join(map(short, x))}]"
    return str(x)


@functools.cache
def outcomes(name):
    """The outcome of every sample of all variants of an operator."""
    import torch

    results = []
    for op in operators()[name]:
        dtypes = [d for d in (torch.float64, torch.int64, torch.bool, torch.float32) if d in op.dtypes]
        if not dtypes:
            continue
        with_grad = op.supports_autograd and dtypes[0].is_floating_point
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            samples = list(op.sample_inputs("cpu", dtypes[0], requires_grad=with_grad))
            samples = samples[:: len(samples) // MOST * 2 + 1]  # an odd step meets both values of what alternates
            results.extend([play(op, ours(name), sample, drawn(name, sample)) for sample in samples])
    return results


def drawn(name, sample):
    """Are the numbers of this sample drawn at random?"""
    return name in RANDOM or bool(sample.kwargs.get("dropout_p"))


def counts(name):
    """{kind: how many samples} of one operator."""
    return Counter(outcome.kind for outcome in outcomes(name))


def plain(why):
    """A reason without the shapes and numbers of one sample, so that like ones fall together."""
    return re.sub(r"-?\d+\.\d+|not -\d+|\[[\d, ]*\]|\([\d, ]*\)", "[...]", why)


def table():
    """The page: how many samples of each operator are equal, and what is refused with which words."""
    names = sorted(operators(), key=lambda name: name.removeprefix("nn.functional."))
    asked = sum(sum(counts(name).values()) - counts(name)["skipped"] for name in names)
    equal = sum(counts(name)["equal"] for name in names)
    yield "# PyTorch's operator samples"
    yield ""
    yield (
        "PyTorch tests its operators with samples of its own (`torch.testing`, `op_db`). Those of every operator whose "
        "name Pellucid has are computed by both, in float64, and must give the same values, dtypes, shapes and "
        "gradients, eagerly and recorded (tests/test_torch_ops.py). Left out are samples with complex or sparse "
        "tensors. Where numbers are drawn at random, shape and dtype are compared. This page is made by "
        "`python -m tests.torch_ops`."
    )
    yield ""
    share = equal / max(asked, 1)
    yield f"{len(names)} operators, {asked} samples, of which {equal} are equal ({share:.1%}); the rest is refused."
    yield ""
    yield "| operator | samples | equal | refused |"
    yield "|---|---|---|---|"
    for name in names:
        count = counts(name)
        total = sum(count.values()) - count["skipped"]
        yield f"| {name} | {total} | {count['equal']} | {count['refused'] or ''} |"
    yield ""
    yield "## What is refused"
    yield ""
    for name in names:
        reasons = Counter(plain(outcome.why) for outcome in outcomes(name) if outcome.kind == "refused")
        for why, number in sorted(reasons.items()):
            yield f"- **{name}** ({number}): {why}"


def main(names):
    if not names:
        print("\n".join(table()))
        return
    for asked in names:
        name = asked if asked in operators() else f"nn.functional.{asked}"
        if name not in operators():
            print(f"{name}: Pellucid or PyTorch has no operator of this name")
            continue
        print(name, dict(counts(name)))
        for outcome in outcomes(name):
            if outcome.kind != "equal":
                print(f"    {outcome.kind}: {outcome.why}   <- {outcome.sample[:150]}")


if __name__ == "__main__":
    main(sys.argv[1:])
