"""Adam's update alone, of the parameters of a small and of a larger network."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import math

import numpy as np

from bench import steps
from bench.alone import Alone, sample
from bench.workload import CHECKED_STEPS, Session
from bench.workloads.mnist_mlp import LR

MLP = [(512, 784), (512,), (10, 512), (10,)]
# The matrices and biases of three blocks of width 512 with a table of 3000 words.
BLOCK = [(1536, 512), (1536,), (512, 512), (512,), (2048, 512), (2048,), (512, 2048), (512,)]
GPT = [(3000, 512), *BLOCK, *BLOCK, *BLOCK]


class Adam(Alone):
    """Parameters, gradients and both means lie ready; the gradients stay the same from step to step."""

    checked_steps = CHECKED_STEPS
    left_out = {"torch_compile": "the fused kernel of `torch_tuned` is what it would be compared with"}  # noqa: RUF012

    def __init__(self, name, shapes, goal):
        self.name, self.shapes, self.goal = name, shapes, goal
        self.count = sum([math.prod(shape) for shape in shapes])
        self.title = f"Adam's update of {self.count} parameters in {len(shapes)} tensors"
        self.flops = 0.0
        self.bytes = 7 * 4.0 * self.count  # weight, gradient and two means in; weight and means out

    def weights(self, random):
        def normal(deviation):
            return [random.normal(0, deviation, shape).astype(np.float32) for shape in self.shapes]

        arrays = zip(normal(0.02), normal(0.01), strict=True)
        return {f"{what}.{i}": array for i, pair in enumerate(arrays) for what, array in zip("wg", pair, strict=True)}

    def named(self, weights, letter):
        """The parameters ("w") or the gradients ("g"), in their order."""
        return [weights[f"{letter}.{i}"] for i in range(len(self.shapes))]

    def pellucid(self, weights, setting):
        import pellucid as pc

        parameters = [pc.nn.Parameter(pc.tensor(array)) for array in self.named(weights, "w")]
        for parameter, gradient in zip(parameters, self.named(weights, "g"), strict=True):
            parameter.grad = pc.tensor(gradient)
        step = steps.pellucid_compiled(pc.optim.Adam(parameters, lr=LR).step, setting)
        return Session(
            step,
            read=lambda _: [sample(parameter.numpy()) for parameter in parameters],
            target=lambda: steps.target_of(step, setting),
        )

    def torch(self, weights, setting):
        import torch

        parameters = [torch.nn.Parameter(torch.tensor(array)) for array in self.named(weights, "w")]
        for parameter, gradient in zip(parameters, self.named(weights, "g"), strict=True):
            parameter.grad = torch.tensor(gradient)
        optimizer = torch.optim.Adam(parameters, lr=LR, **steps.torch_fused(setting))
        return Session(optimizer.step, read=lambda _: [sample(parameter) for parameter in parameters])

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import adam

        parameters, gradients = [[jnp.array(array) for array in self.named(weights, letter)] for letter in "wg"]
        start, update = adam(LR)
        compiled = jax.jit(update, donate_argnums=(0, 2))
        slots = start(parameters)

        def step():
            nonlocal parameters, slots
            parameters, slots = compiled(parameters, gradients, slots)

        return Session(step, read=lambda _: [sample(parameter) for parameter in parameters])


ADAMS = (Adam("adam_400k", MLP, 2.0), Adam("adam_11m", GPT, 1.1))
