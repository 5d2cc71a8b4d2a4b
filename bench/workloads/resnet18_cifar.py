"""ResNet-18 for pictures of 32 x 32 points in colour: `pellucid.models.resnet18(10, small_images=True)`."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import numpy as np

from bench import steps
from bench.workload import Workload, linear_weights, noisy_labels

LR = 0.001  # a step takes as long with any; with 0.01, rounding has grown to 1e-2 of the loss after 20 steps
MOMENTUM = 0.9
BATCH = 32
# The blocks: name, channels coming in and going out, stride. A block whose shape changes has a convolution beside it.
BLOCKS = tuple(
    (f"layer{stage}.{i}", channels // 2 if stage > 1 and i == 0 else channels, channels, 2 if stage > 1 > i else 1)
    for stage, channels in ((1, 64), (2, 128), (3, 256), (4, 512))
    for i in (0, 1)
)


def scores(x, layer, relu, add, head):
    """The network in words that all can fill in.

    layer(x, convolution, norm, entering, leaving, stride): a convolution (1 x 1 if it is a block's "downsample", else
    3 x 3) and a batch norm; head(x): the mean of each channel, and the linear layer.
    """
    x = relu(layer(x, "conv1", "bn1", 3, 64, 1))
    for name, entering, leaving, stride in BLOCKS:
        y = relu(layer(x, f"{name}.conv1", f"{name}.bn1", entering, leaving, stride))
        y = layer(y, f"{name}.conv2", f"{name}.bn2", leaving, leaving, 1)
        if stride > 1:
            x = layer(x, f"{name}.downsample.0", f"{name}.downsample.1", entering, leaving, stride)
        x = relu(add(y, x))
    return head(x)


def kernel_size(convolution):
    return 1 if "downsample" in convolution else 3


def count_multiplications():
    """Multiplications of all convolutions for one picture, and those of the first one."""
    found = []

    def layer(size, convolution, norm, entering, leaving, stride):
        size //= stride
        found.append(size * size * kernel_size(convolution) ** 2 * entering * leaving)
        return size

    scores(32, layer, relu=lambda x: x, add=lambda y, x: y, head=lambda x: x)
    return sum(found), found[0]


MULTIPLICATIONS, OF_THE_FIRST = count_multiplications()


class Resnet18Cifar(Workload):
    """ResNet-18, small pictures, cross entropy, batch 32, SGD with momentum."""

    name = "resnet18_cifar"
    goal = 1.25
    title = (
        "ResNet-18 with a first convolution of 3 x 3, pictures 3 x 32 x 32, cross entropy, batch 32, SGD with momentum"
    )
    flops = 2.0 * BATCH * (3 * MULTIPLICATIONS - OF_THE_FIRST + 3 * 512 * 10)
    # Batch norms of few numbers and relus whose input is nearly 0 make much of rounding: PyTorch with channels last
    # differs from PyTorch by 3e-6 after 5 steps and by 1e-4 after 10.
    checked_steps = 5
    tolerance = 1e-4
    left_out = {  # noqa: RUF012
        "numpy": "one step takes many seconds",
        "eager": "one step takes many seconds",
        "torch_compile": "left to save the time of compiling its 60 layers, twice",
        "keras": "not written: its residual blocks would have to be put together by hand",
    }

    def weights(self, random):
        return resnet_weights(random)

    def batches(self, random):
        typical = random.normal(0, 1, (10, 3, 32, 32))
        sets = []
        for _ in range(4):
            y = random.integers(0, 10, BATCH)
            sets.append(((typical[y] + random.normal(0, 2, (BATCH, 3, 32, 32))).astype(np.float32), y))
        return [(x, noisy_labels(random, y, 10)) for _ in range(4) for x, y in sets]

    def pellucid(self, weights, setting):
        import pellucid.functional as F
        from pellucid import models, optim

        model = steps.pellucid_module(models.resnet18(10, small_images=True), weights)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
        return steps.pellucid_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def torch(self, weights, setting):
        import torch.nn.functional as F
        from torch import optim

        model = steps.torch_images(steps.torch_module(torch_network(), weights), setting)
        optimizer = optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, **steps.torch_fused(setting))
        return steps.torch_session(lambda x, y: F.cross_entropy(model(x), y), optimizer, setting)

    def jax(self, weights, setting):
        import jax
        import jax.numpy as jnp

        from bench.jax_images import batch_statistics, normalised
        from bench.jax_optimizers import sgd

        all_weights = steps.jax_weights(weights, ("fc.weight",))
        running = {name: array for name, array in all_weights.items() if ".running_" in name}
        learned = {name: array for name, array in all_weights.items() if name.endswith((".weight", ".bias"))}

        def loss_of(w, x, y):
            """The loss, and mean and unbiased variance of every batch norm's batch."""
            seen = {}

            def norm(x, name):
                mean, variance = batch_statistics(x)
                count = x.size / x.shape[1]
                seen[f"{name}.running_mean"] = mean
                seen[f"{name}.running_var"] = variance * (count / (count - 1))
                return normalised(x, mean, variance, w[f"{name}.weight"], w[f"{name}.bias"])

            log_p = jax.nn.log_softmax(jax_scores(w, x, norm))
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], 1)), seen

        start, update = sgd(LR, MOMENTUM)

        def train(state, *batch):
            w, slots, running = state
            (loss, seen), gradients = jax.value_and_grad(loss_of, has_aux=True)(w, *batch)
            running = {name: 0.9 * old + 0.1 * seen[name] for name, old in running.items()}
            return (*update(w, gradients, slots), running), loss

        return steps.jax_stateful(train, (learned, start(learned), running))


