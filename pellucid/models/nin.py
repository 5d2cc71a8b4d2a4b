"""Network in Network: a little network at every pixel, and no linear layers at the end."""

from pellucid import nn


def mlpconv(in_channels, channels, kernel_size):
    """A convolution, and two of 1 x 1 behind it: at each pixel a multilayer perceptron over the channels."""
    first, second, third = channels
    return [
        nn.Conv2d(in_channels, first, kernel_size, padding=kernel_size // 2), nn.ReLU(),
        nn.Conv2d(first, second, 1), nn.ReLU(),
        nn.Conv2d(second, third, 1), nn.ReLU(),
    ]  # fmt: skip


def nin(num_classes=10, in_channels=3, dropout=0.5):
    """Network in Network for images of 32 x 32: three blocks, each a convolution and two of 1 x 1.

    x (N, in_channels, H, W) -> scores (N, num_classes). A 1 x 1 convolution is a linear layer that is used at every
    pixel. The last block makes one channel for each class, whose mean over the image is the class's score, so there
    is no linear layer that could learn the training pictures by heart, and images may have any size from 4 x 4 on.

    Source: Lin, Chen and Yan, "Network in network" (2013).

    >>> import pellucid as pc
    >>> model = nin()
    >>> model(pc.ones(2, 3, 32, 32)).shape, sum(p.numel() for p in model.parameters())
    ((2, 10), 966986)
    """
    return nn.Sequential(
        *mlpconv(in_channels, (192, 160, 96), 5), nn.MaxPool2d(3, stride=2, padding=1), nn.Dropout(dropout),
        *mlpconv(96, (192, 192, 192), 5), nn.AvgPool2d(3, stride=2, padding=1), nn.Dropout(dropout),
        *mlpconv(192, (192, 192, num_classes), 3),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip
