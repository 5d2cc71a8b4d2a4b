"""Skip-gram again, but only the rows that a batch has touched are updated: SparseAdam.

The others keep their place and their means, which is not what Adam does (there they drift on with their old momentum).
So this is a workload of its own, compared with peers of the same meaning.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from bench import steps
from bench.workload import Workload
from bench.workloads.word2vec_dense import (
    BATCH,
    DIMENSIONS,
    LR,
    TARGETS,
    Word2vecDense,
    jax_loss,
    network,
    table_weights,
    word_pairs,
)

# Of the 512 words and 3072 contexts of a batch about so many are different ones.
ROWS = 1530


class Word2vecSparse(Workload):
    """Skip-gram, 5 negatives, vocabulary 10 000, 100 dimensions, batch 512, rows touched only."""

    name = "word2vec_sparse"
    goal = 6.0
    title = "skip-gram with 5 negatives, vocabulary 10 000, 100 dimensions, batch 512, SparseAdam: touched rows only"
    flops = Word2vecDense.flops
    bytes = 6 * 4.0 * ROWS * DIMENSIONS  # the touched rows of both tables and both means, read and written
    left_out = {"keras": "not written: Keras has no optimizer for touched rows only"}  # noqa: RUF012

    def weights(self, random):
        return table_weights(random)

    def batches(self, random):
        return word_pairs(random)

    def pellucid(self, weights, setting):
        import pellucid as pc
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)  # SparseAdam sees from the gradient which rows are touched
        optimizer = optim.SparseAdam(list(model.parameters()), lr=LR)
        targets = pc.tensor(TARGETS)

        def loss_of(words, contexts):
            return F.binary_cross_entropy_with_logits(model(words, contexts), targets, reduction="sum") / BATCH

        return steps.pellucid_session(loss_of, optimizer, setting)

    def torch(self, weights, setting):
        import torch
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn, sparse=True), weights)
        optimizer = optim.SparseAdam(list(model.parameters()), lr=LR)  # it has no fused form
        targets = torch.tensor(TARGETS)

        def loss_of(words, contexts):
            return F.binary_cross_entropy_with_logits(model(words, contexts), targets, reduction="sum") / BATCH

        return steps.torch_session(loss_of, optimizer, setting)

    def jax(self, weights, setting):
        """Gradients are asked for the rows that were taken out, so that no gradient of a whole table is made."""
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import sparse_adam_rows

        def train(state, words, contexts):
            w, slots, t = state
            taken = w["words.weight"][words], w["contexts.weight"][contexts]
            loss, (g_words, g_contexts) = jax.value_and_grad(
                lambda taken: jax_loss((taken[1] * taken[0][:, None]).sum(-1))
            )(taken)
            touched = {
                "words.weight": (words, g_words),
                "contexts.weight": (contexts.reshape(-1), g_contexts.reshape(-1, DIMENSIONS)),
            }
            t = t + 1
            new = {name: sparse_adam_rows(w[name], slots[name], *touched[name], t, LR) for name in touched}
            return ({name: pair[0] for name, pair in new.items()}, {n: p[1] for n, p in new.items()}, t), loss

        w = steps.jax_weights(weights)
        slots = {name: {"m": jnp.zeros_like(table), "s": jnp.zeros_like(table)} for name, table in w.items()}
        return steps.jax_stateful(train, (w, slots, jnp.zeros((), jnp.float32)))
