"""A small GPT: 4 pre-norm blocks, 4 heads of 32, exact GELU, causal attention, learned positions."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload

LR = 1e-3
LAYERS, WIDTH, HEADS, TIME, BATCH, VOCABULARY = 4, 128, 4, 128, 16, 1000
HEAD = WIDTH // HEADS


def network(nn, functional):
    """The same words in Pellucid and PyTorch. Token numbers (batch, time) give scores (batch, time, vocabulary)."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1 = nn.LayerNorm(WIDTH)
            self.attend = nn.Linear(WIDTH, 3 * WIDTH)
            self.join = nn.Linear(WIDTH, WIDTH)
            self.norm2 = nn.LayerNorm(WIDTH)
            self.widen = nn.Linear(WIDTH, 4 * WIDTH)
            self.narrow = nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            x = x + self.join(self.attention(self.norm1(x)))
            return x + self.narrow(functional.gelu(self.widen(self.norm2(x))))

        def attention(self, x):
            q, k, v = [
                part.reshape(BATCH, TIME, HEADS, HEAD).transpose(1, 2)  # (batch, heads, time, head)
                for part in self.attend(x).chunk(3, -1)
            ]
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return y.transpose(1, 2).reshape(BATCH, TIME, WIDTH)

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(VOCABULARY, WIDTH)
            self.positions = nn.Embedding(TIME, WIDTH)
            self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
            self.norm = nn.LayerNorm(WIDTH)
            self.scores = nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, tokens):
            x = self.tokens(tokens) + self.positions.weight
            return self.scores(self.norm(self.blocks(x)))

    return Gpt()


def count_flops():
    """Products forward (2 flops a multiplication and addition), and twice as many backward.

    Only the causal half of the attention counts: whoever computes the other half too does needless work.
    """
    linear = LAYERS * (3 + 1 + 4 + 4) * WIDTH * WIDTH + WIDTH * VOCABULARY
    attention = LAYERS * 2 * TIME * WIDTH / 2  # queries with keys, and weights with values
    return 3 * 2.0 * BATCH * TIME * (linear + attention)


class GptSmall(Workload):
    """GPT, 4 layers, width 128, 128 tokens, batch 16, vocabulary 1000, Adam."""

    name = "gpt_small"
    goal = 1.5
    title = (
        "GPT of 4 pre-norm blocks, width 128, 4 heads, exact GELU, causal attention, learned positions; "
        "128 tokens, batch 16, vocabulary 1000, Adam"
    )
    flops = count_flops()
    left_out = {"keras": "not written: its parts would have to be put together by hand"}  # noqa: RUF012

    def weights(self, random):
        """Normal numbers with deviation 0.02, as GPT-2 begins; biases 0, norms 1."""

        def normal(*shape):
            return random.normal(0, 0.02, shape).astype(np.float32)

        def norm(name):
            return {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}

        w = {"tokens.weight": normal(VOCABULARY, WIDTH), "positions.weight": normal(TIME, WIDTH)}
        for i in range(LAYERS):
            w |= norm(f"blocks.{i}.norm1") | norm(f"blocks.{i}.norm2")
            for name, outputs, inputs in (("attend", 3, 1), ("join", 1, 1), ("widen", 4, 1), ("narrow", 1, 4)):
                w[f"blocks.{i}.{name}.weight"] = normal(outputs * WIDTH, inputs * WIDTH)
                w[f"blocks.{i}.{name}.bias"] = np.zeros(outputs * WIDTH, np.float32)
        return w | norm("norm") | {"scores.weight": normal(VOCABULARY, WIDTH)}

    def batches(self, random):
        """Texts of a language in which each token has eight likely followers, and the next tokens as targets."""
        followers = random.integers(0, VOCABULARY, (VOCABULARY, 8))
        found = []
        for _ in range(8):
            text = [random.integers(0, VOCABULARY, BATCH)]
            for _ in range(TIME):
                text.append(followers[text[-1], random.integers(0, 8, BATCH)])
            text = np.stack(text, 1)
            found.append((text[:, :-1].copy(), text[:, 1:].copy()))
        return found

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import nn, optim

        model = steps.pellucid_module(network(nn, F), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR)

        def loss_of(x, y):
            return F.cross_entropy(model(x).reshape(-1, VOCABULARY), y.reshape(-1))

        return steps.pellucid_session(loss_of, optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import nn, optim

        model = steps.torch_module(network(nn, F), weights)
        optimizer = optim.Adam(model.parameters(), lr=LR, **steps.torch_fused(setting))

        def loss_of(x, y):
            return F.cross_entropy(model(x).reshape(-1, VOCABULARY), y.reshape(-1))

        return steps.torch_session(loss_of, optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_optimizers import adam

        def norm(w, name, x):
            mean = x.mean(-1, keepdims=True)
            variance = ((x - mean) ** 2).mean(-1, keepdims=True)
            return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]

        def linear(w, name, x):
            return x @ w[f"{name}.weight"] + w[f"{name}.bias"]

        def block(w, name, x):
            parts = jnp.split(linear(w, f"{name}.attend", norm(w, f"{name}.norm1", x)), 3, -1)
            q, k, v = [part.reshape(BATCH, TIME, HEADS, HEAD) for part in parts]
            y = jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(BATCH, TIME, WIDTH)
            x = x + linear(w, f"{name}.join", y)
            z = jax.nn.gelu(linear(w, f"{name}.widen", norm(w, f"{name}.norm2", x)), approximate=False)
            return x + linear(w, f"{name}.narrow", z)

        def loss_of(w, x, y):
            x = w["tokens.weight"][x] + w["positions.weight"]
            for i in range(LAYERS):
                x = block(w, f"blocks.{i}", x)
            log_p = jax.nn.log_softmax(norm(w, "norm", x) @ w["scores.weight"])
            return -jnp.mean(jnp.take_along_axis(log_p, y[..., None], -1))

        tables = ("tokens.weight", "positions.weight")
        turned = [name for name, array in weights.items() if array.ndim == 2 and name not in tables]
        return steps.jax_session(loss_of, adam(LR), steps.jax_weights(weights, turned))
