"""The ladder as a picture: for each step, how long matrix products and all else take on each rung."""

from pellucid.view.canvas import BLUE, INK, ORANGE, new_figure, save, tidy


def draw(shares, names, path):
    """`shares`: title of a step -> (microseconds in products, in all else) for each rung; `names` are the rungs'."""
    figure = new_figure(9.6, 3.4 * -(-len(shares) // 2))
    rungs = range(len(names))
    panels = figure.subplots(-(-len(shares) // 2), 2, sharey=True).flat
    for axes, (title, rows) in zip(panels, shares.items(), strict=True):
        products, rest = zip(*rows, strict=True)
        axes.barh(rungs, products, color=BLUE, label="matrix products")
        axes.barh(rungs, rest, left=products, color=ORANGE, label="all other kernels")
        axes.set(xlabel="µs inside of C, one thread", title=title.replace(", ", "\n", 1))
        tidy(axes)
        axes.grid(visible=False, axis="y")
        axes.set_yticks(rungs, names, color=INK)
    first = figure.axes[0]
    first.invert_yaxis()
    first.legend(frameon=False, fontsize=9, loc="lower right")
    save(figure, path)
