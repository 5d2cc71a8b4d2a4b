"""The small ResNets for CIFAR-10, and their plain twins: the pair that shows what a shortcut is good for.

Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2015), section 4.2.
"""

from pellucid import nn
from pellucid.errors import ArgumentError
from pellucid.functional import pad
from pellucid.models.resnet import reset_convolutions


class CifarBlock(nn.Module):
    """Two 3 x 3 convolutions with batch norm; `residual`: y = relu(x + F(x)), else the plain y = relu(F(x)).

    Where the image gets smaller, the shortcut takes every other pixel of x and sets the new channels to 0: it has no
    weights (option A of the paper), so that twins with and without it have the same ones.
    """

    def __init__(self, in_channels, channels, stride, residual):
        self.residual = residual
        self.stride = stride
        self.added = channels - in_channels
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + self.shortcut(x) if self.residual else y).relu()

    def shortcut(self, x):
        """x at the size of the block's output."""
        x = x[:, :, :: self.stride, :: self.stride] if self.stride > 1 else x
        return pad(x, (0, 0, 0, 0, 0, self.added)) if self.added else x


class CifarResNet(nn.Module):
    """A 3 x 3 convolution, three stages of 16, 32 and 64 channels, the mean of each channel, and a linear layer.

    x (N, in_channels, 32, 32) -> scores (N, num_classes). Each stage has n blocks of two convolutions, which makes
    depth = 6 n + 2 layers with weights.
    """

    def __init__(self, depth, residual=True, num_classes=10, in_channels=3):
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 8 or depth % 6 != 2:
            raise ArgumentError(
                f"a CIFAR ResNet has three stages of n blocks of two layers, and two more: depth is 6 n + 2, "
                f"not {depth!r}.",
                remedy="Take 8, 14, 20, 32, 44, 56 or 110.",
            )
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        blocks, n = [], depth // 6
        for entering, channels, stride in ((16, 16, 1), (16, 32, 2), (32, 64, 2)):
            blocks.append(CifarBlock(entering, channels, stride, residual))
            blocks += [CifarBlock(channels, channels, 1, residual) for _ in range(n - 1)]
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, num_classes)
        reset_convolutions(self)

    def forward(self, x):
        x = self.blocks(self.bn1(self.conv1(x)).relu())
        return self.fc(x.mean((2, 3)))


def cifar_resnet(depth=20, residual=True, num_classes=10, in_channels=3):
    """The ResNet for images of 32 x 32 with `depth` = 6 n + 2 layers, or its plain twin: see CifarResNet.

    Twins have the same parameters, so one's weights load into the other. In the paper the plain net of 56 layers is
    worse than that of 20, even on the data it was trained with, and the residual one is better.

    Raises ArgumentError for a depth that is not 6 n + 2.

    >>> import pellucid as pc
    >>> model = cifar_resnet(20)
    >>> model(pc.ones(2, 3, 32, 32)).shape, sum(p.numel() for p in model.parameters())
    ((2, 10), 269722)
    """
    return CifarResNet(depth, residual, num_classes, in_channels)
