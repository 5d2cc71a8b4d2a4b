"""The computational graph of a value: each node with its data and its gradient."""

import contextlib

import numpy as np

from pellucid import engine
from pellucid.errors import ArgumentError, GradientError
from pellucid.view.canvas import INK, new_figure, save

MOST = 60  # nodes that can still be read
WIDTH, HEIGHT, ACROSS, DOWN = 1.5, 0.72, 1.95, 1.0  # inches: a box, and from one box to the next
LEAF, COMPUTED, RESULT = "#FDF3E1", "#FFFFFF", "#E8F1FB"


def graph(y, path=None, *, names=None, title=None):
    """Draw how a value was computed, from left to right: each box has the data above and the gradient below.

    Gradients are those of `y` with respect to each node; `.grad` of leaves is neither read nor changed, and `y` can
    still be walked back. Small arrays are written out, large ones by their shape and length (the root of the sum of
    squares). A dash stands for numbers that nobody has: constants are owed no gradient, and what no gradient reads
    was not kept. Pass a function, `view.graph(lambda: (w * x + b).tanh())`, and everything is kept while it runs.

    Args:
        y: a Tensor of one element that was computed from something that requires a gradient; or a function without
            arguments that computes one.
        path: where to save the picture as PNG; None saves nothing.
        names: name -> tensor, to write beside the leaves and results that have one: `names={"w": w, "loss": loss}`.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        GradientError: y was computed of nothing that requires a gradient, is no single number, or was walked already.
        ArgumentError: the graph has more than 60 nodes.

    >>> import pellucid as pc
    >>> w = pc.tensor(3.0, requires_grad=True)
    >>> figure = graph(w * w + 1.0, names={"w": w})
    >>> [text.get_text() for text in figure.axes[0].texts][0]
    'w'
    """
    if callable(y):
        with everything_kept():
            y = y()
    if type(getattr(y, "step", None)) is not list or y.numel() != 1:
        raise GradientError(
            "view.graph draws one computed number, and this value is none.",
            remedy="Give it the loss, computed from tensors with requires_grad=True: view.graph(loss).",
        )
    names = names or {}
    nodes = collect(y, {key_of(value): np.array(value.array) for value in names.values()})
    if len(nodes) > MOST:
        raise ArgumentError(
            f"the graph has {len(nodes)} nodes, and a picture with more than {MOST} cannot be read.",
            remedy="Draw a smaller net or one sample; a recorded step draws as SVG: step.graph.",
        )
    find_gradients(y, nodes)
    give_names(nodes, names)
    place(nodes)
    columns = 1 + max(node.column for node in nodes.values())
    rows = 1 + max(row for node in nodes.values() for row in (node.row, *node.way.values()))
    figure = new_figure(ACROSS * columns, DOWN * rows + 0.35 + (0.3 if title else 0))
    axes = figure.add_subplot()
    for node in nodes.values():
        draw(axes, node)
    for node in nodes.values():
        for x in node.inputs:
            arrow(axes, nodes[x], node)
    axes.set(xlim=(-0.15, ACROSS * columns - ACROSS + WIDTH + 0.15), ylim=(DOWN * rows - DOWN + HEIGHT + 0.1, -0.35))
    axes.set_aspect("equal")
    axes.axis("off")
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure


class Node:
    """One value of the graph: its op ("" for a leaf), the keys of its inputs, its numbers where they are known."""

    def __init__(self, op, inputs):
        self.op, self.inputs = op, inputs
        self.data = self.gradient = None
        self.name = ""
        self.column = self.row = 0
        self.way = {}  # column -> the row in which arrows to later columns pass through it


def key_of(x):
    """What a value is known by: its step, or for leaves itself."""
    return id(x.step) if type(x.step) is list else id(x)


@contextlib.contextmanager
def everything_kept():
    """Let steps keep their inputs with their numbers, also where no gradient reads them."""
    usual, engine.outline = engine.outline, lambda x: x
    try:
        yield
    finally:
        engine.outline = usual


def collect(y, known):
    """key -> Node of all that y was computed from, inputs before what is made of them. Plain numbers are left out.

    `known` has the numbers of some nodes.
    """
    nodes, stack = {}, [(y, False)]
    while stack:
        value, inputs_done = stack.pop()
        key, computed = key_of(value), type(value.step) is list
        if key in nodes:
            continue
        if computed and not value.step:
            raise GradientError(
                "the graph of this value is gone: backward() has freed it.",
                remedy="Draw first, or keep it: loss.backward(retain_graph=True).",
            )
        inputs = [x for x in value.step[engine.INPUTS] if shown(x)] if computed else []
        if inputs and not inputs_done:
            stack.append((value, True))
            stack.extend([(x, False) for x in reversed(inputs)])
            continue
        nodes[key] = Node(type(value.step[engine.OP]).__name__ if computed else "", [key_of(x) for x in inputs])
        nodes[key].data = known.get(key, numbers_of(value, nodes))
    return nodes


def numbers_of(value, nodes):
    """The numbers of a value. Where no gradient reads them they were not kept, and are computed again."""
    if isinstance(value.array, np.ndarray | np.generic):
        return np.array(value.array)
    if type(value.step) is not list:
        return None
    if value.step[engine.OUTPUT] is not None:
        return np.array(value.step[engine.OUTPUT])
    inputs = [nodes[key_of(x)].data if shown(x) else x.array for x in value.step[engine.INPUTS]]
    if any(not isinstance(x, np.ndarray | np.generic) for x in inputs):
        return None
    return np.array(value.step[engine.OP].forward(*inputs))


