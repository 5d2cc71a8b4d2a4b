"""Pictures of what a network does. Each function returns a matplotlib `Figure` and, given a path, saves it as PNG.

What is there to see, and where:

- `curves` draws the history of a training run, `histories` those of several, `trials` those of a search for good
  settings, `animate` makes a moving picture of any figures;
- `decision_boundary` the regions into which a classifier divides the plane, `confusion_matrix` which class is taken
  for which, `reliability` whether its certainty means what it says, `image_grid` pictures with their predictions;
- `loss_contour` the loss as a map with the ways of optimizers across it;
- `histograms` how the `activations` and `gradients` of each layer are spread;
- `kernels` what a convolution looks for, `feature_maps` what each layer sees in one picture; `class_activation` and
  `occlusion` find which part of it made the answer, and `heat_maps` draws that;
- `network` a small net as circles and lines, `graph` the computation of one value with data and gradients.

matplotlib is loaded by the first picture, and its `pyplot` never: no window opens and no setting of the caller's
changes.
"""

from pellucid import blame
from pellucid.view.animate import animate
from pellucid.view.boundary import decision_boundary
from pellucid.view.confusion import confusion_matrix
from pellucid.view.contour import loss_contour
from pellucid.view.evidence import class_activation, heat_maps, occlusion
from pellucid.view.feature_maps import feature_maps
from pellucid.view.graph import graph
from pellucid.view.grid import image_grid
from pellucid.view.histograms import activations, gradients, histograms
from pellucid.view.histories import histories
from pellucid.view.history import curves
from pellucid.view.kernels import kernels
from pellucid.view.network import network
from pellucid.view.reliability import reliability
from pellucid.view.trials import trials

__all__ = [
    "activations",
    "animate",
    "class_activation",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "feature_maps",
    "gradients",
    "graph",
    "heat_maps",
    "histograms",
    "histories",
    "image_grid",
    "kernels",
    "loss_contour",
    "network",
    "occlusion",
    "reliability",
    "trials",
]

blame.answer_for(globals())
