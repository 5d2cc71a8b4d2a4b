"""The recipe `cifar10` from beginning to end, here and in PyTorch: the same weights, batches and learning rates.

    python -m bench.cifar10 [--epochs 15] [--threads 2] [--only pellucid|torch] [--json FILE]

Each framework trains in a process of its own. For PyTorch the network is written with its modules, channels last and
with the fused optimizer, the quickest that it has here without its compiler; the pictures come from our DataLoader, so
that both see the same bytes.
"""

# pyright: reportMissingImports=false
# (PyTorch may be absent)

import argparse
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

WHO = {"pellucid": "pellucid", "torch": "torch_tuned"}


def train_pellucid(epochs, seed):
    """What `pellucid train cifar10` does."""
    from pellucid import recipes

    with tempfile.TemporaryDirectory() as folder:
        outcome = recipes.start("cifar10", Path(folder) / "run", epochs=epochs, seed=seed)
        history = outcome.run.history()
    keys = ("loss", "accuracy", "val_loss", "val_accuracy", "seconds")
    return [{key: epoch[key] for key in keys} for epoch in history], outcome.result.test


def train_torch(epochs, seed):
    """The same in a plain loop of PyTorch."""
    import torch
    import torch.nn.functional as F

    import pellucid as pc
    from pellucid.recipes import cifar10

    batches, validation, test = cifar10.splits(seed, batch_size=128)
    pc.manual_seed(seed)
    weights = {name: torch.from_numpy(x.numpy().copy()) for name, x in cifar10.make_model().state_dict().items()}
    model: Any = torch.nn.Sequential(torch.nn.BatchNorm2d(3, affine=False), residual_network(torch))
    model.load_state_dict(weights, strict=False)  # without the counts of batches
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.2, epochs * len(batches), pct_start=0.2, cycle_momentum=False
    )

    def look(x, y):
        """Loss and accuracy in evaluation mode."""
        model.eval()
        with torch.no_grad():
            parts = [model(torch.from_numpy(x[i : i + 256])) for i in range(0, len(x), 256)]
        scores, labels = torch.cat(parts), torch.from_numpy(y)
        return F.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).float().mean().item()

    history = []
    for epoch in range(epochs):
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
        history.append({**line, "seconds": round(seconds, 2)})
        print(history[-1], file=sys.stderr, flush=True)
    loss, accuracy = look(*test)
    return history, {"loss": loss, "accuracy": accuracy}


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


def worker(name, epochs, seed, threads):
    """Train in this process, and print the figures."""
    frameworks.load(WHO[name], threads)
    began = time.perf_counter()
    history, test = {"pellucid": train_pellucid, "torch": train_torch}[name](epochs, seed)
    print(json.dumps({"epochs": history, "test": test, "seconds": time.perf_counter() - began}))


def main(words=None):
    parser = argparse.ArgumentParser(prog="python -m bench.cifar10", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=WHO, help="train in one of them")
    parser.add_argument("--json", type=Path, help="where to keep all figures")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.worker:
        return worker(options.only, options.epochs, options.seed, options.threads)
    found = {"machine": describe(), "threads": options.threads, "epochs": options.epochs, "seed": options.seed}
    for name in [options.only] if options.only else list(WHO):
        command = [sys.executable, "-m", "bench.cifar10", "--worker", "--only", name]
        command += ["--epochs", str(options.epochs), "--seed", str(options.seed), "--threads", str(options.threads)]
        with tempfile.TemporaryDirectory() as folder:
            environment = frameworks.environment(options.threads, Path(folder))
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True
            )
        found[name] = json.loads(done.stdout.strip().splitlines()[-1])
        median = np.median([epoch["seconds"] for epoch in found[name]["epochs"]])
        accuracy = found[name]["test"]["accuracy"]
        print(f"{name}: {accuracy:.2%} of the test pictures, {median:.1f} s an epoch", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return None


if __name__ == "__main__":
    main()