def resnet_weights(random):
    """The first weights, as `pellucid.models.resnet18` draws them; statistics as if something had been learned."""
    weights = {}

    def layer(x, convolution, norm, entering, leaving, stride):
        size = kernel_size(convolution)
        deviation = np.sqrt(2 / (leaving * size * size))
        weights[f"{convolution}.weight"] = random.normal(0, deviation, (leaving, entering, size, size))
        weights[f"{norm}.weight"] = np.ones(leaving)
        weights[f"{norm}.bias"] = np.zeros(leaving)
        weights[f"{norm}.running_mean"] = random.normal(0, 0.1, leaving)
        weights[f"{norm}.running_var"] = random.uniform(0.5, 1.5, leaving)
        weights[f"{norm}.num_batches_tracked"] = np.zeros(())

    scores(None, layer, relu=lambda x: x, add=lambda y, x: y, head=lambda x: x)
    weights |= linear_weights(random, "fc", 512, 10)
    types = {name: np.int64 if name.endswith("tracked") else np.float32 for name in weights}
    return {name: array.astype(types[name]) for name, array in weights.items()}


def torch_network():
    """The network in PyTorch, with the names of torchvision's parameters."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, entering, leaving, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(entering, leaving, 3, stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(leaving)
            self.relu = nn.ReLU(inplace=True)
            self.conv2 = nn.Conv2d(leaving, leaving, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(leaving)
            beside = [nn.Conv2d(entering, leaving, 1, stride, bias=False), nn.BatchNorm2d(leaving)]
            self.downsample = nn.Sequential(*beside) if stride > 1 else None

        def forward(self, x):
            y = self.relu(self.bn1(self.conv1(x)))
            y = self.bn2(self.conv2(y))
            return self.relu(y + (x if self.downsample is None else self.downsample(x)))

    class ResNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.relu = nn.ReLU(inplace=True)
            blocks = [Block(*sizes) for _, *sizes in BLOCKS]
            self.layer1, self.layer2 = nn.Sequential(*blocks[:2]), nn.Sequential(*blocks[2:4])
            self.layer3, self.layer4 = nn.Sequential(*blocks[4:6]), nn.Sequential(*blocks[6:])
            self.fc = nn.Linear(512, 10)

        def forward(self, x):
            x = self.relu(self.bn1(self.conv1(x)))
            for i in range(1, 5):
                x = getattr(self, f"layer{i}")(x)
            return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))

    return ResNet()


def jax_scores(w, x, norm):
    """The network in JAX: pictures (N, 3, 32, 32) -> scores (N, 10); norm(x, name) is the batch norm."""
    import jax

    from bench.jax_images import convolved

    def layer(x, convolution, name, entering, leaving, stride):
        return norm(convolved(x, w[f"{convolution}.weight"], stride, padding=kernel_size(convolution) // 2), name)

    def head(x):
        return x.mean((2, 3)) @ w["fc.weight"] + w["fc.bias"]

    return scores(x, layer, jax.nn.relu, lambda y, x: y + x, head)
