"""The regions into which a classifier divides the plane, beneath the points that it learned from."""

import numpy as np

from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.view.canvas import INK, PALETTE, new_figure, save, tidy

MARKERS = "os^Dv*"  # a shape per class, so that colour is not needed to tell the classes apart
STEPS = 400  # grid points along each axis


def decision_boundary(
    predict, points, labels, path=None, *, names=None, axis_labels=("$x_1$", "$x_2$"), title=None, axes=None
):
    """Ask a classifier about every place of a fine grid, and draw its answers beneath the labelled points.

    The boundary is where the answer changes. A point that lies in the region of another class than its
    own has a ring around it.

    Args:
        predict: a function from an array of points, shape (m, 2), to m class numbers 0, 1, ... The array has the
            dtype of `points`, or float64 where that is no float.
        points: what the classifier was trained (or is tested) on, shape (n, 2).
        labels: the right class number of each point, shape (n,), at most six classes.
        path: where to save the picture as PNG; None saves nothing.
        names: a name per class, for the legend; default "class 0", "class 1", ...
        axis_labels: what the two axes mean, with the unit if there is one: ("petal length (cm)", ...).
        title: a line above the picture; the number of right answers is added.
        axes: matplotlib axes to draw into, for several pictures side by side in a figure of your own; they get no
            legend. By default a new figure is made.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ShapeError: points, labels or the answers of `predict` have another shape.
        DtypeError: labels or the answers of `predict` are not class numbers.
        ArgumentError: points are infinite or NaN, class numbers lie outside 0 to 5, or names are missing.

    >>> points, labels = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> figure = decision_boundary(lambda x: x.sum(axis=1) > 1.5, points, labels, names=["0", "1"], title="AND")
    >>> figure.axes[0].get_title()
    'AND: 4 of 4 right'
    """
    points = check_points(points)
    labels = check_classes("labels", labels, len(points))
    answers = check_classes("the answers of predict", predict(points), len(points))
    across, up = (span(points[:, axis]) for axis in (0, 1))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(points.dtype)
    regions = check_classes("the answers of predict", predict(grid), len(grid)).reshape(STEPS, STEPS)
    classes = int(max(labels.max(), regions.max(), answers.max())) + 1
    names = check_names(names, classes)

    figure = new_figure(5.4, 4.4) if axes is None else axes.figure
    alone = axes is None
    axes = figure.add_subplot() if alone else axes
    draw_regions(axes, across, up, regions, classes)
    size, edge = (34, 0.7) if len(points) <= 250 and alone else (14, 0.4)  # many points, or little room
    for number in range(classes):
        own = points[labels == number]
        look = {"marker": MARKERS[number], "color": PALETTE[number], "edgecolors": INK, "linewidths": edge, "s": size}
        axes.scatter(own[:, 0], own[:, 1], label=names[number], zorder=3, **look)
    missed = points[answers != labels]
    if len(missed):
        axes.scatter(
            missed[:, 0],
            missed[:, 1],
            s=4 * size,
            facecolors="none",
            edgecolors=INK,
            linewidths=1.3,
            zorder=4,
            label="wrong",
        )
    tidy(axes)
    axes.grid(visible=False)
    axes.set(xlim=across[[0, -1]], ylim=up[[0, -1]], xlabel=axis_labels[0], ylabel=axis_labels[1])
    score = f"{len(points) - len(missed)} of {len(points)} right"
    axes.set_title(f"{title}: {score}" if title else score, color=INK, fontsize=12 if alone else 10)
    if alone:
        figure.legend(loc="outside right upper", frameon=False, fontsize=9, labelcolor=INK)
    if path is not None:
        save(figure, path)
    return figure


def draw_regions(axes, across, up, regions, classes):
    """Fill each region with a tint of its class's colour, and draw the lines where two regions meet."""
    from matplotlib.colors import ListedColormap, to_rgb

    tints = [0.35 * np.array(to_rgb(colour)) + 0.65 for colour in PALETTE[:classes]]  # 35 % colour, 65 % white
    axes.pcolormesh(
        across,
        up,
        regions,
        cmap=ListedColormap(tints),
        vmin=-0.5,
        vmax=classes - 0.5,
        shading="nearest",
        rasterized=True,
    )
    for number in np.unique(regions)[1:]:
        axes.contour(across, up, (regions >= number).astype(float), levels=[0.5], colors=INK, linewidths=1.2)


def span(values):
    """STEPS places that cover the values and a tenth more on either side."""
    low, high = values.min(), values.max()
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, STEPS)


def check_points(points):
    """The points as a float array of shape (n, 2), or an error that says what is wrong with them."""
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ShapeError(
            f"decision_boundary got points of shape {points.shape}, and a plane needs the shape (n, 2) with n >= 1.",
            remedy="Of data with more features choose two, points[:, [0, 2]], and a classifier of these two.",
        )
    points = points if points.dtype.kind == "f" else points.astype(np.float64)
    if not np.isfinite(points).all():
        raise ArgumentError("decision_boundary got points that are NaN or infinite: they lie nowhere in the plane.")
    return points


def check_classes(name, classes, count):
    """Class numbers as an int64 array of shape (count,), or an error that says what is wrong with them."""
    classes = np.asarray(classes)
    if classes.shape != (count,):
        raise ShapeError(
            f"for {count} points {name} have the shape {classes.shape}, and one class number per point is needed.",
            remedy="Scores of shape (n, classes) become class numbers by .argmax(1), a column (n, 1) by .reshape(-1).",
        )
    if classes.dtype.kind not in "biu":
        raise DtypeError(
            f"{name} are {classes.dtype}, and class numbers (integers from 0, or bools) are needed.",
            remedy="Probabilities of two classes become class numbers by p > 0.5, whole floats by .astype(int).",
        )
    if classes.min() < 0 or classes.max() >= len(PALETTE):
        raise ArgumentError(
            f"{name} run from {classes.min()} to {classes.max()}, "
            f"and decision_boundary draws the classes 0 to {len(PALETTE) - 1}."
        )
    return classes.astype(np.int64)


def check_names(names, classes):
    """A name for each class, made up where none were given."""
    if names is None:
        return [f"class {number}" for number in range(classes)]
    if len(names) < classes:
        raise ArgumentError(f"decision_boundary got {len(names)} names for {classes} classes: each class needs one.")
    return list(names)
