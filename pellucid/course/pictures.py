"""The pictures of the first lessons that are not of a trained network; those are in pellucid.view."""

import numpy as np

from pellucid.view.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILLION, new_figure, tidy


def neuron(names=("x_1", "x_2")):
    """A neuron: inputs, weights, sum, activation, output."""
    figure = new_figure(6.6, 2.5)
    axes = blank(figure, (0, 6.6), (0, 2.5))
    heights = np.linspace(2.0, 0.5, len(names))
    for height, name in zip(heights, names, strict=True):
        index = name.partition("_")[2]
        circle(axes, 0.5, height, f"${name}$", BLUE)
        arrow(axes, (0.76, height), (2.16, 1.25 + 0.12 * np.sign(height - 1.25)), INK)
        axes.text(1.35, (height + 1.25) / 2 + (0.2 if height > 1.25 else -0.26), f"$w_{index}$", fontsize=13, color=INK)
    circle(axes, 2.5, 1.25, r"$\Sigma$", ORANGE, 0.32)
    axes.text(2.5, 2.17, "$b$", fontsize=13, ha="center", color=INK)
    arrow(axes, (2.5, 2.1), (2.5, 1.6), INK)
    arrow(axes, (2.84, 1.25), (3.9, 1.25), INK)
    axes.text(3.35, 1.36, "$z$", fontsize=13, ha="center", color=INK)
    circle(axes, 4.25, 1.25, "$f$", GREEN, 0.32)
    arrow(axes, (4.6, 1.25), (5.6, 1.25), INK)
    axes.text(5.72, 1.25, "$y$", fontsize=14, va="center", color=INK)
    for x, word in ((0.5, "inputs"), (1.4, "weights"), (2.5, "sum"), (4.25, "activation"), (5.75, "output")):
        axes.text(x, 0.02, word, fontsize=9, ha="center", color="#555555")
    return figure


def payment():
    """A product with its data, the bill that it gets, and the shares that it pays."""
    figure = new_figure(6.6, 2.4)
    axes = blank(figure, (0, 6.6), (0, 2.4))
    for x, y, text in ((0.8, 1.85, "$a = 2$"), (0.8, 0.55, "$b = 3$"), (3.5, 1.2, r"$\times$"), (5.7, 1.2, "$y = 6$")):
        look = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": INK}
        axes.text(x, y, text, fontsize=13, ha="center", va="center", color=INK, bbox=look)
    for start, end in (((1.35, 1.9), (3.15, 1.4)), ((1.35, 0.62), (3.15, 1.12)), ((3.9, 1.28), (5.08, 1.28))):
        arrow(axes, start, end, BLUE)
    for start, end in (((3.15, 1.28), (1.35, 1.74)), ((3.15, 0.98), (1.35, 0.46)), ((5.08, 1.1), (3.9, 1.1))):
        arrow(axes, start, end, VERMILLION, "--")
    axes.text(2.2, 1.88, r"share $g \cdot b = 15$", fontsize=11, color=VERMILLION)
    axes.text(2.2, 0.36, r"share $g \cdot a = 10$", fontsize=11, color=VERMILLION)
    axes.text(4.5, 0.78, "bill $g = 5$", fontsize=11, ha="center", color=VERMILLION)
    return figure


def blank(figure, across, up):
    """Axes without a frame, one unit an inch."""
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=across, ylim=up)
    axes.set_axis_off()
    return axes


