"""Operations alone: what a network is made of, one part at a time, forward and backward.

All numbers lie in memory that is kept: what goes in, what comes out, and gradients. So a call hands over nothing, and
what is timed is the operation, with the least of Python around it. Where a framework makes fresh memory for its results
(PyTorch's eager code, JAX), that is how it works, and it counts.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from typing import ClassVar

import numpy as np

from bench import steps
from bench.workload import Session, Workload, numbers

UPSTREAM = "upstream"  # the name of the gradient that comes from what follows
SAMPLES = 64  # about so many numbers of an array are compared with PyTorch's


def sample(array):
    """Numbers from all over an array, the last one among them.

    The clock runs meanwhile, so arrays should not be copied: of Pellucid's States ask numpy(), since detach() does.
    """
    array = array.detach() if hasattr(array, "detach") else array
    array = np.asarray(array)
    return numbers(array.flat[:: -(max(1, array.size // SAMPLES) | 1)])  # an odd distance does not stay in one column


class Alone(Workload):
    """One operation. The arrays of `weights` are all that it is given; there are no batches."""

    group = "alone"
    kinds = ("alone",)
    columns = ("pellucid", "torch", "torch_tuned", "torch_compile", "jax")
    checked_steps = 2

    def batches(self, random):
        return []


class ForwardBackward(Alone):
    """An operation and its gradients.

    A subclass says `apply(functional, **arrays)`, in words that Pellucid and PyTorch share, `apply_jax(**arrays)`, and
    which arrays are `learned`. If the result is not a single number, its gradient is among the arrays, as "upstream".
    """

    learned: ClassVar[tuple]
    left_out: ClassVar[dict] = {"torch_tuned": "the same as `torch`"}

    def apply(self, functional, **arrays):
        raise NotImplementedError

    def apply_jax(self, **arrays):
        raise NotImplementedError

    def pellucid(self, weights, setting):
        import pellucid as pc
        import pellucid.functional as F

        arrays = {name: pc.State(array, requires_grad=name in self.learned) for name, array in weights.items()}
        upstream = arrays.pop(UPSTREAM, None)
        learned = [arrays[name] for name in self.learned]
        kept = pc.State(np.zeros(() if upstream is None else upstream.shape, np.float32))

        def step():
            result = self.apply(F, **arrays)
            for x in learned:
                x.grad = None
            result.backward(upstream)
            kept.assign(result.detach())

        step = steps.pellucid_compiled(step, setting)
        return Session(
            step,
            read=lambda _: [sample(kept.numpy()), *[sample(x.grad.numpy()) for x in learned]],
            target=lambda: steps.target_of(step, setting),
        )

    def torch(self, weights, setting):
        import torch
        import torch.nn.functional as F

        arrays = {name: self.torch_array(torch.tensor(array), setting) for name, array in weights.items()}
        upstream = arrays.pop(UPSTREAM, None)
        learned = [arrays[name].requires_grad_() for name in self.learned]
        apply = self.torch_form(setting)
        apply = torch.compile(apply) if setting == "torch_compile" else apply

        def step():
            result = apply(F, **arrays)
            for x in learned:
                x.grad = None
            result.backward(upstream)
            return result

        return Session(step, read=lambda result: [sample(result), *[sample(x.grad) for x in learned]])

    def torch_array(self, array, setting):
        """How PyTorch's column lays an array out in memory."""
        return array

    def torch_form(self, setting):
        """How PyTorch's column writes it: as `apply`, unless there is a quicker way to say it."""
        return self.apply

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        arrays = {name: jnp.array(array) for name, array in weights.items()}
        upstream = arrays.pop(UPSTREAM, jnp.float32(1))
        learned = {name: arrays.pop(name) for name in self.learned}

        @jax.jit
        def both(learned, others, upstream):
            result, pull = jax.vjp(lambda learned: self.apply_jax(**learned, **others), learned)
            return result, *pull(upstream)

        def read(found):
            result, gradients = found
            return [sample(result), *[sample(gradients[name]) for name in self.learned]]

        return Session(lambda: both(learned, arrays, upstream), read=read)
