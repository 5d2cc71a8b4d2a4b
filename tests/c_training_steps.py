"""Training steps for tests of the C that is generated: small nets of every kind.

Each function gives triples (name, compiled step, arguments), or one, as those of tests/c_programs.py.
"""

import numpy as np
from c_programs import labels, numbers, record

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim


def trained(name, model, optimizer, loss_of, *arguments):
    """One step of training."""

    @record
    def step(*inputs):
        loss = loss_of(model, *inputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return name, step, arguments


def classify(model, x, y):
    return F.cross_entropy(model(x), y)


def models():
    """Small nets of every kind."""
    pc.manual_seed(0)
    net = nn.Sequential(nn.Linear(37, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = optim.RMSprop(net.parameters(), lr=1e-3)
    yield trained("perceptron", net, optimizer, classify, numbers(33, 37), labels(33, 10))

    net = nn.Sequential(nn.Linear(13, 21, bias=False), nn.BatchNorm1d(21), nn.Tanh(), nn.Dropout(0.3), nn.Linear(21, 3))
    optimizer = optim.Adam(net.parameters(), lr=1e-2)
    yield trained("batch norm and dropout", net, optimizer, classify, numbers(17, 13), labels(17, 3))
    yield trained("double", *double(), numbers(7, 5, dtype=np.float64), numbers(7, 1, seed=1, dtype=np.float64))
    net = nn.Sequential(nn.Linear(5, 33), nn.Tanh(), nn.Linear(33, 33), nn.ReLU(), nn.Linear(33, 3))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    yield trained("slices of a batch", net, optimizer, classify, numbers(3072, 5), labels(3072, 3))
    yield trained("images last", *few_channels(np.float32), numbers(32, 2, 9, 7), labels(32, 3))
    yield trained(
        "images last, double", *few_channels(np.float64), numbers(16, 2, 9, 7, dtype=np.float64), labels(16, 3)
    )
    yield "an answer", answer(), [numbers(5, 300)]
    yield "an answer about a picture", picture(np.float32), [numbers(1, 32, 11, 9)]
    yield "the same, double", picture(np.float64), [numbers(1, 32, 11, 9, dtype=np.float64)]
    yield word_vectors()
    yield attention()
    yield recurrent()


def few_channels(dtype):
    """Convolutions and poolings of which vectors run along the images, at odd sizes."""
    layers = [nn.Conv2d(2, 7, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2, stride=1, padding=1)]
    layers += [nn.Conv2d(7, 5, 4, padding=(2, 3), dilation=(1, 2)), nn.Tanh(), nn.AvgPool2d(3, stride=2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(30, 3))
    net = net.double() if dtype == np.float64 else net
    return net, optim.SGD(net.parameters(), lr=0.1), classify


def answer():
    """A large weight that nothing changes is laid out once."""
    net = nn.Sequential(nn.Linear(300, 259), nn.ReLU(), nn.Linear(259, 3))

    @pc.compile
    def step(x):
        with pc.no_grad():
            return net(x)

    return step


def picture(dtype):
    """Kernels that nothing changes are laid out once: for tiles, and for patches."""
    net = nn.Sequential(
        nn.Conv2d(32, 67, 3, padding=1, dtype=dtype), nn.ReLU(), nn.Conv2d(67, 33, 3, stride=2, dtype=dtype)
    )

    @pc.compile
    def step(x):
        with pc.no_grad():
            return net(x)

    return step


def double():
    """The same in float64, with momentum and GELU."""
    net = nn.Sequential(nn.Linear(5, 11, dtype=np.float64), nn.GELU(), nn.Linear(11, 1, dtype=np.float64))
    return net, optim.SGD(net.parameters(), lr=0.05, momentum=0.9), lambda model, x, y: F.mse_loss(model(x), y)


def word_vectors():
    """Rows of two tables are drawn together or pushed apart: TakeRows and AddRows."""
    words, contexts = nn.Embedding(67, 19), nn.Embedding(67, 19)
    optimizer = optim.SGD([*words.parameters(), *contexts.parameters()], lr=0.1)

    def loss(model, word, context, target):
        scores = (words(word).unsqueeze(1) * contexts(context)).sum(-1)
        return F.binary_cross_entropy_with_logits(scores, target)

    target = np.zeros((29, 5), np.float32)
    target[:, 0] = 1
    return trained("word vectors", None, optimizer, loss, labels(29, 67), labels((29, 5), 67), target)


def attention():
    """A block of a transformer: causal attention of three heads over 11 places, and a net with GELU."""
    width, heads, places = 21, 3, 11
    first, second = nn.LayerNorm(width), nn.LayerNorm(width)
    projection, out = nn.Linear(width, 3 * width), nn.Linear(width, width)
    net = nn.Sequential(nn.Linear(width, 40), nn.GELU(), nn.Linear(40, width))
    parts = nn.Sequential(first, second, projection, out, net)
    optimizer = optim.Adam(parts.parameters(), lr=1e-3)

    def loss(model, x, y):
        count = x.shape[0]
        three = projection(first(x)).reshape(count, places, 3, heads, width // heads)
        query, key, value = (three[:, :, i].transpose(1, 2) for i in range(3))
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + out(seen.transpose(1, 2).reshape(count, places, width))
        x = x + net(second(x))
        return F.cross_entropy(x.reshape(count * places, width), y)

    return trained("attention", parts, optimizer, loss, numbers(2, places, width), labels(2 * places, width))


def recurrent():
    """An LSTM cell by hand, five times."""
    inner = nn.Linear(7 + 9, 4 * 9)
    optimizer = optim.Adam(inner.parameters(), lr=1e-2)

    def loss(model, x, y):
        h = c = pc.zeros(3, 9)
        for t in range(x.shape[1]):
            gates = inner(pc.cat([x[:, t], h], dim=1))
            i, f, g, o = (gates[:, 9 * k : 9 * k + 9] for k in range(4))
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return F.mse_loss(h, y)

    return trained("recurrent", inner, optimizer, loss, numbers(3, 5, 7), numbers(3, 9, seed=1))


def wide():
    """Enough work for several threads in every kernel and product."""
    pc.manual_seed(1)
    net = nn.Sequential(nn.Linear(131, 257), nn.LayerNorm(257), nn.ReLU(), nn.Linear(257, 67))
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    yield trained("wide", net, optimizer, classify, numbers(129, 131), labels(129, 67))
