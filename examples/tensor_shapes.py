"""A tensor is one row of numbers in memory and a shape; reshape and transpose only read it in another order.

    python examples/tensor_shapes.py --picture tensor_shapes.png

The number of axes is called rank or `ndim`: a single number has none, a vector one, a matrix two, a batch of grey
pictures three, of colour pictures four, of films five. `shape` says how long each axis is, `dtype` what each number is
stored as. A view has a shape of its own and no numbers of its own: what is written into the one is seen in the other.
Only where no regular walk through memory gives the new order, numbers are copied. (Pictures and films in these shapes:
F. Chollet, "Deep Learning with Python", 2017, chapter 2.)
"""

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import new_figure, save

COUNT = 6000  # pictures; MNIST has ten times as many


def print_ranks():
    """One tensor of each rank, from 0 to 5."""
    tensors = {
        "number": pc.tensor(12.0),
        "vector": pc.tensor([12.0, 3.0, 6.0, 14.0, 7.0]),
        "matrix": pc.tensor([[5, 78, 2], [6, 79, 3]]),
        "grey pictures": pc.zeros(COUNT, 28, 28, dtype=pc.uint8),
        "colour pictures": pc.zeros(16, 3, 32, 32),
        "films": pc.zeros(2, 24, 3, 32, 32),
    }
    print("what             ndim  shape                 dtype     numbers")
    for name, x in tensors.items():
        print(f"{name:16} {x.ndim:4}  {tuple(x.shape)!s:21} {x.dtype!s:8} {x.numel():8}")


def print_views():
    """What shares its memory with the pictures that it was made of?"""
    pictures = pc.arange(COUNT * 28 * 28).reshape(COUNT, 28, 28)
    table = pc.arange(300 * 20).reshape(300, 20)
    views = [
        ("pictures.reshape(-1, 784)", pictures, pictures.reshape(-1, 784)),
        ("table.T", table, table.T),
        ("table.T.reshape(6000)", table, table.T.reshape(6000)),
        ("pictures[10:100]", pictures, pictures[10:100]),
        ("pictures[:, 14:, 14:]", pictures, pictures[:, 14:, 14:]),
        ("pictures[:128]", pictures, pictures[:128]),
        ("pictures[128:256]", pictures, pictures[128:256]),
        ("pictures[[3, 1, 3]]", pictures, pictures[[3, 1, 3]]),
    ]
    print("\nwhat                       from             shape            memory")
    for name, source, x in views:
        memory = "shared" if np.shares_memory(np.asarray(source), np.asarray(x)) else "copied"
        print(f"{name:26} {tuple(source.shape)!s:16} {tuple(x.shape)!s:16} {memory}")
    pictures[10, 0, 0] = -1
    print(f"pictures[10, 0, 0] = -1, and then pictures[10:100][0, 0, 0] is {pictures[10:100][0, 0, 0].item()}")


def print_gradients():
    """The way back of each: the gradient of Y, in the shape of X, zero where X was not read."""
    print("\nX is (2, 3); J = sum of W * Y with W = 1, 2, 3, ...")
    for name, change in [
        ("X.reshape(3, 2)", lambda X: X.reshape(3, 2)),
        ("X.T", lambda X: X.T),
        ("X[1:]", lambda X: X[1:]),
    ]:
        X = pc.zeros(2, 3, requires_grad=True)
        Y = change(X)
        W = pc.arange(1, Y.numel() + 1).reshape(Y.shape).float()
        (W * Y).sum().backward()
        print(f"gradient through {name:16} {X.grad.int().tolist()}")


def draw(path):
    """The same twelve numbers in three shapes; the colour says where in memory a number lies."""
    X = pc.arange(12).reshape(3, 4)
    figure = new_figure(8.4, 3.4)
    for axes, (name, x) in zip(
        figure.subplots(1, 3), {"X": X, "X.reshape(2, 6)": X.reshape(2, 6), "X.T": X.T}.items(), strict=True
    ):
        axes.imshow(np.asarray(x), cmap="cividis")
        for (row, column), number in np.ndenumerate(np.asarray(x)):
            axes.text(column, row, number, ha="center", va="center", color="white" if number < 7 else "black")
        axes.set(title=f"{name}, {tuple(x.shape)}", xlabel="axis 1", ylabel="axis 0")
        axes.set(xticks=range(x.shape[1]), yticks=range(x.shape[0]))
    figure.suptitle("twelve numbers, one memory: the number in a cell is its place there")
    save(figure, path)


def main():
    arguments = options(__doc__)
    print_ranks()
    print_views()
    print_gradients()
    if arguments.picture:
        draw(arguments.picture)


if __name__ == "__main__":
    main()
