"""Pictures of what a network does. Each function returns a matplotlib `Figure` and, given a path, saves it as PNG.

What is there to see, and where:

- `curves` draws the history of a training run, `animate` makes a moving picture of any figures;
- `decision_boundary` the regions into which a classifier divides the plane, `confusion_matrix` which class is taken
  for which, `image_grid` pictures with their predictions;
- `loss_contour` the loss as a map with the ways of optimizers across it;
- `histograms` how the `activations` and `gradients` of each layer are spread;
- `network` a small net as circles and lines, `graph` the computation of one value with data and gradients.

matplotlib is loaded by the first picture, and its `pyplot` never: no window opens and no setting of the caller's
changes.
"""

from pellucid import blame
from pellucid.view.animate import animate
from pellucid.view.boundary import decision_boundary
from pellucid.view.confusion import confusion_matrix
from pellucid.view.contour import loss_contour
from pellucid.view.graph import graph
from pellucid.view.grid import image_grid
from pellucid.view.histograms import activations, gradients, histograms
from pellucid.view.history import curves
from pellucid.view.network import network

__all__ = [
    "activations",
    "animate",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "gradients",
    "graph",
    "histograms",
    "image_grid",
    "loss_contour",
    "network",
]

blame.answer_for(globals())
