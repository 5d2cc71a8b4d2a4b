"""The classic convolutional networks in PyTorch, with torchvision's names: what pellucid.models is compared with."""

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn


def conv(entering, leaving, size, stride=1):
    return nn.Conv2d(entering, leaving, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    """A block of a ResNet: two layers of 3 x 3, or three with a narrow middle."""

    def __init__(self, entering, channels, stride, bottleneck):
        super().__init__()
        sizes = [(1, 1), (3, stride), (1, 1)] if bottleneck else [(3, stride), (3, 1)]
        leaving = 4 * channels if bottleneck else channels
        widths = [entering, *[channels] * (len(sizes) - 1), leaving]
        self.count = len(sizes)
        for i, (size, by) in enumerate(sizes):
            setattr(self, f"conv{i + 1}", conv(widths[i], widths[i + 1], size, by))
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(widths[i + 1]))
        self.downsample = None
        if stride != 1 or entering != leaving:
            self.downsample = nn.Sequential(conv(entering, leaving, 1, stride), nn.BatchNorm2d(leaving))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = torch.relu(y) if i < self.count else y
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, counts, bottleneck, num_classes, small_images):
        super().__init__()
        self.small_images = small_images
        self.conv1 = conv(3, 64, 3) if small_images else conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        entering = 64
        for i, count in enumerate(counts):
            blocks = []
            for j in range(count):
                blocks.append(Block(entering, 64 << i, 2 if i and not j else 1, bottleneck))
                entering = (256 if bottleneck else 64) << i
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(entering, num_classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        if not self.small_images:
            x = nn.functional.max_pool2d(x, 3, 2, 1)
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.fc(x.mean((2, 3)))


def resnet(depth, num_classes=1000, small_images=False):
    counts = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}[depth]
    return ResNet(counts, depth == 50, num_classes, small_images)


class VGG(nn.Module):
    def __init__(self, plan, num_classes, batch_norm):
        super().__init__()
        layers, entering = [], 3
        for item in plan:
            if item == "M":
                layers.append(nn.MaxPool2d(2, 2))
                continue
            layers.append(nn.Conv2d(entering, item, 3, padding=1))
            layers += [nn.BatchNorm2d(item)] * batch_norm + [nn.ReLU()]
            entering = item
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, num_classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def vgg(depth, num_classes=1000, batch_norm=False):
    plans = {
        11: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
        16: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    }
    return VGG(plans[depth], num_classes, batch_norm)


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def nin():
    layers = []
    for widths, size, pool in (
        ((3, 192, 160, 96), 5, nn.MaxPool2d(3, 2, 1)),
        ((96, 192, 192, 192), 5, nn.AvgPool2d(3, 2, 1)),
        ((192, 192, 192, 10), 3, None),
    ):
        for i in range(3):
            kernel = size if i == 0 else 1
            layers += [nn.Conv2d(widths[i], widths[i + 1], kernel, padding=kernel // 2), nn.ReLU()]
        layers += [pool, nn.Dropout()] if pool else [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers)


class CifarBlock(nn.Module):
    def __init__(self, entering, channels, residual):
        super().__init__()
        self.stride, self.residual = 1 if entering == channels else 2, residual
        self.conv1, self.bn1 = conv(entering, channels, 3, self.stride), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = conv(channels, channels, 3), nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.residual:
            short = x
            if self.stride == 2:
                short = torch.cat([x[:, :, ::2, ::2], torch.zeros_like(x[:, :, ::2, ::2])], 1)
            y = y + short
        return torch.relu(y)


class CifarResNet(nn.Module):
    def __init__(self, depth, residual):
        super().__init__()
        self.conv1, self.bn1 = conv(3, 16, 3), nn.BatchNorm2d(16)
        widths = [16] * (depth // 6) + [32] * (depth // 6) + [64] * (depth // 6)
        self.blocks = nn.Sequential(*[CifarBlock(a, b, residual) for a, b in zip([16, *widths], widths, strict=False)])
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.blocks(torch.relu(self.bn1(self.conv1(x)))).mean((2, 3)))
