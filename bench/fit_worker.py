"""The process that trains 784-512-10 on all of MNIST, as users of its framework do, one epoch when it is told to.

    python -m bench.fit_worker fit FRAMEWORK KIND FOLDER THREADS EPOCHS

Its first epoch, compiling included, is for warming up. After each epoch it says the seconds and waits for the next
order. At the end it says how many of the test pictures its weights recognise, which NumPy finds out, not the framework.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import frameworks
from bench.worker import main_with, peak_memory
from bench.workloads.mnist_mlp import BATCH, network

LR = 1e-3
clock = time.perf_counter


class Turns:
    """Say how long an epoch took, and wait for the order to train the next one."""

    def __init__(self, say, began):
        self.say, self.began, self.first = say, began, True

    def done(self):
        """An epoch is over."""
        seconds = clock() - self.began
        self.say(status="ready", first_s=seconds) if self.first else self.say(seconds=seconds)
        self.first = False
        sys.stdin.readline()
        self.began = clock()


def pellucid(x, y, epochs, turns, setting):
    """fit, which shuffles, compiles the step, and sees to the means of the epoch."""
    import pellucid as pc
    import pellucid.functional as F

    class EachEpoch:
        def epoch(self, training):
            turns.done()

    model = network(pc.nn)
    pc.train.fit(
        model,
        pc.data.DataLoader((x, y), BATCH, shuffle=True),
        loss=F.cross_entropy,
        optimizer=pc.optim.Adam(model.parameters(), lr=LR),
        epochs=epochs,
        callbacks=[EachEpoch()],
        progress=False,
    )
    return [parameter.numpy() for parameter in model.parameters()]


def torch(x, y, epochs, turns, setting):
    """The loop of PyTorch's tutorials ("torch"), and the quickest plain one ("torch_tuned").

    The former takes samples one by one from a DataLoader and asks for each loss; the latter takes all rows of a batch
    at once from tensors, has the fused kernel for Adam, and adds losses up without looking at them.
    """
    import torch
    import torch.nn.functional as F

    tuned = setting == "torch_tuned"
    model = network(torch.nn)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=tuned)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), BATCH, shuffle=True)

    def batches():
        for rows in torch.randperm(len(x)).split(BATCH):
            yield x.index_select(0, rows), y.index_select(0, rows)

    for _ in range(epochs):
        total = torch.zeros(()) if tuned else 0.0
        for images, labels in batches() if tuned else loader:
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += len(labels) * (loss.detach() if tuned else loss.item())
        float(total)
        turns.done()
    return [parameter.detach().numpy() for parameter in model.parameters()]


def keras(x, y, epochs, turns, setting):
    """model.fit over JAX."""
    import keras

    class EachEpoch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            turns.done()

    model: Any = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(LR), loss=loss, jit_compile=True)
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[EachEpoch()])
    first, first_bias, second, second_bias = model.get_weights()
    return first.T, first_bias, second.T, second_bias


def accuracy(weights, x, y):
    """The share of pictures that weights (outputs, inputs) and biases of both layers recognise."""
    first, first_bias, second, second_bias = weights
    scores = np.maximum(x @ first.T + first_bias, 0) @ second.T + second_bias
    return float((scores.argmax(1) == y).mean())


def work(say, words):
    """The life of the process."""
    _, name, _, folder, threads, epochs = words
    began = clock()
    frameworks.load(name, int(threads))
    with np.load(Path(folder) / "mnist.npz", allow_pickle=False) as file:
        data = {key: file[key] for key in file.files}
    train = {"pellucid": pellucid, "torch": torch, "keras": keras}[frameworks.FRAMEWORKS[name].family]
    weights = train(data["x"], data["y"], int(epochs), Turns(say, began), name)
    say(accuracy=accuracy(weights, data["x_test"], data["y_test"]), rss_mb=peak_memory())


if __name__ == "__main__":
    main_with(work)
