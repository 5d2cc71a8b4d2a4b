"""A kernel that finds vertical edges: set by hand, and learned from examples alone.

    python examples/edge_kernel.py --picture edges.png

The kernel (1, 0, -1) in each of three rows subtracts what is to the right from what is to the left: its result is 0
where the picture is even, and large at vertical edges. A second kernel begins with small random numbers, sees pictures
and the results of the first, and goes down the slope of the mean squared error. It comes to the same nine numbers,
since many pictures leave no other choice. (Edge kernels by hand: Prewitt, "Object enhancement and extraction", 1970.)
"""

import argparse

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim, view

BY_HAND = pc.tensor([[[[1.0, 0.0, -1.0]] * 3]])


def blocks(count, size=16):
    """Pictures of random light and dark rectangles, (count, 1, size, size)."""
    pictures = pc.rand(count, 1, 4, 4).repeat_interleave(size // 4, 2).repeat_interleave(size // 4, 3)
    return pictures.round()  # 0 dark, 1 light


def learn(steps=300):
    """Nine weights from random ones, and the loss before and after."""
    pc.manual_seed(0)
    layer = nn.Conv2d(1, 1, 3, bias=False)
    optimizer = optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(steps):
        X = blocks(8)
        Y = F.conv2d(X, BY_HAND)
        J = F.mse_loss(layer(X), Y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        losses.append(J.item())
    return layer, losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw both kernels into a PNG file")
    arguments = parser.parse_args()

    layer, losses = learn()
    print("by hand   learned")
    for row, learned in zip(BY_HAND[0, 0].tolist(), layer.weight[0, 0].tolist(), strict=True):
        print("  ".join(f"{w:2.0f}" for w in row), "   ", "  ".join(f"{w:7.4f}" for w in learned))
    print(f"loss {losses[0]:.3f} before, {losses[-1]:.1e} after {len(losses)} steps")
    if arguments.picture:
        kernels = pc.cat([BY_HAND, layer.weight.detach()])
        view.kernels(kernels, arguments.picture, title="by hand, and learned")


if __name__ == "__main__":
    main()
