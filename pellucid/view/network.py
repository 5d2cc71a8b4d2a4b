"""A small net drawn as it is in books: a circle for each unit, a line for each weight."""

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save

MOST = 16  # units of a layer that are all drawn; of wider ones the first and last few
ENDS = 5  # how many of them at either end
ACROSS, RADIUS = 1.6, 0.17  # inches


def network(model, path=None, *, inputs=None, outputs=None, title=None):
    """Draw the linear layers of a model: units as circles in columns, weights as lines between them.

    A positive weight is a solid blue line, a negative one a dashed orange-red line, and the thicker the larger;
    the bias of a unit is written in its circle where there is room. Of layers with more than 16 units the first and
    last five are drawn.

    Args:
        model: a module with linear layers in the order in which they act (an MLP), or the sizes of the layers
            alone: [2, 3, 1].
        path: where to save the picture as PNG; None saves nothing.
        inputs, outputs: names of the inputs and outputs.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ArgumentError: there is no linear layer, sizes do not fit to one another, or names are not as many.

    >>> figure = network([2, 3, 1], inputs=["$x_1$", "$x_2$"], outputs=["$y$"])
    >>> len(figure.axes[0].patches)  # circles
    6
    """
    sizes, weights, biases, between = read(model)
    for what, names, size in (("inputs", inputs, sizes[0]), ("outputs", outputs, sizes[-1])):
        if names is not None and len(names) != size:
            raise ArgumentError(f"network got {len(names)} names of {what}, and the net has {size}.")
    units = [visible(size) for size in sizes]
    tallest = max(map(len, units))
    figure = new_figure(ACROSS * len(sizes) + 0.8, max(1.6, 0.5 * tallest + 0.9))
    axes = figure.add_subplot()
    places = [column(layer, shown, tallest) for layer, shown in enumerate(units)]
    for layer, weight in enumerate(weights):
        draw_weights(axes, weight, units[layer : layer + 2], places[layer : layer + 2])
    for layer, shown in enumerate(units):
        draw_units(axes, layer, shown, places[layer], biases)
        draw_names(axes, shown, places[layer], {0: inputs, len(sizes) - 1: outputs}.get(layer), left=layer == 0)
        below = -0.5 * tallest / 2 - 0.3
        heading = f"{sizes[layer]} {'unit' if layer else 'input'}{'s' if sizes[layer] > 1 else ''}"
        axes.text(ACROSS * layer, below, heading, ha="center", fontsize=8.5)
        if layer and between[layer - 1]:
            axes.text(ACROSS * layer, below - 0.2, between[layer - 1], ha="center", fontsize=8.5, color="#555555")
    half = 0.25 * tallest
    if any(weight is not None for weight in weights):
        words = "solid: positive weight, dashed: negative; in a circle: bias"
        axes.text(ACROSS * (len(sizes) - 1) / 2, -half - 0.8, words, ha="center", fontsize=7.5, color="#555555")
    axes.set(xlim=(-0.75, ACROSS * (len(sizes) - 1) + 0.75), ylim=(-half - 0.9, half + 0.1), aspect="equal")
    axes.axis("off")
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure


def read(model):
    """Sizes of the layers, weights (None where only sizes are known), biases, and what acts after each layer."""
    if not hasattr(model, "named_modules"):
        sizes = [int(size) for size in model]
        if len(sizes) < 2 or min(sizes) < 1:
            raise ArgumentError(f"network got the sizes {sizes}, and needs at least two, each at least 1.")
        return sizes, [None] * (len(sizes) - 1), {}, [""] * (len(sizes) - 1)
    sizes, weights, biases, between = [], [], {}, []
    for _, layer in model.named_modules():
        weight = getattr(layer, "weight", None)
        if weight is not None and weight.ndim == 2 and type(layer).__name__ == "Linear":
            weights.append(np.array(weight.detach()))
            if sizes and sizes[-1] != weights[-1].shape[1]:
                raise ArgumentError(
                    f"a layer with {weights[-1].shape[1]} inputs follows one with {sizes[-1]} outputs: "
                    "network draws linear layers that act one after the other."
                )
            sizes = sizes or [weights[-1].shape[1]]
            sizes.append(weights[-1].shape[0])
            between.append("")
            if layer.bias is not None:
                biases[len(sizes) - 1] = np.array(layer.bias.detach())
        elif not list(layer.children()) and between:
            name = type(layer).__name__
            between[-1] = f"{between[-1]}, {name}" if between[-1] else name
    if not weights:
        raise ArgumentError(
            f"network draws linear layers, and {type(model).__name__} has none.",
            remedy="Give the sizes of the layers instead: view.network([2, 3, 1]).",
        )
    return sizes, weights, biases, between


def visible(size):
    """The units that are drawn; None stands for those left out."""
    if size <= MOST:
        return list(range(size))
    return [*range(ENDS), None, *range(size - ENDS, size)]


def column(layer, shown, tallest):
    """Where the units of a layer stand: (x, y), from top to bottom, in the middle of the picture."""
    gap = min(1.0, tallest / len(shown)) * 0.5 if len(shown) > 1 else 0.5
    return [(ACROSS * layer, gap * ((len(shown) - 1) / 2 - row)) for row in range(len(shown))]


def draw_weights(axes, weight, units, places):
    """A line for each weight; without numbers thin grey ones."""
    largest = np.abs(weight).max() if weight is not None else 1.0
    for j, end in zip(units[1], places[1], strict=True):
        for i, start in zip(units[0], places[0], strict=True):
            if i is None or j is None:
                continue
            look = {"color": "#999999", "linewidth": 0.8, "linestyle": "-"}
            if weight is not None:
                share = abs(weight[j, i]) / max(largest, 1e-30)
                positive = weight[j, i] >= 0
                look = {
                    "color": BLUE if positive else VERMILLION,
                    "linestyle": "-" if positive else (0, (4, 2)),
                    "linewidth": 0.2 + 2.4 * share,
                    "alpha": 0.35 + 0.65 * share,
                }
            axes.plot([start[0], end[0]], [start[1], end[1]], zorder=1, **look)


def draw_units(axes, layer, shown, places, biases):
    """A circle for each unit, with its bias inside; dots for those left out."""
    from matplotlib.patches import Circle

    for unit, (x, y) in zip(shown, places, strict=True):
        if unit is None:
            axes.text(x, y, "...", rotation=90, ha="center", va="center", fontsize=12, color=INK)
            continue
        fill = "#FDF3E1" if layer == 0 else "#FFFFFF"
        axes.add_patch(Circle((x, y), RADIUS, facecolor=fill, edgecolor=INK, linewidth=1, zorder=2))
        if layer in biases:
            axes.text(x, y, f"{biases[layer][unit]:.2g}", ha="center", va="center", fontsize=6.5, zorder=3, color=INK)


def draw_names(axes, shown, places, names, left):
    """Names beside the units of the first or last layer."""
    if names is None:
        return
    for unit, (x, y) in zip(shown, places, strict=True):
        if unit is not None:
            at = x - RADIUS - 0.08 if left else x + RADIUS + 0.08
            axes.text(at, y, names[unit], ha="right" if left else "left", va="center", fontsize=10, color=INK)
