"""VGG: nothing but small kernels, one block after the other, and three large linear layers.

Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2014).
"""

from pellucid import nn

# For each block, before the pool that halves the image: how many convolutions; columns A and D of the paper.
BLOCKS = {11: (1, 1, 2, 2, 2), 16: (2, 2, 3, 3, 3)}
CHANNELS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """The network whose blocks have `convolutions` layers each; names and layouts of its parameters are torchvision's.

    x (N, in_channels, H, W), usually 224 x 224 and at least 32 x 32, -> scores (N, num_classes). Two kernels of 3 x 3,
    one on top of the other, see 5 x 5 pixels like one of 5 x 5, with fewer weights and one more bend. With
    `batch_norm` each convolution is followed by batch normalisation (which the paper did not know yet).
    """

    def __init__(self, convolutions, num_classes=1000, in_channels=3, batch_norm=False, dropout=0.5):
        layers: list[nn.Module] = []
        for count, channels in zip(convolutions, CHANNELS, strict=True):
            for _ in range(count):
                layers.append(nn.Conv2d(in_channels, channels, 3, padding=1))
                if batch_norm:
                    layers.append(nn.BatchNorm2d(channels))
                layers.append(nn.ReLU())
                in_channels = channels
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)  # images of other sizes, too, give 7 x 7 here
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(4096, num_classes),
        )  # fmt: skip
        self.reset_parameters()

    def reset_parameters(self):
        """Draw all weights anew: by fan-out for the convolutions (He et al., 2015), narrow normals for the rest."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(layer.bias)
            elif isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, 0.0, 0.01)
                nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg11(num_classes=1000, in_channels=3, batch_norm=False, dropout=0.5):
    """VGG with 11 layers that have weights, 133 million of them: see VGG.

    >>> import pellucid as pc
    >>> model = vgg11(num_classes=10).eval()
    >>> model(pc.ones(1, 3, 32, 32)).shape
    (1, 10)
    """
    return VGG(BLOCKS[11], num_classes, in_channels, batch_norm, dropout)


def vgg16(num_classes=1000, in_channels=3, batch_norm=False, dropout=0.5):
    """VGG with 16 layers that have weights, 138,357,544 weights and biases for 1000 classes: see VGG.

    >>> import pellucid as pc
    >>> model = vgg16(num_classes=10).eval()
    >>> model(pc.ones(1, 3, 32, 32)).shape
    (1, 10)
    """
    return VGG(BLOCKS[16], num_classes, in_channels, batch_norm, dropout)
