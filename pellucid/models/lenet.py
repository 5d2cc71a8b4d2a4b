"""LeNet-5, the network that read the amounts on cheques in the 1990s."""

from pellucid import nn


def lenet5(num_classes=10, in_channels=1, activation=nn.ReLU, pool=nn.MaxPool2d):
    """Two convolutions, each followed by an activation and a pool, and three linear layers; for images of 28 x 28.

    x (N, in_channels, 28, 28) -> scores (N, num_classes). What is seen on the way, for each image:

        1 x 28 x 28   the image
        6 x 28 x 28   6 kernels of 5 x 5, two rows of zeros around the image
        6 x 14 x 14   the pool keeps one number of each 2 x 2
        16 x 10 x 10  16 kernels of 5 x 5, each over all 6 channels
        16 x 5 x 5    pool
        120, 84, 10   linear layers

    In 1998 the bends were tanh and the pools averages: lenet5(activation=nn.Tanh, pool=nn.AvgPool2d). ReLU and the
    largest of each window learn faster. (The original's second convolution left some channels out, its pools had
    weights, and its output compared with drawn digits; nobody does so any more.)

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (1998).

    >>> import pellucid as pc
    >>> model = lenet5()
    >>> model(pc.ones(5, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    ((5, 10), 61706)
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, 6, 5, padding=2), activation(), pool(2),
        nn.Conv2d(6, 16, 5), activation(), pool(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), activation(),
        nn.Linear(120, 84), activation(),
        nn.Linear(84, num_classes),
    )  # fmt: skip
