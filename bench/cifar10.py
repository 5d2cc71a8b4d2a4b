"""The recipe `cifar10` from beginning to end, here and in PyTorch: the same weights, batches and learning rates.

    python -m bench.cifar10 [--epochs 36] [--threads 2] [--only pellucid|torch] [--json FILE]

Each framework trains in a process of its own, and they take turns, an epoch each: what else the machine does meanwhile
meets both. For PyTorch the network is written with its modules, channels last and with the fused optimizer, the
quickest that it has here without its compiler; the pictures come from our DataLoader, so that both see the same bytes.
"""

# pyright: reportMissingImports=false
# (PyTorch may be absent)

import argparse
import inspect
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import frameworks
from bench.machine import describe
from bench.rounds import ROOT

EPOCHS = 36  # those of the recipe
WHO = {"pellucid": "pellucid", "torch": "torch_tuned"}


def say(**what):
    """Tell the main process something."""
    print(json.dumps(what), flush=True)


def wait_for_turn():
    """Nothing more is computed here until the main process says so."""
    say(waiting=True)
    sys.stdin.readline()


class InTurns:
    """A callback: each epoch waits for its turn, and no time is counted meanwhile."""

    def start(self, training):
        wait_for_turn()
        training.began = time.perf_counter()

    def epoch(self, training):
        say(epoch=training.history[-1])
        self.start(training)  # after the last epoch too: what comes then shall not meet the other's last epoch


def train_pellucid(epochs, seed, fast):
    """What `pellucid train cifar10` does."""
    from pellucid import recipes, train

    def fit(*arguments, callbacks, **options):
        return train_fit(*arguments, callbacks=[*callbacks, InTurns()], **options)

    with tempfile.TemporaryDirectory() as folder:
        train_fit, train.fit = train.fit, fit
        try:
            return recipes.start("cifar10", Path(folder) / "run", epochs=epochs, seed=seed, fast=fast).result.test
        finally:
            train.fit = train_fit