def circle(axes, x, y, text, colour, radius=0.27):
    """A round node with its symbol."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), radius, facecolor="white", edgecolor=colour, linewidth=2.2, zorder=3))
    axes.text(x, y, text, fontsize=13, ha="center", va="center", color=INK, zorder=4)


def arrow(axes, start, end, colour, line="-"):
    """A straight arrow."""
    look = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "mutation_scale": 12, "linestyle": line}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)


def step_and_sigmoid(weight, bias=0.0):
    """The step and the sigmoid of z = w x + b over x."""
    x = np.linspace(-4, 4, 801)
    z = weight * x + bias
    figure = new_figure(6.2, 3.0)
    axes = figure.add_subplot()
    axes.plot(x, (z > 0).astype(float), color=ORANGE, linewidth=2.2, linestyle="--", label="step")
    axes.plot(x, 1 / (1 + np.exp(-z)), color=BLUE, linewidth=2.4, label=r"sigmoid $\sigma(w\,x + b)$")
    axes.set(xlabel="$x$", ylabel="$y$", ylim=(-0.08, 1.08), title=f"$w = {weight:g}$,  $b = {bias:g}$")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.legend(loc="center right", frameon=False, fontsize=9)
    tidy(axes)
    return figure


def slope_of_sigmoid():
    """The sigmoid and its slope."""
    z = np.linspace(-6, 6, 601)
    y = 1 / (1 + np.exp(-z))
    figure = new_figure(6.2, 2.8)
    axes = figure.add_subplot()
    axes.plot(z, y, color=BLUE, linewidth=2.4, label=r"$\sigma(z)$")
    axes.plot(z, y * (1 - y), color=VERMILLION, linewidth=2.4, linestyle="--", label=r"slope $\sigma(z)(1-\sigma(z))$")
    axes.axhline(0.25, color="#999999", linewidth=0.8, linestyle=":")
    axes.set(xlabel="$z$", ylim=(-0.05, 1.05))
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.legend(loc="center left", frameon=False, fontsize=9)
    tidy(axes)
    return figure


def changes(history, names=("$w_1$", "$w_2$", "$b$")):
    """How weights and bias change from sample to sample; `history` has a row for each."""
    from matplotlib.ticker import MaxNLocator

    history = np.asarray(history)
    figure = new_figure(6.2, 2.8)
    axes = figure.add_subplot()
    looks = zip(names, (BLUE, ORANGE, GREEN), ("-", "--", "-."), strict=True)
    for column, (name, colour, line) in enumerate(looks):
        axes.step(range(len(history)), history[:, column], where="post", color=colour, linestyle=line, label=name, lw=2)
    axes.set(xlabel="samples seen", ylabel="value")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=10)
    tidy(axes)
    return figure


def bowl_and_path(loss, path, across, up, title):
    """A loss over two parameters, as a bowl and as a contour map, with the path of gradient descent.

    `loss` takes arrays (w, b); `path` has a row (w, b) for each step. What leaves the window is cut off.
    """
    path = np.asarray(path)
    w, b = np.meshgrid(np.linspace(across[0], across[1], 81), np.linspace(up[0], up[1], 81))
    height = loss(w, b)
    inside = (path[:, 0] >= across[0]) & (path[:, 0] <= across[1]) & (path[:, 1] >= up[0]) & (path[:, 1] <= up[1])
    shown = path[: int(np.argmin(inside)) if not inside.all() else len(path)]
    figure = new_figure(8.6, 3.7)
    bowl = figure.add_subplot(1, 2, 1, projection="3d")
    bowl.plot_surface(w, b, height, cmap="Blues", alpha=0.75, linewidth=0, rasterized=True)
    lifted = loss(shown[:, 0], shown[:, 1]) + 0.01 * height.max()
    bowl.plot(shown[:, 0], shown[:, 1], lifted, color=VERMILLION, marker="o", markersize=3.5, linewidth=1.5, zorder=10)
    bowl.set(xlabel="$w$", ylabel="$b$", title="loss $J(w, b)$")
    bowl.tick_params(labelsize=7)
    flat = figure.add_subplot(1, 2, 2)
    levels = height.min() + (height.max() - height.min()) * np.linspace(0.003, 1, 14) ** 2
    flat.contour(w, b, height, levels=levels, colors=[BLUE], linewidths=0.8)
    flat.plot(path[:, 0], path[:, 1], color=VERMILLION, marker="o", markersize=4, linewidth=1.5, label="steps")
    flat.plot(*path[0], marker="s", color=INK, markersize=7, linestyle="none", label="start")
    lowest = np.unravel_index(height.argmin(), height.shape)
    flat.plot(w[lowest], b[lowest], marker="*", color=PURPLE, markersize=13, linestyle="none", label="lowest")
    flat.set(xlabel="$w$", ylabel="$b$", title=title, xlim=across, ylim=up)
    flat.legend(loc="upper right", fontsize=8, framealpha=0.9)
    tidy(flat)
    return figure
