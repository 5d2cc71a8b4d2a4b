"""One product of matrices, and the two that its gradients need."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.alone import Alone, sample
from bench.workload import Session


class Matmul(Alone):
    """C (m, n) = A (m, k) B (k, n), into memory that is kept, except that JAX and PyTorch's `torch` make it anew.

    `turned` names the matrix that lies in memory turned round: "A" as (k, m), as in the gradient of the weights
    X^T G, or "B" as (n, k), as in the gradient of the inputs G W^T.
    """

    goal = 0.95
    left_out = {"torch_compile": "it calls the same product"}  # noqa: RUF012

    def __init__(self, m, k, n, turned=""):
        self.m, self.k, self.n, self.turned = m, k, n, turned
        self.name = {"": "matmul", "A": "matmul_tn", "B": "matmul_nt"}[turned] + f"_{m}x{k}x{n}"
        what = {"": "A B", "A": "A^T B", "B": "A B^T"}[turned]
        self.title = f"the product {what} of {m} x {k} and {k} x {n} numbers"
        self.flops = 2.0 * m * k * n

    def weights(self, random):
        def normal(rows, columns, turned):
            return random.normal(0, 1, (columns, rows) if turned else (rows, columns)).astype(np.float32)

        return {"a": normal(self.m, self.k, self.turned == "A"), "b": normal(self.k, self.n, self.turned == "B")}

    def factors(self, a, b):
        """A and B as they are multiplied. Turning is a matter of looking: no framework moves a number for it."""
        return a.T if self.turned == "A" else a, b.T if self.turned == "B" else b

    def pellucid(self, weights, setting):
        import pellucid as pc

        a, b = self.factors(pc.State(weights["a"]), pc.State(weights["b"]))
        c = pc.State(np.zeros((self.m, self.n), np.float32))

        def product():
            c.assign(a @ b)

        step = steps.pellucid_compiled(product, setting)
        return Session(step, read=lambda _: [sample(c)], target=lambda: steps.target_of(step, setting))

    def torch(self, weights, setting):
        import torch

        a, b = self.factors(torch.tensor(weights["a"]), torch.tensor(weights["b"]))
        c = torch.zeros(self.m, self.n)
        kept = {} if setting == "torch" else {"out": c}
        return Session(lambda: torch.mm(a, b, **kept), read=lambda result: [sample(result)])

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        product = jax.jit(lambda a, b: jnp.matmul(*self.factors(a, b)))
        a, b = jnp.array(weights["a"]), jnp.array(weights["b"])
        return Session(lambda: product(a, b), read=lambda result: [sample(result)])


MATMULS = (
    Matmul(2048, 2048, 2048),
    Matmul(512, 512, 512),
    Matmul(128, 784, 512),
    Matmul(784, 128, 512, turned="A"),
    Matmul(128, 512, 784, turned="B"),
    Matmul(32, 256, 1024),
    Matmul(2048, 128, 512),
)
