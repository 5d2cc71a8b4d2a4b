"""What all pictures share: a blank figure, colours that everyone can tell apart, and a safe way to save."""

import io
import os
from pathlib import Path

from pellucid.errors import ArgumentError

# The palette of Okabe and Ito ("Color Universal Design", 2008): its colours stay apart for readers with any
# kind of colour blindness. Black is kept for text and yellow left out, since it is too pale for thin lines.
BLUE, VERMILLION, GREEN, ORANGE, SKY, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY)
INK, FAINT = "#222222", "#DDDDDD"


def new_figure(width, height):
    """A blank white figure of `width` x `height` inches that pyplot knows nothing of, so nobody has to close it."""
    from matplotlib.figure import Figure

    class Sheet(Figure):
        """Jupyter shows by itself only what pyplot knows: for all else it asks for a PNG."""

        def _repr_png_(self):
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=100)
            return file.getvalue()

    return Sheet(figsize=(width, height), dpi=150, facecolor="white", layout="constrained")


def tidy(axes):
    """Set what a plot looks like here, not in matplotlib's global settings: no box, quiet lines, dark text."""
    axes.set_facecolor("white")
    axes.set_axisbelow(True)
    axes.grid(visible=True, color=FAINT, linewidth=0.6, linestyle="-")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#888888")
    axes.tick_params(colors="#555555", labelsize=9, labelcolor=INK)
    for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
        text.set(color=INK, fontsize=10)


def save(figure, path):
    """Write `figure` to `path` as PNG: first beside it, then in one move, so that no half picture is ever seen."""
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ArgumentError(
            f"the picture's path is {path.name!r}, but pictures are saved as PNG.",
            remedy="Give a name that ends in .png; for another format call savefig() on the figure that is returned.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        figure.savefig(unfinished, format="png", dpi=figure.dpi)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