def shown(x):
    """Is this input drawn? Not if it is a plain number, or a constant whose numbers nobody kept."""
    return x.step is not None or (x.array.ndim > 0 and isinstance(x.array, np.ndarray))


def find_gradients(y, nodes):
    """Walk back from y without touching any `.grad`, and note what each node is owed."""
    import pellucid as pc

    def receive(leaf, share):
        node = nodes[key_of(leaf)]
        node.gradient = np.array(share.array) if node.gradient is None else node.gradient + share.array

    with engine.Setting(grad=False, walking=None):
        seed = pc.ones(y.shape, dtype=y.dtype)
        found = engine.walk([y], [seed], receive, retain_graph=True, wanted=set(nodes))
    for key, share in found.items():
        nodes[key].gradient = np.array(share.array)


def give_names(nodes, names):
    """Names by the caller; leaves without one are x1, x2, ..."""
    for name, value in names.items():
        if key_of(value) in nodes:
            nodes[key_of(value)].name = name
    unnamed = [node for node in nodes.values() if not node.op and not node.name]
    for number, node in enumerate(unnamed, start=1):
        node.name = f"x{number}"


def place(nodes):
    """Give each node a column and a row.

    A node stands one column right of its last input, a leaf just left of its first user. Rows fill from the top; the
    way of an arrow that goes further than one column takes a place in each column between, so that it crosses no box.
    """
    for node in nodes.values():
        node.column = 1 + max([nodes[x].column for x in node.inputs], default=-1)
    users = {key: [node.column for node in nodes.values() if key in node.inputs] for key in nodes}
    for key, node in nodes.items():
        if not node.op and users[key]:
            node.column = min(users[key]) - 1
    left = min(node.column for node in nodes.values())
    free = {}  # column -> its first free row
    for key, node in nodes.items():
        node.column -= left
        wish = max([nodes[x].row for x in node.inputs if nodes[x].op] or [nodes[x].row for x in node.inputs], default=0)
        node.row = max(free.get(node.column, 0), wish)
        free[node.column] = node.row + 1
        for column in range(node.column + 1, max(users[key], default=0) - left):
            node.way[column] = max(free.get(column, 0), node.row)
            free[column] = node.way[column] + 1


def corner(node):
    return ACROSS * node.column, DOWN * node.row


def draw(axes, node):
    """A box: data in the upper half, gradient in the lower; op and name above it."""
    from matplotlib.patches import FancyBboxPatch, Rectangle

    x, y = corner(node)
    fill = LEAF if not node.op else COMPUTED
    style = "round,pad=0,rounding_size=0.08" if node.op else "square,pad=0"
    box = FancyBboxPatch((x, y), WIDTH, HEIGHT, boxstyle=style, facecolor=fill, edgecolor="#555555", linewidth=1)
    axes.add_patch(box)
    axes.add_patch(Rectangle((x, y + HEIGHT / 2), WIDTH, 0, edgecolor="#BBBBBB", linewidth=0.7))
    heading = f"{node.name} = {node.op}" if node.op and node.name else node.op or node.name
    small = {"ha": "center", "va": "center", "color": INK}
    axes.text(x + WIDTH / 2, y - 0.12, heading, fontsize=9, weight="bold", **small)
    for at, letter, numbers in ((0.25, "data", node.data), (0.75, "grad", node.gradient)):
        axes.text(x + 0.06, y + HEIGHT * at, letter, fontsize=6.5, ha="left", va="center", color="#666666")
        axes.text(x + WIDTH / 2 + 0.16, y + HEIGHT * at, words(numbers), fontsize=8, **small)


def words(numbers):
    """Numbers as they fit into a box: written out up to four, else shape and length."""
    if numbers is None:
        return "-"
    if numbers.size == 1:
        return f"{float(numbers.reshape(())):.4g}"
    if numbers.size <= 4 and numbers.ndim == 1:
        return "[" + ", ".join(f"{float(x):.2g}" for x in numbers) + "]"
    length = float(np.sqrt((numbers.astype(np.float64) ** 2).sum()))
    return f"{'x'.join(map(str, numbers.shape))}, length {length:.2g}"


def arrow(axes, start, end):
    """From the right edge of one box to the left edge of another, through the places kept free on the way."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    x, y = corner(start)
    points, codes = [(x + WIDTH, y + HEIGHT / 2)], [Path.MOVETO]
    for column in range(start.column + 1, end.column):
        row = DOWN * start.way[column] + HEIGHT / 2
        for to in ((ACROSS * column, row), (ACROSS * column + WIDTH, row)):
            bend(points, codes, to)
    bend(points, codes, (corner(end)[0], corner(end)[1] + HEIGHT / 2))
    look = {"arrowstyle": "-|>", "mutation_scale": 9, "color": "#555555", "linewidth": 1, "fill": False}
    axes.add_patch(FancyArrowPatch(path=Path(points, codes), shrinkA=0, shrinkB=0, zorder=0, **look))


def bend(points, codes, to):
    """Go on to a point in a curve that is level at both ends."""
    from matplotlib.path import Path

    x, y = points[-1]
    half = (x + to[0]) / 2
    points += [(half, y), (half, to[1]), to]
    codes += [Path.CURVE4] * 3
