"""What every workload has: a name, sizes, weights and batches made by NumPy, and one method per framework.

A method gets the weights (a dict of arrays, in PyTorch's layouts) and returns a Session. Frameworks without a method
are named in `left_out`, with the reason.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bench.frameworks import FRAMEWORKS

CHECKED_STEPS = 20  # after so many steps the loss must be PyTorch's
REPEATED_STEPS = 100  # how many steps one call makes in rows of the kind "repeat"


def numbers(result):
    """A loss, an output or a list of losses of any framework as a list of Python numbers."""
    if isinstance(result, (list, tuple)):
        return [number for part in result for number in numbers(part)]
    result = result.detach() if hasattr(result, "detach") else result
    return [float(number) for number in np.asarray(result).reshape(-1)]


class Session(NamedTuple):
    """A network that is ready to be trained or asked, in one framework."""

    step: Callable  # step(*batch) -> the loss, or the output where nothing is learned
    read: Callable = lambda result: [numbers(result)]  # what a step returned -> lists of numbers that can be compared
    prepare: Callable = np.asarray  # an array -> the framework's own kind of array
    repeat: Callable | None = None  # repeat(stack(batches)) -> the losses of many steps made by one call
    stack: Callable = list  # the batches, as repeat takes them
    target: Callable = str  # () -> how it was run, "" if there is but one way


class Workload:
    """One network with its data. A subclass has methods `pellucid`, `torch`, `jax`, ... as well."""

    name: str
    title: str  # the definition, for the page
    group: ClassVar[str] = "networks"  # which table of the page it belongs to
    kinds: ClassVar[tuple] = ("train",)
    columns: ClassVar[tuple] = tuple(FRAMEWORKS)  # who has a row
    goal: float  # how much faster than the best peer Pellucid shall be (rows of the first kind)
    checked_steps: ClassVar[int] = CHECKED_STEPS
    # The largest relative difference of losses that passes. Sums in another order were seen to make 3e-6 of it (JAX
    # over 20 steps of Adam); an epsilon inside the root of RMSprop or Adam instead of beside it makes 2e-5 to 3e-3.
    tolerance: ClassVar[float] = 1e-5
    flops: float  # floating-point operations of one step in matrix products, counted in the file
    bytes: float = 0.0  # memory traffic of one step that no cache can save; 0 where the step fits in caches
    left_out: ClassVar[dict] = {}  # a framework, or its family -> why it has no figures
    folder: Path  # where `files` has written, set in the process that runs the workload

    def weights(self, random) -> dict:
        """The first weights, under PyTorch's names and in its layouts."""
        raise NotImplementedError

    def batches(self, random) -> list:
        """Tuples of arrays. Training goes through them again and again."""
        raise NotImplementedError

    def files(self, folder, weights):
        """Other files that a framework reads, such as the network as ONNX."""

    def reason_left_out(self, name, kind):
        """Why a framework has no figures, or None."""
        family = FRAMEWORKS[name].family
        for key in (name, family):
            if key in self.left_out:
                return self.left_out[key]
        if family == "onnxruntime" and kind != "infer":
            return "runs networks, does not train them"
        return None if hasattr(self, family) else "not written for this framework"

    def build(self, family, weights, setting) -> Session:
        """The session of one framework."""
        method: Any = getattr(self, family)
        return method(weights, setting)


def linear_weights(random, name, inputs, outputs):
    """Weight (outputs, inputs) and bias of a linear layer, uniform within 1 / sqrt(inputs), as PyTorch draws them."""
    bound = 1.0 / np.sqrt(inputs)
    return {
        f"{name}.weight": random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32),
        f"{name}.bias": random.uniform(-bound, bound, outputs).astype(np.float32),
    }


def mlp_flops(batch, sizes, training=True):
    """The products of a chain of linear layers.

    2 batch inputs outputs forward, the same again for the gradient of the weights, and once more for the gradient of
    the inputs, which the first layer does not need.
    """
    products = [2.0 * batch * inputs * outputs for inputs, outputs in pairwise(sizes)]
    return 3 * sum(products) - products[0] if training else sum(products)


def noisy_labels(random, labels, classes, fraction=0.1):
    """Replace a fraction of the labels by random ones.

    Batches repeat the same inputs with other noise, so no network can bring the loss to 0. If it could, gradients
    would shrink to numbers so small (subnormal) that processors get slow, and fast frameworks, which get further in
    the same time, would suffer most.
    """
    other = random.integers(0, classes, labels.shape)
    return np.where(random.random(labels.shape) < fraction, other, labels)
