"""Look at a picture and at its mirror image: two answers that err differently, so their mean errs less often."""

from pellucid import nn


class BothWays(nn.Module):
    """In training mode the network itself; in evaluation mode the mean of its scores for x and for x mirrored.

    x (n, channels, height, width) -> (n, classes). It fits things that may be mirrored, and a network that has learned
    from mirrored pictures; an answer takes twice the time.

    Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012),
    section 4.1, who take the mean over five crops and their mirror images.
    """

    def __init__(self, network):
        self.network = network

    def forward(self, x):
        scores = self.network(x)
        return scores if self.training else (scores + self.network(x.flip(3))) / 2
