"""How the numbers of each layer are spread: activations on the way forward, gradients on the way back."""

import numpy as np

from pellucid.errors import ArgumentError
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

BINS = 60
MOST = 24  # panels on a sheet


def activations(model, *inputs):
    """What each layer puts out for these inputs: name -> array, in the order in which the layers ran.

    A layer is a module without children. Nothing is trained: no gradient is recorded, and the model stays in the
    mode it is in (call `model.eval()` first where dropout should be off).

    Raises ArgumentError if the model has no layer.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    >>> {name: array.shape for name, array in activations(model, pc.zeros(5, 2)).items()}
    {'0 Linear': (5, 3), '1 Tanh': (5, 3)}
    """
    import pellucid as pc

    found, handles = {}, []

    def watch(name, layer):
        def keep(_module, _inputs, output):
            found[f"{name} {type(layer).__name__}".strip()] = np.array(output.detach())

        handles.append(layer.register_forward_hook(keep))

    for name, layer in model.named_modules():
        if not list(layer.children()):
            watch(name, layer)
    try:
        with pc.no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise ArgumentError(f"{type(model).__name__} ran no layer whose activations could be shown.")
    return found


def gradients(model):
    """The gradient of each parameter after `loss.backward()`: name -> array.

    Raises ArgumentError if no parameter has a gradient.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> model = nn.Linear(2, 1)
    >>> model(pc.ones(4, 2)).sum().backward()
    >>> gradients(model)["bias"].tolist()
    [4.0]
    """
    found = {name: np.array(p.grad.detach()) for name, p in model.named_parameters() if p.grad is not None}
    if not found:
        raise ArgumentError("no parameter has a gradient yet.", remedy="Call loss.backward() first.")
    return found


def histograms(values, path=None, *, title=None, label="value", same_axis=True):
    """Draw one histogram for each layer, one below the other, with mean, spread and the share of zeros.

    From top to bottom one sees whether the signal keeps its size from layer to layer. Numbers that are not finite
    are counted and left out.

    Args:
        values: name -> array, such as `activations(model, x)` or `gradients(model)` give; at most 24.
        path: where to save the picture as PNG; None saves nothing.
        title: a line above the picture.
        label: what the numbers are, for the axis, with the unit if there is one.
        same_axis: one scale for all layers. False gives each its own, for shapes instead of sizes.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ArgumentError: there is no layer or too many, or one has no numbers.

    >>> figure = histograms({"layer 1": [0.0, 0.0, 2.0, 2.0], "layer 2": [0.5, 0.5, 1.0, 1.0]})
    >>> [axes.texts[0].get_text() for axes in figure.axes]
    ['layer 1: mean 1, std 1, 50 % zeros', 'layer 2: mean 0.75, std 0.25']
    """
    arrays = check_values(values)
    finite = {name: array[np.isfinite(array)] for name, array in arrays.items()}
    every = np.concatenate(list(finite.values()))
    figure = new_figure(5.6, 0.85 * len(arrays) + 0.9)
    panels = figure.subplots(len(arrays), 1, squeeze=False)[:, 0]
    for axes, (name, array) in zip(panels, arrays.items(), strict=True):
        numbers = finite[name]
        edges = np.linspace(*ends(every if same_axis else numbers), BINS + 1)
        counts, _ = np.histogram(numbers, edges)
        shares = counts / max(array.size, 1)
        axes.bar(edges[:-1], shares, width=np.diff(edges), align="edge", color=BLUE, linewidth=0)
        tidy(axes)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, 1.45 * max(shares.max(), 1e-9))  # room for the line of words
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        wrong = array.size - numbers.size
        words = f"{name}: {describe(numbers)}" + (f", {wrong} not finite" if wrong else "")
        color = VERMILLION if wrong else INK
        axes.text(0.01, 0.97, words, transform=axes.transAxes, va="top", fontsize=8.5, color=color)
        if same_axis and axes is not panels[-1]:
            axes.tick_params(labelbottom=False)
    panels[-1].set_xlabel(f"{label} (height: share of the numbers)", color=INK, fontsize=9)
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
    if path is not None:
        save(figure, path)
    return figure


def describe(numbers):
    """Mean, standard deviation and share of zeros in words."""
    if not numbers.size:
        return "no finite number"
    zeros = float((numbers == 0).mean())
    words = f"mean {numbers.mean():.2g}, std {numbers.std():.2g}"
    return words + (f", {zeros:.0%}".replace("%", " %") + " zeros" if zeros else "")


def ends(numbers):
    """The range of a histogram: all numbers, a little room around one that stands alone."""
    if not numbers.size:
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def check_values(values):
    """name -> flat float64 array, or an error that says what is wrong."""
    if not hasattr(values, "items") or not values:
        raise ArgumentError(
            "histograms needs a dict of name -> numbers with at least one entry.",
            remedy="For example view.activations(model, x), or view.gradients(model) after loss.backward().",
        )
    if len(values) > MOST:
        raise ArgumentError(f"histograms got {len(values)} layers, and draws at most {MOST}: choose some of them.")
    arrays = {}
    for name, value in values.items():
        array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=np.float64).reshape(-1)
        if not array.size:
            raise ArgumentError(f"histograms got no numbers for {name}.")
        arrays[name] = array
    return arrays
