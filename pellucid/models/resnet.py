"""ResNet: layers that learn what to add to their input, so that a hundred of them can still be trained.

Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2015). Names and layouts of the
parameters are torchvision's, so its weights load as they are.
"""

from pellucid import nn


class BasicBlock(nn.Module):
    """y = relu(x + F(x)) with F = convolution, batch norm, relu, convolution, batch norm; both kernels 3 x 3.

    If the block changes the size of the image (`stride`) or the channels, a 1 x 1 convolution brings x to the same
    shape. Shapes: x (N, in_channels, H, W), y (N, channels, H / stride, W / stride), rounded up.
    """

    expansion = 1  # the block's output has so many times `channels`

    def __init__(self, in_channels, channels, stride=1):
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = shortcut(in_channels, channels, stride)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """y = relu(x + F(x)), where F goes through a narrow middle: 1 x 1 to `channels`, 3 x 3, 1 x 1 to 4 `channels`.

    It costs about what a BasicBlock costs and has four times the channels. The stride is that of the 3 x 3
    convolution, as in torchvision (in the paper it was that of the first).
    """

    expansion = 4

    def __init__(self, in_channels, channels, stride=1):
        self.conv1 = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, 4 * channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * channels)
        self.relu = nn.ReLU()
        self.downsample = shortcut(in_channels, 4 * channels, stride)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


def shortcut(in_channels, out_channels, stride):
    """What brings a block's input to the shape of its output; None where it has that shape already."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))


class ResNet(nn.Module):
    """A first convolution, four stages of `blocks` that halve the image and double the channels, and a linear layer.

    x (N, in_channels, H, W), usually 224 x 224, -> scores (N, num_classes). The first convolution (7 x 7, stride 2)
    and the pool behind it make the image four times smaller at once; with `small_images`, for those of CIFAR-10
    (32 x 32), there is a 3 x 3 convolution of stride 1 instead, and no pool.
    """

    def __init__(self, block, blocks, num_classes=1000, in_channels=3, small_images=False):
        if small_images:
            self.conv1 = nn.Conv2d(in_channels, 64, 3, padding=1, bias=False)
        else:
            self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.Identity() if small_images else nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = stage(block, blocks[0], 64, 64)
        self.layer2 = stage(block, blocks[1], 64 * block.expansion, 128, stride=2)
        self.layer3 = stage(block, blocks[2], 128 * block.expansion, 256, stride=2)
        self.layer4 = stage(block, blocks[3], 256 * block.expansion, 512, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        reset_convolutions(self)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def stage(block, count, in_channels, channels, stride=1):
    """`count` blocks one after the other, of which the first changes the size."""
    first = block(in_channels, channels, stride)
    return nn.Sequential(first, *[block(channels * block.expansion, channels) for _ in range(count - 1)])


def reset_convolutions(model):
    """Draw the weights of all convolutions by fan-out, for ReLU (He et al., 2015); batch norms begin as 1 and 0."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")


def resnet18(num_classes=1000, in_channels=3, small_images=False):
    """ResNet of BasicBlocks, 2 in each stage; 11,689,512 weights for 1000 classes: see ResNet.

    >>> import pellucid as pc
    >>> model = resnet18(num_classes=10, small_images=True)
    >>> model.eval()(pc.ones(1, 3, 32, 32)).shape
    (1, 10)
    """
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, in_channels, small_images)


def resnet34(num_classes=1000, in_channels=3, small_images=False):
    """ResNet of BasicBlocks, 3, 4, 6 and 3 in the stages; 21,797,672 weights for 1000 classes: see ResNet.

    >>> import pellucid as pc
    >>> model = resnet34(num_classes=10).eval()
    >>> model(pc.ones(1, 3, 64, 64)).shape
    (1, 10)
    """
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, in_channels, small_images)


def resnet50(num_classes=1000, in_channels=3, small_images=False):
    """ResNet of Bottlenecks, 3, 4, 6 and 3 in the stages; 25,557,032 weights for 1000 classes: see ResNet.

    >>> import pellucid as pc
    >>> model = resnet50(num_classes=10).eval()
    >>> model(pc.ones(1, 3, 64, 64)).shape
    (1, 10)
    """
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, in_channels, small_images)
