"""Loops written out compute what the tensor functions compute, and take many times as long.

    python examples/loops.py --picture loops.png

relu, the sum and the products below are what they say: a loop over elements. A product of matrices is a table of dot
products, (n, k) by (k, m) giving (n, m), each the sum of k products. A tensor function does the same loop inside C,
without asking at each step what kind of number comes. Broadcasting saves a loop as well: an axis that is missing or of
length 1 is read again and again, and since each of its numbers is then used several times, its gradient is the sum of
all those uses. (Loops of this kind: F. Chollet, "Deep Learning with Python", 2017, section 2.3.)
"""

import time

import numpy as np
from common import options

import pellucid as pc
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy


def naive_relu(X):
    """max(x, 0) of each element of a matrix."""
    return [[x if x > 0 else 0.0 for x in row] for row in X]


def naive_add(X, Y):
    """The sum of two matrices, element by element."""
    return [[X[i][j] + Y[i][j] for j in range(len(X[0]))] for i in range(len(X))]


def naive_dot(x, y):
    """The sum of the products of two vectors."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


def naive_matrix_vector(X, y):
    """The dot product of each row with y."""
    return [naive_dot(row, y) for row in X]


def naive_matmul(X, Y):
    """The dot products of all rows of X with all columns of Y."""
    columns = [[row[j] for row in Y] for j in range(len(Y[0]))]
    return [[naive_dot(row, column) for column in columns] for row in X]


def seconds(function, *arguments, repeats=3):
    """The shortest of a few runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def compare(size):
    """name -> (seconds of the loop, of the tensor function); both must give the same numbers."""
    pc.manual_seed(0)
    X, Y = pc.randn(size, size, dtype=pc.float64), pc.randn(size, size, dtype=pc.float64)
    x, y = X.reshape(-1), Y.reshape(-1)  # long ones: of 150 numbers the call alone would take the time
    pairs = {
        "relu": (naive_relu, lambda X: X.relu(), (X,)),
        "add": (naive_add, lambda X, Y: X + Y, (X, Y)),
        "vector . vector": (naive_dot, lambda x, y: x @ y, (x, y)),
        "matrix . vector": (naive_matrix_vector, lambda X, y: X @ y, (X, Y[0])),
        "matrix . matrix": (naive_matmul, lambda X, Y: X @ Y, (X, Y)),
    }
    times = {}
    for name, (naive, fast, inputs) in pairs.items():
        lists = [each.tolist() for each in inputs]
        off = np.abs(np.array(naive(*lists)) - np.asarray(fast(*inputs))).max()
        times[name] = slow, quick = seconds(naive, *lists), seconds(fast, *inputs)
        ratio = f"{slow / quick:8.0f} times"
        print(f"{name:16} {slow * 1e6:10.0f} us {quick * 1e6:8.1f} us {ratio}   largest difference {off:.0e}")
    return times


def print_broadcasting():
    """Shapes that meet, and the gradient of the second in each: ones, as often as its numbers were used."""
    print("\nshape of A   shape of B   shape of A + B   gradient of sum(A + B) along B")
    for a, b in [((2, 2), (2,)), ((2, 2), (2, 1)), ((4, 3), ()), ((5, 1, 3), (2, 1)), ((3,), (3,))]:
        B = pc.zeros(b, requires_grad=True)
        Y = pc.zeros(a) + B
        Y.sum().backward()
        print(f"{a!s:12} {b!s:12} {tuple(Y.shape)!s:16} {B.grad.tolist()}")


def draw(times, path):
    figure = new_figure(7, 3.4)
    axes = figure.add_subplot()
    places = np.arange(len(times))
    for shift, kind, color in [(-0.2, "Python loop", VERMILLION), (0.2, "tensor function", BLUE)]:
        heights = [pair[shift > 0] * 1e6 for pair in times.values()]
        axes.bar(places + shift, heights, 0.38, color=color, label=kind, hatch="" if shift > 0 else "//", ec="white")
    axes.set_yscale("log")
    axes.set_xticks(places, list(times))
    axes.set_ylabel("microseconds (each line: ten times more)")
    tidy(axes)
    axes.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    print("vector . vector:", naive_dot([1.0, 2.0], [1.0, 2.0]))
    print("matrix . vector:", naive_matrix_vector([[2, 4], [3, 5]], [2, 4]))
    size = 60 if arguments.fast else 150
    print(f"\n{size} rows, {size} columns   loop      tensor")
    times = compare(size)
    print_broadcasting()
    if arguments.picture:
        draw(times, arguments.picture)


if __name__ == "__main__":
    main()