def train_torch(epochs, seed, fast):
    """The same in a plain loop of PyTorch."""
    import torch
    import torch.nn.functional as F

    import pellucid as pc
    from pellucid.recipes import cifar10

    recipe = inspect.signature(cifar10.run).parameters
    lr = recipe["lr"].default
    batches, validation, test = cifar10.splits(seed, recipe["batch_size"].default, fast)
    pc.manual_seed(seed)
    weights = {name: torch.from_numpy(x.numpy().copy()) for name, x in cifar10.make_model().state_dict().items()}
    model: Any = both_ways(torch, torch.nn.Sequential(torch.nn.BatchNorm2d(3, affine=False), residual_network(torch)))
    lacking, unknown = model.load_state_dict(weights, strict=False)
    if unknown or not all(name.endswith("num_batches_tracked") for name in lacking):
        raise SystemExit(f"bench.cifar10: the two networks have other names: {lacking}, {unknown}")
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, epochs * len(batches), pct_start=0.2, cycle_momentum=False
    )

    def look(x, y):
        """Loss and accuracy in evaluation mode."""
        model.eval()
        with torch.no_grad():
            parts = [model(torch.from_numpy(x[i : i + 256])) for i in range(0, len(x), 256)]
        scores, labels = torch.cat(parts), torch.from_numpy(y)
        return F.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).float().mean().item()

    for epoch in range(epochs):
        wait_for_turn()
        began, total, right, seen = time.perf_counter(), 0.0, 0, 0
        model.train()
        for x, y in batches.batches(epoch):
            images, labels = torch.from_numpy(x).to(memory_format=torch.channels_last), torch.from_numpy(y)
            scores = model(images)
            loss = F.cross_entropy(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total, seen = total + loss.item() * len(x), seen + len(x)
            right += int((scores.argmax(1) == labels).sum())
        val_loss, val_accuracy = look(*validation)
        seconds = time.perf_counter() - began
        line = {"loss": total / seen, "accuracy": right / seen, "val_loss": val_loss, "val_accuracy": val_accuracy}
        say(epoch={"epoch": epoch + 1, **line, "seconds": round(seconds, 3)})
    wait_for_turn()
    loss, accuracy = look(*test)
    return {"loss": loss, "accuracy": accuracy}


def both_ways(torch, network):
    """pellucid.recipes.both_ways.BothWays with PyTorch's module, under the same names."""

    class BothWays(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            scores = self.network(x)
            return scores if self.training else (scores + self.network(x.flip(3))) / 2

    return BothWays()


def residual_network(torch):
    """models.cifar_resnet(20) with PyTorch's modules, under the same names."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, entering, channels):
            super().__init__()
            self.stride = 1 if entering == channels else 2
            self.conv1 = nn.Conv2d(entering, channels, 3, self.stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(channels)
            self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(channels)

        def forward(self, x):
            y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            if self.stride == 2:
                x = x[:, :, ::2, ::2]
                x = nn.functional.pad(x, (0, 0, 0, 0, 0, x.shape[1]))
            return torch.relu(y + x)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
            widths = [16] * 3 + [32] * 3 + [64] * 3
            self.blocks = nn.Sequential(*[Block(a, b) for a, b in zip([16, *widths], widths, strict=False)])
            self.fc = nn.Linear(64, 10)

        def forward(self, x):
            return self.fc(self.blocks(torch.relu(self.bn1(self.conv1(x)))).mean((2, 3)))

    return Network()


def worker(options):
    """Train in this process, in turns with the other."""
    frameworks.load(WHO[options.only], options.threads)
    train = {"pellucid": train_pellucid, "torch": train_torch}[options.only]
    say(test=train(options.epochs, options.seed, options.fast))


class Trainer:
    """A worker process, as the main process sees it."""

    def __init__(self, name, options, folder):
        command = [sys.executable, "-m", "bench.cifar10", "--worker", "--only", name, "--seed", str(options.seed)]
        command += ["--epochs", str(options.epochs), "--threads", str(options.threads)] + ["--fast"] * options.fast
        environment = frameworks.environment(options.threads, folder)
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
        self.process: Any = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)

    def hear(self, what):
        """What the worker says under this name; anything else that it prints is for nobody."""
        for line in self.process.stdout:
            if line.startswith("{") and what in (said := json.loads(line)):
                return said[what]
        raise SystemExit(f"bench.cifar10: a worker ended before it said `{what}`: its error stands above.")

    def go(self):
        """It is this worker's turn."""
        print("go", file=self.process.stdin, flush=True)

    def an_epoch(self):
        """One epoch, from the beginning of its turn to the end."""
        self.go()
        return self.hear("epoch")


def take_turns(found, names, options, folder):
    """All epochs of all frameworks; `found` is kept in the file after each of them."""
    trainers = {name: Trainer(name, options, folder) for name in names}
    try:
        for name, trainer in trainers.items():
            found[name] = {"epochs": []}
            trainer.hear("waiting")
        for epoch in range(options.epochs):
            for name, trainer in trainers.items():
                if epoch:
                    trainer.hear("waiting")
                found[name]["epochs"].append(trainer.an_epoch())
                print(name, found[name]["epochs"][-1], file=sys.stderr, flush=True)
                keep(found, options)
        for name, trainer in trainers.items():
            trainer.hear("waiting")
            trainer.go()
            found[name]["test"] = trainer.hear("test")
            keep(found, options)
    finally:
        for trainer in trainers.values():
            trainer.process.kill()
            trainer.process.communicate()


def keep(found, options):
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main(words=None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m bench.cifar10", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fast", action="store_true", help="3,000 pictures only, for tests")
    parser.add_argument("--only", choices=WHO, help="train in one of them")
    parser.add_argument("--json", type=Path, help="where to keep all figures")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.worker:
        return worker(options)
    names = [options.only] if options.only else list(WHO)
    found: dict[str, Any] = {"machine": describe(), "threads": options.threads, "seed": options.seed}
    with tempfile.TemporaryDirectory() as folder:
        take_turns(found, names, options, Path(folder))
    for name in names:
        median = np.median([epoch["seconds"] for epoch in found[name]["epochs"]])
        print(f"{name}: {found[name]['test']['accuracy']:.2%} of the test pictures, {median:.1f} s an epoch")
    return found


if __name__ == "__main__":
    main()
