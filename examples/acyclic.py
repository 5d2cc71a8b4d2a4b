"""Feed-forward nets have no loop; a recurrent one has, and unrolled in time it has none either.

    python examples/acyclic.py --picture acyclic.png

In a feed-forward net every number goes on, never back: its graph can be sorted so that each arrow leads to a later
node. A recurrent net feeds its hidden state back into itself, so no such order exists. But what was fed back is the
state of the step before: with one copy of the state for each time step the loop becomes a chain. So the graph that is
recorded is acyclic always, and back-propagation can walk it (back-propagation through time: P. Werbos, 1990).
Sorting finds loops by itself (A. B. Kahn, "Topological sorting of large networks", 1962).
"""

from common import options

import pellucid as pc
from pellucid import engine
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save


def sort(edges):
    """The nodes in an order in which all arrows lead forward; shorter than the graph if there is a loop."""
    nodes = dict.fromkeys(node for edge in edges for node in edge)
    waiting = {node: sum(end == node for _, end in edges) for node in nodes}
    ready, order = [node for node in nodes if not waiting[node]], []
    while ready:
        order.append(ready.pop())
        for start, end in edges:
            if start == order[-1]:
                waiting[end] -= 1
                if not waiting[end]:
                    ready.append(end)
    return order, len(nodes)


def key_of(value):
    """A value is known by the step that made it, or by itself where no step did."""
    return id(value.step if type(value.step) is list else value)


def recorded(y):
    """The arrows of the graph that Pellucid recorded while it computed y."""
    edges, stack, seen = [], [y], set()
    while stack:
        value = stack.pop()
        if type(value.step) is list and key_of(value) not in seen:
            seen.add(key_of(value))
            edges += [(key_of(x), key_of(value)) for x in value.step[engine.INPUTS]]
            stack += value.step[engine.INPUTS]
    return edges


def feed_forward(X):
    inner, outer = pc.randn(3, 2, requires_grad=True), pc.randn(1, 3, requires_grad=True)  # weights of two layers
    return ((X @ inner.T).tanh() @ outer.T).sum()


def recurrent(X, steps):
    """h = tanh(X W^T + h B^T), as many times as there are steps; the same weights W and B in each."""
    W, B = pc.randn(3, 2, requires_grad=True), pc.randn(3, 3, requires_grad=True)
    h = pc.zeros(1, 3)
    for _ in range(steps):
        h = (X @ W.T + h @ B.T).tanh()
    return h.sum()


def draw(path):
    figure = new_figure(9, 3)
    layered = {"x": (0, 0), "h": (0, 1), "y": (0, 2)}
    unrolled = {f"{name}_{t}": (1.3 * t, row) for t in (1, 2, 3) for row, name in enumerate("xhy")}
    times = [(f"{a}_{t}", f"{b}_{t}") for t in (1, 2, 3) for a, b in ("xh", "hy")] + [("h_1", "h_2"), ("h_2", "h_3")]
    panels = [
        ("feed-forward", layered, [("x", "h"), ("h", "y")]),
        ("recurrent: a loop", layered, [("x", "h"), ("h", "y"), ("h", "h")]),
        ("unrolled in time: no loop", unrolled, times),
    ]
    for axes, (title, places, edges) in zip(figure.subplots(1, 3, width_ratios=(1, 1, 2)), panels, strict=True):
        for a, b in edges:
            color = VERMILLION if a[0] == b[0] else BLUE
            arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.5, "shrinkA": 13, "shrinkB": 13}
            start, end = places[a], places[b]
            if a == b:
                start, end = (start[0] + 0.15, start[1] + 0.12), (end[0] + 0.15, end[1] - 0.12)
                arrow |= {"connectionstyle": "arc3,rad=-2.5", "shrinkA": 1, "shrinkB": 1}
            axes.annotate("", xy=end, xytext=start, arrowprops=arrow)
        for name, (x, y) in places.items():
            axes.plot(x, y, "o", markersize=24, markerfacecolor="white", markeredgecolor=INK)
            axes.text(x, y, f"${name}$", ha="center", va="center", color=INK, fontsize=11)
        xs = [x for x, _ in places.values()]
        axes.set(xlim=(min(xs) - 1, max(xs) + 1), ylim=(-0.5, 2.5), title=title)
        axes.axis("off")
    save(figure, path)


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    X = pc.ones(1, 2)
    graphs = {
        "feed-forward, recorded": recorded(feed_forward(X)),
        "recurrent, as drawn": [("x", "h"), ("h", "h"), ("h", "y")],
        "recurrent, 3 steps recorded": recorded(recurrent(X, 3)),
        "recurrent, 6 steps recorded": recorded(recurrent(X, 6)),
    }
    print("graph                         nodes  sorted  verdict")
    for name, edges in graphs.items():
        order, count = sort(edges)
        print(f"{name:29} {count:5} {len(order):7}  {'acyclic' if len(order) == count else 'has a loop'}")
    if arguments.picture:
        draw(arguments.picture)


if __name__ == "__main__":
    main()
