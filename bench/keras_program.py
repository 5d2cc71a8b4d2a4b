"""The textbook program of Keras, by Keras and by pellucid.keras: seconds for an epoch, epochs taking turns.

    python -m bench.keras_program [EPOCHS]

Both train 784-512-10 on MNIST with RMSprop and batches of 128, each in a process of its own, and say the accuracy on
the test pictures. The first epoch, in which steps are compiled, is shown but does not count: the median of the others
does. Goal: 1.3 times as fast as Keras.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.frameworks import environment
from bench.rounds import ROOT

PACKAGES = ("pellucid.keras", "keras")
PROGRAM = """
from {ours}.datasets import mnist  # Keras' own is downloaded
from {package} import callbacks, layers, models
from {package}.utils import to_categorical
from bench.keras_program import say, wait
(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
train_images = train_images.reshape((60000, 28 * 28)).astype("float32") / 255
test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255
train_labels = to_categorical(train_labels)
test_labels = to_categorical(test_labels)
network = models.Sequential()
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))
network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
turns = callbacks.LambdaCallback(on_epoch_begin=lambda *_: wait(), on_epoch_end=lambda *_: say())
network.fit(train_images, train_labels, epochs={epochs}, batch_size=128, verbose=0, callbacks=[turns])
test_loss, test_acc = network.evaluate(test_images, test_labels, verbose=0)
wait()
say(test_acc=test_acc)
"""
began = 0.0


def wait():
    """Wait for the order, then look at the clock."""
    global began  # noqa: PLW0603  of this process, in which one program runs
    sys.stdin.readline()
    began = time.perf_counter()


def say(**figures):
    """How long it took, and figures."""
    print(json.dumps({"seconds": time.perf_counter() - began, **figures}), flush=True)


def begin(package, epochs):
    """A process that trains when it is told to."""
    own = environment(os.cpu_count() or 1, Path(os.environ.get("PELLUCID_CACHE", tempfile.gettempdir())))
    own |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    program = PROGRAM.format(ours=PACKAGES[0], package=package, epochs=epochs)
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        encoding="utf-8",
    )  # fmt: skip


def ask(worker):
    """Give the order, and hear what it took."""
    worker.stdin.write("\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def measure(epochs):
    """package -> seconds of all epochs and the accuracy."""
    workers = {package: begin(package, epochs) for package in PACKAGES}
    seconds = {package: [] for package in PACKAGES}
    try:
        for number in range(epochs):
            for package in PACKAGES if number % 2 == 0 else reversed(PACKAGES):
                seconds[package].append(ask(workers[package])["seconds"])
        return {package: (seconds[package], ask(worker)["test_acc"]) for package, worker in workers.items()}
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()


def main():
    """Print a table."""
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    ours = statistics.median(found["pellucid.keras"][0][1:])
    print(f"{'program':<16}{'median s':>10}{'min s':>8}{'first s':>9}{'test_acc':>10}{'time / ours':>13}")
    for package, (seconds, accuracy) in found.items():
        median = statistics.median(seconds[1:])
        print(
            f"{package:<16}{median:>10.3f}{min(seconds[1:]):>8.3f}{seconds[0]:>9.2f}{accuracy:>10.4f}"
            f"{median / ours:>13.2f}"
        )


if __name__ == "__main__":
    main()
