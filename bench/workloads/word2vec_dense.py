"""Skip-gram with negative samples, as word2vec is usually written first: Adam over both whole tables.

A word is a row of the table `words`, and of the table `contexts` when it stands beside another. Their product says how
well the two go together: for a true neighbour it should be large, for five random words small.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload

LR = 5e-3
VOCABULARY, DIMENSIONS, BATCH, NEGATIVES = 10_000, 100, 512, 5
# Of the columns of `contexts` the first is the neighbour, the others are drawn.
TARGETS = np.repeat([[1.0] + [0.0] * NEGATIVES], BATCH, 0).astype(np.float32)


def network(nn, **options):
    """The same words in Pellucid and PyTorch: the scores (batch, 1 + negatives) of contexts beside words."""

    class SkipGram(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(VOCABULARY, DIMENSIONS, **options)
            self.contexts = nn.Embedding(VOCABULARY, DIMENSIONS, **options)

        def forward(self, words, contexts):
            return (self.contexts(contexts) * self.words(words).unsqueeze(1)).sum(-1)

    return SkipGram()


def table_weights(random):
    """Both tables, of small random numbers."""
    bound = 0.5 / DIMENSIONS
    shape = (VOCABULARY, DIMENSIONS)
    return {
        "words.weight": random.uniform(-bound, bound, shape).astype(np.float32),
        "contexts.weight": random.uniform(-bound, bound, shape).astype(np.float32),
    }


def word_pairs(random):
    """Words (batch,) and contexts (batch, 1 + negatives). As in texts, the word of rank r comes with 1 / r."""
    share = 1.0 / np.arange(1, VOCABULARY + 1)
    share /= share.sum()
    draws = [random.choice(VOCABULARY, (BATCH, 2 + NEGATIVES), p=share) for _ in range(16)]
    return [(ids[:, 0].copy(), ids[:, 1:].copy()) for ids in draws]


def jax_loss(scores):
    """Binary cross entropy of scores against TARGETS, added up over contexts, averaged over the batch."""
    import jax.numpy as jnp

    losses = jnp.maximum(scores, 0) - scores * TARGETS + jnp.log1p(jnp.exp(-jnp.abs(scores)))
    return losses.sum() / BATCH


class Word2vecDense(Workload):
    """Skip-gram, 5 negatives, vocabulary 10 000, 100 dimensions, batch 512, Adam over whole tables."""

    name = "word2vec_dense"
    goal = 3.0
    title = "skip-gram with 5 negatives, vocabulary 10 000, 100 dimensions, batch 512, Adam over both whole tables"
    # The score and both its gradients are each a product and a sum over the dimensions.
    flops = 3 * 2.0 * BATCH * (1 + NEGATIVES) * DIMENSIONS
    # Adam reads and writes the tables and both means: 6 times 8 MB. Gradients need not pass through memory.
    bytes = 6 * 2 * 4.0 * VOCABULARY * DIMENSIONS
    left_out = {"keras": "not written: Keras has no ready step of this kind"}  # noqa: RUF012

    def weights(self, random):
        return table_weights(random)

    def batches(self, random):
        return word_pairs(random)

    def pellucid(self, weights, setting):
        import pellucid as pc
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR)
        targets = pc.tensor(TARGETS)

        def loss_of(words, contexts):
            return F.binary_cross_entropy_with_logits(model(words, contexts), targets, reduction="sum") / BATCH

        return steps.pellucid_session(loss_of, optimizer, setting)

    def torch(self, weights, setting):
        import torch
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR, **steps.torch_fused(setting))
        targets = torch.tensor(TARGETS)

        def loss_of(words, contexts):
            return F.binary_cross_entropy_with_logits(model(words, contexts), targets, reduction="sum") / BATCH

        return steps.torch_session(loss_of, optimizer, setting)

    def jax(self, weights, setting):
        from bench.jax_optimizers import adam

        def loss_of(w, words, contexts):
            return jax_loss((w["contexts.weight"][contexts] * w["words.weight"][words][:, None]).sum(-1))

        return steps.jax_session(loss_of, adam(LR), steps.jax_weights(weights))
