"""The loss as a map, and the ways that optimizers took across it."""

import math

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILLION, new_figure, save, tidy

WAYS = [(VERMILLION, "-", "o"), (BLUE, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"), (ORANGE, "-", "v")]
LINES = 18  # contour lines


def loss_contour(
    loss, paths=None, path=None, *, across=None, up=None, axis_labels=("$w_1$", "$w_2$"), steps=80, title=None
):
    """Draw lines of equal loss over a plane, and on it the way of each optimizer, from a ring to a full mark.

    With two parameters the plane is that of the parameters. With more, it is the plane in which the ways spread
    most (their first two principal directions), through the end of the first way: a cut through the landscape.

    Args:
        loss: a function from an array of all parameters, shape (d,), to a number. It is asked steps * steps times.
        paths: name -> array of shape (points, d), where that optimizer was, in order; at most five.
        path: where to save the picture as PNG; None saves nothing.
        across, up: (low, high) of the two axes; by default what the paths need.
        axis_labels: of the two parameters; a cut names its own.
        steps: places along each axis at which the loss is asked for.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`, with the last loss of each way in the legend. Lines lie close where it is steep;
        their heights are spaced evenly, or evenly in the logarithm where the loss spans more than two powers of ten.

    Raises:
        ShapeError: the paths have other shapes, or the loss is not one number.
        ArgumentError: neither paths nor both ranges are given, numbers are not finite, or there are too many paths.

    Source of the cut along the way: Li et al., "Visualizing the Loss Landscape of Neural Nets" (2018).

    >>> way = [[2.0, 1.0], [1.0, 0.8], [0.4, 0.5]]
    >>> figure = loss_contour(lambda w: w[0] ** 2 + 4 * w[1] ** 2, {"SGD": way}, title="a bowl")
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['SGD: 1.16 after 2 steps']
    """
    ways = check_paths(paths or {})
    plane = Plane(ways)
    flat = {name: plane.places(way) for name, way in ways.items()}
    spots = np.concatenate([*flat.values(), np.zeros((0, 2))])
    across, up = (check_range(given, spots[:, axis]) for axis, given in enumerate((across, up)))
    x, y = np.linspace(*across, steps), np.linspace(*up, steps)
    heights = np.array([[height(loss, plane.parameters((a, b))) for a in x] for b in y])

    figure = new_figure(5.8, 4.6)
    axes = figure.add_subplot()
    draw_lines(axes, x, y, heights)
    for (name, way), (color, line, mark) in zip(flat.items(), WAYS, strict=False):
        end = height(loss, ways[name][-1])
        label = f"{name}: {end:.3g} after {len(way) - 1} steps"
        look = {"color": color, "linestyle": line, "marker": mark, "markersize": 3, "linewidth": 1.5}
        axes.plot(way[:, 0], way[:, 1], label=label, markevery=max(1, len(way) // 25), **look)
        axes.plot(*way[0], marker="o", color=INK, markerfacecolor="white", markersize=8, zorder=4)
        axes.plot(*way[-1], marker=mark, color=INK, markerfacecolor=color, markersize=9, zorder=5)
    tidy(axes)
    axes.grid(visible=False)
    labels = plane.labels() or axis_labels
    axes.set(xlim=across, ylim=up, xlabel=labels[0], ylabel=labels[1])
    if title:
        axes.set_title(title, color=INK, fontsize=12)
    if flat:
        columns = 1 if len(flat) == 1 or max(map(len, flat)) > 20 else 2
        figure.legend(loc="outside lower center", frameon=False, fontsize=8.5, labelcolor=INK, ncols=columns)
    if path is not None:
        save(figure, path)
    return figure


class Plane:
    """The plane that is drawn: two parameters as they are, or the two directions in which the ways spread most."""

    def __init__(self, ways):
        size = next(iter(ways.values())).shape[1] if ways else 2
        self.origin, self.directions, self.shares = np.zeros(size), np.eye(2, size), None
        if size > 2:
            self.origin = next(iter(ways.values()))[-1]
            away = np.concatenate(list(ways.values())) - self.origin
            _, lengths, directions = np.linalg.svd(away, full_matrices=False)
            self.directions = np.zeros((2, size))  # a way along one line has no second direction
            self.directions[: len(directions[:2])] = directions[:2]
            self.shares = [*lengths[:2] ** 2 / max((lengths**2).sum(), 1e-300), 0.0][:2]

    def places(self, way):
        """Where the points of a way lie in the plane."""
        return (way - self.origin) @ self.directions.T

    def parameters(self, place):
        """All parameters at a place of the plane."""
        return self.origin + np.asarray(place) @ self.directions

    def labels(self):
        """What the axes of a cut mean; None for a plane of two parameters."""
        if self.shares is None:
            return None
        names = ("first", "second")
        return [f"{name} direction ({share:.0%} of the way)" for name, share in zip(names, self.shares, strict=True)]


def draw_lines(axes, x, y, heights):
    """Filled bands from light (low) to dark (high), and the lines between them."""
    # The lowest hundredth is cut off: lines around a few deep places would be too fine for the grid.
    low, high = np.quantile(heights, 0.01), heights.max()
    heights = np.maximum(heights, low)
    far = low > 0 and high > 100 * low
    levels = np.geomspace(low, high, LINES) if far else np.linspace(low, high if high > low else low + 1, LINES)
    norm = "log" if far else "linear"
    bands = axes.contourf(x, y, heights, levels=levels, cmap="Blues", norm=norm, alpha=0.75)
    axes.contour(x, y, heights, levels=levels, colors="#555555", linewidths=0.5, norm=norm)
    shown = levels[:: LINES // 6]
    bar = axes.figure.colorbar(bands, ax=axes, ticks=shown, pad=0.02)
    bar.ax.minorticks_off()
    bar.ax.set_yticklabels([f"{level:.3g}" for level in shown])
    bar.set_label("loss", color=INK)
    bar.ax.tick_params(labelsize=8, labelcolor=INK)
    bar.outline.set_visible(False)


def height(loss, parameters):
    """The loss at one place, as a float."""
    found = loss(parameters)
    found = np.asarray(found.detach() if hasattr(found, "detach") else found, dtype=np.float64)
    if found.size != 1:
        raise ShapeError(f"loss_contour needs one number from loss, and got an array of shape {found.shape}.")
    number = float(found.reshape(()))
    if not math.isfinite(number):
        raise ArgumentError(
            f"the loss is {number} at {np.round(parameters, 3)}, and a map needs finite heights.",
            remedy="Draw a smaller range: across=(low, high), up=(low, high).",
        )
    return number


def check_paths(paths):
    """The ways as float64 arrays of one width, or an error that says which is none."""
    if len(paths) > len(WAYS):
        raise ArgumentError(f"loss_contour got {len(paths)} paths, and tells at most {len(WAYS)} apart.")
    ways = {name: np.asarray(way, dtype=np.float64) for name, way in paths.items()}
    widths = {way.shape[1] if way.ndim == 2 and len(way) else None for way in ways.values()}
    if None in widths or len(widths) > 1 or any(width is not None and width < 2 for width in widths):
        shapes = {name: way.shape for name, way in ways.items()}
        raise ShapeError(
            f"loss_contour got paths of the shapes {shapes}; all need (points, d) with one d of at least 2."
        )
    for name, way in ways.items():
        if not np.isfinite(way).all():
            raise ArgumentError(f"the path of {name} has numbers that are not finite: it cannot be drawn.")
    return ways


def check_range(given, values):
    """(low, high) of an axis: as given, or what the values need and a fifth more on either side."""
    if given is None:
        if not len(values):
            raise ArgumentError("loss_contour needs paths, or both across=(low, high) and up=(low, high).")
        low, high = float(values.min()), float(values.max())
        margin = 0.2 * (high - low) or 1.0
        return low - margin, high + margin
    low, high = given
    if not low < high:
        raise ArgumentError(f"loss_contour got the range {given}, and low < high is needed.")
    return float(low), float(high)
